import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix check of a Sentry project", .heavy)
struct SentryCheckTests {
    /// Deploys at noon, checks until 12:10, and says what the window of 12:05 is.
    private func verdict(
        _ project: SimulatedSentry.Project, policy: String = errorPolicy, guardrail: String = "error-rate"
    ) async throws -> String {
        var verdicts: [String] = []
        try await withSentry([project], policy: policy, now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            let run = await lab.commands.checks(from: noon, to: noon + 600)
            #expect(run.status == .done)
            #expect(run.errors == "")
            verdicts = await lab.commands.verdicts(of: guardrail)
        }
        #expect(verdicts.count == 2)
        return verdicts.last ?? ""
    }

    @Test(
        "an increase of 25 % is clean, more is a breach",
        arguments: [(100, "clean"), (125, "clean"), (126, "breach"), (1000, "breach"), (1, "clean")])
    func increase(_ errors: Int, _ verdict: String) async throws {
        #expect(try await self.verdict(project { $0 >= noon ? errors : 100 }) == "12:05 \(verdict)")
    }

    @Test("what is sent: one project by its id, aligned instants in UTC, no groups")
    func requests() async throws {
        let projects = [project("a", id: 1), project("b", id: 2), project()]
        var server = SimulatedSentry.Server()
        server.pageSize = 1
        server.takesSlugs = false
        server.widensOutcomes = true
        try await withSentry(projects, now: noon, server: server) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 600)
            #expect(await lab.commands.verdicts() == ["12:00 clean", "12:05 clean"])
            #expect(lab.server.requests().count { isFor("projects", $0) } == 3)
            let numbers = lab.server.requests().filter { isFor("events-timeseries", $0) || isFor("stats_v2", $0) }
            #expect(numbers.count >= 4)
            for request in numbers {
                let query = Dictionary(grouping: request.query, by: \.0).mapValues { $0.map(\.1) }
                #expect(query["project"] == ["101"])
                #expect(query["topEvents"] == nil && query["statsPeriod"] == nil && query["query"] == nil)
                for name in ["start", "end"] {
                    let text = query[name]?.first ?? ""
                    #expect(text.hasSuffix("Z"))
                    #expect(Instant(text: text)?.seconds.isMultiple(of: 300) == true)
                }
                #expect(request.header("Authorization") == "Bearer \(canary)")
            }
            // A steady check asks for the series and for the outcomes.
            let before = lab.server.requests().count
            await lab.commands.checks(from: noon + 600, to: noon + 900)
            #expect(lab.server.requests().count <= before + 3)
        }
    }

    @Test("a Sentry of one's own that lacks the newer endpoint is asked at the older one, and so from then on")
    func olderServer() async throws {
        var server = SimulatedSentry.Server()
        server.hasTimeseries = false
        try await withSentry([project { $0 == noon + 300 ? 70 : 50 }], now: noon, server: server) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            await lab.sentry.change { $1.hasTimeseries = true }
            await commands.checks(from: noon + 300, to: noon + 600)
            #expect(await commands.verdicts() == ["12:00 clean", "12:05 breach"])
            let explained = await commands.run("explain", "checkout")
            #expect(explained.output.contains("  source     sentry, events-stats\n"))
            #expect(lab.server.requests().count { isFor("events-timeseries", $0) } == 1)
        }
    }

    @Test("without outcomes no zero is believed")
    func noOutcomes() async throws {
        try await withSentry([project { $0 >= noon ? 0 : 50 }], now: noon) { lab in
            let commands = lab.commands
            let configuration = sentryConfiguration(url: lab.server.url)
                .replacing("recheck: 10m", with: "recheck: 10m, outcomes: false")
            try commands.write(configuration, to: "hotfix.yaml")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            #expect(await commands.verdicts() == ["12:00 unproven silent"])
            #expect(!lab.server.requests().contains { isFor("stats_v2", $0) })
        }
    }

    @Test("an endpoint that Sentry is about to remove is told, once a check")
    func deprecation() async throws {
        var server = SimulatedSentry.Server()
        server.headers = [("X-Sentry-Deprecation-Date", "2027-01-01T00:00:00Z")]
        try await withSentry(server: server) { lab in
            let run = await lab.commands.run("check")
            #expect(run.status == .done)
            let lines = run.errors.split(separator: "\n")
            #expect(Set(lines).count == lines.count)
            #expect(
                lines.contains(
                    "hotfix: sentry: Sentry removes \(lab.server.url)/api/0/organizations/acme/events-timeseries/ on"
                        + " 2027-01-01T00:00:00Z. Look for a newer hotfix before then."))
        }
    }

    @Test("events that come late revise the verdict")
    func late() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            #expect(await commands.verdicts() == ["12:00 clean"])
            await lab.sentry.change { projects, _ in projects[0].errors = everyFiveMinutes { $0 == noon ? 90 : 50 } }
            await commands.checks(from: noon + 300, to: noon + 600)
            #expect(await commands.verdicts() == ["12:00 breach", "12:05 clean"])
            #expect(await commands.rows().map { $0["revision"] } == ["1", "0"])
        }
    }

    @Test("a broken SDK is silence, not health")
    func silent() async throws {
        let broken = project { $0 >= noon - 3900 ? 0 : 50 }
        #expect(try await verdict(broken) == "12:05 unproven silent")
        // Something else of the project still comes, so that no errors are no errors.
        var quiet = broken
        quiet.outcomes = { _ in [.init("transaction", "accepted", 100)] }
        #expect(try await verdict(quiet) == "12:05 clean")
    }

    @Test("an exhausted quota is not health")
    func quota() async throws {
        var dry = project { $0 >= noon - 3900 ? 0 : 50 }
        dry.outcomes = { minute in [.init("error", minute >= noon - 3900 ? "rate_limited" : "accepted", 10)] }
        #expect(try await verdict(dry) == "12:05 unproven silent")
        var thinned = project()
        thinned.outcomes = { _ in [.init("error", "accepted", 10), .init("error", "rate_limited", 5)] }
        #expect(try await verdict(thinned) == "12:05 unproven dropped-events")
    }

    @Test("a project that never had errors is not proven by them, unless its guardrail expects quiet")
    func quietExpected() async throws {
        let quiet = project { _ in 0 }
        #expect(try await verdict(quiet) == "12:05 unproven silent-baseline")
        let policy = errorPolicy.replacing("+25%", with: "+25%, quiet: expected")
        #expect(try await verdict(quiet, policy: policy) == "12:05 clean")
    }

    @Test("an environment that Sentry does not know is a mistake, not a zero")
    func environment() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            let configuration = sentryConfiguration(url: lab.server.url)
                .replacing("environment: production", with: "environment: prodction")
            try commands.write(configuration, to: "hotfix.yaml")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            commands.now = noon + 430
            let run = await commands.run("check")
            #expect(run.status == .wrong)
            #expect(
                run.errors
                    == "hotfix: checkout/error-rate: sentry: the project 'checkout-api' of organization 'acme' has no"
                    + " environment 'prodction'; did you mean 'production'? it has 'production'. Correct the service's"
                    + " environment; Sentry learns of one with its first event.\n")
            #expect(await commands.rows() == [])
        }
    }

    private func policy(_ guardrail: String) -> String {
        "baseline: {lookback: 1d}\nguardrails:\n  g: {source: sentry, \(guardrail)}\n"
    }

    @Test("crash-free sessions", arguments: [(20, "clean"), (21, "breach")])
    func sessions(_ crashed: Int, _ verdict: String) async throws {
        var app = project()
        app.sessions = { _ in .init(1000, failed: crashed) }
        let rule = policy("measure: crash-free-sessions, limit: {below: 98%}, over: 30m")
        #expect(try await self.verdict(app, policy: rule, guardrail: "g") == "12:05 \(verdict)")
    }

    @Test("nobody used the app: nothing is proven")
    func noSessions() async throws {
        let rule = policy("measure: crash-free-sessions, limit: {below: 98%}")
        #expect(try await verdict(project(), policy: rule, guardrail: "g") == "12:05 unproven idle")
    }

    @Test("the share of failed transactions", arguments: [(50, "clean"), (51, "breach")])
    func failures(_ failed: Int, _ verdict: String) async throws {
        var api = project()
        api.transactions = { minute in .init(1000, failed: minute >= noon ? failed : 40) }
        let rule = policy("measure: failure-rate, limit: +25%")
        #expect(try await self.verdict(api, policy: rule, guardrail: "g") == "12:05 \(verdict)")
    }
}
