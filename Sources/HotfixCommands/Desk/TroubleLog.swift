import HotfixCore
import Synchronization

/// Trouble that is told when it begins and when it is over, rather than with every answer.
final class TroubleLog: Sendable {
    private struct Trouble {
        var text: String
        /// When it was met last.
        var at: Instant
    }

    /// What could not be done once and was not tried again for so long is in the way of nobody, once something else can be done.
    private static let patience: Seconds = 300

    /// What is wrong, by what could not be done.
    private let troubles = Mutex<[String: Trouble]>([:])
    private let tell: @Sendable (String) -> Void

    /// Makes a log without trouble.
    init(tell: @escaping @Sendable (String) -> Void) {
        self.tell = tell
    }

    /// Notes that something could not be done.
    ///
    /// - Parameters:
    ///   - text: What was wrong.
    ///   - work: What could not be done.
    ///   - now: When.
    func begin(_ text: String, of work: String, at now: Instant) {
        let isKnown = troubles.withLock { troubles in
            defer { troubles[work] = Trouble(text: text, at: now) }
            return troubles.values.contains { $0.text == text }
        }
        if !isKnown { tell("Not answered: \(text)") }
    }

    /// Notes that something was done.
    ///
    /// - Parameters:
    ///   - work: What was done.
    ///   - now: When.
    func end(of work: String, at now: Instant) {
        let isOver = troubles.withLock { troubles in
            guard !troubles.isEmpty else { return false }
            troubles = troubles.filter { $0.key != work && now - $0.value.at < Self.patience && now >= $0.value.at }
            return troubles.isEmpty
        }
        if isOver { tell("Answered again.") }
    }
}
