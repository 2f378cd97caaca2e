import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("hotfix check")
struct CheckCommandTests {
    private let breach = project { $0 >= noon ? 70 : 50 }

    @Test("a check judges what is due, says so, and says nothing new when run again")
    func text() async throws {
        try await withSentry([breach], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            let readiness = """
                NOT READY: breaching
                Deployed: \(commit) at 2026-11-20T12:00:00Z
                Proven:   0 min of 30 min, since 2026-11-20T12:05:00Z
                Earliest: 2026-11-20T12:35:00Z
                Evaluated until 2026-11-20T12:05:00Z

                checkout: breaching, 0 min proven, 0 unproven and 0 missing windows since 2026-11-20T12:05:00Z
                  error-rate  breach  14/min  baseline 10/min  limit 12.5/min  +40.0%
                  last breach: error-rate at 2026-11-20T12:00:00Z

                Open episodes:
                  checkout/error-rate/2026-11-20T12:00:00Z, 1 window, opened 2026-11-20T12:05:00Z

                """
            #expect(
                await commands.run(at: noon + 430, "check")
                    == Run(
                        .done,
                        """
                        Checked until 2026-11-20T12:07:10Z: 1 window judged.
                          breach: checkout/error-rate at 2026-11-20T12:00:00Z, value 14/min
                          episode checkout/error-rate/2026-11-20T12:00:00Z: open, 1 window
                        \(readiness)
                        """))
            #expect(
                await commands.run("check")
                    == Run(.done, "Checked until 2026-11-20T12:07:10Z: 0 windows judged.\n" + readiness))
        }
    }

    @Test("as JSON")
    func json() async throws {
        try await withSentry([breach], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            let run = await lab.commands.run(at: noon + 430, "check", "--format", "json")
            #expect(run.status == .done)
            #expect(
                run.output.hasPrefix(
                    """
                    {
                      "at": "2026-11-20T12:07:10Z",
                      "windows_judged": 1,
                      "judged": [
                        {
                          "service": "checkout",
                          "guardrail": "error-rate",
                          "window_start": "2026-11-20T12:00:00Z",
                          "value": 14,
                          "verdict": "breach",
                          "reason": null,
                          "confirmed": true
                        }
                      ],
                      "episodes": [
                        {
                          "id": "checkout/error-rate/2026-11-20T12:00:00Z",
                          "opened": "2026-11-20T12:05:00Z",
                          "closed": null,
                          "ending": null,
                          "peak": 14,
                          "windows": 1,
                          "acknowledged_by": null,
                          "service": "checkout",
                          "guardrail": "error-rate",
                          "start": "2026-11-20T12:00:00Z",
                          "last_breach": "2026-11-20T12:00:00Z",
                          "acknowledged_at": null,
                          "acknowledged_note": null
                        }
                      ],
                      "failures": [],
                      "notices": [],
                      "unrecorded_deploys": [],
                      "messages": {
                        "delivered": 0,
                        "repeated": 0,
                        "waiting": 0,
                        "dropped": 0,
                        "given_up": 0,
                        "failures": []
                      },
                      "readiness": {
                        "state": "breaching",

                    """))
        }
    }

    @Test("what is not watched is listed wherever readiness is shown")
    func notWatched() async throws {
        let policy = errorPolicy + "  cpu: {source: otel, measure: cpu, limit: +30%}\n"
        try await withSentry(policy: policy, now: noon) { lab in
            let commands = lab.commands
            let configuration = sentryConfiguration(url: lab.server.url)
                .replacing("sources:", with: #"sources:\#n  otel: {type: prometheus, url: "http://127.0.0.1:9"}"#)
            try commands.write(configuration, to: "hotfix.yaml")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            commands.now = noon + 430
            for command in ["check", "readiness"] {
                let text = await commands.run(command)
                #expect(text.output.contains("\n  not watched: cpu\n"))
                let json = await commands.run(command, "--format", "json")
                #expect(json.output.contains(#""not_watched": ["#))
                #expect(!json.output.contains(#""not_watched": []"#))
            }
        }
    }

    @Test("a policy that is loosened counts from when it was adopted, whatever --until says")
    func backdatedPolicy() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            try commands.write(errorPolicy.replacing("30m", with: "5m"), to: "policy.yaml")
            commands.now = noon + 735
            await commands.run("check", "--until", "2026-11-20T11:59:00Z")
            await commands.run("check")
            let readiness = await commands.run("readiness")
            #expect(readiness.output.contains("Proven:   10 min of 30 min"))
            #expect(readiness.output.contains("The policy of 'checkout' changed at 2026-11-20T12:12:15Z"))
        }
    }

    @Test("--quiet prints the result of a check that has news, and of no other")
    func quiet() async throws {
        try await withSentry([breach], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await lab.commands.run(at: noon + 430, "check", "--quiet").output.contains("breach: checkout/"))
            #expect(await lab.commands.run("check", "--quiet").output == "")
        }
    }

    @Test("--fail-on-breach ends with 1 where a window judged now breaches, and only then")
    func failOnBreach() async throws {
        try await withSentry([breach], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await lab.commands.run(at: noon + 430, "check", "--fail-on-breach").status == .no)
            #expect(await lab.commands.run("check", "--fail-on-breach").status == .done)
        }
    }

    @Test("a dry run judges and writes nothing, not even a ledger", arguments: [false, true])
    func dryRun(hasLedger: Bool) async throws {
        try await withSentry([breach], more: "tracker: {}", now: noon) { lab in
            let commands = lab.commands
            if hasLedger { await commands.run("deployed", "--commit", commit, "--at", "2026-11-20T11:30:00Z") }
            let before = try commands.files()
            let run = await commands.run(at: noon + 430, "check", "--dry-run", "--fail-on-breach")
            #expect(run.status == .no)
            #expect(
                run.output.hasPrefix(
                    "Checked until 2026-11-20T12:07:10Z: \(hasLedger ? "7 windows" : "1 window") judged."))
            #expect(try commands.files() == before)
        }
    }

    @Test("--until leaves later windows out; those are judged by the next check")
    func until() async throws {
        try await withSentry(now: noon + 2000) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--at", "2026-11-20T12:00:00Z")
            let early = await commands.run("check", "--until", "2026-11-20T12:12:00Z")
            #expect(early.status == .done)
            #expect(early.output.hasPrefix("Checked until 2026-11-20T12:12:00Z: 2 windows judged.\n"))
            #expect(await commands.verdicts() == ["12:00 clean", "12:05 clean"])
            let later = await commands.run("check", "--until", "2026-11-20T14:00:00Z")
            #expect(later.output.hasPrefix("Checked until 2026-11-20T12:33:20Z: "))
            let all = stride(from: 0, through: 25, by: 5).map { "12:\($0 < 10 ? "0" : "")\($0) clean" }
            #expect(await commands.verdicts() == all)
        }
    }

    @Test("--service judges that service and leaves the other for later")
    func service() async throws {
        let projects = [project(), project("pay", id: 7)]
        try await withSentry(projects, services: ["checkout", "pay"], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.run(at: noon + 430, "check", "--service", "pay")
            #expect(await commands.rows().map { $0["service"] } == ["pay"])
            await commands.run("check")
            #expect(await commands.rows().map { $0["service"] } == ["checkout", "pay"])
        }
    }

    @Test("a second check says that one is running, ends with 4, and changes nothing")
    func locked() async throws {
        try await withSentry(more: "tracker: {}") { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit)
            let path = commands.path(".hotfix/ledger.db")
            guard let lock = try CheckLock.acquire(ledgerPath: path) else {
                Issue.record("the lock is taken")
                return
            }
            let before = try commands.files()
            #expect(
                await commands.run("check")
                    == Run(.busy, errors: "hotfix: Another check of \(path) is running; this one changed nothing.\n"))
            #expect(try commands.files() == before)
            #expect(lab.server.requests().isEmpty)
            lock.release()
            #expect(await commands.run("check").status == .done)
        }
    }

    @Test(
        "a ledger that cannot be used ends every command with 5, and says what to do",
        arguments: [
            ("not a database at all, and long enough to be taken for a page of one", "is not a hotfix ledger"),
            ("", "is empty"),
        ])
    func damaged(_ content: String, _ says: String) async throws {
        try await withSentry { lab in
            let commands = lab.commands
            try commands.write(String(repeating: content, count: 64), to: ".hotfix/ledger.db")
            var reading = [
                ["readiness"], ["ledger", "export"], ["explain", "checkout"], ["gate", "--commit", commit],
            ]
            reading += [["deployed", "--list"], ["baseline", "list"], ["accept", "--reason", "x"]]
            // Whoever writes makes a ledger of an empty file.
            if !content.isEmpty { reading += [["check"], ["deployed", "--commit", commit]] }
            for arguments in reading {
                let run = await commands.run(arguments)
                #expect(run == Run(.unusable, errors: run.errors), "\(arguments)")
                #expect(run.errors.contains(says) && run.errors.contains("estore"), "\(arguments): \(run.errors)")
            }
        }
    }

    @Test("a ledger of a newer version is left alone")
    func newer() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit)
            let url = URL(fileURLWithPath: commands.path(".hotfix/ledger.db"))
            var bytes = try Data(contentsOf: url)
            // SQLite's user version: a big-endian number at offset 60.
            bytes.replaceSubrange(60..<64, with: [0, 0, 0, 99])
            try bytes.write(to: url)
            for arguments in [["check"], ["readiness"], ["deployed", "--list"]] {
                let run = await commands.run(arguments)
                #expect(run == Run(.unusable, errors: run.errors))
                #expect(run.errors.contains("written by a newer version of hotfix: its schema is 99"))
            }
            #expect(try Data(contentsOf: url) == bytes)
        }
    }
}
