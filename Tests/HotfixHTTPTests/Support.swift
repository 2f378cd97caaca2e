import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Synchronization
import Testing

/// Runs a body with a client that is shut down afterwards.
func withClient<T>(_ client: HTTPClient = HTTPClient(), _ body: (HTTPClient) async throws -> T) async throws -> T {
    do {
        let value = try await body(client)
        await client.shutDown()
        return value
    } catch {
        await client.shutDown()
        throw error
    }
}

/// Remembers the waits that a client asked for, and does not wait.
final class RecordingSleep: Sendable {
    private let asked = Mutex<[Duration]>([])

    var waits: [Duration] { asked.withLock { $0 } }

    func client(limits: HTTPLimits = .init()) -> HTTPClient {
        HTTPClient(limits: limits, sleep: { try await self.take($0) })
    }

    func take(_ duration: Duration) async throws {
        asked.withLock { $0.append(duration) }
        try Task.checkCancellation()
    }
}

/// Hands out answers one after the other, the last one for ever.
final class Script: Sendable {
    private let answers: Mutex<[LoopbackAnswer]>

    init(_ answers: [LoopbackAnswer]) {
        self.answers = Mutex(answers)
    }

    func next() -> LoopbackAnswer {
        answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
}

/// Lets tasks wait for each other.
actor Gate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

/// The error that a call fails with.
func failure(of call: HTTPCall, with client: HTTPClient) async throws -> HTTPError {
    try #require(await #expect(throws: HTTPError.self) { _ = try await client.send(call) })
}

func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }
