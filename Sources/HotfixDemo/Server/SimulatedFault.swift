package import HotfixCore
import Synchronization

/// What may be wrong with a simulated server.
package enum SimulatedFault: Sendable, Hashable {
    /// Every connection is reset.
    case down
    /// A proxy answers in its place, with this status.
    case failing(status: Int)
    /// 429, with so many seconds as Retry-After.
    case rateLimited(retryAfter: Seconds)
    /// The answer comes this late.
    case slow(Duration)
    /// The answer says that it holds a part of the data only.
    case partial
    /// What answers does not speak the protocol.
    case garbage
    /// The clock is so many seconds ahead, or behind where negative.
    case clockOff(Seconds)
}

/// The fault that a simulated server has at the moment, if it has one; tests and demonstrations switch it.
package final class SimulatedFaults: Sendable {
    private let fault = Mutex<SimulatedFault?>(nil)

    /// Makes a server without fault.
    package init() {}

    /// Sets what is wrong from now on; nil mends it.
    package func set(_ fault: SimulatedFault?) {
        self.fault.withLock { $0 = fault }
    }

    /// Makes of an honest answer what the server says with its fault.
    ///
    /// - Parameters:
    ///   - answer: The honest answer.
    ///   - now: The server's clock.
    ///   - partial: How its protocol says that an answer is a part.
    /// - Returns: What it says.
    func apply(to answer: LoopbackAnswer, at now: Instant, partial: (LoopbackAnswer) -> LoopbackAnswer)
        -> LoopbackAnswer
    {
        switch fault.withLock({ $0 }) {
        case nil: answer
        case .down: .reset
        case .failing(let status):
            .answer(
                status: status, headers: [("Content-Type", "text/html")],
                body: Array("<html><body><h1>The simulated server is not available</h1></body></html>".utf8))
        case .rateLimited(let seconds):
            .answer(status: 429, headers: [("Retry-After", "\(seconds)"), ("Content-Type", "text/plain")])
        case .slow(let delay): .slow(head: delay, then: answer)
        case .partial: partial(answer)
        case .garbage: .garbage(Array("\u{7}not the protocol that was asked for\r\n\r\n".utf8))
        case .clockOff(let seconds): answer.adding([("Date", httpDate(Double((now + seconds).seconds)))])
        }
    }
}

extension LoopbackAnswer {
    /// The answer with a text in place of the first of another, where it is JSON.
    func replacing(_ text: String, with other: String) -> LoopbackAnswer {
        guard case .json(let body, let status, let headers) = self else { return self }
        return .json(body.replacing(text, with: other, maxReplacements: 1), status: status, headers: headers)
    }
}
