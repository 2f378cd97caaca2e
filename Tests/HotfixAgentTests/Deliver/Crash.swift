import HotfixCore
import Synchronization

/// The end of a process after so many boundaries: from then on nothing that it does has an effect.
final class Crash: Sendable {
    /// What an operation of a process that has ended throws; nobody is there to see it.
    struct Ended: Error {}

    private let left: Mutex<Int>

    /// Makes a crash.
    ///
    /// - Parameter boundaries: How many commits and requests are begun or ended before it; nil for none.
    init(after boundaries: Int? = nil) {
        left = Mutex(boundaries ?? .max)
    }

    /// Whether it has happened.
    var hasHappened: Bool { left.withLock { $0 == 0 } }

    /// Passes a boundary, and says whether the process lives on.
    func passes() -> Bool {
        left.withLock { left in
            if left > 0, left < .max { left -= 1 }
            return left > 0
        }
    }

    func boundary() throws { if !passes() { throw Ended() } }
}

/// An outbox whose process may end before and after every write.
struct CrashingOutbox: Outbox {
    var outbox: any Outbox
    var crash: Crash

    private func write(_ body: () throws -> Void) throws {
        try crash.boundary()
        try body()
        try crash.boundary()
    }

    func waiting() throws -> [QueuedDelivery] {
        if crash.hasHappened { throw Crash.Ended() }
        return try outbox.waiting()
    }

    func begin(_ delivery: Int, at now: Instant) throws { try write { try outbox.begin(delivery, at: now) } }

    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws {
        try write { try outbox.settle(delivery, as: state, at: now) }
    }

    func add(_ messages: [Message], for rules: [ChannelRule]) throws {
        try write { try outbox.add(messages, for: rules) }
    }

    func receipts(of display: String) throws -> [String: DisplayReceipt] { try outbox.receipts(of: display) }

    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws {
        try write { try outbox.keep(receipt, of: subject, for: display) }
    }

    func told(limit: Int) throws -> [ToldMessage] { try outbox.told(limit: limit) }
}

/// A clock that is set, and goes on when somebody sleeps for a short time; a long sleep lasts until it is cancelled.
final class SimulatedClock: Sendable {
    private let instant: Mutex<Instant>

    init(_ start: Instant = Instant(1_795_161_600)) {
        instant = Mutex(start)
    }

    var now: Instant { instant.withLock { $0 } }

    func advance(_ seconds: Seconds) { instant.withLock { $0 = $0 + seconds } }

    func sleep(_ duration: Duration) async throws {
        guard duration < .seconds(60) else { return try await Task.sleep(for: .seconds(86_400)) }
        advance(Int(duration.components.seconds))
    }
}
