import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Synchronization
import Testing

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("Calls one after the other share a connection")
    func reuse() async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient { client in
                for _ in 0..<50 { _ = try await client.send(HTTPCall(.get, server.url)) }
                #expect(server.requests().count == 50)
                #expect(server.connections() == 1)
            }
        }
    }

    @Test("No more calls are in flight to one host than allowed; the rest wait in order")
    func perHost() async throws {
        let gauge = Mutex((now: 0, most: 0))
        let handler: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { _ in
            gauge.withLock { gauge in
                gauge.now += 1
                gauge.most = max(gauge.most, gauge.now)
            }
            await Task.yield()
            gauge.withLock { $0.now -= 1 }
            return .slow(head: .milliseconds(2), then: .json("{}"))
        }
        try await withLoopbackServer(handler) { server in
            try await withClient(HTTPClient(limits: .init(inFlightPerHost: 3))) { client in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<60 { group.addTask { try await client.send(HTTPCall(.get, server.url)).status } }
                    for try await status in group { #expect(status == 200) }
                }
                #expect(gauge.withLock { $0.most } <= 3)
                #expect(server.connections() <= 3)
            }
        }
    }

    @Test("A host that does not answer holds up no other")
    func independentHosts() async throws {
        let gate = Gate()
        try await withLoopbackServer({ _ in
            await gate.open()
            return .hang
        }) { stuck in
            try await withLoopbackServer({ _ in .json("{}") }) { server in
                try await withClient(HTTPClient(limits: .init(inFlightPerHost: 1))) { client in
                    try await withThrowingTaskGroup { group in
                        for _ in 0..<4 { group.addTask { _ = try await client.send(HTTPCall(.get, stuck.url)) } }
                        await gate.wait()
                        let answer = try await client.send(HTTPCall(.get, server.url))
                        #expect(answer.status == 200)
                        #expect(stuck.requests().count == 1)
                        group.cancelAll()
                    }
                }
            }
        }
    }

    @Test("Cancelling ends a call under way and one that waits for its turn")
    func cancellation() async throws {
        let arrived = Gate()
        try await withLoopbackServer({ _ in
            await arrived.open()
            return .hang
        }) { server in
            try await withClient(HTTPClient(limits: .init(inFlightPerHost: 1))) { client in
                let tasks = (0..<2).map { _ in Task { try await client.send(HTTPCall(.get, server.url)) } }
                await arrived.wait()
                for task in tasks { task.cancel() }
                for task in tasks {
                    await #expect(throws: CancellationError.self) { try await task.value }
                }
            }
        }
    }

    @Test("A call of a cancelled task is not made")
    func cancelledBefore() async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient { client in
                let gate = Gate()
                let task = Task {
                    await gate.wait()
                    return try await client.send(HTTPCall(.get, server.url))
                }
                task.cancel()
                await gate.open()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(server.requests().isEmpty)
            }
        }
    }

    @Test("Cancelling ends the wait between attempts")
    func cancelledWait() async throws {
        let waiting = Gate()
        let client = HTTPClient(sleep: { _ in
            await waiting.open()
            try await Task.sleep(for: .seconds(3600))
        })
        try await withLoopbackServer({ _ in .json("{}", status: 503) }) { server in
            try await withClient(client) { client in
                let task = Task { try await client.send(HTTPCall(.get, server.url)) }
                await waiting.wait()
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test("Two hundred calls at once, a third of them cancelled, all end, and the client still works")
    func storm() async throws {
        let handler: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { _ in
            .slow(head: .milliseconds(Int.random(in: 0...5)), then: .json("{}"))
        }
        try await withLoopbackServer(handler) { server in
            try await withClient { client in
                await withTaskGroup { group in
                    for index in 0..<200 {
                        group.addTask {
                            let task = Task { try await client.send(HTTPCall(.get, server.url + "/\(index)")) }
                            if index % 3 == 0 {
                                for _ in 0..<Int.random(in: 0...20) { await Task.yield() }
                                task.cancel()
                            }
                            switch await task.result {
                            case .success(let answer): #expect(answer.status == 200)
                            case .failure(let error): #expect(error is CancellationError && index % 3 == 0)
                            }
                        }
                    }
                }
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.status == 200)
            }
        }
    }

    @Test("Shutting down ends calls under way, and later ones are refused")
    func shutDown() async throws {
        let arrived = Gate()
        try await withLoopbackServer({ _ in
            await arrived.open()
            return .hang
        }) { server in
            let client = HTTPClient()
            let call = HTTPCall(.get, server.url, retry: .none)
            let task = Task { try await client.send(call) }
            await arrived.wait()
            await client.shutDown()
            let error = await #expect(throws: HTTPError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            let refused = try await failure(of: call, with: client)
            #expect(refused.code == .cancelled)
            await client.shutDown()
        }
    }

    @Test("A client that made no call shuts down too")
    func unused() async {
        await HTTPClient().shutDown()
    }
}
