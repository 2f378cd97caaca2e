import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix assess, approve and review", .heavy)
struct AssessCommandTests {
    @Test("an assessment is recorded with who and when, and the second time nothing is written")
    func assess() async throws {
        try await withCritical { lab in
            let call = ["assess", "--kind", "security", "--affected", "All", "--why-now", "It leaks."]
            #expect(
                await lab.commands.run(call)
                    == Run(.done, "Assessed as security. Next: 1 approval by 'hotfix approve'.\n"))
            #expect(try lab.value("criticality", "by") == JSONValue("Ada Lovelace <ada@example.com>"))
            #expect(try lab.status().contains("\"did\": \"Assessed as security: It leaks.\""))
            let before = try lab.status()
            lab.commands.now = noon + 60
            #expect(
                await lab.commands.run(call) == Run(.done, "Nothing changed: it is assessed so already.\n"))
            #expect(try lab.status() == before)
        }
    }

    @Test(
        "what says nothing is refused, and nothing is written",
        arguments: [
            (["assess", "--kind", "crash", "--affected", " ", "--why-now", "x"], "--affected is empty"),
            (["assess", "--kind", "crash", "--affected", "x", "--why-now", ""], "--why-now is empty"),
            (
                ["assess", "--kind", "crash", "--affected", "x", "--why-now", "y", "--workaround", "\t"],
                "--workaround is empty"
            ),
            (
                ["assess", "--kind", "crash", "--affected", "x\u{1B}[2J", "--why-now", "y"],
                "--affected holds a control character"
            ),
            (["assess", "--kind", "slow", "--affected", "x", "--why-now", "y"], "The value 'slow' is invalid"),
            (["approve"], "Say by --by who approves."), (["approve", "--by", " "], "Say by --by who approves."),
            (
                ["approve", "--by", "Ada", "--deadline", "2026-11-20T11:00:00Z"],
                "--deadline 2026-11-20T11:00:00Z is over"
            ),
            (["approve", "--by", "Ada", "--deadline", "soon"], "--deadline 'soon' is not a time"),
            (["review", "--kind", "code"], "Say by --by who reviewed."),
            (["review", "--by", "Ada", "--kind", "looks"], "The value 'looks' is invalid"),
            (["review", "--by", "Ada", "--kind", "code", "--pull-request", "0"], "--pull-request is not the number"),
            (["review", "--by", "Ada", "--kind", "code", "--pull-request", "7"], "Give `tracker.github`"),
        ])
    func refused(call: [String], expected: String) async throws {
        try await withCritical { lab in
            let before = try lab.status()
            let run = await lab.commands.run(call)
            #expect(run.status == .wrong)
            #expect(run.errors.contains(expected), "\(run.errors)")
            #expect(try lab.status() == before)
        }
    }

    @Test("approvals are counted by people, and behind the deadline refused")
    func approve() async throws {
        try await withCritical("tracker: {approvals: 2}") { lab in
            let commands = lab.commands
            let early = await commands.run("approve", "--by", "Bob")
            #expect(early.status == .no && early.errors.contains("hotfix assess"))
            await commands.run("assess", "--kind", "crash", "--affected", "All", "--why-now", "It stops.")
            #expect(
                await commands.run("approve", "--by", "Bob <b@x.org>", "--deadline", "2026-11-20T13:00:00Z")
                    == Run(.done, "Recorded the approval of Bob <b@x.org>. 1 of 2 given; 1 is still missing.\n"))
            #expect(
                await commands.run("approve", "--by", "BOB")
                    == Run(
                        .done,
                        "BOB approved already, at 2026-11-20T12:00:00Z, and counts once. 1 of 2 given; 1 is still missing.\n"
                    ))
            commands.now = noon + 3601
            let late = await commands.run("approve", "--by", "Cyd")
            #expect(late.status == .no && late.errors.contains("had to be given by 2026-11-20T13:00:00Z"))
            #expect(
                await commands.run("approve", "--by", "Cyd", "--deadline", "2026-11-20T15:00:00Z")
                    == Run(.done, "Recorded the approval of Cyd. 2 of 2 given; none is missing.\n"))
            let status = try lab.status()
            #expect(status.contains("\"did\": \"Recorded the approval of Cyd."))
            let again = await commands.run(
                "assess", "--kind", "security", "--affected", "All", "--why-now", "It leaks.")
            #expect(again.errors.contains("2 approvals were given to an earlier assessment, and count no more."))
        }
    }

    @Test("without GitHub a review is somebody's word, and says so")
    func word() async throws {
        try await withCritical { lab in
            let head = try await lab.head().prefix(12)
            #expect(
                await lab.commands.run("review", "--by", "Bob", "--kind", "test")
                    == Run(
                        .done, "Recorded the test review of \(head): the word of Bob; nothing was read at GitHub.\n"))
            #expect(
                await lab.commands.run("review", "--by", "Bob", "--kind", "test")
                    == Run(.done, "Nothing changed: that review is recorded already.\n"))
            try await lab.test.commit("More", ["till.txt": "open\n"])
            let unpushed = await lab.commands.run("review", "--by", "Bob", "--kind", "test")
            #expect(unpushed.status == .wrong && unpushed.errors.contains("has commits here that origin has not"))
        }
    }

    @Test("with GitHub the pull request is read: what it does not say is refused, with who and what")
    func read() async throws {
        try await withCriticalAtGitHub { lab, forge in
            let head = try await lab.head()
            let before = try lab.status()
            func refusal(_ expected: String, _ arguments: String...) async throws {
                let run = await lab.commands.run(["review", "--by", "bob", "--kind", "code"] + arguments)
                #expect(run.status == .no, "\(run)")
                #expect(run.errors.contains(expected), "\(run.errors)")
                #expect(try lab.status() == before)
            }
            try await refusal("nobody of the repository has approved commit \(head.prefix(12))")
            forge.withRepository {
                $0.reviews[7] = [.init(by: "Bob", state: "APPROVED", commit: String(repeating: "c", count: 40))]
            }
            try await refusal("Bob approved an older one")
            forge.withRepository {
                $0.reviews[7] = [
                    .init(by: "Bob", state: "APPROVED", commit: head),
                    .init(by: "cyd", state: "CHANGES_REQUESTED", commit: head),
                    .init(by: "cyd", state: "COMMENTED", commit: head),
                ]
            }
            try await refusal("changes are asked for by cyd")
            forge.withRepository {
                $0.reviews[7]?.append(.init(by: "cyd", state: "DISMISSED", commit: head))
                $0.requiredByProtection["main"] = ["build", "hotfix/guardrails"]
                $0.requiredByRuleset["main"] = ["lint"]
                $0.checkRuns[head] = [.init(name: "build", conclusion: "failure")]
            }
            try await refusal("not passed: 'build' (failed), 'lint' (missing)")
            forge.withRepository {
                $0.branches["other"] = head
                $0.pulls[8] = (branch: "other", head: nil)
            }
            try await refusal("merges 'other', and the hotfix is", "--pull-request", "8")
            forge.withRepository {
                $0.checkRuns[head] = [
                    .init(name: "build", conclusion: "success"), .init(name: "lint", conclusion: "neutral"),
                ]
                $0.pulls[7] = (branch: CriticalLab.branch, head: String(repeating: "c", count: 40))
            }
            try await refusal("The head of pull request 7 is cccccccccccc")
            forge.withRepository { $0.pulls[7] = (branch: CriticalLab.branch, head: nil) }
            #expect(
                await lab.commands.run("review", "--by", "bob", "--kind", "code")
                    == Run(
                        .done,
                        "Recorded the code review of \(head.prefix(12)): pull request 7: approved by Bob; passed: build, lint.\n"
                    ))
            #expect(try lab.status().contains("\"pullRequest\": 7"))
        }
    }

    @Test("a forge that cannot be asked is no review, and its token is in no message")
    func unreachable() async throws {
        try await withCriticalAtGitHub { lab, forge in
            let before = try lab.status()
            forge.withRepository { $0.readingFaults = [.lost, .lost, .lost] }
            let lost = await lab.commands.run("review", "--by", "bob", "--kind", "code")
            #expect(lost.status == .unfinished, "\(lost)")
            forge.withRepository {
                $0.readingFaults = [.refused(status: 401, body: #"{"message":"Bad credentials"}"#)]
            }
            let refused = await lab.commands.run("review", "--by", "bob", "--kind", "code")
            #expect(refused.status == .wrong, "\(refused)")
            #expect(!(lost.errors + refused.errors).contains(CriticalLab.token))
            #expect(try lab.status() == before)
        }
    }
}
