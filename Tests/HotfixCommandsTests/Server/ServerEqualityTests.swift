import Foundation
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

/// What a command prints beside the ledger it prints elsewhere too, to the byte and with the same exit code.
@Suite("A command with --server")
struct ServerEqualityTests {
    private static let episode = "checkout/error-rate/2026-11-20T12:05:00Z"

    private static let readings: [[String]] = [
        ["readiness"], ["readiness", "--format", "json"], ["readiness", "--service", "checkout"],
        ["readiness", "--max-age", "1m"], ["readiness", "--at", "2026-11-20T12:07:00Z"],
        ["readiness", "--at", "2026-11-20T11:00:00Z", "--format", "json"],
        ["readiness", "--at", "2036-11-20T11:00:00Z"], ["readiness", "--at", "noon\u{1B}"],
        ["readiness", "--max-age", "soon"], ["readiness", "--service", "chekout"],
        ["readiness", "--service", "a b/c?d&e=<script>"], ["gate", "--commit", commit],
        ["gate", "--commit", String(repeating: "b2", count: 20)], ["gate", "--commit", "a1a1a1a"],
        ["explain", "checkout"], ["explain", "checkout", "--format", "json"], ["explain", "checkout", "error-rate"],
        ["explain", "checkout", "error-rate", "--format", "json", "--at", "2026-11-20T12:07:00Z"],
        ["explain", "checkout", "--at", "2026-11-20T12:07:00Z"],
        ["explain", "checkout", "--at", "2026-11-01T12:07:00Z"],
        ["explain", "checkout", "latency"], ["explain", "nobody"], ["explain", "checkout", "--at", "never"],
        ["ledger", "export"], ["ledger", "export", "--format", "json"],
        ["ledger", "export", "--from", "2026-11-20T12:05:00Z"],
        ["ledger", "export", "--to", "2026-11-20T12:05:00Z", "--format", "json"],
        ["ledger", "export", "--from", "2036-11-20T12:05:00Z"],
        ["ledger", "export", "--from", "2026-11-20T12:05:00Z", "--to", "2026-11-20T12:05:00Z"],
        ["ledger", "export", "--from", "x"], ["deployed", "--list"], ["deployed", "--list", "--format", "json"],
        ["baseline", "list"], ["baseline", "list", "--format", "json"], ["silence", "--list"],
        ["silence", "--list", "--format", "json"], ["alerts", "list"], ["alerts", "list", "--format", "json"],
        ["alerts", "list", "--limit", "1"], ["alerts", "list", "--limit", "0"], ["alerts", "list", "--limit", "1001"],
    ]

    @Test("prints what it prints beside the ledger, and ends the same", arguments: [false, true])
    func readings(isTerminal: Bool) async throws {
        try await withServer { lab in
            let elsewhere = try lab.elsewhere(token: readToken)
            for arguments in Self.readings {
                let local = await lab.here.run(arguments, isTerminal: isTerminal)
                #expect(await elsewhere.run(arguments, isTerminal: isTerminal) == local, "\(arguments)")
                #expect(local.output.isEmpty != local.errors.isEmpty, "\(arguments)")
            }
        }
    }

