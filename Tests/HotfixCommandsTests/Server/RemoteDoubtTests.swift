import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

/// What a server says is believed only as far as it bears itself out.
@Suite("An answer that says ready")
struct RemoteDoubtTests {
    private static let now = noon + 2230

    private func gate() async throws -> String {
        var body = ""
        try await withSentry(now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 2100)
            try await lab.commands.served { lab in
                body = String(decoding: try await lab.send(.get, "/api/v1/gate?commit=\(commit)").body, as: UTF8.self)
            }
        }
        return body
    }

    /// What the gate, and readiness where it is asked for, come to with what a server says.
    private func run(
        _ body: String, at now: Instant = now, nonce: String? = nil, _ arguments: String...
    ) async throws -> Run {
        var found = Run(.done)
        let answer = LoopbackAnswer.answer(
            status: 200,
            headers: [("Content-Type", "application/json"), ("Hotfix-API", "1"), ("Hotfix-Clock", now.description)],
            body: Array(body.utf8))
        try await withLoopbackServer(
            { nonce == nil ? answer.repeating($0) : answer.with("Hotfix-Nonce", nonce) },
            { server in
                try await withCommands(environment: ["HOTFIX_SERVER": server.url], now: now) { commands in
                    found = await commands.run(
                        arguments.isEmpty ? ["gate", "--commit", commit] : arguments)
                }
            })
        return found
    }

    @Test(
        "opens nothing where it does not bear itself out",
        arguments: [
            (#""required_seconds": 1800"#, #""required_seconds": 0"#),
            (#""evaluated_until": "2026-11-20T12:35:00Z""#, #""evaluated_until": null"#),
            (#""evaluated_until": "2026-11-20T12:35:00Z""#, #""evaluated_until": "2026-11-20T12:40:00Z""#),
            (#""evaluated_until": "2026-11-20T12:35:00Z""#, #""evaluated_until": "2026-11-20T12:10:00Z""#),
            (#""evaluated_until": "2026-11-20T12:35:00Z""#, #""evaluated_until": "9999-11-20T12:10:00Z""#),
            (#""verdict": "clean""#, #""verdict": "breach""#),
            (#""verdict": "clean""#, #""verdict": "unproven""#),
            (#""verdict": "clean""#, #""verdict": "missing""#),
            (#""window_start": "2026-11-20T12:30:00Z""#, #""window_start": null"#),
            (
                #""episodes": []"#,
                #""episodes": [{"id": "checkout/error-rate/x", "service": "checkout", "guardrail": "error-rate", "start": "2026-11-20T12:30:00Z", "opened": "2026-11-20T12:32:00Z", "closed": null, "ending": null, "peak": 9, "windows": 2, "last_breach": "2026-11-20T12:30:00Z"}]"#
            ),
        ])
    func doubts(honest: String, forged: String) async throws {
        let gate = try await gate()
        #expect(try await run(gate).status == .done)
        let changed = gate.replacing(honest, with: forged)
        #expect(changed != gate)
        let run = try await run(changed)
        #expect(run.status == .unfinished, "\(run)")
        #expect(run.output.isEmpty)
    }

    @Test("opens nothing where only the total asks for less than its services")
    func total() async throws {
        let gate = try await gate()
        let range = try #require(gate.range(of: #""required_seconds": 1800"#))
        let changed = gate.replacingCharacters(in: range, with: #""required_seconds": 1"#)
        #expect(try await run(changed).status == .unfinished)
    }

    @Test("opens nothing where its windows are old by the clock of who asks, whatever time the server says it is")
    func old() async throws {
        let gate = try await gate()
        #expect(try await run(gate, at: noon + 2100 + 1260).status == .done)
        let late = try await run(gate, at: noon + 2100 + 1261)
        #expect(late.status == .unfinished)
        #expect(try await run(gate, at: noon + 2100 - 61).status == .unfinished)
        let short = try await run(gate, at: Self.now, "gate", "--commit", commit, "--max-age", "1m")
        #expect(short.status == .unfinished)
    }

    @Test("opens nothing where it was given to somebody else")
    func kept() async throws {
        let gate = try await gate()
        for nonce in ["", "0", "0123456789abcdef0123456789abcdef"] {
            let run = try await run(gate, nonce: nonce)
            #expect(run.status == .unfinished)
            #expect(run.errors.contains("Hotfix-Nonce"), "\(run.errors)")
        }
    }

    @Test("opens nothing where it tells of other services than were asked for")
    func otherServices() async throws {
        let whole = try JSONParser.value(of: Array(try await gate().utf8)).object
        let gate = try #require(whole?["readiness"]).text
        #expect(try await run(gate, at: Self.now, "readiness", "--service", "checkout").status == .done)
        #expect(try await run(gate, at: Self.now, "readiness", "--service", "cart").status == .unfinished)
        let both = try await run(gate, at: Self.now, "readiness", "--service", "checkout", "--service", "cart")
        #expect(both.status == .unfinished)
    }

    @Test(
        "ends no command by a number that is too large to reckon with",
        arguments: ["9223372036854775807", "-9223372036854775808", "1e300", "9007199254740993"])
    func numbers(number: String) async throws {
        let gate = try await gate()
        for name in ["required_seconds", "proven_seconds", "unproven_windows", "missing_windows"] {
            let changed = gate.replacing("\"\(name)\": ", with: "\"\(name)\": \(number), \"x\": ")
            #expect(try await run(changed).status == .unfinished)
        }
    }

    @Test(
        "draws no plot whose windows are of no length that there is",
        arguments: ["9223372036854775807", "9007199254740992", "86401", "0", "-300"])
    func plots(step: String) async throws {
        var body = ""
        try await withSentry(now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 2100)
            try await lab.commands.served { lab in
                let path = "/api/v1/services/checkout/guardrails/error-rate/explanation"
                body = String(decoding: try await lab.send(.get, path).body, as: UTF8.self)
            }
        }
        let forged = body.replacing(#""step_seconds": 300"#, with: #""step_seconds": "# + step)
        #expect(forged != body)
        let arguments = ["explain", "checkout", "error-rate"]
        #expect(try await run(body, at: Self.now, arguments[0], arguments[1], arguments[2]).status == .done)
        #expect(try await run(forged, at: Self.now, arguments[0], arguments[1], arguments[2]).status == .unfinished)
    }
}

extension LoopbackAnswer {
    /// The answer with the caller's own mark on it, as a server repeats it.
    func repeating(_ request: LoopbackRequest) -> LoopbackAnswer {
        with("Hotfix-Nonce", request.header("Hotfix-Nonce"))
    }

    func with(_ name: String, _ value: String?) -> LoopbackAnswer {
        guard case .answer(let status, let headers, let body) = self, let value else { return self }
        return .answer(status: status, headers: headers + [(name, value)], body: body)
    }
}
