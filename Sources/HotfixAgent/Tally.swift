import Synchronization

/// How often a source was asked or a channel told, how often in vain, and how long that took.
package struct Tally: Sendable, Hashable {
    /// How often.
    package private(set) var count = 0
    /// How often without what was wanted.
    package private(set) var failures = 0
    /// How long all of it took, in seconds.
    package private(set) var seconds: Double = 0

    /// Makes a tally of nothing.
    package init() {}

    /// Notes one time.
    package mutating func note(_ duration: Duration, isFailure: Bool) {
        count += 1
        if isFailure { failures += 1 }
        seconds += duration / .seconds(1)
    }

    /// Adds another.
    package mutating func add(_ other: Tally) {
        count += other.count
        failures += other.failures
        seconds += other.seconds
    }
}

/// Tallies by name that several note at once.
package final class TallyBook: Sendable {
    private let content = Mutex<[String: Tally]>([:])

    /// Makes a book of nothing.
    package init() {}

    /// What was noted so far, by name.
    package var tallies: [String: Tally] { content.withLock { $0 } }

    /// Notes one time.
    package func note(_ name: String, _ duration: Duration, isFailure: Bool) {
        content.withLock { $0[name, default: Tally()].note(duration, isFailure: isFailure) }
    }
}
