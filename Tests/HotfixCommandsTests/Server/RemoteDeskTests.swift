import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

/// What answers in a server's stead, or answers wrongly, never makes anything ready.
@Suite("A command whose server is none")
struct RemoteDeskTests {
    private static let everyCommand: [[String]] = [
        ["readiness"], ["readiness", "--format", "json"], ["gate", "--commit", commit], ["explain", "checkout"],
        ["ledger", "export"], ["ledger", "export", "--format", "json"], ["deployed", "--list"], ["baseline", "list"],
        ["silence", "--list"], ["alerts", "list"],
        ["deployed", "--commit", commit, "--no-incident"], ["deployed", "--close"],
        ["deployed", "--void", "1", "--reason", "x"], ["excuse", "a/b/c", "--reason", "x", "--by", "y"],
        ["accept", "--reason", "x"],
        ["baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "--reason", "x"],
        ["silence", "--service", "checkout", "--for", "1h", "--reason", "x", "--by", "y"],
        ["silence", "--lift", "1", "--by", "y"], ["ack", "a/b/c", "--by", "y"],
    ]

    private func client(_ url: String, _ body: (CommandLab) async throws -> Void) async throws {
        try await withCommands(environment: ["HOTFIX_SERVER": url]) { try await body($0) }
    }

    private func answering(_ answer: LoopbackAnswer, _ body: (CommandLab) async throws -> Void) async throws {
        try await withLoopbackServer(
            { answer.repeating($0) }, { server in try await client(server.url, body) })
    }

    @Test("a page of somebody else, whatever its status, is no answer", arguments: [200, 302, 404, 500, 503])
    func pages(status: Int) async throws {
        let page = LoopbackAnswer.answer(
            status: status, headers: [("Content-Type", "text/html")], body: Array("<html>Please log in</html>".utf8))
        try await answering(page) { commands in
            for arguments in Self.everyCommand {
                let run = await commands.run(arguments)
                #expect(run.status == .unfinished, "\(arguments) \(run)")
                #expect(run.output.isEmpty)
                #expect(run.errors.contains("127.0.0.1"), "\(run.errors)")
            }
        }
    }

    @Test("a refusal ends with 2", arguments: [401, 403])
    func refusals(status: Int) async throws {
        try await answering(LoopbackAnswer.answer(status: status, body: Array("no".utf8))) { commands in
            for arguments in Self.everyCommand {
                let run = await commands.run(arguments)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("HOTFIX_TOKEN"))
            }
        }
    }

    @Test("a server that is not there ends with 3, names the address, and says that nothing was sent")
    func unreachable() async throws {
        try await client("http://127.0.0.1:1") { commands in
            for arguments in Self.everyCommand {
                let run = await commands.run(arguments)
                #expect(run.status == .unfinished)
                #expect(run.errors.contains("http://127.0.0.1:1"))
                #expect(!run.errors.contains("not known"))
            }
        }
    }

    @Test("a statement whose answer was lost may have been recorded, which is said, and is made once")
    func lost() async throws {
        try await withLoopbackServer(
            { _ in .reset },
            { server in
                try await client(server.url) { commands in
                    for arguments in Self.everyCommand.dropFirst(10) {
                        let before = server.requests().count
                        let run = await commands.run(arguments)
                        #expect(run.status == .unfinished)
                        #expect(run.errors.contains("Whether the statement was recorded is not known"), "\(run.errors)")
                        #expect(run.errors.contains("hotfix deployed --list"))
                        #expect(server.requests().count == before + 1)
                    }
                }
            })
    }

