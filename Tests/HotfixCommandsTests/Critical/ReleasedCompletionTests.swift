import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix complete after hotfix release", .heavy)
struct ReleasedCompletionTests {
    private let release = ["release", "--tag", CriticalLab.tag, "--yes"]
    private let complete = ["complete", "--do", "--override", "--reason", "The ledger is elsewhere"]

    @Test("a release is no difference from git, is completed by leave only, and its commit may be what is proven")
    func proven() async throws {
        try await withSentry(now: noon) { sentry in
            let environment = ["HOTFIX_CONFIG": sentry.commands.path("hotfix.yaml")]
            try await withCritical(secrets: environment) { lab in
                await lab.prepare()
                #expect(await lab.commands.run(release).status == .done)
                let main = try await lab.test.id("main", in: lab.test.origin)
                let head = try await lab.head()
                #expect(try lab.value("merge", "head") == JSONValue(head))
                let status = await lab.commands.run("status")
                #expect(!status.output.contains("merged; 'main' at origin has it"), "\(status)")
                #expect(
                    status.output.contains("is released as '\(CriticalLab.tag)'; it is to be proven yet"), "\(status)")
                for form in [["complete", "--merged"], ["complete", "--do", "--yes"]] {
                    let early = await lab.commands.run(form)
                    #expect(early.status == .no && early.errors.contains("The merge is refused"), "\(early)")
                }
                await sentry.commands.run("deployed", "--commit", main, "--no-incident")
                await sentry.commands.checks(from: noon, to: noon + 1800)
                lab.commands.now = sentry.commands.now
                let run = await lab.commands.run("complete", "--merged")
                #expect(run.status == .done && run.errors.isEmpty, "\(run)")
                #expect(try lab.value("merge", "completed") == .boolean(true))
                let rest = await lab.commands.run("complete", "--do", "--yes")
                #expect(rest.status == .done, "\(rest)")
                #expect(try await !lab.test.succeeds("rev-parse", "--verify", "--quiet", CriticalLab.branch))
            }
        }
    }

    @Test("where the team keeps something at the key of the merge, nothing is merged")
    func keptKey() async throws {
        try await withCritical { lab in
            await lab.prepare()
            try StatusFile.update(path: lab.commands.path(CriticalLab.file), at: noon) {
                $0.set("merge", to: JSONValue("by hand"))
            }
            let main = try await lab.test.id("main", in: lab.test.origin)
            let run = await lab.commands.run(release)
            #expect(run.status == .unusable && run.errors.contains("merge is a text"), "\(run)")
            #expect(try await lab.test.id("main", in: lab.test.origin) == main)
        }
    }

    @Test("a release goes on when its branch is gone from origin")
    func branchGone() async throws {
        try await withCritical { lab in
            await lab.prepare()
            #expect(await lab.commands.run(release).status == .done)
            let main = try await lab.test.id("main", in: lab.test.origin)
            try await lab.test.git(
                "push", "--quiet", "origin", "--delete", CriticalLab.branch, "refs/tags/\(CriticalLab.tag)")
            let again = await lab.commands.run(release)
            #expect(again.status == .done && again.output.contains("→ Push the tag"), "\(again)")
            #expect(try await lab.test.id(CriticalLab.tag, in: lab.test.origin) == main)
        }
    }

    @Test(
        "where main is changed by pull requests, no entry of a changelog is pushed past them unless asked for, and then last"
    )
    func changelog() async throws {
        try await withCriticalAtGitHub { lab, _ in
            try lab.test.write("hotfix.yaml\npolicy.yaml\n", to: ".git/info/exclude")
            try await lab.test.git("switch", "--quiet", "main")
            try lab.test.write("# Changelog\n", to: "CHANGELOG.md")
            try await lab.test.git("add", "--", "CHANGELOG.md")
            try await lab.test.git("commit", "--quiet", "--message", "Keep a changelog")
            try await lab.test.git("push", "--quiet", "origin", "main")
            try await lab.test.git("switch", "--quiet", CriticalLab.branch)
            let plan = await lab.commands.run(complete + ["--dry-run"])
            #expect(plan.status == .done && !plan.output.contains("CHANGELOG.md"), "\(plan)")
            let asked = await lab.commands.run(complete + ["--dry-run", "--changelog", "The till closes"])
            #expect(
                asked.output.hasSuffix("Add to CHANGELOG.md on 'main' at origin: The till closes\n"), "\(asked)")
        }
    }
}
