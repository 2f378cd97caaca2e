import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix complete: what is recorded", .heavy)
struct CompleteCommandTests {
    @Test("a merge is refused with the reasons while nothing is proven, and recorded with a reason all the same")
    func unproven() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            let file = try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"]
            let refused = await scene.lab.run("complete", "--merged", "done", "--docs")
            #expect(refused.status == .no && refused.errors.contains("Nothing is proven"), "\(refused)")
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == file)
            #expect(await scene.lab.run("complete", "--merged", "--override").status == .wrong)
            #expect(await scene.lab.run("complete", "--merged", "--reason", "x").status == .wrong)
            let run = await scene.lab.run("complete", "--merged", "--override", "--reason", "Merged at night by Bob")
            #expect(run.status == .done && run.output == "merged to main: done\n")
            #expect(run.errors.contains("Git says otherwise: 'main' at origin does not hold"), "\(run)")
            let last = try scene.status().history.last
            #expect(last?.did == "Recorded 'merged to main' as done." && last?.reason == "Merged at night by Bob")
            #expect(await scene.lab.run("complete", "--merged", "no").status == .done)
            #expect(try !scene.flag("decommission", "mergedToMain"))
        }
    }

    @Test("a merge is recorded once the branch's head at origin is what was deployed and its streak is ready")
    func proven() async throws {
        try await withSentry(now: noon) { sentry in
            let environment = ["HOTFIX_CONFIG": sentry.commands.path("hotfix.yaml")]
            try await RunbookScene.with(environment: environment) { scene in
                let head = try await scene.beginHotfix()
                await sentry.commands.run("deployed", "--commit", head, "--no-incident")
                #expect(await scene.lab.run("complete", "--merged").errors.contains("The hotfix is counting."))
                await sentry.commands.checks(from: noon, to: noon + 1800)
                scene.lab.now = sentry.commands.now
                try await scene.repository.commit("Mend more", ["more.txt": "x\n"])
                try await scene.repository.git("push", "--quiet", "origin", "HEAD")
                let other = await scene.lab.run("complete", "--merged")
                #expect(other.status == .no && other.errors.contains("is not what was deployed"), "\(other)")
                try await scene.repository.git("push", "--quiet", "--force", "origin", "\(head):\(RunbookScene.branch)")
                let run = await scene.lab.run("complete", "--merged")
                #expect(run.status == .done, "\(run)")
                #expect(try scene.status().history.last?.reason == nil)
            }
        }
    }

    @Test("the other flags are set and taken back in every word for it, and nothing is written where nothing changes")
    func flags() async throws {
        try await RunbookScene.with { scene in
            for word in ["true", "1", "YES", "y", "Done", "complete"] {
                #expect(await scene.lab.run("complete", "--legacy", word, "--docs", word).status == .done)
                #expect(try scene.flag("decommission", "legacyBranchesRemoved"))
                let file = try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"]
                scene.lab.now = scene.lab.now + 60
                #expect(await scene.lab.run("complete", "--legacy", "--docs").status == .done)
                #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == file)
                #expect(await scene.lab.run("complete", "--legacy", "todo", "--docs=n").status == .done)
                #expect(try !scene.flag("decommission", "documentationUpdated"))
            }
            #expect(try scene.status().history.count == 24)
            #expect(try scene.status().history.last?.did == "Recorded 'documentation updated' as pending.")
        }
    }

    @Test(
        "a call that says nothing, or two things at once, is wrong",
        arguments: [
            [], ["--docs", "maybe"], ["--yes", "--docs"], ["--into", "develop", "--docs"],
            ["--do", "--merged", "false"],
            ["--do", "--changelog", "a", "--no-changelog"], ["--do", "--changelog", " "],
            ["--do", "--yes", "--dry-run"],
            ["--docs", "--what"], ["--docs", "--override", "--reason", "a\nb"],
        ])
    func wrong(arguments: [String]) async throws {
        try await withCommands { lab in
            #expect(await lab.run(["complete"] + arguments).status == .wrong)
        }
    }

    @Test("a status file that cannot be used ends it with 5, and is left as it is")
    func unusable() async throws {
        try await RunbookScene.with { scene in
            try scene.repository.write("{\"branch\":", to: "docs/OPERATIONS/hotfix-status.json")
            for arguments in [
                ["complete", "--docs"], ["complete", "--do", "--yes"], ["init", "--yes"], ["tag", "--name", "m"],
            ] {
                #expect(await scene.lab.run(arguments).status == .unusable)
            }
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"]?.count == 10)
        }
    }
}
