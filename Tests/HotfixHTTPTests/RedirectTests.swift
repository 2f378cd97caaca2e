import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
    @Test(
        "A GET follows every kind of redirect within its origin, with its headers",
        arguments: [301, 302, 303, 307, 308]
    )
    func sameOrigin(status: Int) async throws {
        let moved = LoopbackAnswer.answer(status: status, headers: [("Location", "../new?token=abc")])
        try await withLoopbackServer({ $0.path == "/a/old" ? moved : .json("{}") }) { server in
            try await withClient { client in
                let call = HTTPCall(
                    .get,
                    server.url + "/a/old",
                    headers: [("X-Tenant", "one")],
                    credentials: .bearer("secret-token")
                )
                let answer = try await client.send(call)
                #expect(answer.status == 200)
                #expect(answer.url == server.url + "/new?token=REDACTED")
                let last = try #require(server.requests().last)
                #expect(last.path == "/new")
                #expect(last.header("Authorization") == "Bearer secret-token")
                #expect(last.header("X-Tenant") == "one")
            }
        }
    }

    @Test("Another origin sees neither credentials nor the caller's headers, nor does the first one after it")
    func otherOrigin() async throws {
        try await withLoopbackServer({ request in
            request.path == "/back" ? .json("{}") : .answer(status: 302, headers: [("Location", request.query[0].1)])
        }) { first in
            let back = percentEncoded(first.url + "/back")
            try await withLoopbackServer({ _ in
                .answer(status: 302, headers: [("Location", first.url + "/back")])
            }) { second in
                try await withClient { client in
                    let call = HTTPCall(
                        .get,
                        "http://user:canary@127.0.0.1:\(first.port)/?to=\(percentEncoded(second.url))&back=\(back)",
                        headers: [("Accept", "text/plain"), ("X-Api-Key", "canary"), ("Cookie", "canary")]
                    )
                    let answer = try await client.send(call)
                    #expect(answer.status == 200)
                    #expect(first.requests().first?.header("Authorization") != nil)
                    for request in [try #require(second.requests().last), try #require(first.requests().last)] {
                        #expect(request.header("Accept") == "text/plain")
                        #expect(request.header("Authorization") == nil)
                        #expect(request.header("X-Api-Key") == nil)
                        #expect(request.header("Cookie") == nil)
                    }
                }
            }
        }
    }

    @Test("What only says what is asked for goes along to another origin, such as a range")
    func range() async throws {
        let asking = [("Range", "bytes=0-0"), ("Accept-Encoding", "identity"), ("Cache-Control", "no-cache")]
        try await withLoopbackServer({ _ in .json("{}") }) { second in
            try await withLoopbackServer({ _ in .answer(status: 302, headers: [("Location", second.url + "/file")]) }) {
                first in
                try await withClient { client in
                    let call = HTTPCall(.get, first.url, headers: asking, credentials: .bearer("canary"))
                    _ = try await client.send(call)
                    let request = try #require(second.requests().last)
                    for (name, value) in asking { #expect(request.header(name) == value) }
                    #expect(request.header("Authorization") == nil)
                }
            }
        }
    }

    @Test("User information in a redirect is not used")
    func userInformation() async throws {
        try await withLoopbackServer({ request in
            let location = "http://mallory:pw@\(request.header("Host") ?? "")/new"
            return request.path == "/" ? .answer(status: 302, headers: [("Location", location)]) : .json("{}")
        }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.status == 200)
                #expect(server.requests().last?.header("Authorization") == nil)
            }
        }
    }

    @Test("Other methods, and a GET with a body, get the redirect as their answer")
    func notFollowed() async throws {
        try await withLoopbackServer({ _ in .answer(status: 307, headers: [("Location", "/new")]) }) { server in
            try await withClient { client in
                let calls = [
                    HTTPCall(.post, server.url, body: [1]), HTTPCall(.put, server.url), HTTPCall(.delete, server.url),
                    HTTPCall(.post, server.url, repeatable: true), HTTPCall(.get, server.url, body: [1]),
                ]
                for call in calls {
                    let answer = try await client.send(call)
                    #expect(answer.status == 307)
                }
                #expect(server.requests().count == calls.count)
            }
        }
    }

    @Test("A redirect without a Location is an answer")
    func withoutLocation() async throws {
        try await withLoopbackServer({ _ in .answer(status: 302) }) { server in
            try await withClient { client in
                let answer = try await client.send(HTTPCall(.get, server.url))
                #expect(answer.status == 302)
            }
        }
    }

    @Test("Five redirects are followed, six are not", arguments: [(5, true), (6, false)])
    func tooMany(count: Int, works: Bool) async throws {
        try await withLoopbackServer({ request in
            let number = Int(request.path.dropFirst()) ?? 0
            return number == 0 ? .json("{}") : .answer(status: 302, headers: [("Location", "/\(number - 1)")])
        }) { server in
            try await withClient { client in
                let call = HTTPCall(.get, server.url + "/\(count)")
                if works {
                    let answer = try await client.send(call)
                    #expect(answer.status == 200)
                } else {
                    let error = try await failure(of: call, with: client)
                    #expect(error.code == .redirectRefused)
                }
            }
        }
    }

    @Test(
        "Redirects to anything but http are refused",
        arguments: ["file:///etc/passwd", "ftp://example.com/", "gopher://x/", "http://", "http://a:port/"]
    )
    func otherSchemes(location: String) async throws {
        try await withLoopbackServer({ _ in .answer(status: 302, headers: [("Location", location)]) }) { server in
            try await withClient { client in
                let error = try await failure(of: HTTPCall(.get, server.url), with: client)
                #expect(error.code == .redirectRefused)
            }
        }
    }
}
