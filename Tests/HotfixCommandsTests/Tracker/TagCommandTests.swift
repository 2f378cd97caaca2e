import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("hotfix tag and hotfix manage", .heavy)
struct TagCommandTests {
    @Test("makes, pushes and records an annotated tag, once")
    func tags() async throws {
        try await RunbookScene.with { scene in
            let head = try await scene.beginHotfix()
            let run = await scene.lab.run("tag", "--yes", "--name", " staging \t verified ", "--message", "Seen by QA")
            #expect(run.status == .done, "\(run)")
            let tag = "milestone/\(RunbookScene.branch)/staging-verified"
            #expect(
                try await scene.repository.git("cat-file", "-t", "refs/tags/\(tag)", in: scene.repository.origin)
                    == "tag")
            #expect(try await scene.repository.id(tag, in: scene.repository.origin) == head)
            #expect(
                try await scene.repository.git("tag", "--list", "--format=%(contents:subject)", tag) == "Seen by QA")
            let file = try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"]
            #expect(
                try scene.status()["branch", "milestoneTags"]
                    == .array([
                        .object([
                            "name": JSONValue(tag), "ref": JSONValue(head),
                            "createdAt": JSONValue("2026-11-20T12:00:00.000Z"),
                        ])
                    ]))
            scene.lab.now = noon + 60
            let again = await scene.lab.run("tag", "--name", "staging verified")
            #expect(again.status == .done && again.output.contains("(done already)"), "\(again)")
            #expect(try scene.lab.files()["docs/OPERATIONS/hotfix-status.json"] == file)
        }
    }

    @Test("never moves a tag: one at another commit is an error that names both, here and at origin")
    func moved() async throws {
        try await RunbookScene.with { scene in
            let first = try await scene.repository.id()
            let head = try await scene.beginHotfix()
            let tag = "milestone/\(RunbookScene.branch)/done"
            #expect(await scene.lab.run("tag", "--yes", "--name", "done", "--ref", "main").status == .done)
            for isHere in [true, false] {
                let run = await scene.lab.run("tag", "--yes", "--name", "done")
                #expect(run.status == .wrong && run.errors.contains("leads to \(first), not to \(head)"), "\(run)")
                if isHere { try await scene.repository.git("tag", "--delete", tag) }
            }
            // The one at origin is taken over as it is.
            #expect(await scene.lab.run("tag", "--yes", "--name", "done", "--ref", "main").status == .done)
            #expect(
                try await scene.repository.git("rev-parse", "refs/tags/\(tag)")
                    == scene.repository.git("rev-parse", "refs/tags/\(tag)", in: scene.repository.origin))
        }
    }

    @Test("goes on where the push broke off, and stays here where it is told to")
    func brokeOff() async throws {
        for fault in FaultyGit.Fault.allCases {
            try await RunbookScene.with { scene in
                try await scene.beginHotfix()
                let tag = "milestone/\(RunbookScene.branch)/m"
                try scene.faulty.fail(fault, at: .first("push --porcelain"))
                let status = await scene.lab.run("tag", "--yes", "--name", "m").status
                #expect(status == (fault == .rejected ? .no : .unfinished), "\(fault)")
                #expect(try await scene.repository.succeeds("rev-parse", "--verify", "refs/tags/\(tag)"))
                try scene.faulty.fail(nil)
                #expect(await scene.lab.run("tag", "--yes", "--name", "m").status == .done)
                #expect(
                    try await scene.repository.succeeds("rev-parse", "refs/tags/\(tag)", in: scene.repository.origin))
                #expect(await scene.lab.run("tag", "--yes", "--name", "own", "--no-push").status == .done)
                let own = "refs/tags/milestone/\(RunbookScene.branch)/own"
                #expect(
                    try await !scene.repository.succeeds(
                        "rev-parse", "--verify", "--quiet", own, in: scene.repository.origin))
            }
        }
    }

    @Test(
        "a name that git refuses, no commit, and no hotfix end it before anything is changed",
        arguments: [
            ["--name", ""], ["--name", " "], ["--name", "a..b"], ["--name", "x.lock"], ["--name=-x"],
            ["--name", "a\u{0}b"],
            ["--name", "m", "--ref", "--all"], ["--name", "m", "--ref", "nowhere"], ["--name", "m", "--branch=-x"],
            ["--name", "m"], [],
        ])
    func hostile(arguments: [String]) async throws {
        try await RunbookScene.with { scene in
            let before = try await scene.repository.state()
            let isOfBranch = arguments != ["--name", "m"] && !arguments.contains("--branch=-x")
            let run = await scene.lab.run(
                ["tag", "--yes"] + (isOfBranch ? ["--branch", RunbookScene.branch] : []) + arguments)
            #expect(run.status == .wrong, "\(run)")
            #expect(try await scene.repository.state() == before)
        }
    }

    @Test("manage runs the same commands, with and without the separator of a package manager")
    func manage() async throws {
        try await RunbookScene.with { scene in
            #expect(await scene.lab.run("manage", "--", "init", "--yes").status == .done)
            #expect(await scene.lab.run("manage", "tag", "--yes", "--name", "m").status == .done)
            #expect(await scene.lab.run("manage", "--", "complete", "--docs").status == .done)
            let isUpdated = try scene.flag("decommission", "documentationUpdated")
            #expect(isUpdated)
            #expect(await scene.lab.run("manage", "--", "sing").status == .wrong)
        }
    }
}
