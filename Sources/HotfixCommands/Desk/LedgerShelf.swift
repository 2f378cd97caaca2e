import HotfixCore
import HotfixServer
import HotfixStore
import Synchronization

/// The ledger of a workplace, kept open, with the newest snapshot of it.
///
/// A file that was put in the place of another, or written over, is opened afresh, so that nobody is answered from a ledger that
/// is gone.
final class LedgerShelf: Sendable {
    private struct Opened {
        var stamp: FileStamp
        var number: Int
        var reading: SQLiteLedger
        /// A connection of its own, so that who asks for the state never waits for who reads for long.
        var browsing: SQLiteLedger
        /// A connection of its own, so that asking for the mark never waits for a reading.
        var marking: SQLiteLedger
    }

    private struct Failure {
        var error: any Error
        var until: ContinuousClock.Instant
    }

    /// What was seen of the ledger last, and how often it was another.
    private struct Seen {
        var opening: Int
        var changes: Int
        var trace: LedgerTrace
        var number: Int
    }

    private struct Kept {
        var mark: DeskMark
        var snapshot: Snapshot
        /// When it was loaded.
        var at: Instant

        func holds(at now: Instant, _ mark: DeskMark) -> Bool {
            guard mark.isOfSameState(as: self.mark), now >= at,
                snapshot.services.allSatisfy({ $0.kept?.holds(at: now) ?? true })
            else { return false }
            return snapshot.isSettled
                ? now - at < LedgerShelf.longest : LedgerShelf.minute(of: at) == LedgerShelf.minute(of: now)
        }
    }

    /// So many seconds a snapshot is kept of a ledger that stays the same.
    private static let longest: Seconds = 3600

    /// The minute that an instant is in.
    static func minute(of instant: Instant) -> Instant { instant.floored(to: 60) }

    /// Counts the openings of the process, so that no two of them ever have the same mark.
    private static let openings = Atomic(0)

    private let workplace: Workplace
    private let patience: Seconds
    private let opened = Mutex<Opened?>(nil)
    private let failure = Mutex<Failure?>(nil)
    private let kept = Mutex<Kept?>(nil)
    private let seen = Mutex<Seen?>(nil)

    /// Makes a shelf.
    ///
    /// - Parameters:
    ///   - workplace: Whose ledger.
    ///   - patience: How long it waits for others who hold the ledger, in seconds.
    init(_ workplace: Workplace, patience: Seconds) {
        self.workplace = workplace
        self.patience = patience
    }

    /// Which state the ledger is in.
    func mark() throws -> DeskMark { try mark(of: open()) }

    /// Everything in the ledger but the windows.
    func facts() throws -> LedgerFacts { try open().browsing.facts() }

    /// The newest check; nil where there was none.
    func newestCheck() throws -> CheckRecord? { try open().marking.checks(limit: 1).first }

    /// The newest checks, the newest first: one alone where it was of all services, else more of them.
    func newestChecks() throws -> [CheckRecord] {
        let ledger = try open().marking
        let newest = try ledger.checks(limit: 1)
        return newest.first?.services == nil ? newest : try ledger.checks(limit: Self.most)
    }

    /// So many checks at most are looked at for one of each service.
    private static let most = 1000

    /// Episodes in the order in which the ledger first held them, each with its place.
    func episodes(of service: String?, from place: Int, limit: Int) throws -> [(place: Int, episode: Episode)] {
        try open().browsing.episodes(of: service, from: place, limit: limit)
    }

    /// What was told, and what of it has still to be told.
    func outbox() throws -> any Outbox { try open().reading }

    /// What the ledger holds at an instant of the past.
    func snapshot(ofPast instant: Instant) throws -> Snapshot {
        try workplace.snapshot(open().browsing, at: instant, isPast: true)
    }

    /// What the ledger holds now, with windows of longer ago than deciding needs.
    func snapshot(at now: Instant, reach: [String: Snapshot.Reach]) throws -> Snapshot {
        try workplace.snapshot(open().browsing, at: now, reach: reach)
    }

