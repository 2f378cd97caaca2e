import ServiceLifecycle

/// Says once that something has begun, to the one who waits for it.
struct StartSignal: Sendable {
    private let signal: AsyncStream<Void>
    private let feed: AsyncStream<Void>.Continuation

    init() { (signal, feed) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// Says that it has begun.
    func give() { feed.yield() }

    /// Waits for it.
    ///
    /// - Returns: Whether it has begun; not where the process was told to end before that.
    func wait() async -> Bool {
        let signal = signal
        return await cancelWhenGracefulShutdown {
            for await _ in signal { return true }
            return false
        }
    }
}
