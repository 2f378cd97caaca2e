import Glibc

/// One of the tracker's files as it lay on the disk at one moment.
struct TrackerFile: Sendable, Hashable {
    /// The directory that it is in, behind all symbolic links.
    let directory: String
    /// Its name in there.
    let name: String
    /// What it held.
    let text: String

    /// Reads a file; nil where there is none.
    ///
    /// - Throws: ``StatusFileError`` where it cannot be read, or is no text.
    init?(reading path: String) throws(StatusFileError) {
        let stored: StoredFile?
        do throws(StatusFileError) { stored = try StoredFile(reading: path, shown: path) } catch {
            throw unpublishable(path, error.message)
        }
        guard let stored else { return nil }
        guard let text = String(validating: stored.bytes, as: UTF8.self) else {
            throw unpublishable(path, "It is no text in UTF-8. Mend the file.")
        }
        let slash = path.lastIndex(of: "/")
        guard let real = realpath(slash.map { String(path[...$0]) } ?? ".", nil) else {
            throw unpublishable(path, "Its directory: \(String(cString: strerror(errno))).")
        }
        defer { free(real) }
        directory = String(cString: real)
        name = String(path[(slash.map(path.index(after:)) ?? path.startIndex)...])
        self.text = text
    }

    /// Its path from a directory; nil where it is not in there.
    func path(from top: String) -> String? {
        if directory == top { return name }
        let prefix = top.hasSuffix("/") ? top : top + "/"
        return directory.hasPrefix(prefix) ? "\(directory.dropFirst(prefix.count))/\(name)" : nil
    }
}

private func unpublishable(_ path: String, _ reason: String) -> StatusFileError {
    StatusFileError(
        path: path,
        message: "it is not published: \(reason) The next check tries again.")
}
