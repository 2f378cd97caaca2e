import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// What a deployment means that other clocks, other servers and the ledger's reach do not agree with.
@Suite("Deployments out of place")
struct DisplacedDeploymentTests {
    @Test("a deployment that lies ahead of the reader's clock makes it blind, and never brings back the one before")
    func ahead() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 2400)
            #expect(await commands.run("gate", "--commit", commit).status == .done)
            let now = commands.now
            await commands.run(at: now + 600, "deployed", "--commit", commit, "--no-incident")
            commands.now = now
            let gate = await commands.run("gate", "--commit", commit)
            #expect(gate.status == .no)
            #expect(gate.output.contains("blind (clock)"))
        }
    }

    @Test("a deployment from before the ledger's reach is refused")
    func tooOld() async throws {
        try await withSentry(now: noon) { lab in
            let run = await lab.commands.run(
                "deployed", "--commit", commit, "--at", "2006-11-20T12:00:00Z", "--no-incident")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("lies further back than the ledger reaches (`retention`, 90d)."))
        }
    }

    @Test("another server begins another series: nothing goes on with the values of the first")
    func otherServer() async throws {
        try await withPrometheus(prometheus([.init { _, _ in 1 }])) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await lab.commands.run(at: noon + 430, "check").status == .done)
            let configuration = try #require(try lab.commands.files()["hotfix.yaml"])
            try lab.commands.write(
                String(decoding: configuration, as: UTF8.self).replacing("127.0.0.1", with: "localhost"),
                to: "hotfix.yaml")
            let before = lab.server.requests().count
            #expect(await lab.commands.run(at: noon + 730, "check").status == .done)
            // The look-back is asked again with the windows since the deployment; a steady check asks for the latter only.
            #expect(lab.server.requests().count - before == before)
            #expect(await lab.commands.run(at: noon + 1030, "check").status == .done)
            #expect(lab.server.requests().count - before == before + 1)
        }
    }
}

