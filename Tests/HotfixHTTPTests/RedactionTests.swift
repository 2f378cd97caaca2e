import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Secrets", .timeLimit(.minutes(1)))
struct RedactionTests {
    static let canary = "CaNaRy-9f31c2"

    /// A call that holds the canary wherever a secret can be.
    static func call(_ base: String, _ method: HTTPCall.Method = .get) -> HTTPCall {
        let parts = base.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        let address =
            "\(parts[0])//user-\(canary):pw-\(canary)@\(parts[2])/p?api_key=\(canary)&access_token=\(canary)"
            + "&Password=\(canary)&clientSecret=\(canary)&p%61ss=\(canary)&plain=shown#\(canary)"
        return HTTPCall(
            method,
            address,
            headers: [("X-Api-Key", canary), ("X-Other", canary)],
            body: method == .post ? Array(canary.utf8) : nil,
            credentials: .basic(user: canary, password: canary),
            tls: HTTPTLS(keyPassword: canary),
            bodyLimit: 100,
            retry: .none
        )
    }

    static func printed(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        return "\(value)\n\(String(reflecting: value))\n\(dumped)"
    }

    @Test(
        "No error shows a secret",
        arguments: [
            LoopbackAnswer.reset, .hang, .garbage(Array("\(canary)\r\n\r\n".utf8)),
            .truncated(after: 2, of: .json("\"\(canary)\"")),
            .garbage(Array("HTTP/1.1 200 OK\r\nContent-Length: \(canary)\r\n\r\n".utf8)),
            .garbage(Array("HTTP/1.1 200 OK\r\nContent-Encoding: \(canary)\r\n\r\nx".utf8)),
            .answer(status: 200, body: Array(String(repeating: canary, count: 50).utf8)),
            .answer(status: 302, headers: [("Location", "file:///\(canary)")]),
            .answer(status: 302, headers: [("Location", "http://u:\(canary)@127.0.0.1:1/?token=\(canary)")]),
            .answer(status: 302, headers: [("Location", "/p?key=\(canary)")]),
        ]
    )
    func errors(answer: LoopbackAnswer) async throws {
        try await withLoopbackServer({ _ in answer }) { server in
            try await withClient { client in
                var call = Self.call(server.url)
                if case .hang = answer { call.deadline = .milliseconds(100) }
                let error = try await failure(of: call, with: client)
                #expect(!Self.printed(error).contains(Self.canary), "\(error.code)")
            }
        }
    }

    @Test(
        "No error before the wire shows a secret",
        arguments: [
            "http://no-such-host.invalid", "http://127.0.0.1:1", "https://127.0.0.1:1", "ftp://example.com",
            "http://127.0.0.1:99999", "http://a b", "http:/",
        ]
    )
    func earlyErrors(base: String) async throws {
        try await withClient { client in
            let error = try await failure(of: Self.call(base + (base == "http:/" ? "/" : "")), with: client)
            #expect(!Self.printed(error).contains(Self.canary), "\(error.code)")
        }
    }

    @Test(
        "Bad headers and missing TLS files show no secret",
        arguments: [
            HTTPCall(.get, "https://127.0.0.1:1", headers: [("X-Key", "\(canary)\n")]),
            HTTPCall(.get, "https://127.0.0.1:1", headers: [("Bearer \(canary)", "")]),
            HTTPCall(.get, "https://127.0.0.1:1", credentials: .bearer("\(canary)\n")),
            HTTPCall(.get, "http://u:\(canary)/x@host/"), HTTPCall(.get, "http://u:\(canary)@"),
        ]
    )
    func earlyChecks(call: HTTPCall) async throws {
        try await withClient { client in
            let error = try await failure(of: call, with: client)
            #expect(!Self.printed(error).contains(Self.canary), "\(error)")
        }
    }

    @Test("A call and its parts show no secret, however they are printed")
    func descriptions() {
        let call = Self.call("https://example.com", .post)
        let values: [Any] = [call, call.credentials, call.tls, HTTPCall.Credentials.bearer(Self.canary)]
        for value in values { #expect(!Self.printed(value).contains(Self.canary)) }
        #expect(
            "\(call)"
                == "POST https://example.com/p?api_key=REDACTED&access_token=REDACTED&Password=REDACTED"
                + "&clientSecret=REDACTED&p%61ss=REDACTED&plain=shown"
        )
    }

    @Test("An answer shows neither its body nor the secrets of its address")
    func answer() async throws {
        try await withLoopbackServer({ _ in .answer(status: 200, body: Array(Self.canary.utf8)) }) { server in
            try await withClient { client in
                let answer = try await client.send(Self.call(server.url, .post))
                #expect(!Self.printed(answer).contains(Self.canary))
                #expect(answer.url.hasSuffix("plain=shown"))
            }
        }
    }

    @Test(
        "Secrets in the path of a webhook are hidden, ordinary paths are not",
        arguments: [
            (
                "https://hooks.slack.com/services/T0000/B0000/aBcDeFgHiJkLmNoPqRsTuVwX",
                "https://hooks.slack.com/services/T0000/B0000/REDACTED"
            ),
            ("https://t.example/bot123456:AAF-abcdefghijklmnopqrstuv/send", "https://t.example/REDACTED/send"),
            ("https://sentry.io/api/0/organizations/acme/", "https://sentry.io/api/0/organizations/acme/"),
            ("https://h.example/prometheus/api/v1/query_range", "https://h.example/prometheus/api/v1/query_range"),
        ]
    )
    func paths(url: String, expected: String) {
        #expect("\(HTTPCall(.post, url))" == "POST \(expected)")
    }
}
