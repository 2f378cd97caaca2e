import Foundation
import HotfixCore
import HotfixStore
import Synchronization

/// The ledger of a workplace, kept open, with the newest snapshot of it.
///
/// A file that was put in the place of another is opened afresh, so that nobody is answered from a ledger that is gone.
final class LedgerShelf: Sendable {
    private struct Opened {
        var file: FileIdentity
        var reading: SQLiteLedger
        /// A connection of its own, so that asking for the mark never waits for a reading.
        var marking: SQLiteLedger
    }

    private struct Kept {
        var mark: LedgerMark
        var minute: Instant
        var snapshot: Snapshot
    }

    private let workplace: Workplace
    private let opened = Mutex<Opened?>(nil)
    private let kept = Mutex<Kept?>(nil)

    init(_ workplace: Workplace) {
        self.workplace = workplace
    }

    /// Which state the ledger is in.
    func mark() throws -> LedgerMark { try open().marking.mark() }

    /// Everything in the ledger but the windows.
    func facts() throws -> LedgerFacts { try open().reading.facts() }

    /// What the ledger holds at an instant of the past.
    func snapshot(ofPast instant: Instant) throws -> Snapshot {
        try workplace.snapshot(open().reading, at: instant, isPast: true)
    }

    /// What the ledger holds now, with windows of longer ago than deciding needs.
    func snapshot(at now: Instant, reach: [String: Snapshot.Reach]) throws -> Snapshot {
        try workplace.snapshot(open().reading, at: now, reach: reach)
    }

    /// What the ledger holds now: loaded once for each of its states and minutes.
    func snapshot(at now: Instant) throws -> Snapshot {
        let ledger = try open()
        let mark = try ledger.marking.mark()
        let minute = now.floored(to: 60)
        if let known = kept.withLock({ $0 }), known.mark == mark, known.minute == minute { return known.snapshot }
        let snapshot = try workplace.snapshot(ledger.reading, at: now)
        // A check may have committed between the facts and the windows: what is of two states is not kept.
        let after = try ledger.marking.mark()
        if snapshot.facts.mark == after {
            kept.withLock { $0 = Kept(mark: after, minute: minute, snapshot: snapshot) }
        }
        return snapshot
    }

    private func open() throws -> Opened {
        let path = workplace.ledgerPath
        if let known = opened.withLock({ $0 }), FileIdentity(path) == known.file { return known }
        let reading = try workplace.openLedger()
        guard let file = FileIdentity(path) else {
            throw LedgerError(.inaccessible, "The ledger '\(path)' was taken away while it was opened. Try again.")
        }
        let fresh = Opened(file: file, reading: reading, marking: try workplace.openLedger())
        opened.withLock { $0 = fresh }
        kept.withLock { $0 = nil }
        return fresh
    }
}

/// Which file a path leads to; nil where it leads to none.
private struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}
