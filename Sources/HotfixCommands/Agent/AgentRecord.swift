import HotfixAgent
import HotfixCore
import Synchronization

/// What an agent did since its process began: what no ledger holds.
final class AgentRecord: Sendable {
    /// How a check ended.
    enum Ending: String, Sendable, CaseIterable {
        /// All was done.
        case done
        /// Something could not be done, and is left to the next one.
        case failed
        /// Another check was running.
        case skipped
        /// It was broken off, since the process was to end.
        case brokenOff = "broken-off"
    }

    /// What is known.
    struct State: Sendable {
        /// How many checks ended how.
        var checks: [Ending: Int] = [:]
        /// How long they took, in seconds.
        var checkSeconds: Double = 0
        /// How often sources were asked, by their names.
        var sources: [String: Tally] = [:]
        /// How often channels were told, by their names.
        var channels: [String: Tally] = [:]
        /// Since when a check runs; nil while none does.
        var runningSince: ContinuousClock.Instant?
        /// When the next check is due.
        var next: Instant?
    }

    private let content = Mutex(State())

    /// What is known now.
    var state: State { content.withLock { $0 } }

    /// A check begins.
    func begin() { content.withLock { $0.runningSince = .now } }

    /// The check has ended.
    func end(_ ending: Ending, _ outcome: CheckRun.Outcome?) {
        content.withLock { state in
            state.checks[ending, default: 0] += 1
            if let since = state.runningSince { state.checkSeconds += (.now - since) / .seconds(1) }
            state.runningSince = nil
            for (name, tally) in outcome?.report.asked ?? [:] { state.sources[name, default: Tally()].add(tally) }
        }
        if let told = outcome?.told { take(told) }
    }

    /// Messages were told.
    func take(_ told: DispatchReport) {
        content.withLock { state in
            for (name, tally) in told.attempts { state.channels[name, default: Tally()].add(tally) }
        }
    }

    /// The next check was planned.
    func plan(_ next: Instant) { content.withLock { $0.next = next } }
}
