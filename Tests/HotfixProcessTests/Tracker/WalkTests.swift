import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A hotfix on a real repository", .heavy)
struct WalkTests {
    @Test("ended by a signal, the program ends its git, too, and leaves what was begun among the intents")
    func ended() async throws {
        try await withWalkedHotfix { hotfix, _ in
            let bin = "\(hotfix.directory)/slow"
            let marks = "\(hotfix.directory)/pushing"
            let path = hotfix.environment["PATH"] ?? "/usr/bin:/bin"
            try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: false)
            try await installProgram(
                """
                #!/bin/sh
                PATH='\(path)'
                case $1 in push) echo $$ >'\(marks)'; exec sleep 600 ;; esac
                exec git "$@"

                """, to: "\(bin)/git", root: hotfix.directory)
            _ = try await shell("mkfifo '\(marks)'", environment: hotfix.environment, in: hotfix.shop)
            var environment = hotfix.environment
            environment["PATH"] = "\(bin):\(path)"
            environment["HOTFIX_AT"] = hotfix.shop
            let command = try SpawnedCommand.start(
                "/bin/sh",
                ["-c", "cd \"$HOTFIX_AT\" && exec '\(SpawnedCommand.builtProgram("hotfix"))' init --yes"],
                environment: environment, outputFile: "\(hotfix.directory)/ended.log")
            let pushing = try await shell(
                "timeout 300 cat '\(marks)'", environment: hotfix.environment, in: hotfix.shop)
            kill(command.pid, SIGTERM)
            let ending = await command.ending()
            #expect(ending.exitStatus == nil, "\(ending.output)")
            let git = try #require(Int32(pushing.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(kill(git, 0) != 0 && errno == ESRCH)
            #expect(try hotfix.record()["intents"] != nil)
        }
    }

    @Test("goes from its branch to its end by the built program")
    func straight() async throws {
        try await withWalkedHotfix { hotfix, _ in
            let program = try SpawnedCommand.builtProgram("hotfix")
            func run(_ arguments: String..., ends status: Int32 = 0, at place: SourceLocation = #_sourceLocation)
                async throws
                -> String
            {
                let command = arguments.map { "'\($0)'" }.joined(separator: " ")
                let ending = try await shell(
                    "'\(program)' \(command)", environment: hotfix.environment, in: hotfix.shop)
                #expect(ending.exitStatus == status, "\(command): \(ending.output)", sourceLocation: place)
                return ending.output
            }
            _ = try await run("init", "--branch", WalkedHotfix.branch, "--dry-run")
            #expect(try hotfix.record().isEmpty)
            _ = try await run("init", "--branch", WalkedHotfix.branch, ends: 2)
            _ = try await run("init", "--branch", WalkedHotfix.branch, "--yes")
            try await hotfix.mend()
            _ = try await run("tag", "--name", "fix complete", "--yes")
            _ = try await run("observability", "--sentry", "--otel")
            _ = try await run("uat", "--scheduled", "2026-11-20", "--feedback")
            let early = try await run("complete", "--merged", "done", "--do", "--yes", ends: 1)
            #expect(early.contains("refused"))
            let head = try hotfix.head()
            let deployed = Instant(Int(Date().timeIntervalSince1970) - 2 * 3600)
            _ = try await run("deployed", "--commit", head, "--at", "\(deployed)", "--no-incident")
            _ = try await run("check", "--quiet")
            _ = try await run("readiness")
            let before = try await hotfix.truth()
            _ = try await run("complete", "--merged", "done", "--do", "--dry-run")
            #expect(try await hotfix.truth() == before)
            _ = try await run(
                "complete", "--merged", "--do", "--into", "develop", "--into", "release/1.1", "--remove",
                WalkedHotfix.legacy, "--docs", "--yes")
            let status = try await run("status")
            #expect(status.contains("Nothing is left to do."), "\(status)")
            let truth = try await hotfix.truth()
            #expect(truth.refs["origin:refs/heads/\(WalkedHotfix.branch)"] == nil)
            #expect(truth.refs["refs/heads/\(WalkedHotfix.branch)"] == nil)
            #expect(truth.refs["origin:refs/heads/\(WalkedHotfix.legacy)"] == nil)
            for target in ["main", "develop", "release/1.1"] {
                try await hotfix.git("git -C ../origin.git merge-base --is-ancestor \(head) 'refs/heads/\(target)'")
            }
            let discord = try await hotfix.discord()
            #expect(discord.claimed == [] && discord.unsaid == [])
            let again = try await run(
                "complete", "--merged", "--do", "--into", "develop", "--into", "release/1.1", "--yes")
            #expect(again.contains("(done already)"))
            #expect(try await hotfix.truth() == truth)
        }
    }

    /// A step, how the repository is made unfit for it, and how a person mends that.
    struct Unfit: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var step: BrokenOffTests.Step
        var spoil: String
        var status: HotfixCommands.ExitStatus
        /// What the error has to name.
        var names: String
        var mend: String
    }

    private static let unfit = [
        Unfit(
            testDescription: "dirty tree", step: BrokenOffTests.beginning, spoil: "echo x >>checkout.conf",
            status: .wrong, names: "checkout.conf", mend: "git checkout --quiet checkout.conf"),
        Unfit(
            testDescription: "branch exists", step: BrokenOffTests.beginning,
            spoil: "git branch \(WalkedHotfix.branch) $(git commit-tree HEAD^{tree} -m other)", status: .wrong,
            names: WalkedHotfix.branch, mend: "git branch --quiet --delete --force \(WalkedHotfix.branch)"),
        Unfit(
            testDescription: "branch exists at origin", step: BrokenOffTests.beginning,
            spoil: "git push --quiet origin $(git commit-tree HEAD^{tree} -m other):refs/heads/\(WalkedHotfix.branch)",
            status: .wrong, names: WalkedHotfix.branch,
            mend: """
                git push --quiet origin :refs/heads/\(WalkedHotfix.branch)
                git update-ref -d refs/remotes/origin/\(WalkedHotfix.branch)
                """),
        Unfit(
            testDescription: "no such base", step: BrokenOffTests.beginning,
            spoil: "git -C ../origin.git branch --quiet --move main trunk", status: .wrong, names: "main",
            mend: "git -C ../origin.git branch --quiet --move trunk main"),
        Unfit(
            testDescription: "push refused", step: BrokenOffTests.beginning,
            spoil: "printf '#!/bin/sh\\necho branches are closed >&2\\nexit 1\\n' >hook\n"
                + "install -m 755 hook ../origin.git/hooks/pre-receive\nrm hook",
            status: .no, names: "branches are closed", mend: "rm ../origin.git/hooks/pre-receive"),
        Unfit(
            testDescription: "origin gone", step: BrokenOffTests.beginning, spoil: "mv ../origin.git ../away.git",
            status: .unfinished, names: "origin", mend: "mv ../away.git ../origin.git"),
        Unfit(
            testDescription: "tag exists", step: BrokenOffTests.tagging,
            spoil: "git tag 'milestone/\(WalkedHotfix.branch)/fix-complete' main", status: .wrong,
            names: "milestone/\(WalkedHotfix.branch)/fix-complete",
            mend: "git tag --delete 'milestone/\(WalkedHotfix.branch)/fix-complete'"),
        Unfit(
            testDescription: "tag exists at origin", step: BrokenOffTests.tagging,
            spoil: "git push --quiet origin main:'refs/tags/milestone/\(WalkedHotfix.branch)/fix-complete'",
            status: .wrong, names: "milestone/\(WalkedHotfix.branch)/fix-complete",
            mend: "git push --quiet origin :'refs/tags/milestone/\(WalkedHotfix.branch)/fix-complete'"),
        Unfit(
            testDescription: "another head at origin than the deployed one", step: BrokenOffTests.ending,
            spoil:
                "git push --quiet origin $(git commit-tree HEAD^{tree} -p HEAD -m more):refs/heads/\(WalkedHotfix.branch)",
            status: .no, names: "deployed",
            mend: """
                git push --quiet --force origin \(WalkedHotfix.branch)
                git fetch --quiet --prune origin
                """),
    ]

    @Test(
        "refuses what it cannot begin from, changes nothing it does not say, and goes on once that is mended",
        arguments: unfit)
    func refused(unfit: Unfit) async throws {
        try await withWalkedHotfix { hotfix, git in
            try await unfit.step.before(hotfix)
            let after = try await hotfix.copy { copy in
                let run = await copy.run(unfit.step.arguments, at: unfit.step.at, git: git)
                #expect(run.status == .done, "\(run.output)")
                return try await copy.outcome()
            }
            try await hotfix.git(unfit.spoil)
            let isOriginThere = FileManager.default.fileExists(atPath: "\(hotfix.directory)/origin.git")
            let before = isOriginThere ? try await hotfix.truth() : nil
            let run = await hotfix.run(unfit.step.arguments, at: unfit.step.at, git: git)
            #expect(run.status == unfit.status, "\(run.output)")
            #expect(run.output.contains(unfit.names), "\(run.output)")
            if let before {
                let truth = try await hotfix.truth()
                if unfit.status == .unfinished || unfit.testDescription == "push refused" {
                    #expect(truth.strays(between: before, and: after.truth) == [])
                } else {
                    #expect(truth == before)
                }
                #expect(try await hotfix.discord().claimed == [])
            }
            try await hotfix.git(unfit.mend)
            let again = await hotfix.run(unfit.step.arguments, at: unfit.step.at, git: git)
            #expect(again.status == .done, "\(again.output)")
            #expect(try await hotfix.outcome() == after)
        }
    }

    @Test("names the files of a conflict, changes nothing, and finds the merge done that somebody made by hand")
    func conflict() async throws {
        try await withWalkedHotfix { hotfix, git in
            let step = BrokenOffTests.ending
            try await step.before(hotfix)
            try await hotfix.git(
                """
                git switch --quiet main
                echo 'timeout = 9' >checkout.conf
                git commit --quiet --all --message='Wait even longer'
                git push --quiet origin main
                git switch --quiet \(WalkedHotfix.branch)
                """)
            let before = try await hotfix.truth()
            let run = await hotfix.run(step.arguments, at: step.at, git: git)
            #expect(run.status == .no, "\(run.output)")
            #expect(run.output.contains("checkout.conf") && run.output.contains("git merge"), "\(run.output)")
            #expect(try await hotfix.truth() == before)
            #expect(try await hotfix.discord().claimed == [])
            try await hotfix.git(
                """
                git switch --quiet main
                git merge --quiet --no-ff \(WalkedHotfix.branch) >/dev/null || echo 'timeout = 9' >checkout.conf
                git commit --quiet --all --no-edit
                git push --quiet origin main
                git switch --quiet \(WalkedHotfix.branch)
                """)
            let again = await hotfix.run(step.arguments, at: step.at, git: git)
            #expect(again.status == .done, "\(again.output)")
            let discord = try await hotfix.discord()
            #expect(discord.claimed == [] && discord.unsaid == [])
            #expect(try await hotfix.truth().refs["origin:refs/heads/\(WalkedHotfix.branch)"] == nil)
        }
    }
}
