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

    /// What an agent is at, and how long that may take.
    struct Turn: Sendable {
        /// What it does.
        enum Work: Sendable {
            /// It waits, or tells people.
            case betweenChecks
            /// It checks.
            case check
        }

        /// What it does.
        var work: Work
        /// Since when.
        var since: ContinuousClock.Instant

        /// How long it may take: telling has a minute, and a check is ended by the timer's unit after as long.
        private var longest: Duration { work == .check ? .seconds(1800) : .seconds(300) }

        /// Whether it takes longer than it may.
        func hangs(at now: ContinuousClock.Instant) -> Bool { now - since > longest }
    }

    /// What is known.
    struct State: Sendable {
        /// How many checks ended how.
        var checks: [Ending: Int] = [:]
        /// How long those that were not skipped took, in seconds.
        var checkSeconds: Double = 0
        /// How often channels were told, by their names.
        var channels: [String: Tally] = [:]
        /// What it is at; nil before it begins and after it has ended.
        var turn: Turn?
        /// When the next check is due.
        var next: Instant?
    }

    private let content = Mutex(State())
    /// How often sources were asked, by their names: noted at once, so that a check that comes to nothing counts too.
    let asked = TallyBook()

    /// What is known now.
    var state: State { content.withLock { $0 } }

    /// The agent begins something.
    func begin(_ work: Turn.Work) { content.withLock { $0.turn = Turn(work: work, since: .now) } }

    /// The agent has ended.
    func end() { content.withLock { $0.turn = nil } }

    /// The check has ended, and what follows it begins.
    func end(_ ending: Ending) {
        content.withLock { state in
            state.checks[ending, default: 0] += 1
            if ending != .skipped, let turn = state.turn { state.checkSeconds += (.now - turn.since) / .seconds(1) }
            state.turn = Turn(work: .betweenChecks, since: .now)
        }
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
