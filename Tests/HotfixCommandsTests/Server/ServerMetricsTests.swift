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
                #expect(exposition.contains(#"hotfix_agent_source_duration_seconds_count{source="sentry"} "#))
                #expect(exposition.contains(#"hotfix_agent_channel_failures_total{channel="mail-ops"} "#))
                #expect(exposition.contains(#"hotfix_outbox_waiting_messages{channel="mail-ops"} 2"# + "\n"))
                #expect(!exposition.contains("example.com"))
            }
        }
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
