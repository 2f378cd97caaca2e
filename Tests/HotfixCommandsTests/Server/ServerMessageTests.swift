import Foundation
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixServer
import HotfixTestSupport
import Testing

@Suite("Silences, acknowledgements and explanations of a server")
struct ServerMessageTests {
    @Test("an explanation comes as the text that the command prints, and as nothing else")
    func explanation() async throws {
        try await withServer { lab in
            for (path, arguments) in [
                (explainPath(service: "checkout"), ["explain", "checkout"]),
                (explainPath(service: "checkout", guardrail: "error-rate"), ["explain", "checkout", "error-rate"]),
                (
                    explainPath(service: "checkout", guardrail: "error-rate", at: noon + 420),
                    ["explain", "checkout", "error-rate", "--at", "2026-11-20T12:07:00Z"]
                ),
            ] {
                let answer = try await lab.send(.get, path, token: readToken)
                #expect(answer.status == 200)
                var environment = lab.here.environment
                environment["LANG"] = "C.UTF-8"
                let here = CommandLab(directory: lab.here.directory, environment: environment, now: lab.here.now)
                #expect(await here.run(arguments).output == String(decoding: answer.body, as: UTF8.self))
                #expect(answer.contentType == "text/plain; charset=utf-8")
                #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
                let policy = try #require(answer.headers["Content-Security-Policy"])
                for part in ["default-src 'none'", "frame-ancestors 'none'", "sandbox"] {
                    #expect(policy.contains(part))
                }
                let tag = try #require(answer.headers["ETag"])
                #expect(try await lab.send(.get, path, token: readToken, [("If-None-Match", tag)]).status == 304)
                #expect(try await lab.send(.get, path).status == 401)
            }
        }
    }

    @Test(
        "what a link to an explanation names arrives as it was meant",
        arguments: [
            ("checkout", "error-rate"), ("a b/c?d&e=f#g", "<script>alert(1)</script>"), ("ä+%20", "..\u{0}\"'"),
            (".", "+"),
        ])
    func links(service: String, guardrail: String) throws {
        let path = explainPath(service: service, guardrail: guardrail, at: noon)
        #expect(path.allSatisfy { $0.isASCII && !"<>\"' #".contains($0) })
        let parts = try #require(URLComponents(string: "https://hotfix.example.com\(path)"))
        #expect(parts.path == "/explain")
        let items = try #require(parts.queryItems)
        #expect(items.map(\.name) == ["service", "guardrail", "at"])
        #expect(items.map(\.value) == [service, guardrail, "2026-11-20T12:00:00Z"])
    }

    @Test(
        "a statement that is wrong is refused, and nothing is recorded",
        arguments: [
            ("silences", #"{}"#, 400), ("silences", #"{"service": "checkout", "for": "1h", "reason": "x"}"#, 400),
            ("silences", #"{"service": "checkout", "for": "1h", "reason": "x", "by": " "}"#, 400),
            ("silences", #"{"service": "checkout", "for": 3600, "reason": "x", "by": "y"}"#, 400),
            ("silences", #"{"for": "1h", "reason": "x", "by": "y"}"#, 400),
            ("silences", #"{"service": "checkout", "reason": "x", "by": "y"}"#, 400),
            ("silences", #"{"service": "checkout", "for": "1h", "until": "@1", "reason": "x", "by": "y"}"#, 400),
            ("silences", #"{"service": "checkout", "for": "99999999d", "reason": "x", "by": "y"}"#, 400),
            ("silences", #"{"service": "nobody", "for": "1h", "reason": "x", "by": "y"}"#, 404),
            ("silences", #"{"service": "checkout", "for": "1h", "reason": "x", "by": "y", "id": 7}"#, 400),
            ("silences/1/lift", #"{"by": "y"}"#, 404), ("silences/x/lift", #"{"by": "y"}"#, 404),
            ("silences/99999999999999999999/lift", #"{"by": "y"}"#, 404), ("silences/1/lift", #"{}"#, 400),
            ("episodes/a%2Fb%2Fc/acknowledgement", #"{"by": "y"}"#, 404),
            ("episodes/a%2Fb%2Fc/acknowledgement", #"{"note": "y"}"#, 400),
            ("episodes/checkout%2Ferror-rate%2F2026-11-20T12:05:00Z/acknowledgement", #"{"by": "y"}"#, 409),
        ])
    func wrong(path: String, body: String, status: Int) async throws {
        try await withServer { lab in
            let answer = try await lab.send(.post, "/api/v1/\(path)", token: writeToken, body: body)
            #expect(answer.status == status, "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(answer.contentType == "application/problem+json")
            #expect(await lab.here.run("silence", "--list").output == "No silence is recorded.\n")
        }
    }

    @Test("a silence is made with 201, shown at once, and lifted with 200")
    func silence() async throws {
        try await withServer { lab in
            let body = #"{"service": "checkout", "for": "1h", "reason": "<script>", "by": "ann"}"#
            let made = try await lab.send(.post, "/api/v1/silences", token: writeToken, body: body)
            #expect(made.status == 201)
            let list = try await lab.send(.get, "/api/v1/silences", token: readToken)
            #expect(
                try JSONParser.value(of: list.body) == .array([try JSONParser.value(of: made.body)]))
            let tag = try #require(list.headers["ETag"])
            let lifted = try await lab.send(
                .post, "/api/v1/silences/1/lift", token: writeToken, body: #"{"by": "bo"}"#)
            #expect(lifted.status == 200)
            let after = try await lab.send(.get, "/api/v1/silences", token: readToken, [("If-None-Match", tag)])
            #expect(after.status == 200)
        }
    }
}
