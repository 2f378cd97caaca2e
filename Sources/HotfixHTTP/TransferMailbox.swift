import CCurl
import Foundation
import Synchronization

/// The identity of a transfer, and whether its caller still wants it.
///
/// The mark is set before the loop is told, so a cancellation is never lost: either the loop sees the mark when
/// it takes up the transfer, or it is told afterwards.
final class TransferTicket: Sendable {
    private let withdrawn = Atomic(false)

    var isWithdrawn: Bool { withdrawn.load(ordering: .acquiring) }

    func withdraw() { withdrawn.store(true, ordering: .releasing) }
}

/// A transfer on its way to the loop.
struct TransferOrder: Sendable {
    let plan: TransferPlan
    let ticket: TransferTicket
    let continuation: CheckedContinuation<TransferResult, any Error>
}

/// The way from any task to the transfer thread, which starts with the first order.
final class TransferMailbox: Sendable {
    enum Message: Sendable {
        case start(TransferOrder)
        case cancel(TransferTicket)
    }

    private enum Phase { case idle, running, closing, closed }

    private struct Contents {
        var phase = Phase.idle
        var messages: [Message] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// The multi handle to wake, while it exists; the loop alone uses it for anything else.
        var wakeAddress: UInt = 0

        func wake() {
            guard let multi = UnsafeMutableRawPointer(bitPattern: wakeAddress) else { return }
            _ = curl_multi_wakeup(multi)
        }
    }

    private let contents = Mutex(Contents())
    private let limits: HTTPLimits
    private let now: @Sendable () -> Double

    init(limits: HTTPLimits, now: @escaping @Sendable () -> Double) {
        self.limits = limits
        self.now = now
    }

    /// Runs a transfer to its end.
    ///
    /// - Throws: ``HTTPError``, or `CancellationError` at once when the task is cancelled.
    func run(_ plan: TransferPlan) async throws -> TransferResult {
        let ticket = TransferTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let order = TransferOrder(plan: plan, ticket: ticket, continuation: continuation)
                if !post(.start(order)) { continuation.resume(throwing: shutDownError(plan)) }
            }
        } onCancel: {
            ticket.withdraw()
            _ = post(.cancel(ticket))
        }
    }

    /// Asks the loop to give up all transfers and end.
    func close() {
        contents.withLock { contents in
            switch contents.phase {
            case .idle: contents.phase = .closed
            case .running: contents.phase = .closing
            case .closing, .closed: break
            }
            contents.wake()
        }
    }

    /// Returns when the loop has ended and freed everything.
    func closed() async {
        await withCheckedContinuation { continuation in
            let isClosed = contents.withLock { contents in
                if contents.phase != .closed { contents.waiters.append(continuation) }
                return contents.phase == .closed
            }
            if isClosed { continuation.resume() }
        }
    }

    private func post(_ message: Message) -> Bool {
        let (taken, starts) = contents.withLock { contents in
            guard contents.phase == .idle || contents.phase == .running else { return (false, false) }
            let starts = contents.phase == .idle
            contents.phase = .running
            contents.messages.append(message)
            contents.wake()
            return (true, starts)
        }
        if starts { startThread() }
        return taken
    }

    private func startThread() {
        let (limits, now) = (limits, now)
        let thread = Thread { [self] in
            Thread.current.name = "hotfix-http"
            blockSignals()
            TransferLoop(mailbox: self, limits: limits, now: now).run()
        }
        thread.start()
    }
}

// What the loop alone calls.
extension TransferMailbox {
    /// Makes the loop's multi handle known for waking.
    func open(_ multi: UnsafeMutableRawPointer) {
        contents.withLock { $0.wakeAddress = UInt(bitPattern: multi) }
    }

    /// Takes all messages; `isClosing` asks the loop to end after them.
    func take() -> (messages: [Message], isClosing: Bool) {
        contents.withLock { contents in
            defer { contents.messages = [] }
            return (contents.messages, contents.phase == .closing)
        }
    }

    /// Forgets the multi handle, which is about to go.
    func forget() {
        contents.withLock { $0.wakeAddress = 0 }
    }

    /// Tells whoever waits that the loop has ended.
    func finish() {
        let waiters = contents.withLock { contents in
            defer { contents.waiters = [] }
            contents.phase = .closed
            return contents.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

func shutDownError(_ plan: TransferPlan) -> HTTPError {
    HTTPError(.cancelled, "\(plan.subject): the HTTP client was shut down. Make no calls after shutting down.")
}

/// Keeps the process's signals, and the SIGPIPE of a lost TLS connection, away from the transfer thread.
private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
}
