import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix complete --do", .heavy)
struct CompleteDoTests {
    private let override = ["--override", "--reason", "The ledger is elsewhere"]

    private func complete(_ scene: RunbookScene, _ arguments: String...) async -> Run {
        await scene.lab.run(["complete", "--do"] + override + arguments)
    }

    @Test("is refused while nothing is proven; a dry run changes nothing, no ref either")
    func refused() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            try await scene.repository.clone("other").commit("Paint", ["paint.txt": "green\n"])
            let before = try await scene.repository.state()
            #expect(await scene.lab.run("complete", "--do", "--yes").status == .no)
            let plan = await complete(scene, "--dry-run")
            #expect(plan.status == .done && plan.output.contains("1. Merge 'release/hotfix-20261120'"), "\(plan)")
            #expect(await complete(scene).status == .wrong)
            #expect(
                await scene.run(
                    answering: "n", "complete", "--do", "--override", "--reason", "x"
                ).status == .no)
            #expect(try await scene.repository.state() == before)
        }
    }

    @Test("merges, says it in the changelog in the same push, and takes the branch away here and at origin")
    func whole() async throws {
        try await RunbookScene.with { scene in
            try await scene.repository.commit(
                "Keep a changelog", ["CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A window\n"])
            try await scene.repository.git("push", "--quiet", "origin", "main")
            let head = try await scene.beginHotfix()
            let run = await complete(scene, "--yes")
            #expect(run.status == .done, "\(run)")
            #expect(try await scene.isIn("main", head))
            #expect(try await scene.atOrigin(RunbookScene.branch) == nil)
            #expect(try await scene.repository.git("branch", "--show-current") == "main")
            #expect(
                try await scene.repository.git("show", "main:CHANGELOG.md", in: scene.repository.origin)
                    == "# Changelog\n\n## [Unreleased]\n\n### Fixed\n\n- A window\n"
                    + "- Hotfix release/hotfix-20261120: Mend the door")
            #expect(try scene.flag("decommission", "mergedToMain"))
            #expect(try scene.flag("decommission", "legacyBranchesRemoved"))
            #expect(try scene.text("merge", "head") == head)
            let again = await scene.lab.run("complete", "--do")
            #expect(again.status == .done && !again.output.contains("→"), "\(again)")
        }
    }

    @Test("goes on where it broke off, wherever that was, and records only what is done")
    func brokeOff() async throws {
        for (command, isMerged) in [
            (":refs/heads/main", false), (" :refs/heads/release", true), ("update-ref -d", true),
        ] {
            for fault in [FaultyGit.Fault.networkGone, .killed, .answerLost, .nothingDone] {
                try await RunbookScene.with { scene in
                    let head = try await scene.beginHotfix()
                    try scene.faulty.fail(fault, at: .first(command))
                    let run = await complete(scene, "--yes")
                    // What was done, and only not said, is found out.
                    #expect(run.status == .unfinished || fault == .answerLost, "\(command) \(fault): \(run)")
                    let isIn = try await scene.isIn("main", head)
                    #expect(try scene.flag("decommission", "mergedToMain") == isIn, "\(command) \(fault)")
                    #expect(isIn || !isMerged)
                    try scene.faulty.fail(nil)
                    let again = await complete(scene, "--yes")
                    #expect(again.status == .done, "\(command) \(fault): \(again)")
                    #expect(try await scene.isIn("main", head))
                    #expect(try await scene.atOrigin(RunbookScene.branch) == nil)
                    #expect(try scene.flag("decommission", "mergedToMain"))
                    #expect(
                        try await !scene.repository.succeeds("rev-parse", "--verify", "--quiet", RunbookScene.branch))
                }
            }
        }
    }

    @Test("a conflict changes nothing, names the files, and is done once it was solved by hand")
    func conflict() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix(["shop.txt": "open again\n"])
            let other = try await scene.repository.clone("other")
            try await other.commit("Close the shop", ["shop.txt": "closed\n"])
            try await other.git("push", "--quiet", "origin", "main")
            let before = try await scene.repository.state()
            let run = await complete(scene, "--yes")
            #expect(run.status == .no && run.errors.contains("'shop.txt'"), "\(run)")
            #expect(run.errors.contains("git merge --no-ff \(head)"))
            #expect(try await scene.repository.state() == before)
            #expect(try !scene.flag("decommission", "mergedToMain"))
            try await other.git("fetch", "--quiet", "origin")
            _ = try await other.succeeds("merge", "--no-ff", head)
            try await other.commit("Merge by hand", ["shop.txt": "open\n"])
            try await other.git("push", "--quiet", "origin", "main")
            // Merged in fact, and proven no more for it.
            for form in [["complete", "--do", "--yes"], ["complete", "--merged"]] {
                let refused = await scene.lab.run(form)
                #expect(refused.status == .no && refused.errors.contains("Nothing is proven"), "\(refused)")
            }
            #expect(try await scene.atOrigin(RunbookScene.branch) == head)
            let again = await complete(scene, "--yes")
            #expect(again.status == .done && again.output.contains("into 'main' at origin. (done already)"), "\(again)")
            #expect(try scene.flag("decommission", "mergedToMain"))
            let found = try scene.status().history.first {
                $0.did.hasPrefix("Found '\(RunbookScene.branch)' (\(head))")
            }
            #expect(found?.did.hasSuffix("merged into 'main' at origin, not proven.") == true)
            #expect(found?.reason == "The ledger is elsewhere")
        }
    }

    @Test("merges into other branches and removes branches of earlier hotfixes only where they are named")
    func others() async throws {
        try await RunbookScene.with { scene in
            for branch in ["develop", "release/2.0", "hotfix/old", "hotfix/lost"] {
                try await scene.repository.git("switch", "--quiet", "--create", branch, "main")
                if branch != "hotfix/old" {
                    try await scene.repository.commit("On \(branch)", [branch + ".txt": "x\n"])
                }
                try await scene.repository.git("push", "--quiet", "origin", branch)
            }
            try await scene.repository.git("switch", "--quiet", "main")
            let head = try await scene.beginHotfix()
            let plan = await complete(scene, "--dry-run")
            for line in [
                "develop at origin lacks 1 of 1 commit; to merge it there too, say --into develop",
                "release/2.0 at origin lacks 1 of 1 commit; to merge it there too, say --into release/2.0",
                "legacy branch hotfix/old at origin (merged); to delete it, say --remove hotfix/old",
                "legacy branch hotfix/lost at origin (NOT merged: 1 commit would be lost); to delete it, say --remove hotfix/lost",
            ] { #expect(plan.output.contains("  \(line)\n"), "\(plan.output)") }
            for refused in ["main", "develop", "release/2.0", RunbookScene.branch, "-x"] {
                #expect(await complete(scene, "--yes", "--remove=\(refused)").status == .wrong, "\(refused)")
            }
            #expect(try await scene.atOrigin(RunbookScene.branch) == head)
            let run = await complete(
                scene, "--yes", "--into", "develop", "--remove", "hotfix/old", "--remove", "hotfix/gone")
            #expect(run.status == .done, "\(run)")
            #expect(try await scene.isIn("develop", head))
            #expect(try await !scene.isIn("release/2.0", head))
            #expect(try await scene.atOrigin("hotfix/old") == nil)
            #expect(try await scene.atOrigin("hotfix/lost") != nil)
            #expect(try !scene.flag("decommission", "legacyBranchesRemoved"))
        }
    }

    @Test("what would keep the branch from being deleted is said before anything is merged")
    func obstacles() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            let before = try await scene.repository.state()
            try scene.repository.write("x\n", to: "dirt.txt")
            let dirty = await complete(scene, "--yes")
            #expect(dirty.status == .wrong && dirty.errors.contains("'dirt.txt'"), "\(dirty)")
            try await scene.repository.git("clean", "--quiet", "--force", "--", "dirt.txt")
            let place = scene.repository.root + "/elsewhere"
            try await scene.repository.git("worktree", "add", "--quiet", place, "main")
            let taken = await complete(scene, "--yes")
            #expect(taken.status == .wrong && taken.errors.contains("'main' is checked out in '"), "\(taken)")
            try await scene.repository.git("switch", "--quiet", "--detach")
            try await scene.repository.git("switch", "--quiet", RunbookScene.branch, in: place)
            let held = await complete(scene, "--yes")
            #expect(
                held.status == .wrong && held.errors.contains("'\(RunbookScene.branch)' is checked out in '"), "\(held)"
            )
            try await scene.repository.git("worktree", "remove", "--force", place)
            try await scene.repository.git("switch", "--quiet", RunbookScene.branch)
            #expect(try await scene.repository.state() == before)
            let own = try await scene.repository.commit("Not pushed", ["own.txt": "x\n"])
            let ahead = try await scene.repository.state()
            let run = await complete(scene, "--yes")
            #expect(run.status == .wrong && run.errors.contains("here it is at \(own)"), "\(run)")
            #expect(try await scene.repository.state() == ahead)
            #expect(try !scene.flag("decommission", "mergedToMain"))
        }
    }

    @Test("a branch without commits, or one that was never pushed, is not taken for merged")
    func empty() async throws {
        try await RunbookScene.with { scene in
            await scene.lab.run("init", "--yes")
            #expect(await scene.lab.run("complete", "--do", "--yes").status == .no)
            #expect(try await scene.atOrigin(RunbookScene.branch) != nil)
            #expect(try !scene.flag("decommission", "mergedToMain"))
            try await scene.repository.git("push", "--quiet", "origin", "--delete", RunbookScene.branch)
            let run = await scene.lab.run("complete", "--do", "--yes")
            #expect(run.status == .no && run.errors.contains("is not at origin"), "\(run)")
        }
    }

    @Test("merges with what somebody pushed to main in between, and never by force")
    func race() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix()
            let other = try await scene.repository.clone("other")
            let theirs = try await other.commit("Paint", ["paint.txt": "green\n"])
            try await scene.repository.hook(
                "pre-push",
                "[ -f ../raced ] && exit 0; : > ../raced; cd '\(other.directory)' && env -u GIT_DIR git push --quiet origin main"
            )
            let run = await complete(scene, "--yes")
            #expect(run.status == .done, "\(run)")
            #expect(try await scene.isIn("main", theirs))
            #expect(try await scene.isIn("main", head))
        }
    }

    @Test("a status file that is committed is kept while main is checked out")
    func committedStatus() async throws {
        try await RunbookScene.with { scene in
            await scene.lab.run("init", "--yes")
            try await scene.repository.commit("Mend the door, and say so", ["door.txt": "mended\n"])
            try await scene.repository.git("push", "--quiet", "origin", "HEAD")
            let before = try scene.done()
            let run = await complete(scene, "--yes")
            #expect(run.status == .done, "\(run)")
            #expect(try Array(scene.done().prefix(before.count)) == before)
            #expect(try scene.done().count > before.count + 2)
            #expect(try scene.text("branch", "name") == RunbookScene.branch)
        }
    }
}
