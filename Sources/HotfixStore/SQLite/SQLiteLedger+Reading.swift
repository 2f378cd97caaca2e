import Foundation
internal import GRDB
import Glibc
package import HotfixCore

extension SQLiteLedger {
    /// Opens the ledger in a file so that nothing is written, not even beside it.
    ///
    /// A ledger with commits in its write-ahead log is read through that log; one without is read as it lies, so that SQLite
    /// makes no files beside it. What another process writes meanwhile may then look like damage: whoever finds damage opens
    /// the ledger once more.
    ///
    /// - Parameter path: The file.
    /// - Returns: The ledger, at the newest schema.
    /// - Throws: `LedgerError` as ``open(path:createIfMissing:)``; a ledger of an older schema is `rejected`.
    package static func openForReading(path: String) throws(LedgerError) -> SQLiteLedger {
        try LedgerFile(path: path).prepare(createIfMissing: false)
        guard access(path, R_OK) == 0 else { throw LedgerFile.inaccessible(path, "read", errno) }
        var log = stat()
        let hasLog = stat("\(path)-wal", &log) == 0 && log.st_size > 0
        do {
            let ledger = SQLiteLedger(path: path, queue: try readOnlyQueue(path, isImmutable: !hasLog))
            try ledger.requireCurrentSchema()
            return ledger
        } catch {
            throw LedgerError(error, path: path)
        }
    }
}