    private static let statements: [[String]] = [
        ["deployed", "--commit", "abc"], ["deployed", "--commit", commit, "--at", "2036-11-20T12:05:00Z"],
        ["deployed", "--commit", commit, "--branch", "another"],
        ["deployed", "--commit", commit, "--service", "nobody"],
        ["deployed", "--commit", commit, "--incident", "then", "--reason", "a regression"],
        ["deployed", "--commit", String(repeating: "c", count: 7), "--no-incident"],
        ["deployed", "--commit", commit, "--at", "2026-11-20T12:05:00Z", "--version", "1.2 \"β\"", "--beside", "1.1"],
        ["deployed", "--commit", commit, "--at", "2026-11-20T12:05:00Z", "--version", "1.2"],
        [
            "deployed", "--commit", commit, "--incident", "2026-11-20T10:00:00Z", "--reason", "a <regression>",
            "--new-baseline", "--format", "json",
        ],
        ["deployed", "--void", "9", "--reason", "a mistake"], ["deployed", "--void", "2", "--reason", "a mistake"],
        ["deployed", "--void", "2", "--reason", "a mistake"], ["deployed", "--void", "3", "--reason", " "],
        ["baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T09:00:00Z", "--reason", "a drill"],
        ["baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T12:00:00Z", "--reason", "a drill", "--by", "bo"],
        ["baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T12:00:00Z", "--service", "x", "--reason", "a drill"],
        ["excuse", "nothing/at/all", "--reason", "a drill", "--by", "bo"],
        ["excuse", episode, "--reason", "a drill", "--by", "bo"],
        ["excuse", episode, "--reason", "a drill", "--by", "bo"], ["accept", "--reason", "it went"],
        ["silence", "--service", "checkout", "--for", "1h", "--reason", "a <drill>\u{1B}", "--by", "\"bo\""],
        [
            "silence", "--guardrail", "error-rate", "--until", "2026-12-01T00:00:00Z", "--reason", "x", "--by", "bo",
            "--format", "json",
        ],
        ["silence", "--service", "nobody", "--for", "1h", "--reason", "x", "--by", "bo"],
        ["silence", "--service", "checkout", "--guardrail", "cpu", "--for", "1h", "--reason", "x", "--by", "bo"],
        ["silence", "--service", "checkout", "--for", "31d", "--reason", "x", "--by", "bo"],
        ["silence", "--service", "checkout", "--until", "2026-11-20T12:00:00Z", "--reason", "x", "--by", "bo"],
        ["silence", "--lift", "1", "--by", "ann"], ["silence", "--lift", "1", "--by", "ann"],
        ["silence", "--lift", "9", "--by", "ann"], ["silence", "--list"], ["silence", "--list", "--format", "json"],
        ["ack", "nothing/at/all", "--by", "bo"], ["ack", episode, "--by", "bo"],
        ["alerts", "list"], ["alerts", "list", "--format", "json"],
        ["deployed", "--close"], ["deployed", "--close"], ["deployed", "--list", "--format", "json"],
        ["baseline", "list", "--format", "json"], ["readiness", "--format", "json"],
    ]

    @Test("states what it states beside the ledger, and says the same of it")
    func statements() async throws {
        var local: [Run] = []
        try await withServer { lab in
            for arguments in Self.statements { local.append(await lab.here.run(arguments)) }
        }
        try await withServer { lab in
            let elsewhere = try lab.elsewhere()
            for (arguments, expected) in zip(Self.statements, local) {
                #expect(await elsewhere.run(arguments) == expected, "\(arguments)")
            }
        }
        #expect(Set(local.map(\.status)) == [.done, .wrong, .no])
    }

