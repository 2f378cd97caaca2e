import Glibc

/// A file as it lay on the disk at one moment.
struct StoredFile {
    /// What `stat` said.
    let facts: stat
    /// What it held.
    let bytes: [UInt8]

    /// Reads a file; nil where there is none.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - shown: What errors call it.
    /// - Throws: ``StatusFileError`` where it cannot be read, is no file, or is larger than any that is kept here.
    init?(reading path: String, shown: String) throws(StatusFileError) {
        let descriptor = openTrackerFile(path)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw refused("read", shown, errno) }
            return nil
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw refused("read", shown, errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw StatusFileError(path: shown, message: "this is not a file. Name a file.", isWrongCall: true)
        }
        self.facts = facts
        bytes = try readBytes(of: descriptor, size: Int(facts.st_size), shown: shown)
    }
}

/// What tells one state of a file from another.
struct FileIdentity: Equatable {
    private var device: dev_t
    private var number: ino_t
    private var size: off_t
    private var seconds: time_t
    private var nanoseconds: Int

    init(_ facts: stat) {
        device = facts.st_dev
        number = facts.st_ino
        size = facts.st_size
        seconds = facts.st_mtim.tv_sec
        nanoseconds = facts.st_mtim.tv_nsec
    }

    /// The identity of the file at a path, nil where there is none.
    init?(path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        self.init(facts)
    }
}

/// Reads the bytes of an open file, which may not be more than a status file or its report ever has.
private func readBytes(of descriptor: Int32, size: Int, shown: String) throws(StatusFileError) -> [UInt8] {
    guard size <= StatusFile.sizeLimit else { throw tooLarge(shown, size) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + 1)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count == 0 { return bytes }
        if count > 0 {
            bytes += buffer[..<count]
            guard bytes.count <= StatusFile.sizeLimit else { throw tooLarge(shown, bytes.count) }
        } else if errno != EINTR {
            throw refused("read", shown, errno)
        }
    }
}

/// The error for a file that has more bytes than are read.
func tooLarge(_ path: String, _ size: Int) -> StatusFileError {
    StatusFileError(
        path: path,
        message:
            "it has \(size) bytes, and no more than \(StatusFile.sizeLimit) are read or written. The file was left as "
            + "it was: see what fills it, and restore it from git.")
}

/// The error for a call that the operating system refused.
func refused(_ attempt: String, _ path: String, _ code: Int32) -> StatusFileError {
    let remedy =
        switch code {
        case ENOSPC, EDQUOT, EFBIG:
            "It was left as it was: make room on its disk, or raise the limit, and run the command again."
        case EROFS: "It was left as it was: its file system is read-only; name a path that can be written to."
        default: "Check the path, and that whoever runs hotfix may read and write there."
        }
    // Such a path leads to no file, or to none that can be kept.
    let isWrongCall = [ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, ENXIO].contains(code)
    return StatusFileError(
        path: path, message: "it could not be \(attempt): \(String(cString: strerror(code))). \(remedy)",
        isWrongCall: isWrongCall)
}
