import HotfixCore
import Synchronization

/// A clock that only an agent's own waiting moves on, as far as an instant.
final class AgentTime: Sendable {
    private let lab: CommandLab
    private let end: Instant
    private let onWait: @Sendable (Instant) async throws -> Void
    private let ended: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    /// Makes a time.
    ///
    /// - Parameters:
    ///   - lab: Whose clock is moved.
    ///   - end: From then on nobody's waiting ends.
    ///   - onWait: Called with the instant whenever somebody begins to wait.
    init(_ lab: CommandLab, until end: Instant, onWait: @escaping @Sendable (Instant) async throws -> Void = { _ in }) {
        self.lab = lab
        self.end = end
        self.onWait = onWait
        (ended, feed) = AsyncStream.makeStream(of: Void.self)
    }

    /// Waits: a short while passes at once; of a limit nobody sees the end.
    @Sendable
    func sleep(_ duration: Duration) async throws {
        guard duration <= .seconds(30) else { return try await Task.sleep(for: .seconds(600)) }
        try await onWait(lab.now)
        guard lab.now < end else {
            feed.finish()
            return try await Task.sleep(for: .seconds(600))
        }
        lab.advance(duration)
        await Task.yield()
    }

    /// Waits until the instant has come.
    func end() async { for await _ in ended {} }
}
