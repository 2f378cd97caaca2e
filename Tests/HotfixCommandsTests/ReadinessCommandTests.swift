import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix readiness and hotfix explain")
struct ReadinessCommandTests {
    @Test("what rounds to nothing from below has one sign")
    func nothingBelow() async throws {
        try await withSentry([project { $0 == noon - 3600 ? 51 : 50 }], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 300)
            let run = await lab.commands.run("readiness")
            #expect(run.output.contains("baseline 10.001/min  limit 12.501/min  +0.0%\n"), "\(run.output)")
        }
    }

    @Test("a service that counts, as text and as JSON")
    func counting() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--branch", "release/hotfix", "--no-incident")
            await commands.checks(from: noon, to: noon + 600)
            let state = """
                Deployed: \(commit) of release/hotfix at 2026-11-20T12:00:00Z
                Proven:   10 min of 30 min, since 2026-11-20T12:00:00Z
                Earliest: 2026-11-20T12:30:00Z
                Evaluated until 2026-11-20T12:10:00Z

                checkout: counting, 10 min proven, 0 unproven and 0 missing windows since 2026-11-20T12:00:00Z
                  error-rate  clean  10/min  baseline 10/min  limit 12.5/min  +0.0%

                To know:
                  No heartbeat is configured: when no check runs any more, nothing tells anybody.

                """
            #expect(await commands.run("readiness") == Run(.no, "NOT READY: counting\n" + state))
            let terminal = await commands.run("readiness", isTerminal: true)
            #expect(terminal.output.contains("Earliest: 2026-11-20T12:30:00Z (in 17 min)\n"))
            #expect(terminal.output.contains("Evaluated until 2026-11-20T12:10:00Z (2 min ago)\n"))
            #expect(
                await commands.run("readiness", "--service", "checkout", "--format", "json")
                    == Run(
                        .no,
                        """
                        {
                          "state": "counting",
                          "state_reason": null,
                          "ready": false,
                          "required_seconds": 1800,
                          "proven_seconds": 600,
                          "since": "2026-11-20T12:00:00Z",
                          "earliest_ready": "2026-11-20T12:30:00Z",
                          "evaluated_until": "2026-11-20T12:10:00Z",
                          "deployment": {
                            "id": "1",
                            "branch": "release/hotfix",
                            "commit": "\(commit)",
                            "version": null,
                            "at": "2026-11-20T12:00:00Z",
                            "recorded_at": "2026-11-20T12:00:00Z",
                            "services": [
                              "checkout"
                            ],
                            "closed_at": null,
                            "voided_at": null,
                            "new_baseline": null,
                            "hotfix": "1",
                            "beside": [],
                            "incident": "none",
                            "void_reason": null
                          },
                          "services": [
                            {
                              "name": "checkout",
                              "state": "counting",
                              "state_reason": null,
                              "deployment": "1",
                              "commit": "\(commit)",
                              "required_seconds": 1800,
                              "proven_seconds": 600,
                              "since": "2026-11-20T12:00:00Z",
                              "since_reason": "deployment",
                              "earliest_ready": "2026-11-20T12:30:00Z",
                              "evaluated_until": "2026-11-20T12:10:00Z",
                              "unproven_windows": 0,
                              "missing_windows": 0,
                              "guardrails": [
                                {
                                  "name": "error-rate",
                                  "verdict": "clean",
                                  "reason": null,
                                  "window_start": "2026-11-20T12:05:00Z",
                                  "value": 10,
                                  "baseline": 10,
                                  "limit": 12.5,
                                  "change_percent": 0,
                                  "baseline_windows": 288,
                                  "coverage": 1,
                                  "unit": "1/min",
                                  "baseline_possible": 288,
                                  "baseline_silent": false
                                }
                              ],
                              "last_breach": null,
                              "not_watched": [],
                              "version": null
                            }
                          ],
                          "episodes": [],
                          "notes": [
                            "No heartbeat is configured: when no check runs any more, nothing tells anybody."
                          ],
                          "other_deployments": [],
                          "unrecorded_deploys": [],
                          "silences": []
                        }

                        """))
        }
    }

    @Test("a service that breaches: what, when, by how much")
    func breaching() async throws {
        try await withSentry([project { $0 >= noon ? 70 : 50 }], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 300)
            #expect(
                await commands.run("readiness")
                    == Run(
                        .no,
                        """
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

                        To know:
                          No heartbeat is configured: when no check runs any more, nothing tells anybody.

                        """))
            let json = await commands.run("readiness", "--format", "json")
            #expect(
                json.output.contains(
                    """
                          "last_breach": {
                            "guardrail": "error-rate",
                            "window_start": "2026-11-20T12:00:00Z",
                            "value": 14,
                            "limit": 12.5
                          },
                    """))
            #expect(
                json.output.contains(
                    """
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
                    """))
        }
    }

    @Test("ready, stale with time, and what it was before")
    func ages() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 1800)
            let ready = await commands.run("readiness")
            #expect(ready.status == .done)
            #expect(ready.output.hasPrefix("READY since 2026-11-20T12:30:00Z\n"))
            let before = await commands.run("readiness", "--at", "2026-11-20T12:20:00Z")
            #expect(before.status == .no)
            #expect(before.output.contains("Proven:   20 min of 30 min"))
            commands.now = noon + 1800 + 1201
            let stale = await commands.run("readiness")
            #expect(stale.status == .no)
            #expect(stale.output.hasPrefix("NOT READY: blind (the newest window is too old: is the agent running?)\n"))
            #expect(await commands.run("readiness", "--max-age", "30m").status == .done)
        }
    }

    @Test("without a deployment it says how to record one, without a ledger how one comes to be")
    func empty() async throws {
        try await withSentry { lab in
            let missing = await lab.commands.run("readiness")
            #expect(
                missing
                    == Run(
                        .unusable,
                        errors: "hotfix: There is no ledger at '\(lab.commands.path(".hotfix/ledger.db"))'."
                            + " `hotfix deployed` or `hotfix check` makes it; if there should be one, correct `state` in the"
                            + " configuration.\n"))
            await lab.commands.run("check")
            let run = await lab.commands.run("readiness")
            #expect(run.status == .no)
            #expect(
                run.output.hasPrefix("NOT READY: not deployed. Record the deployment: hotfix deployed --commit SHA\n"))
        }
    }

    @Test("a verdict is explained with everything it was reached from")
    func explained() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            await commands.checks(from: noon, to: noon + 900)
            let expected = """
                checkout/error-rate: clean
                  window     2026-11-20T12:05:00Z to 2026-11-20T12:10:00Z
                  verdict    clean
                  value      10/min
                  outcomes   50 errors accepted, 0 dropped, something accepted in the hour
                  limit      +25%, 12.5/min
                  change     +0.0%
                  baseline   10/min, mean of 24h
                  look-back  288 of 288 windows, coverage 100%
                             2026-11-19T12:00:00Z to 2026-11-20T12:00:00Z, stored as 1 at 2026-11-20T12:17:10Z, \
                anchored at deployment 1
                  policy     version 1 of checkout, adopted 2026-11-20T12:07:10Z
                  source     sentry, events-timeseries
                  query      GET \(lab.server.url)/api/0/organizations/acme/events-timeseries/?dataset=errors&\
                yAxis=count()&interval=5m&project=101&environment=production
                  evaluated  2026-11-20T12:17:10Z, revision 1

                """
            let all = await commands.run("explain", "checkout", "--at", "2026-11-20T12:09:59Z")
            #expect(all == Run(.done, all.output))
            #expect(all.output.hasPrefix(expected + "\nValue in /min, 2026-11-20T06:10:00Z to 2026-11-20T12:10:00Z\n"))
            #expect(await commands.run("explain", "checkout", "error-rate", "--at", "2026-11-20T12:05:00Z") == all)
            let json = await commands.run("explain", "checkout", "--at", "2026-11-20T12:05:00Z", "--format", "json")
            #expect(json.output.contains("\"baseline_id\": 1,\n    \"lookback_start\": \"2026-11-19T12:00:00Z\""))
            let future = await commands.run("explain", "checkout", "--at", "2026-11-20T12:20:00Z")
            #expect(
                future.output.hasPrefix(
                    """
                    checkout/error-rate
                      window   2026-11-20T12:20:00Z to 2026-11-20T12:25:00Z
                      verdict  missing: it could not be asked, or was not due

                    Value in /min, 2026-11-20T06:25:00Z to 2026-11-20T12:25:00Z

                    """))
            let missing = await commands.run("explain", "checkout", "--at", "2026-11-20T12:20:00Z", "--format", "json")
            func keys(_ run: Run) -> [Substring] {
                run.output.split(separator: "\n").filter { $0.hasPrefix("    \"") }.map { $0.prefix { $0 != ":" } }
            }
            #expect(keys(missing) == keys(json))
            #expect(missing.output.contains("\"verdict\": \"missing\",\n    \"reason\": null,"))
            #expect(
                await commands.run("explain", "checkout", "latency")
                    == Run(.wrong, errors: "hotfix: 'latency' is no guardrail of 'checkout'. It has: error-rate.\n"))
        }
    }
}
