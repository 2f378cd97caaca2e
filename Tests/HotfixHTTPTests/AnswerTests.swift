import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Answers", .timeLimit(.minutes(1)))
struct AnswerTests {
    @Test("Any status is an answer", arguments: [200, 204, 301, 400, 401, 404, 410, 422, 429, 500, 503])
    func statuses(status: Int) async throws {
        try await withLoopbackServer({ _ in .answer(status: status, body: Array("why".utf8)) }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url + "/x", retry: .none))
                #expect(answer.status == status)
                #expect(text(answer) == (status == 204 ? "" : "why"))
                #expect(answer.attempts == 1)
            }
        }
    }

    @Test("An answer is cut at the limit where that is asked for, whatever its status", arguments: [200, 404])
    func cut(status: Int) async throws {
        let body = [UInt8](repeating: 0x61, count: 5 << 20)
        try await withLoopbackServer({ request in
            .answer(status: status, body: request.path == "/small" ? Array("why".utf8) : body)
        }) { server in
            try await withClient { client in
                for (path, size) in [("/large", 1000), ("/small", 3)] {
                    var call = HTTPCall(.get, server.url + path, bodyLimit: 1000, retry: .none)
                    call.cutsBody = true
                    let answer = try await client.send(call)
                    #expect(answer.status == status)
                    #expect(answer.body.count == size)
                }
            }
        }
    }

    @Test("Method, path, query, headers and body arrive", arguments: [HTTPCall.Method.post, .put, .patch, .delete])
    func sent(method: HTTPCall.Method) async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient { client in
                let call = HTTPCall(
                    method,
                    server.url + "/api/v1/query?a=%2B1&b=x%3By",
                    headers: [
                        ("X-Scope-OrgID", "one|two"), ("Content-Type", "application/x-www-form-urlencoded"),
                        ("X-Empty", ""),
                    ],
                    body: formEncoded([("query", "le=\"+Inf\""), ("time", "1;2")]),
                    credentials: .bearer("abc")
                )
                let answer = try await client.send(call)
                #expect(answer.status == 200)
                let request = try #require(server.requests().first)
                #expect(request.method == method.rawValue)
                #expect(request.path == "/api/v1/query")
                #expect(request.query.map { $0.1 } == ["+1", "x;y"])
                #expect(request.form.map { $0.1 } == ["le=\"+Inf\"", "1;2"])
                #expect(request.header("X-Scope-OrgID") == "one|two")
                #expect(request.header("X-Empty") == "")
                #expect(request.header("Authorization") == "Bearer abc")
                #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
                #expect(request.header("Accept-Encoding")?.contains("gzip") == true)
            }
        }
    }

    @Test("Basic credentials come from the call, or from the address", arguments: [false, true])
    func basic(fromAddress: Bool) async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient { client in
                let call =
                    fromAddress
                    ? HTTPCall(.get, "http://us%40er:p%3Aw@127.0.0.1:\(server.port)/")
                    : HTTPCall(.get, server.url, credentials: .basic(user: "us@er", password: "p:w"))
                let answer = try await client.send(call)
                #expect(server.requests().first?.header("Authorization") == "Basic dXNAZXI6cDp3")
                #expect(answer.url == server.url + "/")
            }
        }
    }

    @Test("A HEAD answer has no body and does not wait for one")
    func head() async throws {
        try await withLoopbackServer({ _ in .json("{\"a\":1}") }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.head, server.url))
                #expect(answer.status == 200)
                #expect(answer.headers["content-length"] == "7")
                #expect(answer.body.isEmpty)
            }
        }
    }

    @Test("Headers are found without regard to case, and all values of one are kept")
    func headers() async throws {
        let fields = [("Link", "a"), ("link", "b"), ("X-Note", "  spaced \t"), ("X-None", "")]
        try await withLoopbackServer({ _ in .answer(status: 200, headers: fields) }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.headers["LINK"] == "a")
                #expect(answer.headers.all("Link") == ["a", "b"])
                #expect(answer.headers["x-note"] == "spaced")
                #expect(answer.headers["x-none"] == "")
                #expect(answer.headers["x-missing"] == nil)
                #expect(answer.contentType == nil)
            }
        }
    }

    @Test(
        "The server's date is read in every form of HTTP, and is absent when it can't be",
        arguments: [
            (LoopbackDate.at(784_111_777.9), 784_111_777 as Int64?),
            (.text("Sunday, 06-Nov-94 08:49:37 GMT"), 784_111_777),
            (.text("Sun Nov  6 08:49:37 1994"), 784_111_777), (.text("soon"), nil), (.omitted, nil),
        ]
    )
    func date(sent: LoopbackDate, expected: Int64?) async throws {
        try await withLoopbackServer({ _ in .json("{}") }, date: { sent }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.date == expected)
            }
        }
    }

    @Test("The times of sending and of the head come from the client's clock")
    func times() async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { server in
            try await withClient(HTTPClient(wallClock: { 1_800_000_000.25 })) { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.sentAt == 1_800_000_000.25)
                #expect(answer.headArrivedAt == 1_800_000_000.25)
            }
            try await withClient { client in
                let before = systemWallClock()
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(before <= answer.sentAt)
                #expect(answer.sentAt <= answer.headArrivedAt)
                #expect(answer.headArrivedAt <= systemWallClock())
            }
        }
    }

    @Test("Interim heads and trailers are not the answer's headers")
    func interim() async throws {
        let raw =
            "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nX-Late: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n0\r\nX-Trailer: 3\r\n\r\n"
        try await withLoopbackServer({ _ in .garbage(Array(raw.utf8)) }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.headers.fields.map(\.name) == ["X-Late", "Transfer-Encoding"])
                #expect(text(answer) == "abc")
            }
        }
    }

    @Test("A large body arrives whole both ways")
    func large() async throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withLoopbackServer({ .answer(status: 200, body: $0.body) }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.post, server.url, body: body))
                #expect(answer.body == body)
            }
        }
    }
}
