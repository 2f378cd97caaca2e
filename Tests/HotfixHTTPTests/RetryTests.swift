import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Retries", .timeLimit(.minutes(1)))
struct RetryTests {
    @Test(
        "Only calls that may be repeated are, and only after transient answers",
        arguments: [
            (HTTPCall.Method.get, false, 503, 3), (.head, false, 502, 3), (.get, false, 500, 3), (.get, false, 504, 3),
            (.get, false, 429, 3), (.get, false, 400, 1), (.get, false, 422, 1), (.get, false, 501, 1),
            (.post, false, 503, 1), (.post, true, 503, 3), (.delete, false, 503, 1), (.patch, true, 404, 1),
        ]
    )
    func attempts(method: HTTPCall.Method, repeatable: Bool, status: Int, expected: Int) async throws {
        let sleep = RecordingSleep()
        try await withLoopbackServer({ _ in .json("{}", status: status) }) { server in
            try await withClient(sleep.client()) { client in
                let answer = try await client.send(HTTPCall(method, server.url, repeatable: repeatable))
                #expect(answer.status == status)
                #expect(answer.attempts == expected)
                #expect(server.requests().count == expected)
                #expect(sleep.waits.count == expected - 1)
            }
        }
    }

    @Test("The answer after a transient one is returned")
    func recovers() async throws {
        let script = Script([.reset, .json("{}", status: 503), .json("[]")])
        let sleep = RecordingSleep()
        try await withLoopbackServer({ _ in script.next() }) { server in
            try await withClient(sleep.client()) { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(text(answer) == "[]")
                #expect(answer.attempts == 3)
            }
        }
    }

    @Test("Waits grow with the attempts, up to the cap")
    func backOff() async throws {
        let sleep = RecordingSleep()
        let retry = HTTPRetry(attempts: 8, base: .seconds(1), cap: .seconds(5), budget: .seconds(1000))
        try await withLoopbackServer({ _ in .json("{}", status: 503) }) { server in
            try await withClient(sleep.client()) { client in
                _ = try await client.send(HTTPCall(.get, server.url, retry: retry))
            }
        }
        let limits: [Duration] = [1, 2, 4, 5, 5, 5, 5].map { .seconds($0) }
        #expect(sleep.waits.count == limits.count)
        for (wait, limit) in zip(sleep.waits, limits) { #expect(wait >= .zero && wait < limit) }
    }

    @Test(
        "The server's wish is obeyed, with at most the base added",
        arguments: [
            (429, [("Retry-After", "7")], 7.0), (503, [("Retry-After", "0")], 0),
            (503, [("Retry-After", httpDate(1_800_000_030))], 30),
            (503, [("Retry-After", httpDate(1_799_999_000))], 0),
            (429, [("X-Sentry-Rate-Limit-Reset", "1800000004")], 4),
            (429, [("X-Sentry-Rate-Limit-Reset", "1800000000")], 1),
            (429, [("X-Sentry-Rate-Limit-Reset", "1799999000")], 1),
            (429, [("X-Sentry-Rate-Limit-Reset", "1800000004"), ("Retry-After", "9")], 9),
        ]
    )
    func askedWaits(status: Int, headers: [(String, String)], seconds: Double) async throws {
        let script = Script([.json("{}", status: status, headers: headers), .json("{}")])
        let sleep = RecordingSleep()
        try await withLoopbackServer({ _ in script.next() }, date: { .at(1_800_000_000) }) { server in
            try await withClient(sleep.client()) { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.attempts == 2)
            }
        }
        let wait = try #require(sleep.waits.first)
        #expect(wait >= .seconds(seconds) && wait < .seconds(seconds) + .milliseconds(500))
    }

    @Test("Without a Date header the client's clock measures the reset")
    func resetWithoutDate() async throws {
        let reset = [("X-Sentry-Rate-Limit-Reset", "1800000012")]
        let script = Script([.json("{}", status: 429, headers: reset), .json("{}")])
        let sleep = RecordingSleep()
        let client = HTTPClient(wallClock: { 1_800_000_000 }, sleep: { try await sleep.take($0) })
        try await withLoopbackServer({ _ in script.next() }, date: { .omitted }) { server in
            try await withClient(client) { client in _ = try await client.send(HTTPCall(.get, server.url)) }
        }
        #expect(try #require(sleep.waits.first) >= .seconds(12))
    }

    @Test(
        "A wait that does not fit the budget ends the attempts",
        arguments: ["60", "3600", "999999999999999999999", "inf"]
    )
    func budget(retryAfter: String) async throws {
        let sleep = RecordingSleep()
        let limited = LoopbackAnswer.json("{}", status: 429, headers: [("Retry-After", retryAfter)])
        try await withLoopbackServer({ _ in limited }) { server in
            try await withClient(sleep.client()) { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.status == 429)
                if retryAfter != "inf" { #expect(answer.attempts == 1 && sleep.waits.isEmpty) }
            }
        }
    }

    @Test("A caller's own view of what is transient counts")
    func ownView() async throws {
        let script = Script([.json("{\"detail\":\"Query timeout\"}", status: 400), .json("{}")])
        let sleep = RecordingSleep()
        let retry = HTTPRetry(isTransient: { String(decoding: $0.body, as: UTF8.self).contains("Query timeout") })
        try await withLoopbackServer({ _ in script.next() }) { server in
            try await withClient(sleep.client()) { client in
                let answer = try await client.send(HTTPCall(.get, server.url, retry: retry))
                #expect(answer.attempts == 2)
            }
        }
    }

    @Test("Errors of the transport are thrown after the last attempt, and at once when a repeat can't help")
    func errors() async throws {
        let sleep = RecordingSleep()
        let garbage = LoopbackAnswer.garbage(Array("nonsense\r\n\r\n".utf8))
        try await withLoopbackServer({ $0.path == "/reset" ? .reset : garbage }) { server in
            try await withClient(sleep.client()) { client in
                let lost = try await failure(of: HTTPCall(.get, server.url + "/reset"), with: client)
                #expect(lost.code == .unreachable)
                #expect(lost.isTransient)
                #expect(sleep.waits.count == 2)
                let garbled = try await failure(of: HTTPCall(.get, server.url), with: client)
                #expect(garbled.code == .protocolError)
                #expect(sleep.waits.count == 2)
            }
        }
    }

    @Test(
        "A call that may not be repeated reaches the server once, though the connection was used before and ends without an answer"
    )
    func sentOnce() async throws {
        try await withLoopbackServer({ $0.method == "GET" ? .json("{}") : .reset }) { server in
            try await withClient { client in
                _ = try await client.send(HTTPCall(.get, server.url))
                await #expect(throws: HTTPError.self) {
                    try await client.send(HTTPCall(.post, server.url, body: [], retry: .none))
                }
                #expect(server.requests().map(\.method) == ["GET", "POST"])
            }
        }
    }
}
