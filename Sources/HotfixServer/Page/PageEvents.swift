import HotfixCore
import Synchronization

/// Tells whoever listens that a window was judged.
///
/// The ledger is asked once a second at most, however many listen.
final class PageNews: Sendable {
    private struct State {
        var listeners = 0
        var mark: String?
        var askedAt: ContinuousClock.Instant?
    }

    /// How many may listen at once.
    static let mostListeners = 64
    private static let pause = Duration.seconds(1)

    private let state = Mutex(State())
    private let ask: @Sendable () async throws -> String

    /// Makes the news.
    ///
    /// - Parameter ask: Gives a text that is another whenever the pages may be others; cheap.
    init(_ ask: @escaping @Sendable () async throws -> String) {
        self.ask = ask
    }

    /// Begins to listen; nil where too many do.
    func listen() -> PageEvents? {
        let isTaken = state.withLock { state in
            guard state.listeners < Self.mostListeners else { return false }
            state.listeners += 1
            return true
        }
        return isTaken ? PageEvents(self) : nil
    }

    fileprivate func leave() {
        state.withLock { $0.listeners -= 1 }
    }

    /// The newest mark; nil while the ledger cannot be asked.
    fileprivate func newest() async -> String? {
        let now = ContinuousClock.now
        let isKnown = state.withLock { state in
            if let askedAt = state.askedAt, now - askedAt < Self.pause { return true }
            state.askedAt = now
            return false
        }
        if !isKnown {
            // Who cannot be asked has no news; that they are silent is what listeners are to notice.
            let mark = try? await ask()
            state.withLock { $0.mark = mark }
        }
        return state.withLock { $0.mark }
    }
}

/// What one listener is told, as the text of server-sent events.
package final class PageEvents: AsyncSequence, Sendable {
    package typealias Element = String

    private let news: PageNews

    init(_ news: PageNews) {
        self.news = news
    }

    deinit { news.leave() }

    package func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// Gives event after event, until the task is cancelled.
    package struct Iterator: AsyncIteratorProtocol {
        /// A connection that says nothing is closed by what lies between; and that a listener is gone shows when it is told something.
        private static let heartbeat = Duration.seconds(5)
        private static let pause = Duration.milliseconds(500)

        private let events: PageEvents
        private var told: String?
        private var toldAt: ContinuousClock.Instant?

        init(_ events: PageEvents) {
            self.events = events
        }

        package mutating func next() async -> String? {
            while !Task.isCancelled {
                let mark = await events.news.newest()
                let now = ContinuousClock.now
                if let mark, mark != told {
                    let isFirst = told == nil
                    told = mark
                    toldAt = now
                    return (isFirst ? "retry: 3000\n" : "") + "event: judged\ndata: \(mark)\n\n"
                }
                if toldAt.map({ now - $0 >= Self.heartbeat }) ?? true {
                    toldAt = now
                    return ": heartbeat\n\n" + (mark.map { "event: still\ndata: \($0)\n\n" } ?? "")
                }
                do { try await Task.sleep(for: Self.pause) } catch { return nil }
            }
            return nil
        }
    }
}
