import Foundation
import Glibc

/// A file without a name that holds a download until its signature is verified, so that it is not in memory.
final class SpooledFile: Sendable {
    private let descriptor: Int32
    /// How many bytes of the disk stay free for others.
    private let reserve: UInt64

    /// Makes an empty one.
    ///
    /// - Parameter directory: Where there is room.
    /// - Throws: ``FileFailure``.
    init(in directory: String) throws(FileFailure) {
        var disk = statvfs()
        let size = statvfs(directory, &disk) == 0 ? UInt64(disk.f_blocks) * UInt64(disk.f_frsize) : 0
        reserve = min(256 << 20, size / 10)
        let path = "\(directory)/hotfix-\(UUID().uuidString)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { unlink(path) }
        guard descriptor >= 0 else {
            throw .unreachable(
                "No temporary file could be made in '\(directory)': \(String(cString: strerror(errno))). Set TMPDIR to a"
                    + " directory with room.")
        }
    }

    deinit { close(descriptor) }

    /// Adds bytes; false where the disk takes no more, or would have nearly nothing left.
    func write(_ bytes: [UInt8]) -> Bool {
        var disk = statvfs()
        if fstatvfs(descriptor, &disk) == 0 {
            let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
            guard free >= reserve + UInt64(bytes.count) else { return false }
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// The bytes, read by the system when they are looked at.
    ///
    /// - Throws: ``FileFailure`` where they cannot be mapped.
    func data() throws(FileFailure) -> Data {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0 else { return Data() }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw .unreachable(
                "The download could not be read again: \(String(cString: strerror(errno))). Run the command again.")
        }
        return Data(bytesNoCopy: address, count: size, deallocator: .unmap)
    }
}