    @Test("acknowledges an open episode as it does beside the ledger, and shows it the same")
    func acknowledgement() async throws {
        let statements: [[String]] = [
            ["ack", "checkout/error-rate", "--by", "ann", "--note", "<script>\u{202E}"],
            ["ack", openEpisode, "--by", "ann", "--note", "<script>\u{202E}"],
            ["ack", openEpisode, "--by", "bo/../c?d", "--format", "json"],
            ["silence", "--service", "checkout", "--for", "1h", "--reason", "x", "--by", "ann"], ["readiness"],
            ["readiness", "--format", "json"], ["readiness", "--format", "github"], ["alerts", "list"],
            ["alerts", "list", "--format", "json"],
        ]
        var local: [Run] = []
        try await withOpenEpisode { commands in
            for arguments in statements { local.append(await commands.run(arguments)) }
        }
        try await withSentry(
            [project { $0 >= noon ? 70 : 50 }], more: serveSettings, now: noon,
            environment: ["READ_TOKEN": readToken, "WRITE_TOKEN": writeToken]
        ) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 300)
            lab.commands.now = noon + 600
            try await lab.commands.served { lab in
                let elsewhere = try lab.elsewhere()
                for (arguments, expected) in zip(statements, local) {
                    #expect(await elsewhere.run(arguments) == expected, "\(arguments)")
                }
            }
        }
        #expect(local.map(\.status) == [.done, .wrong, .done, .done, .no, .no, .no, .done, .done])
    }

    @Test("reads no configuration, not even one that lies beside it")
    func noConfiguration() async throws {
        try await withServer { lab in
            let elsewhere = try lab.elsewhere()
            try elsewhere.write("this is: [no configuration", to: "hotfix.yaml")
            #expect(await elsewhere.run("readiness") == lab.here.run("readiness"))
            #expect(await elsewhere.run("readiness", "--config", "hotfix.yaml").status == .wrong)
            let both = await elsewhere.run("readiness", "--config", "hotfix.yaml", "--server", lab.url)
            #expect(both.errors.contains("--server and --config exclude each other"))
            for command in ["check", "config"] {
                let run = await elsewhere.run(command, "--server", lab.url)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("Unknown option '--server'"))
            }
        }
    }

    @Test("a dropped guardrail is accepted by whoever says so")
    func accept() async throws {
        try await withServer { lab in
            let policy = try #require(try lab.here.files()["policy.yaml"])
            try lab.here.write(
                String(decoding: policy, as: UTF8.self).replacing("error-rate: {", with: "errors: {"),
                to: "policy.yaml")
            try await lab.here.served { lab in
                let run = await (try lab.elsewhere()).run("accept", "--reason", "renamed", "--by", "ann")
                #expect(run == Run(.done, "Accepted without: checkout/error-rate.\n"))
                let again = await (try lab.elsewhere()).run("accept", "--reason", "renamed", "--by", "ann")
                #expect(await lab.here.run("accept", "--reason", "renamed") == again)
            }
        }
    }

    @Test("the server sees what a check has committed since, and answers of now")
    func freshness() async throws {
        try await withServer { lab in
            let elsewhere = try lab.elsewhere()
            for step in 1...8 {
                lab.here.now = noon + 1330 + step * 299
                elsewhere.now = lab.here.now
                if step % 2 == 0 { await lab.here.run("check") }
                for arguments in [["readiness"], ["readiness", "--format", "json"], ["explain", "checkout"]] {
                    #expect(await elsewhere.run(arguments) == lab.here.run(arguments), "\(step) \(arguments)")
                }
            }
            #expect(await lab.here.run("gate", "--commit", commit).status == .done)
            #expect(await elsewhere.run("gate", "--commit", commit) == lab.here.run("gate", "--commit", commit))
            // Nothing is evaluated any more: what was ready is blind, here and there.
            lab.here.now = lab.here.now + 1800
            elsewhere.now = lab.here.now
            let gate = await elsewhere.run("gate", "--commit", commit)
            #expect(gate == Run(.no, "closed: The hotfix is blind (stale).\n"))
        }
    }

    @Test("a ledger that was put in the place of another is the one that is read")
    func replaced() async throws {
        try await withServer { lab in
            let elsewhere = try lab.elsewhere()
            #expect(await elsewhere.run("deployed", "--list").status == .done)
            for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
                try? FileManager.default.removeItem(atPath: lab.here.path(".hotfix/\(name)"))
            }
            for arguments in [["deployed", "--list"], ["readiness"], ["gate", "--commit", commit]] {
                let local = await lab.here.run(arguments)
                #expect(local.status == .unusable)
                #expect(await elsewhere.run(arguments) == local)
            }
            await lab.here.run("deployed", "--commit", commit, "--no-incident")
            #expect(await elsewhere.run("deployed", "--list") == lab.here.run("deployed", "--list"))
        }
    }
}
