import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("hotfix rollback", .heavy)
struct RollbackCommandTests {
    private let milestone = "milestone/\(CriticalLab.branch)/staging"
    private let revert = "revert/\(CriticalLab.branch)/staging-20261120"

    /// A hotfix with a milestone and two commits behind it, pushed.
    private func withMilestone(_ body: (CriticalLab) async throws -> Void) async throws {
        try await withCritical { lab in
            try await lab.test.git("tag", "--annotate", "--message", "m", milestone)
            try await lab.test.commit("Break \u{1B}[31mthe till", ["till.txt": "gone\n", "new.txt": "x\n"])
            try await lab.test.commit("Break more", ["shop.txt": "gone\n"])
            try await lab.test.git("push", "--quiet", "origin", CriticalLab.branch, milestone)
            try await body(lab)
        }
    }

    @Test("shows what would be undone, then makes and pushes a branch with the milestone's files")
    func rolledBack() async throws {
        try await withMilestone { lab in
            let before = try await lab.test.state()
            let plan = await lab.commands.run("rollback", "--to", milestone, "--dry-run")
            #expect(plan.status == .done)
            for part in [
                "Break more", "Break \u{FFFD}[31mthe till", "till.txt", "new.txt", "1. Create the branch '\(revert)'",
            ] {
                #expect(plan.output.contains(part), "\(plan.output)")
            }
            #expect(await lab.commands.run("rollback", "--to", milestone).status == .wrong)
            #expect(await lab.run(answering: "no", "rollback", "--to", milestone).status == .no)
            #expect(try await lab.test.state() == before)

            let run = await lab.commands.run("rollback", "--to", milestone, "--yes")
            #expect(run.status == .done, "\(run)")
            let made = try await lab.test.id(revert, in: lab.test.origin)
            #expect(try await lab.test.id("\(made)^") == lab.head())
            #expect(
                try await lab.test.git("rev-parse", "\(made)^{tree}")
                    == lab.test.git("rev-parse", "\(milestone)^{tree}"))
            #expect(try await lab.test.git("branch", "--show-current") == CriticalLab.branch)
            #expect(try await lab.test.id(CriticalLab.branch, in: lab.test.origin) == lab.head())
            #expect(try lab.status().contains("Pushed '\(revert)' to origin."))
            let (after, status) = (try await lab.test.state(), try lab.status())
            lab.commands.now = noon + 60
            let again = await lab.commands.run("rollback", "--to", milestone, "--yes")
            #expect(again.status == .done && again.output.contains("(done already)"))
            #expect(try await lab.test.state() == after)
            #expect(try lab.status() == status)
        }
    }

    @Test("a push that is refused leaves the branch here, and the same command pushes that very commit")
    func goesOn() async throws {
        try await withMilestone { lab in
            try await lab.test.hook("pre-receive", "exit 1", in: lab.test.origin)
            #expect(await lab.commands.run("rollback", "--to", milestone, "--yes").status == .no)
            let made = try await lab.test.id(revert)
            try await lab.test.hook("pre-receive", "exit 0", in: lab.test.origin)
            lab.commands.now = noon + 600
            #expect(await lab.commands.run("rollback", "--to", milestone, "--yes").status == .done)
            #expect(try await lab.test.id(revert, in: lab.test.origin) == made)
        }
    }

    @Test("where the files are the milestone's there is nothing to undo")
    func equal() async throws {
        try await withCritical { lab in
            try await lab.test.git("tag", milestone)
            let before = try await lab.test.state()
            #expect(
                await lab.commands.run("rollback", "--to", milestone, "--yes")
                    == Run(
                        .done, "There is nothing to undo: '\(CriticalLab.branch)' has the files of '\(milestone)'.\n"))
            #expect(try await lab.test.state() == before)
        }
    }

    @Test("what is no milestone of this hotfix is refused, and so is a branch of that name that is something else")
    func refused() async throws {
        try await withMilestone { lab in
            try await lab.test.git(
                "tag", "milestone/aside", try await lab.test.git("commit-tree", "-m", "x", "HEAD^{tree}"))
            try await lab.test.git("branch", revert, "main")
            let before = try await lab.test.state()
            for (name, expected) in [
                ("milestone/gone", "there is no tag 'milestone/gone' here"),
                ("milestone/aside", "is not behind the head of"),
                ("v1.0.0", "is no milestone"), ("milestone/../x", "it holds '..'"),
                (milestone, "is there already here, at"),
            ] {
                let run = await lab.commands.run("rollback", "--to", name, "--yes")
                #expect(run.status == .wrong && run.errors.contains(expected), "\(run)")
            }
            #expect(try await lab.test.state() == before)
        }
    }
}
