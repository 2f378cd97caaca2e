import HotfixCalls
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("Merging a hotfix by its pull request", .heavy)
struct PullRequestMergeTests {
    private struct Refused: Error {}

    private func merge(_ scene: GitHubScene, mayMerge: Bool = true) async throws -> BranchMerge {
        BranchMerge(
            repository: try await scene.opened(), branch: scene.branch, head: scene.head,
            target: try GitName("main", as: .branch), pulls: scene.pulls, sleep: { _ in },
            requireLeave: { _ in if !mayMerge { throw Refused() } })
    }

    @Test("opens it, waits until GitHub knows whether it conflicts, merges it, and is done the next time")
    func merges() async throws {
        try await GitHubScene.with { scene in
            scene.stand.withRepository { $0.pulls[7] = (branch: scene.branch.text, head: nil) }
            scene.stand.withRepository { $0.pullFacts[7] = .init(base: "main", title: "By hand") }
            scene.stand.withRepository { $0.pullFacts[7]?.looksBeforeMergeable = 3 }
            let step = try await merge(scene).step { $0.set("merge", "head", to: JSONValue(scene.head)) }
            #expect(try await !step.isDone())
            try await step.perform()
            #expect(try await step.isDone())
            #expect(
                try await scene.repository.succeeds(
                    "merge-base", "--is-ancestor", scene.head, "main", in: scene.repository.origin))
            #expect(scene.stand.withRepository { $0.pulls.count } == 1)
        }
    }

    @Test(
        "merges nothing without leave, with a check that is missing, with a conflict, or where commits were pushed since"
    )
    func refusals() async throws {
        try await GitHubScene.with { scene in
            let before = try await scene.repository.id("main", in: scene.repository.origin)
            await #expect(throws: Refused.self) { try await merge(scene, mayMerge: false).step { _ in }.perform() }
            scene.stand.withRepository { $0.requiredByProtection["main"] = ["build"] }
            let missing = await complaint { try await merge(scene).step { _ in }.perform() }
            #expect(missing?.contains("'build' (missing)") == true, "\(missing ?? "")")
            scene.stand.withRepository { $0.requiredByProtection = [:] }
            #expect(try await scene.repository.id("main", in: scene.repository.origin) == before)

            let other = try await scene.repository.clone("other")
            try await other.commit("Close the shop", ["shop.txt": "closed\n"])
            try await other.git("push", "--quiet", "origin", "main")
            let closed = try await scene.repository.id("main", in: scene.repository.origin)
            scene.stand.withRepository { state in
                for key in state.pulls.keys { state.pullFacts[key]?.isMergeable = false }
            }
            let conflict = await complaint { try await merge(scene).step { _ in }.perform() }
            #expect(
                conflict?.contains("'shop.txt'") == true && conflict?.contains("By hand:") == true, "\(conflict ?? "")")

            try await scene.repository.commit("Mend the window", ["window.txt": "open\n"])
            try await scene.repository.git("push", "--quiet", "origin", scene.branch.text)
            let moved = await complaint { try await merge(scene).step { _ in }.perform() }
            #expect(moved?.contains("was pushed to meanwhile") == true, "\(moved ?? "")")
            #expect(try await scene.repository.id("main", in: scene.repository.origin) == closed)
        }
    }
}
