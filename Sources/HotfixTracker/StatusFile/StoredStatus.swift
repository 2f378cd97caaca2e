import Glibc
import HotfixCore

/// A status file as it lay on the disk at one moment.
struct StoredStatus {
    /// What tells one state of a file from another.
    struct Identity: Equatable {
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

    /// What it held; the defaults where there was none.
    var status: StatusFile
    /// What `stat` said; nil where there was none.
    var facts: stat?

    var identity: Identity? { facts.map(Identity.init) }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - shown: What errors call it.
    /// - Throws: ``StatusFileError`` where it cannot be read or is not an object of JSON.
    init(reading path: String, shown: String) throws(StatusFileError) {
        // Without O_NONBLOCK a pipe would keep the caller waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw refused("read", shown, errno) }
            status = StatusFile()
            return
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw refused("read", shown, errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw StatusFileError(
                path: shown, message: "this is not a file. Name the status file as 'tracker.status_file'.")
        }
        self.facts = facts
        let bytes = try Self.bytes(of: descriptor, shown: shown)
        let value: JSONValue
        do throws(JSONSyntaxError) { value = try JSONParser.value(of: bytes) } catch {
            throw StatusFileError(path: shown, error)
        }
        guard let root = value.object else {
            throw StatusFileError(path: shown, JSONSyntaxError(line: 1, column: 1, message: "this is not an object"))
        }
        status = StatusFile(root: root)
    }

    private static func bytes(of descriptor: Int32, shown: String) throws(StatusFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw refused("read", shown, errno)
            }
        }
    }
}

/// The error for a call that the operating system refused.
func refused(_ attempt: String, _ path: String, _ code: Int32) -> StatusFileError {
    StatusFileError(
        path: path,
        message: "it could not be \(attempt): \(String(cString: strerror(code))). Check 'tracker.status_file', and "
            + "that whoever runs hotfix may read and write there.")
}
