import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix init", .heavy)
struct InitCommandTests {
    @Test("creates the branch of the day from origin's main, pushes and follows it, and records who did what")
    func begins() async throws {
        try await RunbookScene.with { scene in
            let main = try await scene.repository.id("main")
            let run = await scene.lab.run("init", "--yes")
            #expect(run.status == .done, "\(run.errors)")
            #expect(
                run.output == """
                    1. Fetch origin, and create the branch 'release/hotfix-20261120' from 'origin/main' (\(main.prefix(12))).
                    2. Push 'release/hotfix-20261120' to origin, and follow it there.
                    → Fetch origin, and create the branch 'release/hotfix-20261120' from 'origin/main' (\(main.prefix(12))).
                    → Push 'release/hotfix-20261120' to origin, and follow it there.
                    The hotfix 'release/hotfix-20261120' is under way.

                    """)
            #expect(try await scene.atOrigin(RunbookScene.branch) == main)
            #expect(
                try await scene.repository.git("rev-parse", "--abbrev-ref", "@{upstream}")
                    == "origin/\(RunbookScene.branch)")
            #expect(try scene.text("branch", "name") == RunbookScene.branch)
            #expect(try scene.text("branch", "base") == "origin/main")
            #expect(try scene.text("branch", "baseCommit") == main)
            #expect(try scene.text("branch", "createdAt") == "2026-11-20T12:00:00.000Z")
            #expect(try scene.flag("branch", "created") && scene.flag("branch", "pushed"))
            #expect(
                try scene.status().history.map(\.by) == Array(repeating: "Ada Lovelace <ada@example.com>", count: 2))
        }
    }

    @Test("is done already the second time, the next day too, and writes nothing")
    func again() async throws {
        try await RunbookScene.with { scene in
            await scene.lab.run("init", "--yes")
            let before = try (await scene.repository.state(), scene.lab.files()["docs/OPERATIONS/hotfix-status.json"])
            scene.lab.now = noon + 86_400
            let run = await scene.lab.run("init")
            #expect(run.status == .done, "\(run.errors)")
            #expect(run.output.contains("(done already)\n2. Push"))
            #expect(try await scene.repository.state() == before.0)
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == before.1)
        }
    }

    @Test("changes nothing in a dry run, without a confirmation, and where somebody says no")
    func unconfirmed() async throws {
        try await RunbookScene.with { scene in
            let before = try await scene.repository.state()
            let other = try await scene.repository.clone("other")
            try await other.commit("Paint the shop", ["paint.txt": "green\n"])
            try await other.git("push", "--quiet", "origin", "main")
            let main = try await other.id()
            let start = try await scene.repository.state()
            #expect(start != before)
            let plan = await scene.lab.run("init", "--dry-run")
            #expect(plan.status == .done && plan.output.contains("'origin/main' (\(main.prefix(12)))"), "\(plan)")
            #expect(await scene.lab.run("init").status == .wrong)
            #expect(await scene.run(answering: "no", "init").status == .no)
            #expect(await scene.run(answering: "", "init").status == .no)
            #expect(await scene.run(answering: nil, "init").errors.contains("Say --yes"))
            #expect(try await scene.repository.state() == start)
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == nil)
            #expect(await scene.run(answering: "y", "init").status == .done)
            #expect(try await scene.repository.id() == main)
        }
    }

    @Test("refuses a dirty work tree, the tracker's own two files apart")
    func dirty() async throws {
        try await RunbookScene.with { scene in
            try scene.repository.write("shut\n", to: "shop.txt")
            try scene.repository.write("new\n", to: "new.txt")
            let run = await scene.lab.run("init", "--yes")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("not committed: 'shop.txt', 'new.txt'."), "\(run.errors)")
            try await scene.repository.git("checkout", "--quiet", "--", ".")
            try await scene.repository.git("clean", "--quiet", "--force")
            try scene.repository.write("# Report\n", to: "docs/OPERATIONS/hotfix-outstanding-items.md")
            try scene.repository.write("{}\n", to: "docs/OPERATIONS/hotfix-status.json")
            #expect(await scene.lab.run("init", "--yes").status == .done)
        }
    }

    @Test("goes on where it broke off, and says what was done until there")
    func brokeOff() async throws {
        for fault in FaultyGit.Fault.allCases {
            try await RunbookScene.with { scene in
                try scene.faulty.fail(fault, at: .first("push --porcelain"))
                let run = await scene.lab.run("init", "--yes")
                #expect(run.status == (fault == .rejected ? .no : .unfinished), "\(fault): \(run)")
                #expect(!run.errors.contains("swordfish"))
                #expect(try scene.flag("branch", "created"))
                #expect(try scene.flag("branch", "pushed") == (fault == .answerLost))
                try scene.faulty.fail(nil)
                #expect(await scene.lab.run("init", "--yes").status == .done)
                #expect(try scene.flag("branch", "pushed"))
                #expect(try await scene.atOrigin(RunbookScene.branch) != nil)
            }
        }
    }

    @Test("takes over a branch of the name that holds the base, and refuses one that does not")
    func existing() async throws {
        try await RunbookScene.with { scene in
            let other = try await scene.repository.clone("other")
            try await other.git("switch", "--quiet", "--create", "hotfix/door")
            let head = try await other.commit("Mend the door", ["door.txt": "mended\n"])
            try await other.git("push", "--quiet", "origin", "hotfix/door")
            #expect(await scene.lab.run("init", "--yes", "--branch", "hotfix/door").status == .done)
            #expect(try await scene.repository.id() == head)

            try await scene.repository.git("switch", "--quiet", "--orphan", "hotfix/elsewhere")
            try await scene.repository.commit("Begin elsewhere")
            let run = await scene.lab.run(
                "init", "--yes", "--branch", "hotfix/elsewhere", "--replace", "--reason", "The door was fine")
            #expect(run.status == .wrong && run.errors.contains("does not hold 'origin/main'"), "\(run)")
            #expect(try scene.text("branch", "name") == "hotfix/door")
        }
    }

    @Test("refuses another hotfix while one is under way, unless it is replaced with a reason")
    func another() async throws {
        try await RunbookScene.with { scene in
            await scene.lab.run("init", "--yes")
            await scene.lab.run("tag", "--yes", "--name", "begun")
            try StatusFile.update(path: scene.statusFile, at: noon) {
                $0.set("decommission", "documentationUpdated", to: .boolean(true))
                $0.set("approvals", to: .array([JSONValue("Ada")]))
                $0.set("theirs", to: JSONValue(5))
            }
            let refused = await scene.lab.run("init", "--yes", "--branch", "hotfix/window")
            #expect(refused.status == .wrong && refused.errors.contains("still here and at origin"), "\(refused)")
            #expect(await scene.lab.run("init", "--yes", "--branch", "hotfix/window", "--replace").status == .wrong)
            let run = await scene.lab.run(
                "init", "--yes", "--branch", "hotfix/window", "--replace", "--reason", "The door was fine")
            #expect(run.status == .done, "\(run)")
            let status = try scene.status()
            #expect(status["branch", "milestoneTags"] != .array([]))
            #expect(status["decommission", "documentationUpdated"] == .boolean(false))
            #expect(status["approvals"] == .null && status["theirs"] == JSONValue(5))
            #expect(status.history.last?.reason == "The door was fine")
        }
    }

    @Test("a version in the name has to come after the latest release")
    func versions() async throws {
        try await RunbookScene.with { scene in
            try await scene.repository.git("tag", "v1.0.0")
            try await scene.repository.commit("Go on", ["next.txt": "next\n"])
            for tag in ["v1.2.0", "v1.3.0-rc.1", "nightly"] { try await scene.repository.git("tag", tag) }
            try await scene.repository.git("push", "--quiet", "--tags", "origin", "main")
            let run = await scene.lab.run("init", "--yes", "--branch", "hotfix/v1.0.1-hotfix1", "--base", "v1.0.0")
            #expect(
                run
                    == Run(
                        .wrong,
                        errors:
                            "hotfix: 'hotfix/v1.0.1-hotfix1' names the version 1.0.1-hotfix1, which does not come after the latest "
                            + "release, v1.2.0. Name a later version, or say --older-line where it mends an older line.\n"
                    ))
            #expect(await scene.lab.run("init", "--dry-run", "--branch", "hotfix/v1.2.0-hotfix1").status == .done)
            let older = await scene.lab.run(
                "init", "--yes", "--older-line", "--branch", "hotfix/v1.0.1-hotfix1", "--base", "v1.0.0")
            #expect(older.status == .done, "\(older)")
            #expect(try await scene.repository.id() == scene.repository.id("v1.0.0"))
        }
    }

    @Test(
        "hostile names, bases and callers end it before anything is changed",
        arguments: [
            ["--branch=-x"], ["--branch", "a..b"], ["--branch", "a b"], ["--branch", "x\u{1B}[31m"], ["--branch", ""],
            ["--base=--upload-pack=touch x"], ["--base", "origin/--all"], ["--base", "nowhere"], ["--base", ""],
            ["--base", "HEAD\u{1B}[31m"], ["--by", ""], ["--reason", "Why"], ["--replace", "--reason", " "], ["--what"],
        ])
    func hostile(arguments: [String]) async throws {
        try await RunbookScene.with { scene in
            let before = try await scene.repository.state()
            let run = await scene.lab.run(["init", "--yes"] + arguments)
            #expect(run.status == .wrong && !run.errors.contains("\u{1B}"), "\(run)")
            #expect(try await scene.repository.state() == before)
        }
    }

    @Test("outside of a repository, without origin, and where origin is gone it says what is missing")
    func unfit() async throws {
        try await RunbookScene.with { scene in
            try await scene.repository.git("remote", "set-url", "origin", "https://ada:swordfish@localhost:1/shop.git")
            let gone = await scene.lab.run("init", "--yes")
            #expect(gone.status == .unfinished && !gone.errors.contains("swordfish"), "\(gone)")
            try await scene.repository.git("remote", "remove", "origin")
            #expect(await scene.lab.run("init", "--yes").status == .wrong)
        }
        try await withCommands(environment: ["PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": "/tmp"]) { lab in
            let run = await lab.run("init", "--yes", "--by", "Ada")
            #expect(run.status == .wrong && run.errors.contains("is in no work tree of git"), "\(run)")
        }
    }
}
