import Glibc

/// The directory of a status file or its report, locked against other writers.
///
/// The lock is on the directory itself, so that no lock file lies about in a work tree; the system takes it back from a
/// process that dies.
struct StatusDirectory {
    /// The file, behind all symbolic links.
    let file: String
    private let shown: String
    private let temporary: String
    private let descriptor: Int32

    /// How long another writer is waited for, in steps of 5 ms.
    private static let longestWait = 2000

    init(ofFile path: String) throws(StatusFileError) {
        shown = path
        let file = try target(of: path)
        let slash = file.lastIndex(of: "/")
        let directory = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        self.file = file
        temporary = "\(directory)/.\(file[(slash.map(file.index(after:)) ?? file.startIndex)...]).tmp"
        try makeDirectory(directory, shown: path)
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw refused("locked", path, errno) }
        for _ in 0..<Self.longestWait {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                let code = errno
                close(descriptor)
                throw refused("locked", path, code)
            }
            usleep(5000)
        }
        close(descriptor)
        throw StatusFileError(
            path: path,
            message: "another process has held the lock on its directory for 10 s. If it hangs, end it (`lsof` on the "
                + "directory names it), and run the command again.")
    }

    func unlock() {
        // A child that was just forked, and has not begun its own program, has the descriptor too, and would keep the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Puts a new file in the place of the one that was read.
    ///
    /// - Parameters:
    ///   - facts: What `stat` said of the one that was read; nil where there was none.
    ///   - text: What the new one holds.
    /// - Returns: False where someone else wrote the file since it was read; it is then left alone.
    /// - Throws: ``StatusFileError`` where it is read-only, or would be too large, or cannot be written.
    func replace(_ facts: stat?, by text: String) throws(StatusFileError) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count <= StatusFile.sizeLimit else { throw tooLarge(shown, bytes.count) }
        // The directory would allow it; whoever took every right to write from the file would not.
        guard facts.map({ $0.st_mode & 0o222 != 0 }) ?? true else {
            throw StatusFileError(
                path: shown,
                message:
                    "it is read-only, and was left as it was. If it may be changed, `chmod u+w` it, and run the command"
                    + " again.")
        }
        // Under the lock, a file of this name is what a writer left that was killed.
        unlink(temporary)
        let output = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard output >= 0 else { throw refused("written", shown, errno) }
        var isDone = false
        defer {
            close(output)
            if !isDone { unlink(temporary) }
        }
        if let facts {
            // Where the file is another's, only root may leave it so; whoever else may write here becomes its owner.
            _ = fchown(output, facts.st_uid, facts.st_gid)
            guard fchmod(output, facts.st_mode & 0o7777) == 0 else { throw refused("written", shown, errno) }
        }
        try write(bytes, to: output)
        guard fsync(output) == 0 else { throw refused("written", shown, errno) }
        guard FileIdentity(path: file) == facts.map(FileIdentity.init) else { return false }
        guard rename(temporary, file) == 0 else { throw refused("written", shown, errno) }
        isDone = true
        // Some network file systems cannot sync a directory, and say EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw refused("written", shown, errno) }
        return true
    }

    private func write(_ bytes: [UInt8], to output: Int32) throws(StatusFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw refused("written", shown, errno)
            }
        }
    }
}

/// Follows symbolic links to the file that is meant, whether or not it is there.
private func target(of path: String) throws(StatusFileError) -> String {
    var file = path
    for _ in 0..<40 {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(file, &buffer, buffer.count)
        guard count >= 0 else { return file }
        let link = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let directory = file.lastIndex(of: "/").map { file[...$0] } ?? ""
        file = link.hasPrefix("/") ? link : directory + link
    }
    throw refused("found", path, ELOOP)
}

private func makeDirectory(_ directory: String, shown: String) throws(StatusFileError) {
    guard access(directory, F_OK) != 0 else { return }
    if let slash = directory.lastIndex(of: "/"), slash != directory.startIndex {
        try makeDirectory(String(directory[..<slash]), shown: shown)
    }
    guard mkdir(directory, 0o777) == 0 || errno == EEXIST else { throw refused("written", shown, errno) }
}
