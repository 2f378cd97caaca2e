import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix complete --do loses nothing", .heavy)
struct CompleteLossTests {
    private let override = ["--override", "--reason", "The ledger is elsewhere"]

    /// Makes sure that a hotfix is not taken for merged, and is merged by leave.
    private func expectToBeMerged(_ scene: RunbookScene, _ head: String) async throws {
        let refused = await scene.lab.run("complete", "--do", "--yes")
        #expect(refused.status == .no && refused.errors.contains("Nothing is proven"), "\(refused)")
        #expect(try await scene.atOrigin(RunbookScene.branch) == head)
        #expect(try !scene.flag("decommission", "mergedToMain"))
        let run = await scene.lab.run(["complete", "--do", "--yes"] + override)
        #expect(run.status == .done && run.output.contains("→ Merge '\(RunbookScene.branch)'"), "\(run)")
        #expect(try await scene.isIn("main", head))
        #expect(try await scene.atOrigin(RunbookScene.branch) == nil)
        #expect(try scene.flag("decommission", "mergedToMain"))
    }

    @Test("a repair that main took over and took back is not in main")
    func reverted() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix()
            let other = try await scene.repository.clone("other")
            try await other.commit("Paint", ["paint.txt": "green\n"])
            try await other.git("cherry-pick", head)
            try await other.git("revert", "--no-edit", "HEAD")
            try await other.git("push", "--quiet", "origin", "main")
            try await expectToBeMerged(scene, head)
            #expect(
                try await scene.repository.git("show", "main:door.txt", in: scene.repository.origin) == "mended")
        }
    }

    @Test("a commit that changes nothing does not make a branch merged")
    func empty() async throws {
        try await RunbookScene.with { scene in
            await scene.lab.run("init", "--yes")
            try await scene.repository.git("commit", "--quiet", "--allow-empty", "--message", "Build again")
            let head = try await scene.repository.id()
            try await scene.repository.git("push", "--quiet", "origin", "HEAD")
            try await expectToBeMerged(scene, head)
        }
    }

    @Test("what only a merge holds is not in main because the commits around it are")
    func merge() async throws {
        try await RunbookScene.with { scene in
            let repository = scene.repository
            let one = try await scene.beginHotfix()
            let side = try await repository.clone("side")
            let two = try await side.commit("Beside", ["side.txt": "x\n"])
            try await side.git("push", "--quiet", "origin", "HEAD:refs/heads/side")
            try await repository.git("fetch", "--quiet", "origin")
            try await repository.git("merge", "--quiet", "--no-ff", "--no-commit", "origin/side")
            try repository.write("x\n", to: "only.txt")
            try await repository.git("add", "--", "only.txt")
            try await repository.git("commit", "--quiet", "--message", "Merge")
            let head = try await repository.id()
            try await repository.git("push", "--quiet", "origin", "HEAD")
            let other = try await repository.clone("other")
            try await other.commit("Paint", ["paint.txt": "green\n"])
            try await other.git("cherry-pick", one, two)
            try await other.git("push", "--quiet", "origin", "main")
            try await expectToBeMerged(scene, head)
            #expect(try await repository.git("show", "main:only.txt", in: repository.origin) == "x")
        }
    }

    @Test("a squash merge that main still holds is one")
    func squashed() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix()
            let other = try await scene.repository.clone("other")
            try await other.git("merge", "--quiet", "--squash", head)
            try await other.commit("Squashed")
            try await other.commit("Paint", ["paint.txt": "green\n"])
            try await other.git("push", "--quiet", "origin", "main")
            #expect(await scene.lab.run("complete", "--do", "--yes").status == .no)
            let run = await scene.lab.run(["complete", "--do", "--yes"] + override)
            #expect(run.status == .done && run.output.contains("at origin. (done already)"), "\(run)")
            #expect(try await scene.atOrigin(RunbookScene.branch) == nil)
        }
    }

    @Test("a release branch that lacks it is named before and after, and is merged into later without leave")
    func releaseBranch() async throws {
        try await RunbookScene.with { scene in
            try await scene.repository.git("switch", "--quiet", "--create", "release/2.0", "main")
            try await scene.repository.commit("Two", ["two.txt": "x\n"])
            try await scene.repository.git("push", "--quiet", "origin", "release/2.0")
            try await scene.repository.git("switch", "--quiet", "main")
            let head = try await scene.beginHotfix()
            let run = await scene.lab.run(["complete", "--do", "--yes"] + override)
            #expect(
                run.status == .done && run.errors.contains("'release/2.0' at origin will lack the hotfix"), "\(run)")
            try await scene.repository.git("fetch", "--quiet", "--prune", "origin")
            let status = await scene.lab.run("status")
            #expect(status.output.contains("Mend the door: not in release/2.0"), "\(status)")
            let late = await scene.lab.run("complete", "--do", "--yes", "--into", "release/2.0")
            #expect(late.status == .done && !late.errors.contains("will lack"), "\(late)")
            #expect(try await scene.isIn("release/2.0", head))
            await scene.lab.run("complete", "--merged", "no")
            #expect(await scene.lab.run("complete", "--do", "--yes").status == .no)
        }
    }
}