    /// A readiness of a server, as it came.
    private func ready() async throws -> (gate: String, readiness: String) {
        var bodies = ("", "")
        try await withSentry(now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 2100)
            try await lab.commands.served { lab in
                let gate = try await lab.send(.get, "/api/v1/gate?commit=\(commit)")
                let readiness = try await lab.send(.get, "/api/v1/readiness")
                bodies = (String(decoding: gate.body, as: UTF8.self), String(decoding: readiness.body, as: UTF8.self))
            }
        }
        return bodies
    }

    @Test("an answer that is old, of another commit or at odds with itself opens no gate")
    func forgeries() async throws {
        let (gate, readiness) = try await ready()
        let now = noon + 2230
        func answer(_ body: String, at clock: Instant?, mark: Bool = true, type: String = "application/json")
            -> LoopbackAnswer
        {
            var headers = [("Content-Type", value: type)]
            if mark { headers.append(("Hotfix-API", "1")) }
            if let clock { headers.append(("Hotfix-Clock", clock.description)) }
            return LoopbackAnswer.answer(status: 200, headers: headers, body: Array(body.utf8))
        }
        func statuses(_ gate: LoopbackAnswer, _ readiness: LoopbackAnswer) async throws -> [HotfixCommands.ExitStatus] {
            var found: [HotfixCommands.ExitStatus] = []
            try await withLoopbackServer(
                { ($0.path.hasSuffix("gate") ? gate : readiness).repeating($0) },
                { server in
                    try await client(server.url) { commands in
                        commands.now = now
                        found = [
                            await commands.run("gate", "--commit", commit).status,
                            await commands.run("readiness").status,
                        ]
                    }
                })
            return found
        }
        #expect(try await statuses(answer(gate, at: now), answer(readiness, at: now)) == [.done, .done])
        #expect(try await statuses(answer(gate, at: now + 60), answer(readiness, at: now - 60)) == [.done, .done])
        let refused: [(String, LoopbackAnswer, LoopbackAnswer)] = [
            ("old", answer(gate, at: now - 61), answer(readiness, at: now - 61)),
            ("of the future", answer(gate, at: now + 61), answer(readiness, at: now + 61)),
            ("of no time", answer(gate, at: nil), answer(readiness, at: nil)),
            ("without the mark", answer(gate, at: now, mark: false), answer(readiness, at: now, mark: false)),
            ("another type", answer(gate, at: now, type: "text/html"), answer(readiness, at: now, type: "text/html")),
            ("cut off", answer(String(gate.dropLast(3)), at: now), answer(String(readiness.dropLast(3)), at: now)),
            (
                "another commit",
                answer(gate.replacing(commit, with: String(repeating: "b2", count: 20)), at: now), answer("{}", at: now)
            ),
            (
                "at odds", answer(gate.replacing(#""state": "ready""#, with: #""state": "counting""#), at: now),
                answer(readiness.replacing(#""ready": true"#, with: #""ready": false"#), at: now)
            ),
            (
                "unproven", answer(gate.replacing(#""proven_seconds": "#, with: #""proven_seconds": 0"#), at: now),
                answer(readiness.replacing(#""required_seconds": "#, with: #""required_seconds": 9"#), at: now)
            ),
            (
                "an unknown state", answer(gate.replacing(#""ready""#, with: #""prepared""#), at: now),
                answer(readiness.replacing(#""ready","#, with: #""prepared","#), at: now)
            ),
            ("empty", answer("", at: now), answer("", at: now)),
            ("null", answer("null", at: now), answer("[]", at: now)),
        ]
        for (what, gate, readiness) in refused {
            #expect(try await statuses(gate, readiness) == [.unfinished, .unfinished], "\(what)")
        }
    }

    @Test("a server closed to this commit cannot claim that it is open")
    func claims() async throws {
        let (gate, _) = try await ready()
        let other = String(repeating: "b2", count: 20)
        let forged = gate.replacing(#""commit": "\#(commit)",\#n  "open""#, with: #""commit": "\#(other)",\#n  "open""#)
        #expect(forged != gate)
        let headers = [
            ("Content-Type", value: "application/json"), ("Hotfix-API", "1"),
            ("Hotfix-Clock", (noon + 2230).description),
        ]
        try await answering(LoopbackAnswer.answer(status: 200, headers: headers, body: Array(forged.utf8))) {
            commands in
            commands.now = noon + 2230
            #expect(await commands.run("gate", "--commit", other).status == .unfinished)
        }
    }

    @Test("an export that breaks off is an error")
    func brokenExport() async throws {
        let text = "service,guardrail\na,b\nc,"
        let whole = LoopbackAnswer.answer(
            status: 200, headers: [("Content-Type", "text/csv; charset=utf-8"), ("Hotfix-API", "1")],
            body: Array((text + text).utf8))
        try await answering(.truncated(after: text.utf8.count, of: whole)) { commands in
            let run = await commands.run("ledger", "export")
            #expect(run.status == .unfinished)
        }
    }

    @Test(
        "an address that would give the token away, or is none, is refused before anything is sent",
        arguments: [
            "http://hotfix.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1:8321", "ftp://localhost",
            "localhost",
            "https://user:hunter2@hotfix.example.com", "https://hotfix.example.com/?a=b", "https://",
            "http://localhost@evil.example",
        ])
    func addresses(url: String) async throws {
        try await client(url) { commands in
            let run = await commands.run("readiness")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("--server"))
            #expect(!run.errors.contains("hunter2"))
        }
    }

    @Test("the token comes from a file where one is named, and a file that is none is refused")
    func tokenFile() async throws {
        try await withServer { lab in
            let elsewhere = try lab.elsewhere(token: nil)
            #expect(await elsewhere.run("readiness").status == .wrong)
            try elsewhere.write(readToken + "\n", to: "token")
            #expect(await elsewhere.run("readiness", "--token-file", "token") == lab.here.run("readiness"))
            try elsewhere.write("two words\n", to: "token")
            #expect(await elsewhere.run("readiness", "--token-file", "token").status == .wrong)
            #expect(await elsewhere.run("readiness", "--token-file", "gone").status == .wrong)
            let help = await elsewhere.run("readiness", "--token", readToken)
            #expect(help.status == .wrong)
        }
    }
}
