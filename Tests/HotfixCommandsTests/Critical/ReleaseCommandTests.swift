import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite("hotfix release", .heavy)
struct ReleaseCommandTests {
    private let call = ["release", "--tag", CriticalLab.tag, "--yes"]

    @Test("is refused with all that is missing, and nothing is changed")
    func refused() async throws {
        try await withCritical("tracker: {approvals: 2}") { lab in
            let before = try await lab.test.state()
            let run = await lab.commands.run(call)
            #expect(run.status == .no)
            for part in ["'hotfix assess'", "0 of 2 approvals are given", "is not reviewed for code"] {
                #expect(run.errors.contains(part), "\(run.errors)")
            }
            await lab.prepare()
            #expect(await lab.commands.run(call).errors.contains("1 of 2 approvals are given (of Bob)"))
            #expect(try await lab.test.state() == before)
        }
    }

    @Test("merges, tags the merge and pushes the tag; the second time nothing is left to do")
    func released() async throws {
        try await withCritical { lab in
            await lab.prepare()
            let before = try await lab.test.state()
            let plan = await lab.commands.run("release", "--tag", CriticalLab.tag, "--dry-run")
            #expect(plan.status == .done && plan.output.hasPrefix("1. Merge '\(CriticalLab.branch)'"))
            #expect(plan.output.hasSuffix("3. Push the tag 'v1.0.1-hotfix1' to origin.\n"))
            let alone = await lab.commands.run("release", "--tag", CriticalLab.tag)
            #expect(alone.status == .wrong && alone.errors.contains("Say --yes"))
            let unwilling = await lab.run(answering: "n", "release", "--tag", CriticalLab.tag)
            #expect(unwilling.status == .no && unwilling.errors.contains("not confirmed; nothing was changed"))
            #expect(try await lab.test.state() == before)

            let run = await lab.run(answering: "y", "release", "--tag", CriticalLab.tag)
            #expect(run.status == .done, "\(run.errors)")
            #expect(run.output.contains("not watched: no repository at GitHub is configured"))
            let main = try await lab.test.id("main", in: lab.test.origin)
            #expect(try await lab.test.id("\(main)^2", in: lab.test.origin) == lab.head())
            #expect(try await lab.test.id(CriticalLab.tag, in: lab.test.origin) == main)
            #expect(try await lab.test.git("cat-file", "-t", CriticalLab.tag, in: lab.test.origin) == "tag")
            #expect(try lab.value("release", "commit") == JSONValue(main))
            #expect(try lab.value("release", "tag") == JSONValue(CriticalLab.tag))
            #expect(try lab.value("release", "workflow") == .null)
            #expect(try await lab.test.git("branch", "--show-current") == CriticalLab.branch)

            let (after, status) = (try await lab.test.state(), try lab.status())
            lab.commands.now = noon + 9000
            let again = await lab.commands.run(call)
            #expect(
                again.status == .done
                    && again.output.contains("3. Push the tag 'v1.0.1-hotfix1' to origin. (done already)"))
            #expect(try await lab.test.state() == after)
            #expect(try lab.status() == status)
        }
    }

    @Test("a commit behind the reviewed one is not released")
    func moved() async throws {
        try await withCritical { lab in
            await lab.prepare()
            try await lab.test.commit("One more thing", ["till.txt": "ajar\n"])
            try await lab.test.git("push", "--quiet", "origin", CriticalLab.branch)
            let before = try await lab.test.state()
            let run = await lab.commands.run(call)
            #expect(run.status == .no && run.errors.contains("is not reviewed for code (only"), "\(run.errors)")
            #expect(try await lab.test.state() == before)
        }
    }

    @Test("a tag that is elsewhere stops it before anything is merged")
    func taken() async throws {
        try await withCritical { lab in
            await lab.prepare()
            try await lab.test.git("tag", "--annotate", "--message", "old", CriticalLab.tag, "main")
            let before = try await lab.test.state()
            let run = await lab.commands.run(call)
            #expect(run.status == .wrong && run.errors.contains("is there already here"), "\(run.errors)")
            try await lab.test.git("push", "--quiet", "origin", CriticalLab.tag)
            try await lab.test.git("tag", "--delete", CriticalLab.tag)
            let there = await lab.commands.run(call)
            #expect(there.status == .wrong && there.errors.contains("is there already at origin"), "\(there.errors)")
            try await lab.test.git("fetch", "--quiet", "--tags", "origin")
            #expect(try await lab.test.state().contains("refs/tags/\(CriticalLab.tag)"))
            #expect(before.contains(try await lab.test.id("main", in: lab.test.origin)))
        }
    }

    @Test("a push that origin refuses leaves what was done, and the same command goes on from there")
    func goesOn() async throws {
        try await withCritical { lab in
            await lab.prepare()
            try await lab.test.hook(
                "pre-receive", "while read old new ref; do case $ref in refs/tags/*) exit 1;; esac; done",
                in: lab.test.origin)
            let run = await lab.commands.run(call)
            #expect(run.status == .no, "\(run)")
            let main = try await lab.test.id("main", in: lab.test.origin)
            #expect(try await lab.test.id("\(main)^2", in: lab.test.origin) == lab.head())
            #expect(try lab.value("release") == nil)
            #expect(try lab.status().contains("Merged '\(CriticalLab.branch)'"))
            try await lab.test.hook("pre-receive", "exit 0", in: lab.test.origin)
            let second = await lab.commands.run(call)
            #expect(second.status == .done, "\(second)")
            #expect(try await lab.test.id("main", in: lab.test.origin) == main)
            #expect(try lab.value("release", "commit") == JSONValue(main))
        }
    }

    @Test(
        "names that git refuses are no tags", arguments: ["-x", "a b", "v1..2", "", "v1.lock", "--force"])
    func names(name: String) async throws {
        try await withCritical { lab in
            let before = try await lab.test.state()
            let run = await lab.commands.run("release", "--tag=\(name)", "--yes")
            #expect(run.status == .wrong, "\(run)")
            #expect(try await lab.test.state() == before)
        }
    }

    @Test("at GitHub the pull request is merged, and the workflow of the tag watched to its end")
    func watched() async throws {
        try await withCriticalAtGitHub { lab, forge in
            let head = try await lab.head()
            forge.withRepository {
                $0.reviews[7] = [.init(by: "bob", state: "APPROVED", commit: head)]
                $0.workflows = [
                    .init(
                        name: "release", tag: CriticalLab.tag, conclusion: "success", looksBeforeBegun: 2,
                        looksBeforeOver: 2),
                    .init(name: "other", tag: "v0.9.0", conclusion: "failure"),
                ]
            }
            await lab.prepare()
            let run = await lab.commands.run(call)
            #expect(run.status == .done, "\(run)")
            let main = try await lab.test.id("main", in: lab.test.origin)
            #expect(try await lab.test.id(CriticalLab.tag, in: lab.test.origin) == main)
            #expect(forge.withRepository { $0.pullFacts[7]?.mergeCommit } == main)
            #expect(try lab.value("release", "workflow", "conclusion") == JSONValue("success"))
            #expect(
                try lab.value("release", "workflow", "url")
                    == JSONValue("https://github.com/acme/shop/actions/runs/1"))
            #expect(!(run.output + run.errors + (try lab.status())).contains(CriticalLab.token))
        }
    }

    @Test("a workflow that fails ends it with 1 and its page, one that never ends with 3; both are gone on with")
    func failed() async throws {
        try await withCriticalAtGitHub { lab, forge in
            let head = try await lab.head()
            forge.withRepository {
                $0.reviews[7] = [.init(by: "bob", state: "APPROVED", commit: head)]
                $0.workflows = [.init(name: "release", tag: CriticalLab.tag, conclusion: nil)]
            }
            await lab.prepare()
            let endless = await lab.commands.run(call + ["--timeout", "5m"])
            #expect(endless.status == .unfinished, "\(endless)")
            #expect(endless.errors.contains("not seen to end within 5 min: 'release' is in_progress"))
            #expect(try lab.value("release", "workflow") == .null)
            forge.withRepository { $0.workflows[0].conclusion = "failure" }
            let failed = await lab.commands.run(call)
            #expect(failed.status == .no)
            #expect(
                failed.errors.contains("ended with failure: https://github.com/acme/shop/actions/runs/1"),
                "\(failed.errors)")
            #expect(try lab.value("release", "workflow", "conclusion") == JSONValue("failure"))
            forge.withRepository { $0.workflows[0].conclusion = "success" }
            let mended = await lab.commands.run(call)
            #expect(mended.status == .done, "\(mended)")
            #expect(try lab.value("release", "workflow", "conclusion") == JSONValue("success"))
        }
    }
}
