import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

private let branch = "release/hotfix-20261120"

private func tracker(_ more: String = "") -> String {
    """
    {
      "branch": {
        "name": "\(branch)",
        "base": "origin/main",
        "created": true,
        "pushed": true,
        "milestoneTags": []
      }\(more)
    }

    """
}

@Suite("hotfix status", .heavy)
struct StatusCommandTests {
    @Test("of a tracker that is not there yet tells all that is left to do, and writes nothing")
    func missing() async throws {
        try await withCommands { lab in
            let run = await lab.run("status")
            #expect(run.status == .done, "\(run.errors)")
            #expect(
                run.output == """
                    \(lab.path("docs/OPERATIONS/hotfix-status.json")) is not there yet:
                      Branch         none yet, from origin/main
                      Milestones     none
                      Observability  Sentry thresholds pending, OpenTelemetry thresholds pending
                      UAT            not scheduled, feedback pending
                      Stability      no check has written here yet
                      Decommission   not merged to main, legacy branches not removed, documentation not updated
                    Outstanding:
                      1. Create the hotfix branch and push it (hotfix init)
                      2. Tag at least one milestone (hotfix tag --name ID)
                      3. Configure the Sentry thresholds (hotfix observability --sentry --verify)
                      4. Configure the OpenTelemetry thresholds (hotfix observability --otel --verify)
                      5. Schedule UAT (hotfix uat --scheduled TIME)
                      6. Log the feedback of UAT (hotfix uat --feedback)
                      7. Prove 48 h of stability: no check has written here yet (hotfix readiness)
                      8. Merge to main (hotfix complete --merged --do)
                      9. Remove the legacy branches (hotfix complete --legacy)
                      10. Update the documentation (hotfix complete --docs)

                    """)
            let files = try lab.files()
            #expect(files.isEmpty)
        }
    }

    @Test("tells how far the streak is, and believes no check that is too old")
    func stability() async throws {
        let stability = """
            ,
              "stability": {
                "state": "ready", "requiredSeconds": 172800, "provenSeconds": 172800,
                "evaluatedUntil": "2026-11-20T12:00:00.000Z", "freshUntil": "2026-11-20T12:20:00.000Z"
              },
              "deployment": { "commit": "4f2c1d0", "branch": "\(branch)" }
            """
        try await withCommands(["s.json": tracker(stability)], now: noon + 1200) { lab in
            let fresh = await lab.run("status", "--status-file", "s.json", "--file-only")
            #expect(fresh.output.contains("\n  Stability      48 h proven, ready\n"))
            #expect(!fresh.output.contains("Prove 48 h"))
            lab.now = noon + 1201
            let old = await lab.run("status", "--status-file", "s.json", "--file-only")
            #expect(
                old.output.contains(
                    ". Prove 48 h of stability: 48 h proven, ready, but evaluated until 2026-11-20T12:00:00Z, which proves "
                        + "nothing now: is the agent running? (hotfix readiness)\n"))
            let json = await lab.run("status", "--status-file", "s.json", "--file-only", "--format", "json")
            let root = try #require(try JSONParser.value(of: Array(json.output.utf8)).object)
            #expect(root["isProven"] == .boolean(false))
            #expect(root["git"] == .null)
            #expect(root["status"]?.object?["stability"]?.object?["state"] == JSONValue("ready"))
            guard case .array(let tasks)? = root["outstanding"] else {
                Issue.record("\(json.output)")
                return
            }
            #expect(tasks.first?.object?["task"] == JSONValue("milestone-tag"))
        }
    }

    @Test("with --file-only and --status-file reads neither configuration nor git")
    func fileOnly() async throws {
        let environment = ["PATH": "/nowhere", "HOTFIX_CONFIG": "/nowhere/hotfix.yaml"]
        try await withCommands(["s.json": tracker(), "hotfix.yaml": "]"], environment: environment) { lab in
            let run = await lab.run("status", "--status-file", "s.json", "--file-only")
            #expect(run.status == .done && run.errors.isEmpty)
            #expect(run.output.contains("\n  Branch         \(branch) from origin/main, created, pushed\n"))
            #expect(await lab.run("status", "--status-file", "s.json").status == .wrong)
        }
    }

    @Test("writes the report where it is told to, once")
    func report() async throws {
        try await withCommands(["s.json": tracker()]) { lab in
            let arguments = ["status", "--status-file", "s.json", "--file-only", "--write", "docs/report.md"]
            #expect(await lab.run(arguments).status == .done)
            let report = String(decoding: try #require(try lab.files()["docs/report.md"]), as: UTF8.self)
            #expect(report.hasPrefix("# Hotfix: Outstanding Items\n"))
            #expect(report.contains("\n- [ ] Tag at least one milestone (`hotfix tag --name ID`)\n"))
            let onto = await lab.run("status", "--status-file", "s.json", "--file-only", "--write", "s.json")
            #expect(onto.status == .wrong)
            let place = await lab.run("status", "--status-file", "s.json", "--file-only", "--write", ".")
            #expect(place.status == .wrong, "\(place)")
            #expect(await lab.run("status", "--status-file", ".", "--file-only").status == .wrong)
            #expect(mkfifo(lab.path("pipe"), 0o600) == 0)
            #expect(await lab.run("status", "--status-file", "pipe", "--file-only").status == .wrong)
            #expect(await lab.run("uat", "--status-file", "pipe", "--feedback", "--by", "Ada").status == .wrong)
            #expect(unlink(lab.path("pipe")) == 0)
            #expect(try lab.files()["s.json"] == Data(tracker().utf8))
            #expect(await lab.run("status", "--write", "").status == .wrong)
        }
    }

    @Test("says where git and the file differ, and which branches have which commit")
    func differences() async throws {
        try await withTestRepository { repository in
            try await repository.git("switch", "--quiet", "--create", branch)
            try await repository.commit("Mend the till\u{1b}[2J", ["till.txt": "shut\n"])
            try await repository.commit("Mend the door", ["door.txt": "open\n"])
            let lab = CommandLab(directory: repository.directory, environment: repository.environment, now: noon)
            try lab.write(tracker(), to: "docs/OPERATIONS/hotfix-status.json")
            let local = await lab.run("status")
            #expect(local.status == .done, "\(local.errors)")
            #expect(
                local.output.contains(
                    "\nWhere git says otherwise:\n  The file says that '\(branch)' was pushed; origin has no such branch.\n"
                ))
            #expect(local.output.contains("\nThe hotfix's commits:\n  main  0 of 2 commits\n"))
            #expect(local.output.contains(" Mend the till\u{FFFD}[2J: not in main\n"))

            try await repository.git("push", "--quiet", "origin", branch)
            try await repository.git("switch", "--quiet", "main")
            // On the hotfix's own parent, within the same second, a cherry-pick makes the very same commit.
            try await repository.commit("Paint the shop", ["paint.txt": "blue\n"])
            try await repository.git("cherry-pick", "\(branch)~1")
            try await repository.git("push", "--quiet", "origin", "main")
            let picked = await lab.run("status")
            #expect(picked.output.contains("\nGit says the same.\n"))
            #expect(picked.output.contains("\n  main  1 of 2 commits\n"))
            #expect(!picked.output.contains("Mend the till"))
            #expect(picked.output.contains(" Mend the door: not in main\n"))

            try await repository.git("merge", "--quiet", "--no-edit", branch)
            try await repository.git("push", "--quiet", "origin", "main")
            let merged = await lab.run("status", "--write", "report.md")
            #expect(merged.output.contains("The file says that the hotfix is not merged; 'main' at origin has it."))
            #expect(merged.output.contains("\n  main  all of it\n"))
            let report = String(decoding: try #require(try lab.files()["report.md"]), as: UTF8.self)
            // What git says is not in the report, lest it change to and fro with the checks', which do not ask.
            let alone = await lab.run("status", "--file-only", "--write", "alone.md")
            #expect(alone.status == .done)
            #expect(try lab.files()["alone.md"] == Data(report.utf8))
            let json = await lab.run("status", "--format", "json")
            let git = try #require(try JSONParser.value(of: Array(json.output.utf8)).object?["git"]?.object)
            #expect(git["isCompared"] == .boolean(true))
        }
    }

    @Test("claims nothing of branches where nothing shows which commits are the hotfix's, unless init has recorded it")
    func unknownStart() async throws {
        try await withTestRepository { repository in
            let base = try await repository.id()
            try await repository.git("push", "--quiet", "origin", "main:develop")
            try await repository.git("switch", "--quiet", "--create", branch)
            let first = try await repository.commit("Mend the till", ["till.txt": "shut\n"])
            let head = try await repository.commit("Mend the door", ["door.txt": "open\n"])
            try await repository.git("push", "--quiet", "origin", branch, "\(branch):main")
            try await repository.git("switch", "--quiet", "--create", "develop", base)
            try await repository.commit("Paint the shop", ["paint.txt": "blue\n"])
            try await repository.git("cherry-pick", head)
            try await repository.git("push", "--quiet", "origin", "develop")
            let lab = CommandLab(directory: repository.directory, environment: repository.environment, now: noon)
            func status(_ baseCommit: String?) async throws -> (text: String, git: JSONObject) {
                let key = baseCommit.map { #", "baseCommit": "\#($0)""# } ?? ""
                try lab.write(tracker().replacing("[]", with: "[]" + key), to: "s.json")
                let run = await lab.run("status", "--status-file", "s.json")
                #expect(run.status == .done, "\(run.errors)")
                let json = await lab.run("status", "--status-file", "s.json", "--format", "json")
                let root = try JSONParser.value(of: Array(json.output.utf8)).object
                return (run.output, try #require(root?["git"]?.object))
            }
            let unknown = try await status(nil)
            #expect(
                unknown.text.contains(
                    "\nWhere the hotfix began is not known, or it has no commits of its own. Its head "
                        + "\(head.prefix(10)):\n  main     has it\n  develop  not known\n"))
            #expect(!unknown.text.contains("not in develop"))
            #expect(unknown.git["isStartKnown"] == .boolean(false))
            #expect(
                unknown.git["commits"]?.line.contains(#""branches":{"main":"ancestor","develop":"unknown"}"#) == true)

            let known = try await status(base)
            #expect(
                known.text.contains(
                    "\nThe hotfix's commits since it began, as it is recorded:\n  main     all of it\n  develop  1 of 2 commits\n"
                ))
            #expect(known.text.contains("  \(first.prefix(10)) Mend the till: not in develop\n"))
            #expect(known.git["isStartKnown"] == .boolean(true) && known.git["isStartRecorded"] == .boolean(true))
            let none = try await status(head)
            #expect(none.text.contains("\nThe hotfix has no commits of its own yet.\n"))
            // A commit that the branch does not come from says nothing.
            let other = try await status(try await repository.id("develop"))
            #expect(other.text.contains("Where the hotfix began is not known"))
        }
    }

    @Test("falls back on what was fetched where origin does not answer, and ends with 3")
    func unreachable() async throws {
        try await withTestRepository { repository in
            try await repository.git("switch", "--quiet", "--create", branch)
            try await repository.git("push", "--quiet", "origin", branch)
            let lab = CommandLab(directory: repository.directory, environment: repository.environment, now: noon)
            try lab.write(tracker(), to: "s.json")
            try FileManager.default.removeItem(atPath: repository.origin)
            let run = await lab.run("status", "--status-file", "s.json")
            #expect(run.status == .unfinished)
            #expect(run.output.contains("\n  Branch         \(branch) from origin/main, created, pushed\n"))
            #expect(run.output.contains("\nGit says the same, as far as it was asked.\n"))
            #expect(run.errors.hasPrefix("hotfix: Origin could not be asked, and is shown as it was last fetched: "))
            #expect(run.errors.hasSuffix("then run the command again.\n"))
            #expect(!run.output.contains("last fetched"))
            let json = await lab.run("status", "--status-file", "s.json", "--format", "json")
            #expect(json.status == .unfinished && json.errors.isEmpty)
            let git = try #require(try JSONParser.value(of: Array(json.output.utf8)).object?["git"]?.object)
            #expect(git["isCompared"] == .boolean(false))
            guard case .array(let caveats)? = git["caveats"] else {
                Issue.record("\(json.output)")
                return
            }
            #expect(caveats.map { "hotfix: \(text($0))\n" } == [run.errors])
        }
    }

    @Test("outside of a repository git is not asked, and that is said")
    func noRepository() async throws {
        try await withCommands(["s.json": tracker()], environment: ["PATH": "/usr/bin:/bin"]) { lab in
            let run = await lab.run("status", "--status-file", "s.json")
            #expect(run.status == .done)
            #expect(run.output.contains("\n  Git was not asked: "))
        }
    }

    @Test("a file that cannot be used ends with 5", arguments: ["{]", #"{"branch": {"created": "yes"}}"#, ""])
    func damaged(_ text: String) async throws {
        try await withCommands(["s.json": text]) { lab in
            let run = await lab.run("status", "--status-file", "s.json", "--file-only")
            #expect(run.status == .unusable && run.output.isEmpty)
        }
    }
}

/// The text of a string of JSON.
private func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { text.text } else { "" }
}
