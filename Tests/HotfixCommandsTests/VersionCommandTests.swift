import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

private typealias Release = SimulatedSentry.Release

private func server(_ releases: [Release]) -> SimulatedSentry.Server {
    var server = SimulatedSentry.Server()
    server.releases = releases
    return server
}

private func release(
    _ version: String, _ deploys: [Release.Deploy], projects: [Int] = [101], commit: String? = commit
) -> Release {
    Release(version, projects: projects, created: "2026-11-10T08:00:00.1Z", commit: commit, deploys: deploys)
}

@Suite("The running version on the command line", .heavy)
struct VersionCommandTests {
    @Test("hotfix deployed --from sentry records what Sentry knows, and records it once")
    func fromSentry() async throws {
        let releases = [
            release("checkout@1.2.4", [.init(at: noon), .init("staging", at: noon + 60)]),
            release("checkout@1.2.3", [.init(at: noon - 3600)], commit: nil),
        ]
        try await withSentry(server: server(releases)) { lab in
            let commands = lab.commands
            let run = await commands.run("deployed", "--from", "sentry", "--no-incident")
            #expect(run.status == .done && run.errors == "")
            #expect(
                run.output == """
                    From sentry: version checkout@1.2.4.
                    Deployment 1 of \(commit) at 2026-11-20T12:00:00Z is recorded for checkout.

                    """)
            let again = await commands.run("deployed", "--from", "sentry", "--no-incident", "--format", "json")
            #expect(again.output.contains(#""version": "checkout@1.2.4""#))
            #expect(await commands.run("deployed", "--list").output.split(separator: "\n").count == 1)
            let older = await commands.run("deployed", "--from", "sentry", "--version", "1.2.3")
            #expect(older.status == .wrong)
            #expect(
                older.errors.contains(
                    "Sentry knows no full commit id of release 'checkout@1.2.3'. Give it with --commit"))
            let given = await commands.run(
                "deployed", "--from", "sentry", "--version", "1.2.3", "--commit", "b2b2b2b2")
            #expect(given.status == .done)
            #expect(given.output.contains("Deployment 2 of b2b2b2b2"))
            #expect(!(run.output + again.output + given.output + older.errors).contains(canary))
        }
    }

    @Test(
        "hotfix ledger export shows windows as they count, and none as clean whose version is another or could not be asked"
    )
    func export() async throws {
        let releases = [
            release("checkout@1.2.4", [.init(at: noon - 600)]), release("checkout@1.3.0", [.init(at: noon + 400)]),
        ]
        try await withSentry(now: noon, server: server(releases)) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--version", "1.2.4", "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            await lab.sentry.setFault { request in
                isFor("releases", request) ? .json("{\"detail\":\"No.\"}", status: 403) : nil
            }
            await commands.checks(from: noon + 600, to: noon + 900)
            let rows = await commands.run("ledger", "export").output.split(separator: "\n").dropFirst()
            let verdicts = rows.map { row in
                row.split(separator: ",", omittingEmptySubsequences: false)[9...10].joined(separator: " ")
            }
            #expect(verdicts == ["clean ", "unproven other-version", " "])
        }
    }

    @Test("hotfix doctor tells as a problem that the version of a running deployment cannot be watched")
    func doctor() async throws {
        let releases = [release("checkout@1.2.4", [.init(at: noon - 600)])]
        try await withSentry([DoctorSentryFault.busy], now: noon, server: server(releases)) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--version", "1.2.4", "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            let well = try await commands.doctor("--verbose")
            #expect(well.run.status == .done)
            #expect(well.run.output.contains("'sentry' tells its running version."))
            await lab.sentry.setFault { request in
                isFor("releases", request) ? .json("{\"detail\":\"No.\"}", status: 403) : nil
            }
            let (run, report) = try await commands.doctor()
            #expect(run.status == .wrong)
            let problems = report.findings.filter { $0.severity == "problem" }
            #expect(problems.map(\.subject.name) == ["checkout"])
            #expect(problems.allSatisfy { $0.what.contains("every window since its deployment is missing") })
        }
    }

    @Test("hotfix deployed --from says what is in its way")
    func fromSentryErrors() async throws {
        let releases = [
            release("checkout@1.2.4", [.init(at: noon)]), release("cart@7", [.init(at: noon + 60)], projects: [102]),
        ]
        try await withSentry(
            [project(), project("cart", id: 102)], services: ["checkout", "cart"], server: server(releases)
        ) { lab in
            let commands = lab.commands
            let different = await commands.run("deployed", "--from", "sentry")
            #expect(different.status == .wrong)
            #expect(
                different.errors.contains(
                    "The services were deployed differently: 'checkout' checkout@1.2.4 at 2026-11-20T12:00:00Z, 'cart' cart@7"
                        + " at 2026-11-20T12:01:00Z. Record each by itself, with --service."), "\(different.errors)")
            #expect(await commands.run("deployed", "--from", "sentry", "--service", "cart").status == .done)
            let unknown = await commands.run("deployed", "--from", "sentri")
            #expect(unknown.status == .wrong)
            #expect(unknown.errors.contains("It knows: 'sentry'."))
            await lab.sentry.change { $1.releases = [] }
            let none = await commands.run("deployed", "--from", "sentry", "--service", "checkout")
            #expect(none.status == .wrong)
            #expect(none.errors.contains("Sentry has no deploy of project 'checkout-api' in environment 'production'."))
            await lab.sentry.setFault { _ in .json("{}", status: 500) }
            #expect(await commands.run("deployed", "--from", "sentry", "--service", "checkout").status == .unfinished)
            #expect(await commands.run("deployed", "--list").output.split(separator: "\n").count == 1)
        }
    }

    @Test("a later deploy at Sentry proves nothing, is told by check, and is shown until it is recorded")
    func later() async throws {
        var releases = [release("checkout@1.2.4", [.init("staging", at: noon - 60), .init(at: noon)])]
        try await withSentry(now: noon, server: server(releases)) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--from", "sentry", "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            let before = lab.server.requests().count
            let steady = await commands.checks(from: noon + 600, to: noon + 900)
            #expect(steady.errors == "")
            // The series, the outcomes, and the releases.
            #expect(lab.server.requests().count == before + 3)
            #expect(lab.server.requests().suffix(3).count { isFor("releases", $0) } == 1)
            releases.append(release("checkout@1.2.5", [.init(at: noon + 1000)]))
            await lab.sentry.change { [releases] in $1.releases = releases }
            let told = await commands.checks(from: noon + 900, to: noon + 1200, "--quiet")
            #expect(
                told.output.contains(
                    "'sentry' knows of version checkout@1.2.5 of 'checkout' since 2026-11-20T12:16:40Z"))
            let quiet = await commands.checks(from: noon + 1200, to: noon + 1500, "--quiet")
            #expect(quiet == Run(.done))
            let json = await commands.run("readiness", "--format", "json")
            #expect(json.output.contains("unrecorded_deploys") && json.output.contains("checkout@1.2.5"))
            let explained = await commands.run("explain", "checkout", "--at", "2026-11-20T12:16:00Z")
            #expect(explained.output.contains("checkout/error-rate: unproven (other-version)"), "\(explained.output)")
            #expect(
                explained.output.contains(
                    "seen: checkout@1.2.4, checkout@1.2.5; deployed: checkout@1.2.4 (sentry)"), "\(explained.output)")
            let readiness = await commands.run("readiness")
            #expect(readiness.output.contains("unproven (other-version)"))
            #expect(
                readiness.output.contains(
                    "'sentry' saw checkout@1.2.5 of 'checkout' in its newest window; deployed: checkout@1.2.4."))
            await commands.run("deployed", "--from", "sentry", "--no-incident")
            await commands.checks(from: noon + 1500, to: noon + 1800)
            let after = await commands.run("readiness")
            #expect(!after.output.contains("1.2.4;") && !after.output.contains("knows of version"), "\(after.output)")
        }
    }

    @Test("a token that may not read releases leaves windows missing, and says so at every check")
    func noRight() async throws {
        try await withSentry(now: noon, server: server([release("checkout@1.2.4", [.init(at: noon)])])) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--version", "1.2.4", "--no-incident")
            await lab.sentry.setFault { request in
                isFor("releases", request)
                    ? .json(#"{"detail":"You do not have permission to perform this action."}"#, status: 403) : nil
            }
            let run = await commands.checks(from: noon, to: noon + 600)
            #expect(run.status == .unfinished)
            #expect(run.errors.contains("checkout/running version: sentry:"), "\(run.errors)")
            let readiness = await commands.run("readiness")
            #expect(readiness.output.contains("checkout: counting, 0 min proven, 0 unproven and 2 missing windows"))
            #expect(
                readiness.output.contains(
                    "Whether 'sentry' knows the running version of 'checkout' is not found out yet"))
            await lab.sentry.setFault { _ in nil }
            #expect(await commands.checks(from: noon + 600, to: noon + 900).errors == "")
        }
    }

    @Test("a real Prometheus with two versions: the window of both proves nothing, and one request more is made")
    func prometheus() async throws {
        // The server's clock is the machine's.
        let now = Instant(Int(Date().timeIntervalSince1970))
        let end = (now - 120).floored(to: 300)
        var metrics = OpenMetrics()
        let times = stride(from: end.seconds - 3600, through: end.seconds, by: 60).map(Instant.init)
        metrics.add("load", ["service": "checkout"], at: times) { _ in 1 }
        for (version, from, to) in [("1.2.3", end - 3600, end - 1000), ("1.2.4", end - 1500, end)] {
            let labels = ["job": "checkout", "instance": version, "service_version": version]
            metrics.add("target_info", labels, at: times.filter { $0 >= from && $0 <= to }) { _ in 1 }
        }
        let policy = #"guardrails: {load: {source: otel, query: 'sum(load{service="{service}"})', limit: {above: 5}}}"#
        try await withRealPrometheus(metrics) { server in
            let configuration = """
                policy: policy.yaml
                sources: {otel: {type: prometheus, url: "\(server.url)"}}
                services: [{name: checkout, otel: {service: checkout}}]
                """
            try await withCommands(["hotfix.yaml": configuration, "policy.yaml": policy], now: now) { commands in
                let deployed = await commands.run(
                    "deployed", "--commit", commit, "--version", "v1.2.4", "--at", "\(end - 1500)", "--no-incident")
                #expect(deployed.status == .done)
                let run = await commands.run("check")
                #expect(run.status == .done, "\(run.errors)")
                let explained = await commands.run("explain", "checkout", "--at", "\(end - 1500)")
                #expect(explained.output.contains("checkout/load: unproven (other-version)"), "\(explained.output)")
                #expect(explained.output.contains("seen: 1.2.3, 1.2.4; deployed: v1.2.4 (otel)"))
                let newest = await commands.run("explain", "checkout")
                #expect(newest.output.contains("checkout/load: clean"), "\(newest.output)")
                #expect(newest.output.contains("seen: 1.2.4; deployed: v1.2.4 (otel)"))
                let readiness = await commands.run("readiness", "--format", "json")
                #expect(readiness.output.contains("unproven_windows"))
            }
        }
    }
}
