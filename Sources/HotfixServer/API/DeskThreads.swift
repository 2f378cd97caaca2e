import Dispatch

/// Threads for a desk that waits for a disk: one that looks whether anything changed, one that reads what is kept, one that reads what
/// takes long, one that writes, and one for each of a few exports.
///
/// What is read one after the other is loaded once, and neither the disk nor a slow reader ever holds up a socket. Whoever asks
/// for the state never waits for somebody who looks at a page.
package final class DeskThreads: Sendable {
    private let markingThread = QueueExecutor("hotfix.marking")
    private let readingThread = QueueExecutor("hotfix.reading")
    private let browsingThread = QueueExecutor("hotfix.browsing")
    private let writingThread = QueueExecutor("hotfix.writing")
    private let exports = DispatchSemaphore(value: 0)

    /// Makes the threads.
    package init() {
        for _ in 0..<4 { exports.signal() }
    }

    func marking<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(markingThread) { try await body() }
    }

    func reading<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(readingThread) { try await body() }
    }

    func browsing<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(browsingThread) { try await body() }
    }

    func writing<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(writingThread) { try await body() }
    }

    /// Begins an export on a thread of its own.
    ///
    /// - Throws: ``APIProblem`` with status 503 where four are under way.
    func export(
        _ body: @escaping @Sendable (@escaping @Sendable (String) throws -> Void) async throws -> Void
    ) throws -> PieceChannel {
        guard exports.wait(timeout: .now()) == .success else {
            throw APIProblem(
                503, "Four exports are under way already. Try again in a minute.", exitStatus: 3,
                headers: ["Retry-After": "60"])
        }
        let channel = PieceChannel()
        let exports = exports
        Task(executorPreference: QueueExecutor("hotfix.export")) {
            do {
                try await body { try channel.put($0) }
                channel.end(.success(()))
            } catch {
                channel.end(.failure(error))
            }
            exports.signal()
        }
        return channel
    }
}
