package import HotfixCore

/// What came of telling people.
package struct DispatchReport: Sendable {
    /// Why a channel or a display could not be told.
    package struct Failure: Sendable, Hashable {
        /// The kinds of failure.
        package enum Kind: Sendable, Hashable {
            /// The receiver could not be reached, or is not known to have been; the next check tries again.
            case unreachable
            /// The receiver takes nothing until somebody mends the configuration.
            case misconfigured
            /// The receiver refused a message.
            case refused
            /// A message was tried for a day, and is not tried any more.
            case givenUp
            /// The ledger could not be read or written.
            case ledger
        }

        /// The name of the channel or the display.
        package var name: String
        /// What kind of failure it is.
        package var kind: Kind
        /// What happened, to what, and what to do next: one line without secrets.
        package var message: String

        /// Makes a failure.
        package init(_ name: String, _ kind: Kind, _ message: String) {
            self.name = name
            self.kind = kind
            self.message = clipped(oneLine(message), bytes: Self.mostBytes)
        }

        /// The most bytes that a reason has.
        static let mostBytes = 2048
    }

    /// How many messages were told.
    package var delivered = 0
    /// How many of them may have been told before.
    package var repeated = 0
    /// How many deliveries wait.
    package var waiting = 0
    /// How many deliveries need not be any more.
    package var dropped = 0
    /// How many deliveries were given up.
    package var dead = 0
    /// What could not be done, by name.
    package var failures: [Failure] = []
    /// The attempts of each channel, by its name.
    package var attempts: [String: Tally] = [:]
    /// Why the ledger could not be read or written; nil where it could.
    package var ledgerError: LedgerError?

    /// Makes a report of nothing.
    package init() {}

    /// Whether a message was given up, so that the check ends as one that could not do all it should.
    package var hasLost: Bool { dead > 0 }

    mutating func add(_ other: DispatchReport) {
        delivered += other.delivered
        repeated += other.repeated
        dropped += other.dropped
        dead += other.dead
        for failure in other.failures where !failures.contains(failure) { failures.append(failure) }
        for (name, tally) in other.attempts { attempts[name, default: Tally()].add(tally) }
        ledgerError = ledgerError ?? other.ledgerError
    }

    /// Takes an error of the ledger, on which something could not be told.
    mutating func take(_ error: any Error, from name: String) {
        let error = error as? LedgerError ?? LedgerError(.inaccessible, "\(error)")
        ledgerError = ledgerError ?? error
        let failure = Failure(name, .ledger, error.message)
        if !failures.contains(failure) { failures.append(failure) }
    }
}