@Suite("hotfix excuse, accept and baseline")
struct StatementCommandTests {
    @Test("an excused episode is unproven, never clean, and does not restart the clock")
    func excuse() async throws {
        let spike = project { $0 == noon + 300 ? 500 : 50 }
        try await withSentry([spike], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 1500)
            let episode = "checkout/error-rate/2026-11-20T12:05:00Z"
            #expect(await commands.verdicts()[..<3] == ["12:00 clean", "12:05 breach", "12:10 clean"])
            #expect(
                await commands.run("excuse", "checkout/error-rate/2026-11-20T12:10:00Z", "--reason", "x", "--by", "y")
                    == Run(
                        .wrong,
                        errors: "hotfix: There is no episode 'checkout/error-rate/2026-11-20T12:10:00Z'. Open are:"
                            + " none.\n"))
            let excuse = ["excuse", episode, "--reason", "load test", "--by", "ann"]
            #expect(
                await commands.run(excuse)
                    == Run(.done, "Episode \(episode) is excused: its windows are unproven, never clean.\n"))
            #expect(
                await commands.run(excuse) == Run(.wrong, errors: "hotfix: Episode '\(episode)' is excused already.\n"))
            #expect(await commands.verdicts()[..<3] == ["12:00 clean", "12:05 unproven excused", "12:10 clean"])
            let explained = await commands.run("explain", "checkout", "--at", "2026-11-20T12:05:00Z")
            #expect(explained.output.hasPrefix("checkout/error-rate: unproven (excused)\n"))
            let json = await commands.run("explain", "checkout", "--at", "2026-11-20T12:05:00Z", "--format", "json")
            #expect(
                json.output.contains(
                    "\"verdict\": \"unproven\",\n    \"reason\": \"excused\",\n    \"confirmed\": false,"))
            let readiness = await commands.run("readiness")
            #expect(readiness.output.contains("Proven:   20 min of 30 min, since 2026-11-20T12:00:00Z\n"))
            #expect(readiness.output.contains("  Episode \(episode) was excused by ann: load test.\n"))
        }
    }

    @Test("an open episode is named where another is asked for")
    func openEpisode() async throws {
        try await withSentry([project { $0 >= noon ? 500 : 50 }], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            let run = await commands.run("excuse", "checkout", "--reason", "x", "--by", "y")
            #expect(run.errors.hasSuffix("Open are: checkout/error-rate/2026-11-20T12:00:00Z.\n"))
        }
    }

    private let twoGuardrails =
        errorPolicy + "  failures: {source: sentry, measure: failure-rate, limit: {above: 50%}}\n"

    @Test("a dropped guardrail proves nothing until it is accepted")
    func accept() async throws {
        var both = project()
        both.transactions = { _ in .init(100, failed: 1) }
        try await withSentry([both], policy: twoGuardrails, now: noon) { lab in
            let commands = lab.commands
            let accept = ["accept", "--reason", "no longer traced", "--by", "ann"]
            #expect(
                await commands.run(at: noon, "deployed", "--commit", commit, "--no-incident").status == .done)
            await commands.checks(from: noon, to: noon + 300)
            #expect(
                await commands.run(accept)
                    == Run(
                        .wrong,
                        errors: "hotfix: No guardrail that the deployment counts on was dropped; there is nothing to"
                            + " accept.\n"))
            try commands.write(errorPolicy, to: "policy.yaml")
            await commands.checks(from: noon + 300, to: noon + 600)
            let dropped = await commands.run("readiness")
            #expect(
                dropped.output.contains(
                    "  checkout/failures was dropped from the configuration: its windows are unproven (not-watched) until"
                        + " 'hotfix accept'.\n"))
            #expect(dropped.output.contains("Proven:   5 min of 30 min"))
            let explained = await commands.run("explain", "checkout", "failures", "--at", "2026-11-20T12:05:00Z")
            #expect(
                explained.output.hasPrefix(
                    """
                    checkout/failures
                      window   2026-11-20T12:05:00Z to 2026-11-20T12:10:00Z
                      verdict  unproven (not-watched)

                    """))
            #expect(await commands.run(accept) == Run(.done, "Accepted without: checkout/failures.\n"))
            let accepted = await commands.run("readiness")
            #expect(
                accepted.output.contains(
                    "  checkout/failures was dropped from the configuration, which was accepted.\n"))
            #expect(accepted.output.contains("Proven:   10 min of 30 min"))
        }
    }

    @Test("an interval is left out of look-backs from the next check on, and listed")
    func exclusion() async throws {
        let bad = project { (noon - 4 * 3600..<noon).contains($0) ? 500 : 50 }
        try await withSentry([bad], now: noon) { lab in
            let commands = lab.commands
            let interval = "2026-11-20T08:00:00Z/2026-11-20T12:00:00Z"
            #expect(
                await commands.run(
                    "baseline", "exclude", interval, "--service", "checkout", "--reason", "outage", "--by", "ann")
                    == Run(.done, "Left out of look-backs from the next check on: \(interval).\n"))
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 900)
            #expect(
                await commands.run("baseline", "list")
                    == Run(
                        .done,
                        """
                        Left out of look-backs:
                          \(interval)  checkout  outage  ann
                        Stored baselines:
                          checkout/error-rate  2026-11-19T12:00:00Z to 2026-11-20T12:00:00Z  mean  10/min  240 of 288 windows

                        """))
            #expect(
                await commands.run("baseline", "list", "--format", "json")
                    == Run(
                        .done,
                        """
                        {
                          "exclusions": [
                            {
                              "from": "2026-11-20T08:00:00Z",
                              "to": "2026-11-20T12:00:00Z",
                              "service": "checkout",
                              "reason": "outage",
                              "by": "ann",
                              "recorded_at": "2026-11-20T12:00:00Z",
                              "id": 1
                            }
                          ],
                          "baselines": [
                            {
                              "id": 1,
                              "service": "checkout",
                              "guardrail": "error-rate",
                              "from": "2026-11-19T12:00:00Z",
                              "to": "2026-11-20T12:00:00Z",
                              "statistic": "mean",
                              "values": [
                                10
                              ],
                              "windows_used": 240,
                              "windows_possible": 288,
                              "deployment": 1,
                              "stored_at": "2026-11-20T12:17:10Z",
                              "series": 1,
                              "unit": "1/min"
                            }
                          ]
                        }

                        """))
        }
    }
}
