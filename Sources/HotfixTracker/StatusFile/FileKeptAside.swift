import Glibc

/// What a file of the tracker is called while git changes the work tree around it.
///
/// It lies beside the file, so that neither leaves its file system, and git never finds their directory empty.
func asideName(of file: String) -> String {
    let start = file.lastIndex(of: "/").map(file.index(after:)) ?? file.startIndex
    return "\(file[..<start]).\(file[start...]).kept"
}

/// Opens a file of the tracker for reading, also while it is kept aside.
///
/// - Returns: The descriptor; negative, with `errno`, where there is none.
func openTrackerFile(_ path: String) -> Int32 {
    // Without O_NONBLOCK a pipe would keep the caller waiting.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
    let before = open(asideName(of: path), flags)
    if before >= 0 { return before }
    let descriptor = open(path, flags)
    let code = errno
    // It may have been put aside in between.
    let after = open(asideName(of: path), flags)
    guard after >= 0 else {
        errno = code
        return descriptor
    }
    if descriptor >= 0 { close(descriptor) }
    return after
}

/// Puts a file back that was kept aside, also by a process that died; nothing happens where none is.
///
/// - Throws: ``StatusFileError`` where it could not be put back: it is still beside its place then.
func putBack(_ file: String) throws(StatusFileError) {
    var facts = stat()
    // For a place that can hold no file, such as '.', rename fails even where nothing is aside.
    if lstat(asideName(of: file), &facts) != 0, errno == ENOENT { return }
    guard rename(asideName(of: file), file) == 0 || errno == ENOENT else {
        throw StatusFileError(
            path: file,
            message: "it could not be put back: \(String(cString: strerror(errno))). It is at "
                + "'\(asideName(of: file))': clear its place, and run the command again, which puts it back.")
    }
}

/// Files of the tracker that nobody else writes meanwhile.
struct LockedFiles {
    private let directories: [StatusDirectory]
    private let files: [String]

    /// Locks the directories of files, and puts back those that are aside; only those that are there count.
    ///
    /// - Parameter paths: The files, without symbolic links among their directories.
    /// - Throws: ``StatusFileError`` where one cannot be locked or put back.
    init(_ paths: [String]) throws(StatusFileError) {
        files = paths.filter { isPlainFile($0) || isPlainFile(asideName(of: $0)) }
        var directories: [StatusDirectory] = []
        var locked: Set<String> = []
        do throws(StatusFileError) {
            for file in files where locked.insert(directory(of: file)).inserted {
                directories.append(try StatusDirectory(ofFile: file))
            }
            for file in files { try putBack(file) }
        } catch {
            for directory in directories { directory.unlock() }
            throw error
        }
        self.directories = directories
    }

    func unlock() {
        for directory in directories { directory.unlock() }
    }

    /// Takes the files out of git's way, does something, and puts them back whatever came of it.
    func aside(_ body: () async throws -> Void) async throws {
        var failure: (any Error)?
        do {
            for file in files {
                guard rename(file, asideName(of: file)) == 0 else { throw refused("put aside", file, errno) }
            }
            try await body()
        } catch {
            failure = error
        }
        for file in files {
            do throws(StatusFileError) { try putBack(file) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}

private func isPlainFile(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
}

private func directory(of file: String) -> String { file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "." }
