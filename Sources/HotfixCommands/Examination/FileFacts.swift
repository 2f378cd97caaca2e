import Foundation
import Glibc

/// What the operating system says of a path, without opening it.
struct FileFacts {
    /// The path.
    let path: String
    private let status: stat

    /// Looks at a path, symbolic links followed; nil where there is nothing, or it cannot be seen.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.path = path
        self.status = status
    }

    /// Why a path cannot even be looked at; nil where it can, or where there is nothing.
    static func obstacle(at path: String) -> String? {
        var status = stat()
        guard stat(path, &status) != 0, errno != ENOENT, errno != ENOTDIR else { return nil }
        return String(cString: strerror(errno))
    }

    var isDirectory: Bool { status.st_mode & S_IFMT == S_IFDIR }
    var isReadableByAll: Bool { status.st_mode & 0o004 != 0 }
    var isWritableByAll: Bool { status.st_mode & 0o002 != 0 }
    var isWritable: Bool { access(path, isDirectory ? W_OK | X_OK : W_OK) == 0 }
    /// The permissions as they are written: `0644`.
    var mode: String {
        let digits = String(status.st_mode & 0o777, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The process that holds a lock on the whole file, nil where none is known to.
    ///
    /// The system's table is read in pieces, between which a line is lost where others come and go: it is read a few times.
    var lockHolder: Int? {
        for _ in 0..<5 {
            if let table = systemTable("/proc/locks"), let holder = lockHolder(in: table) { return holder }
        }
        return nil
    }

    private func lockHolder(in table: String) -> Int? {
        for line in table.split(separator: "\n") {
            // 1: FLOCK  ADVISORY  WRITE 1234 fe:01:5678 0 EOF
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK",
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino)
            else { continue }
            return Int(fields[4])
        }
        return nil
    }
}

/// The text of one of the system's tables: a file without a size, read to its end; nil where it cannot be.
private func systemTable(_ path: String) -> String? {
    guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    var bytes: [UInt8] = []
    while let piece = try? handle.read(upToCount: 65_536), !piece.isEmpty { bytes += piece }
    return String(decoding: bytes, as: UTF8.self)
}

/// The nearest directory on the way to a path that exists.
func nearestDirectory(to path: String) -> String {
    var directory = (path as NSString).deletingLastPathComponent
    while directory.count > 1, FileFacts(directory) == nil {
        directory = (directory as NSString).deletingLastPathComponent
    }
    return directory.isEmpty ? "." : directory
}

/// The kind of network file system that a path lies on, such as `nfs4`; nil for a local one, or where that is not told.
func networkFileSystem(of path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    let whole = String(cString: real)
    guard let mounts = systemTable("/proc/self/mountinfo") else { return nil }
    return networkFileSystem(of: whole, mounts: mounts)
}

/// The kind of network file system that a path lies on.
///
/// - Parameters:
///   - path: An absolute path without symbolic links.
///   - mounts: The system's table of mounts, in the form of `/proc/self/mountinfo`.
/// - Returns: nil for a local one.
func networkFileSystem(of path: String, mounts: String) -> String? {
    var longest = ""
    var kind = ""
    for line in mounts.split(separator: "\n") {
        // 36 35 98:0 /root /mount options [more] - kind source options
        let fields = line.split(separator: " ")
        guard fields.count > 4, let dash = fields.firstIndex(of: "-"), fields.indices.contains(dash + 1) else {
            continue
        }
        let place = String(fields[4].replacing("\\040", with: " "))
        let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
        guard isAbove, place.count >= longest.count else { continue }
        (longest, kind) = (place, String(fields[dash + 1]))
    }
    let known = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "lustre", "gfs2", "ocfs2", "fuse.sshfs"]
    return known.contains(kind) ? kind : nil
}