    /// What the ledger holds now: loaded once for each of its states, and now and then all the same.
    ///
    /// One that was loaded earlier holds all that a later one does, and more. Only what a check would adopt is of its minute.
    func snapshot(at now: Instant) throws -> Snapshot {
        let ledger = try open()
        let mark = try mark(of: ledger)
        if let known = kept.withLock({ $0 }), known.holds(at: now, mark) { return known.snapshot }
        let snapshot = try workplace.snapshot(ledger.reading, at: now)
        // A check may have committed between the facts and the windows: what is of two states is not kept.
        if snapshot.facts.mark == mark.ledger, try self.mark(of: ledger).isOfSameState(as: mark) {
            kept.withLock { $0 = Kept(mark: mark, snapshot: snapshot, at: now) }
        }
        return snapshot
    }

    private func mark(of ledger: Opened) throws -> DeskMark {
        try rememberingFailure {
            let (mark, changes) = try ledger.marking.markWithChanges()
            let state = try seen.withLock { seen in
                if let known = seen, known.opening == ledger.number, known.changes == changes { return known.number }
                let trace = try ledger.marking.trace()
                let isSame = seen?.opening == ledger.number && seen?.trace == trace
                let number = (seen?.number ?? 0) + (isSame ? 0 : 1)
                seen = Seen(opening: ledger.number, changes: changes, trace: trace, number: number)
                return number
            }
            return DeskMark(ledger: mark, opening: ledger.number, changes: changes, state: state)
        }
    }

    private func open() throws -> Opened {
        let path = workplace.ledgerPath
        // Whoever else needs it waits for the one that opens it.
        return try opened.withLock { opened in
            let stamp = FileStamp(path)
            if var known = opened, stamp == known.stamp || stamp.isOfSameFile(as: known.stamp) && holdsSame(known) {
                known.stamp = stamp
                opened = known
                return known
            }
            let fresh = try rememberingFailure { try freshlyOpened(path) }
            opened = fresh
            kept.withLock { $0 = nil }
            return fresh
        }
    }

    /// Whether a file that was written to still holds the ledger as it is known: whoever writes commits moves them to the file now
    /// and then, and that takes a while, but somebody may as well have copied another ledger over it.
    ///
    /// A connection that was open all the time may not notice that; one that is opened now does.
    private func holdsSame(_ known: Opened) -> Bool {
        guard let fresh = try? workplace.openLedger(patience: patience).trace(), let old = try? known.marking.trace()
        else { return false }
        return fresh == old
    }

    private func freshlyOpened(_ path: String) throws -> Opened {
        for _ in 0..<3 {
            let before = FileStamp(path)
            let reading = try workplace.openLedger(patience: patience)
            let browsing = try workplace.openLedger(patience: patience)
            let marking = try workplace.openLedger(patience: patience)
            // Where it was replaced meanwhile, nobody knows which of the two was opened.
            guard FileStamp(path).isOfSameFile(as: before) else { continue }
            let number = Self.openings.add(1, ordering: .relaxed).newValue
            return Opened(stamp: before, number: number, reading: reading, browsing: browsing, marking: marking)
        }
        throw LedgerError(.busy, "The ledger '\(path)' was replaced while it was opened. Try again.")
    }

    /// Does not wait again for a second for somebody who has just kept it waiting: all who ask would wait in turn.
    private func rememberingFailure<Value>(_ body: () throws -> Value) throws -> Value {
        if let known = failure.withLock({ $0 }), .now < known.until { throw known.error }
        do {
            let value = try body()
            return value
        } catch let error as LedgerError where error.code == .busy {
            failure.withLock { $0 = Failure(error: error, until: .now + .seconds(1)) }
            throw error
        }
    }
}

extension Snapshot {
    /// Whether the ledger holds all that it is of: policies, queries and versions that a check would adopt are of its own instant.
    var isSettled: Bool { pending.policies.isEmpty && pending.series.isEmpty && pending.versions.isEmpty }
}
