import Foundation

/// What is known of a file without reading it: another whenever it was written to, or replaced.
struct FileStamp: Hashable {
    private struct Moment: Hashable {
        let seconds: Int
        let nanoseconds: Int

        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    private struct Content: Hashable {
        let device: UInt64
        let number: UInt64
        let size: Int64
        let written: Moment
        // A copy may be given the times of its original, but not this one.
        let changed: Moment
    }

    private let content: Content?

    /// Looks at a file.
    init(_ path: String) {
        var status = stat()
        content =
            stat(path, &status) == 0
            ? Content(
                device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int64(status.st_size),
                written: Moment(status.st_mtim), changed: Moment(status.st_ctim)) : nil
    }

    /// Whether both are of one file, which may have been written to in between.
    func isOfSameFile(as other: FileStamp) -> Bool {
        guard let content, let others = other.content else { return false }
        return content.device == others.device && content.number == others.number
    }

    /// Whether there is a file at all.
    var exists: Bool { content != nil }
}
