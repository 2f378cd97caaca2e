import HotfixCore
import Synchronization

/// A receiver with its channel, whose answers are a function, and which remembers everything that reached it.
final class FakeReceiver: Channel {
    /// What the receiver does with an attempt.
    enum Answer: Sendable {
        case takes
        /// It is not reached.
        case isAway
        /// 429, with Retry-After.
        case isBusy(Seconds)
        /// 500.
        case fails
        /// The answer, or the request before it, is lost.
        case losesAnswer(received: Bool)
        case misconfigured
        /// It takes nothing for this address.
        case misaddressed
        case refuses
        /// It answers never, until it is cancelled.
        case hangs
    }

    /// What reached the receiver.
    struct Received: Sendable, Hashable {
        var message: Message
        var tense: Delivery.Tense
        var opening: String?
        var mayBeRepeat: Bool
        var at: Instant
    }

    private struct State {
        var received: [Received] = []
        var attempts: [Int] = []
        var lost = 0
        var crash = Crash()
    }

    let name: String
    let entry: String
    private let state = Mutex(State())
    private let answer: @Sendable (Delivery, Instant) -> Answer

    /// Makes a receiver; `NAME/ADDRESS` is one of several of the entry NAME.
    init(_ name: String, _ answer: @escaping @Sendable (Delivery, Instant) -> Answer = { _, _ in .takes }) {
        self.name = name
        entry = name.split(separator: "/").first.map(String.init) ?? name
        self.answer = answer
    }

    /// What reached it, repeats included.
    var received: [Received] { state.withLock { $0.received } }
    /// The numbers of the messages of all attempts.
    var attempts: [Int] { state.withLock { $0.attempts } }
    /// How many attempts reached it whose answer was lost.
    var lost: Int { state.withLock { $0.lost } }
    /// What reached it, in short: `3 breach a`, `4 recovered a past`.
    var story: [String] {
        received.map {
            "\($0.message.kind) \($0.message.thread)\($0.tense == .past ? " past" : "")\($0.mayBeRepeat ? " again" : "")"
        }
    }

    /// Lets the process of its channel end with others.
    func join(_ crash: Crash) { state.withLock { $0.crash = crash } }

    func examine(at now: Instant) async -> Diagnosis { Diagnosis() }

    func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let crash = state.withLock { state in
            state.attempts.append(delivery.message.id)
            return state.crash
        }
        let ended = DeliveryOutcome.unknown(reason: "the process ended")
        guard crash.passes() else { return ended }
        switch answer(delivery, now) {
        case .takes:
            take(delivery, now, isLost: false)
            guard crash.passes() else { return ended }
            return .delivered(receipt: "r\(delivery.message.id)")
        case .losesAnswer(let isReceived):
            if isReceived { take(delivery, now, isLost: true) }
            return .unknown(reason: "the connection was lost after the request was sent")
        case .isAway: return .retry(after: nil, reason: "connection refused")
        case .isBusy(let wait): return .retry(after: wait, reason: "429")
        case .fails: return .retry(after: nil, reason: "500")
        case .misconfigured: return .misconfigured(reason: "The token was revoked.", remedy: "Name another in `token`.")
        case .misaddressed: return .misaddressed(reason: "550: no such user", remedy: "Correct the address.")
        case .refuses: return .refused(reason: "400: too long")
        case .hangs:
            // Its task is cancelled: that ends the sleep, and is what it waits for.
            _ = try? await Task.sleep(for: .seconds(86_400))
            return .retry(after: nil, reason: "cancelled")
        }
    }

    private func take(_ delivery: Delivery, _ now: Instant, isLost: Bool) {
        state.withLock { state in
            state.received.append(
                Received(
                    message: delivery.message, tense: delivery.tense, opening: delivery.opening,
                    mayBeRepeat: delivery.mayBeRepeat, at: now))
            if isLost { state.lost += 1 }
        }
    }
}
