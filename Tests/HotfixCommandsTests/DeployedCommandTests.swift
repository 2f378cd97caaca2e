import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("hotfix deployed")
struct DeployedCommandTests {
    private let other = String(repeating: "b2", count: 20)

    @Test("a deployment with every option, in the list, taken back, closed")
    func life() async throws {
        let projects = [project(), project("pay", id: 7)]
        try await withSentry(projects, services: ["checkout", "pay"], now: noon) { lab in
            let commands = lab.commands
            #expect(
                await commands.run(
                    "deployed", "--commit", commit.uppercased(), "--branch", "release/hotfix", "--version", "v1",
                    "--beside", "v0", "--beside", "v0.9", "--at", "2026-11-20T11:59:00Z", "--incident",
                    "2026-11-20T08:00:00Z", "--reason", "checkout failed")
                    == Run(.done, "Deployment 1 of \(commit) at 2026-11-20T11:59:00Z is recorded for checkout, pay.\n"))
            #expect(
                await commands.run("deployed", "--commit", other, "--service", "pay", "--format", "json")
                    == Run(
                        .done,
                        """
                        {
                          "id": "2",
                          "branch": "release/hotfix",
                          "commit": "\(other)",
                          "version": null,
                          "at": "2026-11-20T12:00:00Z",
                          "recorded_at": "2026-11-20T12:00:00Z",
                          "services": [
                            "pay"
                          ],
                          "closed_at": null,
                          "voided_at": null,
                          "new_baseline": null,
                          "hotfix": "1",
                          "beside": [],
                          "incident": "unstated",
                          "void_reason": null
                        }

                        """))
            #expect(
                await commands.run("deployed", "--void", "2", "--reason", "another service")
                    == Run(.done, "Deployment 2 is taken back.\n"))
            #expect(
                await commands.run("deployed", "--void", "2", "--reason", "again")
                    == Run(.wrong, errors: "hotfix: Deployment 2 was taken back already: another service.\n"))
            #expect(
                await commands.run("deployed", "--void", "9", "--reason", "x")
                    == Run(.wrong, errors: "hotfix: There is no deployment 9. List them: hotfix deployed --list\n"))
            #expect(
                await commands.run("deployed", "--close") == Run(.done, "The hotfix release/hotfix is closed.\n"))
            #expect(await commands.run("deployed", "--close") == Run(.wrong, errors: "hotfix: No hotfix is open.\n"))
            #expect(
                await commands.run("deployed", "--list")
                    == Run(
                        .done,
                        """
                          1  2026-11-20T11:59:00Z  \(commit)  release/hotfix  checkout,pay  closed 2026-11-20T12:00:00Z
                          2  2026-11-20T12:00:00Z  \(other)  release/hotfix  pay           taken back: another service

                        """))
            #expect(
                await commands.run("baseline", "list")
                    == Run(
                        .done,
                        """
                        Left out of look-backs:
                          2026-11-20T08:00:00Z/2026-11-20T11:59:00Z  all services  incident: checkout failed

                        """))
        }
    }

    @Test("the result of --void and --close is JSON too")
    func json() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit)
            await commands.run("deployed", "--commit", other)
            let void = await commands.run("deployed", "--void", "2", "--reason", "x", "--format", "json")
            #expect(void.output.contains(#""voided_at": "2026-11-20T12:07:10Z""#))
            let close = await commands.run("deployed", "--close", "--format", "json")
            #expect(close.output.contains(#""closed_at": "2026-11-20T12:07:10Z""#))
            let list = await commands.run("deployed", "--list", "--format", "json")
            #expect(list.output.hasPrefix("[\n  {\n    \"id\": \"1\","))
        }
    }

    @Test("the same deployment at the same time is recorded once, however its commit is spelled")
    func again() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            let at = ["--at", "2026-11-20T12:00:00Z"]
            await commands.run(["deployed", "--commit", commit] + at)
            #expect(
                await commands.run(["deployed", "--commit", commit.uppercased()] + at)
                    == Run(.done, "Deployment 1 is recorded already; nothing changed.\n"))
            let json = await commands.run(["deployed", "--commit", commit, "--format", "json"] + at)
            #expect(json.output.hasPrefix("{\n  \"id\": \"1\","))
            let list = await commands.run("deployed", "--list")
            #expect(list.output.split(separator: "\n").count == 1)
        }
    }

    @Test("another branch is refused while a hotfix is open, and taken once it is closed")
    func branch() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--branch", "release/one")
            let second = ["deployed", "--commit", other, "--branch", "release/two"]
            #expect(
                await commands.run(second)
                    == Run(
                        .wrong,
                        errors: "hotfix: The hotfix 'release/one' is open. Close it first: hotfix deployed --close\n"))
            await commands.run("deployed", "--close")
            #expect(await commands.run(second).status == .done)
        }
    }

    @Test("without --branch it is the one of the tracker's status file; a file that is damaged is told")
    func trackerBranch() async throws {
        try await withSentry(more: "tracker: {status_file: status.json}") { lab in
            let commands = lab.commands
            try commands.write(#"{"branch": {"name": "release/hotfix-7"}}"#, to: "status.json")
            let run = await commands.run("deployed", "--commit", commit, "--format", "json")
            #expect(run.output.contains(#""branch": "release/hotfix-7""#))
            await commands.run("deployed", "--close")
            try commands.write(#"{"branch": "#, to: "status.json")
            let damaged = await commands.run("deployed", "--commit", commit)
            #expect(damaged == Run(.unusable, errors: damaged.errors))
            #expect(damaged.errors.hasPrefix("hotfix: \(commands.path("status.json")):1:"))
        }
    }

    @Test("what a reader would stumble over is told")
    func notes() async throws {
        try await withSentry { lab in
            let commands = lab.commands
            let short = await commands.run("deployed", "--commit", "a1a1a1a")
            #expect(
                short.errors == "hotfix: 'a1a1a1a' is not a full commit id, so this deployment opens no gate.\n")
            let older = await commands.run("deployed", "--commit", commit, "--at", "2026-11-20T11:00:00Z")
            #expect(older.errors == "hotfix: Deployment 1 is newer, so the streak counts from that one.\n")
            let empty = await commands.run("deployed", "--void", "1", "--reason", "x")
            #expect(empty.status == .done)
        }
    }

    @Test("an incident is left out of the look-back; a new baseline moves it, which is shown")
    func lookback() async throws {
        // The four hours before the deployment were bad: counted in, they raise the limit.
        let bad = project { (noon - 4 * 3600..<noon).contains($0) ? 500 : 50 }
        try await withSentry([bad], now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit)
            #expect(await commands.checks(from: noon, to: noon + 900).status == .done)
            let before = await commands.run("readiness")
            #expect(before.output.contains("baseline 25/min"))
            #expect(
                before.output.contains(
                    """
                    To know:
                      48 windows of the look-back of checkout/error-rate lie over the limit that its median would give; \
                    name the incident (hotfix deployed --incident) or say that there was none (--no-incident).

                    """))
            let redeployed = await commands.run(
                "deployed", "--commit", other, "--incident", "2026-11-20T08:00:00Z/2026-11-20T12:00:00Z",
                "--new-baseline", "--reason", "a new start")
            #expect(redeployed.status == .done)
            #expect(await commands.checks(from: noon + 900, to: noon + 2400).status == .done)
            let after = await commands.run("readiness")
            #expect(after.output.contains("baseline 10/min"))
            #expect(after.output.contains("  Deployment 2 moved the baseline: a new start.\n"))
            #expect(
                after.output.contains(
                    "  Left out of look-backs: 2026-11-20T08:00:00Z/2026-11-20T12:00:00Z, incident: a new start.\n"))
        }
    }

    @Test(
        "what a source has recorded is not read on behalf of a server",
        arguments: [["--server", "http://127.0.0.1:1"], []])
    func fromForServer(options: [String]) async throws {
        try await withCommands(environment: options.isEmpty ? ["HOTFIX_SERVER": "http://127.0.0.1:1"] : [:]) { lab in
            let run = await lab.run(["deployed", "--from", "sentry"] + options)
            #expect(run.status == .wrong)
            #expect(run.errors.contains("Leave out --from, or --server and $HOTFIX_SERVER."), "\(run.errors)")
        }
    }
}
