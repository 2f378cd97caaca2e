import Glibc

/// One of the tracker's files as it lay on the disk at one moment.
struct TrackerFile: Sendable, Hashable {
    /// The directory that it is in, behind all symbolic links.
    let directory: String
    /// Its name in there.
    let name: String
    /// What it held.
    let text: String

    /// The most bytes that are published of one file.
    private static let limit = 16 << 20

    /// Reads a file; nil where there is none.
    ///
    /// - Throws: ``StatusFileError`` where it cannot be read, or is no text.
    init?(reading path: String) throws(StatusFileError) {
        let descriptor = openTrackerFile(path)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw unpublishable(path, String(cString: strerror(errno))) }
            return nil
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw unpublishable(path, "it is no file")
        }
        guard let text = String(validating: try Self.bytes(of: descriptor, path), as: UTF8.self) else {
            throw unpublishable(path, "it is no text in UTF-8")
        }
        let slash = path.lastIndex(of: "/")
        guard let real = realpath(slash.map { String(path[...$0]) } ?? ".", nil) else {
            throw unpublishable(path, String(cString: strerror(errno)))
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

    private static func bytes(of descriptor: Int32, _ path: String) throws(StatusFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
                guard bytes.count <= limit else { throw unpublishable(path, "it is larger than 16 MiB") }
            } else if errno != EINTR {
                throw unpublishable(path, String(cString: strerror(errno)))
            }
        }
    }
}

private func unpublishable(_ path: String, _ reason: String) -> StatusFileError {
    StatusFileError(
        path: path,
        message: "it could not be read to be published: \(reason). Mend the file; the next check tries again.")
}
