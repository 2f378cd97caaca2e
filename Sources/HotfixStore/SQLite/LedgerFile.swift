import Foundation
import Glibc
import HotfixCore

/// The file of a ledger, before SQLite sees it.
struct LedgerFile {
    /// Where it lies.
    let path: String

    /// Sees to it that there is a regular file.
    ///
    /// The content is never read here: closing a second descriptor of a file drops the locks that SQLite holds on it.
    ///
    /// - Throws: `LedgerError` where there is none, or an empty one, and none may be made, or where it is something else.
    func prepare(createIfMissing: Bool) throws(LedgerError) {
        if createIfMissing {
            try Self.makeParentDirectory(of: path)
            // SQLite gives the mode of the ledger to the files beside it.
            let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                defer { close(descriptor) }
                try Self.share(descriptor, path)
            } else if errno != EEXIST {
                throw Self.inaccessible(path, "made", errno)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw Self.inaccessible(path, "opened", errno) }
            throw LedgerError(
                .inaccessible,
                "There is no ledger at '\(path)'. `hotfix deployed` or `hotfix check` makes it; if there should be one, "
                    + "correct `state` in the configuration.")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LedgerError(
                .damaged, "'\(path)' is not a file. Name the ledger's file as `state` in the configuration.")
        }
        guard createIfMissing || status.st_size > 0 else { throw Self.empty(path) }
    }

    /// The error for a file without content where a ledger should be.
    static func empty(_ path: String) -> LedgerError {
        LedgerError(
            .damaged,
            "'\(path)' is empty, so there is nothing to read from it. Restore the ledger from its backup, or remove the "
                + "file and let `hotfix deployed` or `hotfix check` make a new ledger.")
    }

    /// Makes the directories that a file lies in, where they are missing, for their owner alone.
    static func makeParentDirectory(of path: String) throws(LedgerError) {
        let directory = (path as NSString).deletingLastPathComponent
        guard !directory.isEmpty, access(directory, F_OK) != 0 else { return }
        try makeParentDirectory(of: directory)
        guard mkdir(directory, 0o700) != 0, errno != EEXIST else { return }
        throw inaccessible(directory, "made", errno)
    }

    /// Lets a group use a file of this user's, where the directory hands what lies in it to a group that may write there.
    ///
    /// - Parameters:
    ///   - descriptor: The file, open.
    ///   - path: Where it lies.
    /// - Throws: `LedgerError` where the system refuses.
    static func share(_ descriptor: Int32, _ path: String) throws(LedgerError) {
        let directory = (path as NSString).deletingLastPathComponent
        var own = stat()
        var parent = stat()
        guard fstat(descriptor, &own) == 0, stat(directory.isEmpty ? "." : directory, &parent) == 0 else {
            throw inaccessible(path, "looked at", errno)
        }
        // Without the set-group-ID bit the file has its maker's group, which nobody chose for it.
        guard parent.st_mode & (S_ISGID | S_IWGRP) == S_ISGID | S_IWGRP, own.st_uid == geteuid() else { return }
        guard fchmod(descriptor, 0o660) == 0 else { throw inaccessible(path, "shared with its group", errno) }
    }

    /// The error for a call that the operating system refused.
    static func inaccessible(_ path: String, _ attempt: String, _ code: Int32) -> LedgerError {
        LedgerError(
            .inaccessible,
            "'\(path)' could not be \(attempt): \(String(cString: strerror(code))). Check the path in `state`, and that "
                + "whoever runs hotfix may read and write there.")
    }
}
