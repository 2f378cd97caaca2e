import Foundation
import Glibc
package import HotfixCore

/// The right to be the one check of a ledger; it ends with the value, or with the process.
///
/// The lock is on a file beside the ledger, `<ledger>.lock`, which stays: were it deleted, two processes could each
/// hold a lock on a file of that name.
package struct CheckLock: ~Copyable {
    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // A child that was just forked, and has not begun its own program, has the descriptor too: closing it here alone would leave
        // the lock with that child for as long.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the lock if nobody holds it; never waits.
    ///
    /// - Parameters:
    ///   - ledgerPath: The ledger's file, which need not exist yet; missing directories on its way are made.
    ///   - purpose: What else than a check it is the right to, as a part of the file's name; empty for a check.
    /// - Returns: nil where another check, of this process or another, holds it.
    /// - Throws: `LedgerError` with code `inaccessible` where there cannot be a lock.
    package static func acquire(ledgerPath: String, purpose: String = "") throws(LedgerError) -> CheckLock? {
        try LedgerFile.makeParentDirectory(of: ledgerPath)
        let path = resolved(ledgerPath) + (purpose.isEmpty ? "" : ".\(purpose)") + ".lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LedgerFile.inaccessible(path, "opened", errno) }
        do { try LedgerFile.share(descriptor, path) } catch {
            close(descriptor)
            throw error
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw LedgerFile.inaccessible(path, "locked", code)
        }
        return CheckLock(descriptor: descriptor)
    }

    /// Releases the lock.
    package consuming func release() {}

    /// Two names of one ledger must come to one lock.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
