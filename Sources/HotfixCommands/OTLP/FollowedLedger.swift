import Foundation
package import HotfixCore
import HotfixStore
import Synchronization

/// The ledger at a path, opened afresh where another file took its place: nothing is ever stored in one that is gone.
package final class FollowedLedger: PointStore {
    /// Which file it is.
    private struct FileName: Equatable {
        var device: UInt64
        var number: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    private struct Opened {
        var ledger: SQLiteLedger
        var file: FileName?
    }

    private let path: String
    private let patience: Seconds
    private let opened: Mutex<Opened>

    /// Opens the ledger.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - patience: How long it waits for others who hold it, in seconds.
    /// - Throws: `LedgerError` where it cannot be opened.
    package init(path: String, patience: Seconds) throws(LedgerError) {
        self.path = path
        self.patience = patience
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: false, patience: patience)
        opened = Mutex(Opened(ledger: ledger, file: FileName(path)))
    }

    /// The ledger that is at the path now.
    private func current() throws(LedgerError) -> SQLiteLedger {
        try opened.withLock { opened throws(LedgerError) in
            let file = FileName(path)
            if file == nil || file != opened.file {
                let ledger = try SQLiteLedger.open(path: path, createIfMissing: false, patience: patience)
                opened = Opened(ledger: ledger, file: file)
            }
            return opened.ledger
        }
    }

    package func savePoints(_ batch: PointBatch) throws(LedgerError) { try current().savePoints(batch) }

    package func pointSubjects() throws(LedgerError) -> [StoredSubject] { try current().pointSubjects() }

    package func pointCells(
        of subject: PointSubject, from start: Instant, to end: Instant
    ) throws(LedgerError) -> [PointCell] {
        try current().pointCells(of: subject, from: start, to: end)
    }

    package func pointLog(of origin: String, since instant: Instant) throws(LedgerError) -> [PointLogEntry] {
        try current().pointLog(of: origin, since: instant)
    }

    package func prunePoints(before instant: Instant, sparing lookback: Seconds) throws(LedgerError) {
        try current().prunePoints(before: instant, sparing: lookback)
    }
}
