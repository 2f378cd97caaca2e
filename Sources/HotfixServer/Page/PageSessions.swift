import HotfixCore
import Synchronization

/// Who has signed in: kept in memory alone, so that a restart signs everybody out.
final class PageSessions: Sendable {
    /// What somebody who signed in may do.
    struct Session: Sendable {
        /// What their forms prove that they come from a page of ours with.
        var proof: Secret
        /// Whether they may write.
        var mayWrite: Bool
        fileprivate var until: ContinuousClock.Instant
    }

    private struct State {
        var sessions: [String: Session] = [:]
        /// When tokens were tried in vain, oldest first.
        var failures: [ContinuousClock.Instant] = []
    }

    /// How long a session lasts.
    static let life = Duration.seconds(12 * 3600)
    /// How many last at once; of more the oldest ends.
    private static let most = 1000
    /// How many wrong tokens are taken in a minute.
    private static let mostFailures = 20

    private let state = Mutex(State())

    /// Begins a session, and gives its identifier, which nobody can guess.
    func open(mayWrite: Bool) -> String {
        let now = ContinuousClock.now
        let id = Self.random()
        let session = Session(proof: Secret(Self.random()), mayWrite: mayWrite, until: now + Self.life)
        state.withLock { state in
            state.sessions = state.sessions.filter { $0.value.until > now }
            if state.sessions.count >= Self.most,
                let oldest = state.sessions.min(by: { $0.value.until < $1.value.until })
            {
                state.sessions[oldest.key] = nil
            }
            state.sessions[id] = session
        }
        return id
    }

    /// The session of an identifier; nil where there is none, or it has ended.
    func session(_ id: String) -> Session? {
        state.withLock { state in state.sessions[id].flatMap { $0.until > .now ? $0 : nil } }
    }

    /// Ends a session.
    func close(_ id: String) {
        state.withLock { $0.sessions[id] = nil }
    }

    /// Whether so many wrong tokens were tried in the last minute that none is looked at.
    var isExhausted: Bool {
        let minute = ContinuousClock.now - .seconds(60)
        return state.withLock { state in
            state.failures.removeAll { $0 < minute }
            return state.failures.count >= Self.mostFailures
        }
    }

    /// Remembers that a wrong token was tried.
    func fail() {
        state.withLock { $0.failures.append(.now) }
    }

    /// 256 bits of the system's, as hexadecimal digits.
    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
