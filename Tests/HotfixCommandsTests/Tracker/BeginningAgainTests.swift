import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix init beside what is there already", .heavy)
struct BeginningAgainTests {
    private let override = ["--override", "--reason", "The ledger is elsewhere"]

    @Test(
        "no branch that is kept becomes a hotfix's",
        arguments: ["main", "develop", "hotfix-tracker", "trunk"])
    func kept(name: String) async throws {
        try await RunbookScene.with { scene in
            try await scene.repository.git("push", "--quiet", "origin", "main:trunk")
            try await scene.repository.git("symbolic-ref", "HEAD", "refs/heads/trunk", in: scene.repository.origin)
            let before = try await scene.repository.state()
            let run = await scene.lab.run("init", "--yes", "--branch", name)
            #expect(run.status == .wrong && run.errors.contains("is a branch that is kept"), "\(run)")
            #expect(try await scene.repository.state() == before)
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == nil)
        }
    }

    @Test("what the team keeps among the keys of UAT stays when another hotfix begins")
    func teamKeys() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            try StatusFile.update(path: scene.statusFile, at: noon) {
                $0.set("uat", "sessions", to: JSONValue("ours"))
                $0.set("uat", "issues", to: .array([JSONValue("one of hotfix's kind")]))
            }
            let run = await scene.lab.run(
                "init", "--branch", "hotfix/b", "--replace", "--reason", "It is given up", "--yes")
            #expect(run.status == .done, "\(run)")
            #expect(try scene.text("branch", "name") == "hotfix/b" && scene.text("uat", "sessions") == "ours")
            #expect(try scene.status()["uat", "issues"] == .null)
        }
    }

    @Test("a deployment of before proves nothing of a hotfix that has the same name")
    func deployedBefore() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix()
            #expect(await scene.lab.run(["complete", "--do", "--yes"] + override).status == .done)
            try StatusFile.update(path: scene.statusFile, at: noon) {
                $0.set("stability", "state", to: JSONValue("ready"))
                $0.set("stability", "evaluatedUntil", to: JSONValue("\(noon)"))
                $0.set("deployment", "commit", to: JSONValue(head))
                $0.set("deployment", "branch", to: JSONValue(RunbookScene.branch))
                $0.set("deployment", "at", to: JSONValue("\(noon - 3600)"))
            }
            let before = try TrackerRecord(scene.status(), path: scene.statusFile)
            #expect(before.isProven(at: noon))
            #expect(await scene.lab.run("init", "--yes").status == .done)
            let record = try TrackerRecord(scene.status(), path: scene.statusFile)
            #expect(record.branch.name == RunbookScene.branch && !record.isProven(at: noon))
            try StatusFile.update(path: scene.statusFile, at: noon) {
                $0.set("deployment", "at", to: JSONValue("\(noon)"))
            }
            #expect(try TrackerRecord(scene.status(), path: scene.statusFile).isProven(at: noon))
        }
    }

    @Test("the tracker's own branch is offered for nothing, whatever the release branches are called")
    func trackerBranch() async throws {
        try await RunbookScene.with { scene in
            let other = try await scene.repository.clone("other")
            try await other.commit("Keep the tracker", ["s.json": "{}\n"])
            try await other.git("push", "--quiet", "origin", "HEAD:refs/heads/hotfix-tracker")
            try await scene.beginHotfix()
            let git = Git(directory: scene.repository.directory, environment: scene.repository.environment)
            let completion = try await HotfixCompletion(
                repository: Repository(containing: git), status: scene.status(), main: GitName("main", as: .branch),
                develop: GitName("develop", as: .branch), releaseBranches: "*")
            #expect(completion.completeness.entries.map(\.target.branch) == ["main"])
            #expect(completion.legacy.isEmpty)
        }
    }

    @Test("the status file is kept where the base has another one, untracked or changed here, and staged too")
    func otherVersions() async throws {
        try await RunbookScene.with { scene in
            let file = "docs/OPERATIONS/hotfix-status.json"
            let report = "docs/OPERATIONS/hotfix-outstanding-items.md"
            try await scene.repository.git("branch", "work")
            try await scene.repository.commit("Commit the tracker", [file: "{}\n", report: "# Theirs\n"])
            try await scene.repository.git("push", "--quiet", "origin", "main")
            try await scene.repository.git("switch", "--quiet", "work")

            #expect(await scene.lab.run("uat", "--session", "untracked").status == .done)
            try scene.repository.write("# Ours\n", to: report)
            let first = await scene.lab.run("init", "--yes", "--branch", "hotfix/one")
            #expect(first.status == .done, "\(first)")
            #expect(try scene.status().text.contains("untracked"))
            #expect(try scene.lab.files()[report] == Data("# Ours\n".utf8))

            try await scene.repository.git("switch", "--quiet", "--force", "work")
            try await scene.repository.commit("Commit ours", [file: "{\"theirs\": 5}\n"])
            #expect(await scene.lab.run("uat", "--session", "changed").status == .done)
            try await scene.repository.git("add", file)
            #expect(await scene.lab.run("uat", "--session", "staged").status == .done)
            let second = await scene.lab.run("init", "--yes", "--branch", "hotfix/two")
            #expect(second.status == .done, "\(second)")
            let text = try scene.status().text
            #expect(text.contains("changed") && text.contains("staged") && text.contains("theirs"))
            #expect(try await scene.repository.git("branch", "--show-current") == "hotfix/two")
            let left = try scene.lab.files().keys.filter { $0.hasSuffix(".kept") }
            #expect(left.isEmpty)
        }
    }

    @Test("complete --do switches to main though its status file differs from the branch's")
    func completion() async throws {
        try await RunbookScene.with { scene in
            let file = "docs/OPERATIONS/hotfix-status.json"
            try await scene.beginHotfix()
            try await scene.repository.commit("Commit the tracker")
            try await scene.repository.git("push", "--quiet", "origin", "HEAD")
            let other = try await scene.repository.clone("other")
            try await other.commit("Another tracker", [file: "{}\n"])
            try await other.git("push", "--quiet", "origin", "main")
            try await scene.repository.git("fetch", "--quiet", "origin", "main:main")
            try await scene.repository.git("merge", "--quiet", "--strategy", "ours", "--message", "Ours", "main")
            try await scene.repository.git("push", "--quiet", "origin", "HEAD")
            #expect(await scene.lab.run("uat", "--session", "kept").status == .done)
            let run = await scene.lab.run(["complete", "--do", "--yes"] + override)
            #expect(run.status == .done, "\(run)")
            #expect(try await scene.repository.git("branch", "--show-current") == "main")
            #expect(try scene.status().text.contains("kept"))
        }
    }

    @Test("what others write while origin is fetched is kept, and nobody writes while the branch is switched")
    func besideOthers() async throws {
        try await RunbookScene.with { scene in
            #expect(await scene.lab.run("observability", "--notes", "0").status == .done)
            let root = scene.repository.root
            // Whenever origin is asked, another writer notes how often it was.
            try await scene.repository.hook(
                "upload-pack",
                """
                echo x >>\(root)/calls
                sed -i "s/\\"notes\\": .*/\\"notes\\": \\"$(wc -l <\(root)/calls)\\"/" \(scene.statusFile)
                exec git upload-pack "$@"
                """)
            try await scene.repository.git(
                "config", "remote.origin.uploadpack", "\(scene.repository.directory)/.git/hooks/upload-pack")
            try await scene.repository.hook(
                "post-checkout",
                "flock --nonblock docs/OPERATIONS true && touch \(root)/unlocked || touch \(root)/locked")
            let run = await scene.lab.run("init", "--yes", "--no-push")
            #expect(run.status == .done, "\(run)")
            let calls = try String(contentsOfFile: "\(root)/calls", encoding: .utf8).count / 2
            #expect(calls > 1)
            #expect(try scene.text("observability", "notes") == "\(calls)")
            #expect(FileManager.default.fileExists(atPath: "\(root)/locked"))
            #expect(!FileManager.default.fileExists(atPath: "\(root)/unlocked"))
        }
    }

    @Test("an assessment and approvals given after the end of one hotfix are the next one's, and of no other")
    func assessment() async throws {
        try await RunbookScene.with { scene in
            let assess = ["assess", "--kind", "crash", "--affected", "All", "--why-now", "It stops"]
            try await scene.beginHotfix()
            #expect(await scene.lab.run(assess).status == .done)
            #expect(await scene.lab.run("approve", "--by", "Bob").status == .done)
            #expect(await scene.lab.run(["complete", "--do", "--yes"] + override).status == .done)
            scene.lab.now = scene.lab.now + 60
            #expect(await scene.lab.run(assess).status == .done)
            // The same words, yet of another hotfix: Bob has approved of the first.
            #expect(try scene.status().standingApprovals.isEmpty)
            #expect(await scene.lab.run("approve", "--by", "Eve").status == .done)
            #expect(await scene.lab.run("init", "--yes", "--branch", "hotfix/two").status == .done)
            #expect(try scene.status().criticality?.whyNow == "It stops")
            #expect(try scene.status().standingApprovals.map(\.by) == ["Eve"])
            #expect(try !scene.flag("decommission", "mergedToMain"))

            let replacing = ["init", "--yes", "--branch", "hotfix/three", "--replace", "--reason", "The door was fine"]
            #expect(await scene.lab.run(replacing).status == .done)
            #expect(try scene.status().criticality == nil)
            #expect(try scene.status()["approvals"] == .null)
        }
    }

    @Test("a second hotfix of the same name begins with nothing done")
    func sameName() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            await scene.lab.run("uat", "--session", "Went well", "--issue", "Slow", "--feedback")
            await scene.lab.run("uat", "--staging-deployed-at", "2026-11-20T11:00:00Z")
            #expect(await scene.lab.run(["complete", "--do", "--yes", "--docs"] + override).status == .done)
            scene.lab.now = scene.lab.now + 3600
            let run = await scene.lab.run("init", "--yes")
            #expect(run.status == .done, "\(run)")
            #expect(try await scene.atOrigin(RunbookScene.branch) != nil)
            let status = try scene.status()
            #expect(status["decommission"] == StatusFile.defaults["decommission"])
            #expect(status["uat"] == StatusFile.defaults["uat"])
            #expect(try scene.text("branch", "createdAt") == "2026-11-20T13:00:00.000Z")
            #expect(status["merge"] == .null)
            let merged = await scene.lab.run("complete", "--merged", "done")
            #expect(merged.status == .no, "\(merged)")
        }
    }

    @Test("so it does where a run broke off between its branch and the record")
    func sameNameBrokenOff() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            #expect(await scene.lab.run(["complete", "--do", "--yes"] + override).status == .done)
            try await scene.repository.git("switch", "--quiet", "--create", RunbookScene.branch, "origin/main")
            #expect(await scene.lab.run("init", "--yes").status == .done)
            #expect(try !scene.flag("decommission", "mergedToMain"))
        }
    }

    @Test("that the file says merged opens nothing where git says otherwise")
    func falselyMerged() async throws {
        try await RunbookScene.with { scene in
            try await scene.beginHotfix()
            try StatusFile.update(path: scene.statusFile, at: noon) {
                $0.set("decommission", "mergedToMain", to: .boolean(true))
            }
            let run = await scene.lab.run("complete", "--merged", "done")
            #expect(run.status == .no && run.errors.contains("Nothing is proven"), "\(run)")
        }
    }

    @Test("the tracker's own files are known behind symbolic links")
    func links() async throws {
        try await RunbookScene.with { scene in
            let link = "\(scene.repository.root)/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scene.repository.directory)
            let file = ["--status-file", "\(link)/docs/OPERATIONS/hotfix-status.json"]
            #expect(await scene.lab.run(["init", "--yes", "--branch", "hotfix/one"] + file).status == .done)
            let again = await scene.lab.run(
                ["init", "--yes", "--branch", "hotfix/two", "--replace", "--reason", "The door was fine"] + file)
            #expect(again.status == .done, "\(again)")
        }
    }

    @Test("the status file of one repository and the git of another are not mixed; those of two work trees are")
    func repositories() async throws {
        try await RunbookScene.with { scene in
            let other = try await scene.repository.clone("other")
            let before = try await (scene.repository.state(), other.state())
            let file = ["--status-file", "\(other.directory)/docs/OPERATIONS/hotfix-status.json"]
            for call in [["init"], ["tag", "--name", "m", "--branch", "x"]] {
                let run = await scene.lab.run(call + ["--yes"] + file)
                #expect(run.status == .wrong && run.errors.contains("is in the repository"), "\(run)")
            }
            #expect(try await (scene.repository.state(), other.state()) == before)
            let tree = "\(scene.repository.root)/tree"
            try await scene.repository.git("worktree", "add", "--quiet", "--detach", tree)
            #expect(await scene.lab.run("init", "--yes", "--status-file", "\(tree)/s.json").status == .done)
            let elsewhere = "\(scene.repository.root)/s.json"
            #expect(await scene.lab.run("init", "--yes", "--status-file", elsewhere).status == .done)
        }
    }
}
