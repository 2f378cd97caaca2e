import Foundation
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("What a server tells those who watch it")
struct ServerMetricsTests {
    private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    /// Holds an exposition against Prometheus' own checker.
    private func expectValid(_ exposition: String, in directory: String) async throws {
        try exposition.write(toFile: "\(directory)/metrics", atomically: true, encoding: .utf8)
        let ending = try await SpawnedCommand.start(
            "/bin/sh", ["-c", "promtool check metrics <'\(directory)/metrics'"],
            environment: ["PATH": "/usr/bin:/bin"], outputFile: "\(directory)/promtool.out"
        ).ending()
        #expect(ending.exitStatus == 0, "\(ending.output)")
        #expect(ending.output.isEmpty, "\(ending.output)")
    }

    @Test("metrics are those of the ledger, valid to Prometheus, with every value that the readiness has", .heavy)
    func metrics() async throws {
        try await withServer { lab in
            let answer = try await lab.send(.get, "/metrics", token: readToken)
            #expect(answer.status == 200)
            #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
            let exposition = text(answer)
            try await expectValid(exposition, in: lab.here.directory)
            let local = await lab.here.run("readiness", "--format", "prometheus").output
            #expect(local.split(separator: "\n").allSatisfy { exposition.contains($0) })
            let labels = #"{service="checkout",guardrail="error-rate"}"#
            // The newest window ended at 12:20:00, and the check was made 130 s later.
            #expect(exposition.contains("hotfix_guardrail_verdict_age_seconds\(labels) 130\n"), "\(exposition)")
            #expect(exposition.contains("hotfix_last_check_timestamp_seconds \(noon.seconds + 1330)\n"))
            #expect(exposition.contains("hotfix_last_check_failures 0\n"))
            #expect(!exposition.contains("hotfix_agent"))
            #expect(try await lab.send(.get, "/metrics").status == 401)
        }
    }

    @Test("what only an agent knows is told where it checks, and channels by their entries alone", .heavy)
    func agent() async throws {
        let notify = """
            notify:
              - {type: email, name: mail-ops, smtp: "smtp://127.0.0.1:1", plaintext: true, from: a@example.com, to: [b@example.com, c@example.com]}
            """
        let spike = project { $0 >= noon ? 500 : 50 }
        try await withSentry([spike], more: notify, now: noon) { lab in
            let time = AgentTime(lab.commands, until: noon + 800)
            try await lab.commands.served("--check-every", "5m", sleep: time.sleep) { served in
                await time.end()
                let answer = try await served.send(.get, "/metrics")
                let exposition = text(answer)
                try await expectValid(exposition, in: lab.commands.directory)
                let checks = #"hotfix_agent_checks_total{result="#
                #expect(exposition.contains(checks + #""skipped"} 0"# + "\n"), "\(exposition)")
                #expect(exposition.contains("hotfix_agent_check_duration_seconds_count 4\n"))
                #expect(exposition.contains("hotfix_agent_next_check_timestamp_seconds \(noon.seconds + 1030)\n"))
                #expect(exposition.contains(#"hotfix_agent_source_duration_seconds_count{source="sentry"} "#))
                #expect(exposition.contains(#"hotfix_agent_channel_failures_total{channel="mail-ops"} "#))
                #expect(exposition.contains(#"hotfix_outbox_waiting_messages{channel="mail-ops"} 2"# + "\n"))
                #expect(!exposition.contains("example.com"))
            }
        }
    }

    @Test("a source that refuses every question has its failures counted, and one that was never asked has its series")
    func failingSource() async throws {
        let more = """
            notify: [{type: webhook, name: ops, url: "http://127.0.0.1:1"}]
            """
        try await withSentry([], more: more, now: noon) { lab in
            let time = AgentTime(lab.commands, until: noon + 200)
            try await lab.commands.served("--check-every", "5m", sleep: time.sleep) { served in
                await time.end()
                let exposition = text(try await served.send(.get, "/metrics"))
                #expect(
                    exposition.contains(#"hotfix_agent_source_failures_total{source="sentry"} 2"# + "\n"),
                    "\(exposition)")
                #expect(exposition.contains(#"hotfix_agent_channel_failures_total{channel="ops"} 0"# + "\n"))
            }
        }
    }

