import Dispatch
import Synchronization

/// A text on its way from a thread that reads the ledger to a socket that may be slow.
///
/// Whoever puts waits until there is room, and gives up where nobody takes, or where all of it takes too long: while the ledger is
/// read, its log grows, and neither a reader that stands still nor one that crawls may hold it.
package final class PieceChannel: Sendable {
    /// Why a text was not taken to its end.
    struct Abandoned: Error {}

    private struct State {
        var pieces: [String] = []
        var ending: Result<Void, any Error>?
        var isAbandoned = false
        var waiter: CheckedContinuation<String?, any Error>?
    }

    private let state = Mutex(State())
    // A semaphore that is freed below the value it was made with ends the process, so that it begins with 0.
    private let room = DispatchSemaphore(value: 0)
    private let patience: DispatchTimeInterval
    private let deadline: DispatchTime

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - room: How many pieces wait at most.
    ///   - patience: How long a piece waits for room.
    ///   - limit: How long the whole text may take.
    init(room: Int = 4, patience: DispatchTimeInterval = .seconds(30), limit: DispatchTimeInterval = .seconds(600)) {
        self.patience = patience
        deadline = .now() + limit
        for _ in 0..<room { self.room.signal() }
    }

    /// Puts a piece; waits for room.
    func put(_ piece: String) throws {
        let now = DispatchTime.now()
        guard now < deadline, room.wait(timeout: min(now + patience, deadline)) == .success else { throw Abandoned() }
        let waiter = try state.withLock { state in
            if state.isAbandoned { throw Abandoned() }
            guard let waiter = state.waiter else {
                state.pieces.append(piece)
                return CheckedContinuation<String?, any Error>?.none
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume(returning: piece)
    }

    /// Says that nothing follows, or why.
    func end(_ ending: Result<Void, any Error>) {
        let waiter = state.withLock { state in
            state.ending = ending
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: ending.map { nil })
    }

    /// Takes the next piece, or nil at the end; for one taker.
    package func next() async throws -> String? {
        let piece: String? = try await withCheckedThrowingContinuation { continuation in
            let known: Result<String?, any Error>? = state.withLock { state in
                if !state.pieces.isEmpty { return .success(state.pieces.removeFirst()) }
                if let ending = state.ending { return ending.map { nil } }
                state.waiter = continuation
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
        room.signal()
        return piece
    }

    /// Waits for the beginning, so that what fails at once fails before anything was promised.
    func begun() async throws -> PieceChannel {
        if let first = try await next() { state.withLock { $0.pieces.insert(first, at: 0) } }
        return self
    }

    /// Says that nobody will take any more.
    package func abandon() {
        state.withLock { $0.isAbandoned = true }
        room.signal()
    }
}
