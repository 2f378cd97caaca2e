import HotfixCalls
import HotfixCore
import HotfixTracker
import Testing

@testable import HotfixDemo

@Suite("Pull requests at GitHub", .serialized)
struct PullRequestsTests {
    private let main = "main"

    @Test("one is opened once, found by its branch and base, merged by its head, and closed without harm")
    func whole() async throws {
        try await GitHubScene.with { scene in
            let base = try GitName("main", as: .branch)
            #expect(try await scene.pulls.open(from: scene.branch).isEmpty)
            let pull = try await scene.pulls.open(from: scene.branch, into: base, title: "Mend\nit", body: "Why")
            #expect(pull.head == scene.head && pull.base == "main" && pull.isOpen && !pull.isMerged)
            #expect(scene.stand.withRepository { $0.pullFacts[pull.number]?.title } == "Mend\u{FFFD}it")
            let again = try await scene.pulls.open(from: scene.branch, into: base, title: "Other", body: "")
            #expect(again.number == pull.number)
            try await scene.pulls.merge(pull.number, head: scene.head, title: "Merge it")
            let merged = try await scene.pulls.find(pull.number)
            #expect(merged.isMerged && !merged.isOpen)
            try await scene.pulls.close(pull.number)
            #expect(scene.stand.withRepository { $0.pullFacts[pull.number]?.mergeCommit } != nil)
        }
    }

    @Test("a merge is known where its answer was lost, and one of another head is refused")
    func lost() async throws {
        try await GitHubScene.with { scene in
            let base = try GitName("main", as: .branch)
            let pull = try await scene.pulls.open(from: scene.branch, into: base, title: "Mend", body: "")
            let other = String(repeating: "b", count: 40)
            let refused = await complaint { try await scene.pulls.merge(pull.number, head: other, title: "Merge") }
            #expect(refused?.contains("409") == true && refused?.contains("Head branch was modified") == true)
            scene.stand.withRepository { $0.faults = [.answerLost] }
            try await scene.pulls.merge(pull.number, head: scene.head, title: "Merge")
            #expect(try await scene.pulls.find(pull.number).isMerged)
        }
    }

    @Test("a refusal names the required checks that are not passed, of protection and of rulesets")
    func checks() async throws {
        try await GitHubScene.with { scene in
            let base = try GitName("main", as: .branch)
            let pull = try await scene.pulls.open(from: scene.branch, into: base, title: "Mend", body: "")
            scene.stand.withRepository { repository in
                repository.requiredByProtection["main"] = ["build", "Lint"]
                repository.requiredByRuleset["main"] = ["guardrails", "scan"]
                repository.checkRuns[scene.head] = [
                    .init(name: "build", conclusion: "success"), .init(name: "lint", conclusion: nil),
                    .init(name: "scan", conclusion: "failure"),
                ]
            }
            let required = try await scene.pulls.required(of: "main", at: scene.head)
            #expect(
                required == [
                    CommitCheck(name: "build", state: .passed), CommitCheck(name: "Lint", state: .pending),
                    CommitCheck(name: "guardrails", state: .missing), CommitCheck(name: "scan", state: .failed),
                ])
            let refused = await complaint { try await scene.pulls.merge(pull.number, head: scene.head, title: "Merge") }
            #expect(
                refused?.hasSuffix(
                    "Required and not passed: 'Lint' (pending), 'guardrails' (missing), 'scan' (failed). Run the command again once"
                        + " they are.") == true, "\(refused ?? "")")
        }
    }

    @Test("reviews are read with who, what, which commit and when; others than GitHub's words are no answer")
    func reviews() async throws {
        try await GitHubScene.with { scene in
            scene.stand.withRepository { repository in
                repository.pulls[9] = (branch: "release/hotfix-20261120", head: nil)
                repository.reviews[9] = [
                    .init(by: "ada", state: "APPROVED", commit: scene.head),
                    .init(by: "bob", state: "CHANGES_REQUESTED", commit: scene.head),
                ]
            }
            let at = Instant(text: "2026-11-20T12:00:00Z")
            let reviews = try await scene.pulls.reviews(of: 9)
            #expect(
                reviews == [
                    PullReview(by: "ada", isOfRepository: true, state: .approved, commit: scene.head, at: at),
                    PullReview(by: "bob", isOfRepository: true, state: .changesRequested, commit: scene.head, at: at),
                ])
            scene.stand.withRepository { $0.reviews[9]?[0].state = "LOVED" }
            let refused = await complaint { try await scene.pulls.reviews(of: 9) }
            #expect(refused == "GitHub answered with other than the reviews of pull request 9. Check the url.")
        }
    }

    @Test(
        "only people of the repository approve; a deleted account is not another one, and what anybody objects to stands"
    )
    func strangers() async throws {
        try await GitHubScene.with { scene in
            scene.stand.withRepository { repository in
                repository.pulls[9] = (branch: scene.branch.text, head: nil)
                repository.reviews[9] = [.init(by: "eve", state: "APPROVED", commit: scene.head, association: "NONE")]
            }
            func look() async throws -> PullRequestReview {
                try await PullRequestReview(
                    of: 9, head: scene.head, branch: scene.branch, reviewer: "eve", leavingOut: [], by: scene.pulls)
            }
            for association in ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "owner"] {
                scene.stand.withRepository { $0.reviews[9]?[0].association = association }
                let said = await complaint { try await look() }
                #expect(said?.contains("eve did, and is to GitHub neither owner") == true, "\(said ?? "")")
            }
            for association in ["OWNER", "MEMBER", "COLLABORATOR"] {
                scene.stand.withRepository { $0.reviews[9]?[0].association = association }
                let evidence = try await look().evidence
                #expect(evidence == "pull request 9: approved by eve; no checks are required")
            }
            scene.stand.withRepository { repository in
                repository.reviews[9]? += [
                    .init(by: "", state: "CHANGES_REQUESTED", commit: scene.head, association: "NONE"),
                    .init(by: "", state: "APPROVED", commit: scene.head, association: "NONE"),
                ]
            }
            let said = await complaint { try await look() }
            #expect(said?.contains("changes are asked for by a deleted account") == true, "\(said ?? "")")
        }
    }

    @Test("checks behind the first hundred count too")
    func manyChecks() async throws {
        try await GitHubScene.with { scene in
            scene.stand.withRepository { repository in
                repository.checkRuns[scene.head] = (0..<130).map {
                    .init(name: "run \($0)", conclusion: $0 == 129 ? "failure" : "success")
                }
                repository.statuses[scene.head] = (0..<120).map {
                    .init(state: $0 == 119 ? "failure" : "success", context: "status \(1000 + $0)", description: "")
                }
            }
            let checks = try await scene.pulls.checks(of: scene.head)
            #expect(checks.count == 250)
            #expect(checks.filter { $0.state == .failed }.map(\.name).sorted() == ["run 129", "status 1119"])
        }
    }
}