    @Test("a window that was due and has no verdict is missing, and has no value; what was never seen has an age")
    func missing() async throws {
        try await withServer { lab in
            let labels = #"service="checkout",guardrail="error-rate""#
            func expose() async throws -> String { text(try await lab.send(.get, "/metrics", token: readToken)) }
            let clean = "hotfix_guardrail_verdict{\(labels),verdict=\"clean\"} "
            let missing = "hotfix_guardrail_verdict{\(labels),verdict=\"missing\"} "
            // The newest window began at 12:15; the one after it is due at 12:27.
            lab.here.now = noon + 1920 - 1
            let before = try await expose()
            #expect(before.contains(clean + "1\n") && before.contains("hotfix_guardrail_value{"), "\(before)")
            lab.here.now = noon + 1920
            let after = try await expose()
            #expect(after.contains(missing + "1\n") && after.contains(clean + "0\n"), "\(after)")
            #expect(!after.contains("hotfix_guardrail_value{") && !after.contains("hotfix_guardrail_limit{"))
            #expect(
                after.contains("hotfix_guardrail_window_start_timestamp_seconds{\(labels)} \(noon.seconds + 900)\n"))
            let printed = await lab.here.run("readiness", "--format", "prometheus").output
            #expect(printed.contains(missing + "1\n"))
        }
        try await withSentry([], now: noon + 600) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--at", "\(noon)", "--no-incident")
            try await commands.served { served in
                let exposition = text(try await served.send(.get, "/metrics"))
                let age = #"hotfix_guardrail_verdict_age_seconds{service="checkout",guardrail="error-rate"} 600"#
                #expect(exposition.contains(age + "\n"), "\(exposition)")
            }
        }
    }

    @Test("a check by hand of some services, or up to an earlier time, makes nobody ready who is not, nor the reverse")
    func readyOfAll() async throws {
        try await withSentry(
            [project(), project("cart", id: 102)], services: ["checkout", "cart"], now: noon
        ) { lab in
            let commands = lab.commands
            try await commands.served { served in
                func ask() async throws -> (Int, String) {
                    let answer = try await served.send(.get, "/readyz")
                    return (answer.status, text(answer))
                }
                await commands.run("check", "--service", "cart")
                let half = try await ask()
                #expect(half.0 == 503 && half.1.contains("A service was not checked yet"), "\(half)")
                await commands.run("check", "--service", "checkout")
                #expect(try await ask().0 == 200)
                await commands.run(at: noon + 600, "check")
                await commands.run(at: noon + 1500, "check", "--service", "cart")
                #expect(try await ask().0 == 200)
                commands.now = noon + 1801
                let late = try await ask()
                #expect(late.0 == 503 && late.1.contains("A service was checked last at"), "\(late)")
                await commands.run("check")
                await commands.run("check", "--until", "\(noon + 300)")
                #expect(try await ask().0 == 200)
            }
        }
    }

    @Test("it is not ready where what checks left cannot be read")
    func readyOfDamage() async throws {
        try await withServer { lab in
            #expect(try await lab.send(.get, "/readyz").status == 200)
            let ledger = lab.here.path(".hotfix/ledger.db")
            try await execute(
                "UPDATE policyVersion SET policyJSON = 'nonsense'; UPDATE ledger SET generation = generation + 1",
                in: ledger)
            #expect(try await lab.send(.get, "/api/v1/readiness", token: readToken).status == 500)
            #expect(try await lab.send(.get, "/readyz").status == 503)
        }
    }

    /// Writes to a ledger what this program would not.
    private func execute(_ sql: String, in ledger: String) async throws {
        let ending = try await SpawnedCommand.start(
            "/bin/sh", ["-c", "sqlite3 '\(ledger)' \"\(sql)\""], environment: ["PATH": "/usr/bin:/bin"],
            outputFile: ledger + ".out"
        ).ending()
        #expect(ending.exitStatus == 0, "\(ending.output)")
    }

    @Test("it is ready to answer as long as the newest check is no more than four windows old, and says why not")
    func ready() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            try await commands.served { served in
                func ask() async throws -> (Int, String) {
                    let answer = try await served.send(.get, "/readyz")
                    return (answer.status, text(answer))
                }
                #expect(try await ask().0 == 503)
                await commands.run("check")
                let first = try await ask()
                #expect(first.0 == 200 && first.1.contains("\"\(noon)\""), "\(first)")
                commands.now = noon + 1200
                #expect(try await ask().0 == 200)
                commands.now = noon + 1201
                let late = try await ask()
                #expect(late.0 == 503 && late.1.contains("more than 20 minutes ago"))
                commands.now = noon - 61
                let early = try await ask()
                #expect(early.0 == 503 && early.1.contains("one of two clocks is wrong"))
                #expect(try await served.send(.get, "/healthz").status == 200)
            }
        }
    }

    @Test("whoever has no token learns that checks are made, and not what is wrong where they are not")
    func readyWithoutToken() async throws {
        try await withServer { lab in
            #expect(try await lab.send(.get, "/readyz").status == 200)
            try lab.here.write("secret-nonsense: 1", to: "hotfix.yaml")
            let bare = try await lab.send(.get, "/readyz")
            #expect(bare.status == 503 && !text(bare).contains("secret-nonsense"))
            let known = try await lab.send(.get, "/readyz", token: readToken)
            #expect(known.status == 503 && text(known).contains("secret-nonsense"))
        }
    }

    @Test("the badge shows the state of now, and of nothing that is not known")
    func badge() async throws {
        try await withServer { lab in
            let picture = try await lab.send(.get, "/badge.svg", token: readToken)
            #expect(picture.contentType == "image/svg+xml")
            #expect(text(picture).contains(">counting</text>"), "\(text(picture))")
            #expect(picture.headers["Cache-Control"] == "private, max-age=30")
            let tag = try #require(picture.headers["ETag"])
            let same = try await lab.send(.get, "/badge.svg", token: readToken, [("If-None-Match", tag)])
            #expect(same.status == 304)
            lab.here.now = lab.here.now + 1190
            let last = try await lab.send(.get, "/badge.svg", token: readToken)
            #expect(!text(last).contains("unknown"))
            lab.here.now = lab.here.now + 20
            let stale = try await lab.send(.get, "/badge.svg", token: readToken, [("If-None-Match", tag)])
            #expect(text(stale).contains(">blind</text>"))
            #expect(try await lab.send(.get, "/badge.svg").status == 401)
            let other = try await lab.send(.get, "/badge.svg?service=%3Cscript%3E", token: readToken)
            #expect(other.status == 404 && other.contentType == "application/problem+json")
            try lab.here.write("nonsense: 1", to: "hotfix.yaml")
            let unknown = try await lab.send(.get, "/badge.svg", token: readToken)
            #expect(unknown.status == 200 && text(unknown).contains(">unknown</text>"))
            #expect(unknown.headers["Cache-Control"] == "private, max-age=0")
        }
    }
}
