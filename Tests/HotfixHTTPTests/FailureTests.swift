import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Failures", .timeLimit(.minutes(1)))
struct FailureTests {
    @Test(
        "An answer that is cut short or garbled is an error, never a short answer",
        arguments: [
            (LoopbackAnswer.truncated(after: 3, of: .json("{\"a\":1}")), HTTPError.Code.truncated),
            (.truncated(after: 0, of: .json("{\"a\":1}")), .truncated),
            (.garbage(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel".utf8)), .truncated),
            (.garbage(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".utf8)), .truncated),
            (.garbage(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n".utf8)), .truncated),
            (.garbage(Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip at all".utf8)), .protocolError),
            (.garbage(Array("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\na".utf8)), .protocolError),
            (.garbage(Array("HTTP/1.1 200\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\na".utf8)), .protocolError),
            (.garbage(Array("HTTP/1.1 200 OK\r\nContent-Le".utf8)), .truncated),
            (.garbage(Array("HTTP/1.1 200 OK\r\n".utf8)), .truncated), (.garbage(Array("HTT".utf8)), .unreachable),
            (.garbage(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)), .protocolError),
            (.garbage([0, 255, 1, 254, 10]), .protocolError),
            (.garbage([]), .unreachable), (.reset, .unreachable),
        ]
    )
    func broken(answer: LoopbackAnswer, code: HTTPError.Code) async throws {
        try await withLoopbackServer({ _ in answer }) { server in
            try await withClient { client in
                let error = try await failure(of: HTTPCall(.get, server.url + "/x", retry: .none), with: client)
                #expect(error.code == code, "\(error)")
                #expect(error.isTransient == (code != .protocolError))
                #expect(error.message.hasPrefix("GET \(server.url)/x: "))
            }
        }
    }

    @Test(
        "An answer larger than the limit is an error; one that just fits is not",
        arguments: [(10, true), (9, false)]
    )
    func bodyLimit(limit: Int, fits: Bool) async throws {
        try await withLoopbackServer({ _ in .answer(status: 200, body: Array("0123456789".utf8)) }) { server in
            try await withClient { client in
                let call = HTTPCall(.get, server.url, bodyLimit: limit)
                if fits {
                    let answer = try await client.send(call)
                    #expect(answer.body.count == 10)
                } else {
                    let error = try await failure(of: call, with: client)
                    #expect(error.code == .tooLarge)
                    #expect(!error.isTransient)
                    #expect(error.message.contains("9 bytes"))
                }
            }
        }
    }

    @Test(
        "The deadline covers the head and the body",
        arguments: [
            LoopbackAnswer.hang, .slow(head: .seconds(30), then: .json("{}")),
            .slow(eachByte: .seconds(30), then: .json("{}")),
        ]
    )
    func deadline(answer: LoopbackAnswer) async throws {
        try await withLoopbackServer({ _ in answer }) { server in
            try await withClient { client in
                let call = HTTPCall(.get, server.url, deadline: .milliseconds(50), retry: .none)
                let error = try await failure(of: call, with: client)
                #expect(error.code == .timedOut)
                #expect(error.isTransient)
            }
        }
    }

    @Test("The deadline covers all redirects of an attempt together")
    func redirectDeadline() async throws {
        let step = LoopbackAnswer.answer(status: 302, headers: [("Location", "/again")])
        try await withLoopbackServer({ $0.path == "/" ? .slow(head: .milliseconds(60), then: step) : .hang }) {
            server in
            try await withClient { client in
                let call = HTTPCall(.get, server.url, deadline: .milliseconds(200), retry: .none)
                let error = try await failure(of: call, with: client)
                #expect(error.code == .timedOut)
            }
        }
    }

    @Test("An attempt may last as long as its deadline, and none follows once the budget of the retries is spent")
    func budgetIsSpent() async throws {
        try await withLoopbackServer({ _ in .hang }) { server in
            try await withClient { client in
                let call = HTTPCall(
                    .get, server.url, deadline: .milliseconds(200), retry: HTTPRetry(budget: .milliseconds(50)))
                let error = try await failure(of: call, with: client)
                #expect(error.code == .timedOut)
                #expect(server.requests().count <= 1)
            }
        }
    }

    @Test("A port where nothing listens is unreachable")
    func refused() async throws {
        let port = try await withLoopbackServer({ _ in .hang }) { $0.port }
        try await withClient { client in
            let error = try await failure(of: HTTPCall(.get, "http://127.0.0.1:\(port)", retry: .none), with: client)
            #expect(error.code == .unreachable)
            #expect(error.isTransient)
        }
    }

    @Test("An unknown name is a failure of its own")
    func unknownName() async throws {
        try await withClient { client in
            let error = try await failure(of: HTTPCall(.get, "http://no-such-host.invalid", retry: .none), with: client)
            #expect(error.code == .resolve)
        }
    }

    @Test(
        "Only full http and https addresses are taken",
        arguments: [
            "", "example", "/path", "file:///etc/passwd", "ftp://example.com", "http://", "http://a:99999",
            "http://a b", "gopher://x", "http://a\n.example", "http://a\0.example", "http://:80", "javascript:alert(1)",
        ]
    )
    func invalidAddress(url: String) async throws {
        try await withClient { client in
            let error = try await failure(of: HTTPCall(.get, url), with: client)
            #expect(error.code == .invalidURL)
        }
    }

    @Test(
        "Headers that would break the head are refused",
        arguments: [
            ("X-A", "b\r\nX-Evil: 1"), ("X-A", "b\n"), ("X-A", "b\0c"), ("X A", "b"), ("", "b"), ("X:A", "b"),
            ("X-A\r\nX-Evil", "b"),
        ]
    )
    func invalidHeader(name: String, value: String) async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient { client in
                let call = HTTPCall(.get, server.url, headers: [(name, value)])
                let error = try await failure(of: call, with: client)
                #expect(error.code == .invalidHeader)
                #expect(server.requests().isEmpty)
            }
        }
    }
}
