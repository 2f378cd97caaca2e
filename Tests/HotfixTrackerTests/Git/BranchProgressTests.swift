import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct BranchProgressTests {
    private let name = "release/hotfix-1"

    private func status(_ changes: (inout StatusFile) -> Void = { _ in }) -> StatusFile {
        var status = StatusFile()
        status.set("branch", "name", to: JSONValue(name))
        status.set("branch", "created", to: .boolean(true))
        status.set("branch", "pushed", to: .boolean(true))
        changes(&status)
        return status
    }

    private func observe(
        _ lab: RepositoryLab, _ status: StatusFile, asksOrigin: Bool = true
    ) async throws -> (BranchProgress, [String]) {
        let progress = try await BranchProgress.observe(lab.git, status: status, main: "main", asksOrigin: asksOrigin)
        return (progress, progress.differences(from: status))
    }

    @Test func `a hotfix on its way differs in nothing, from the branch to its removal`() async throws {
        try await withRepository { lab in
            let fresh = try await lab.files.id()
            try await lab.git.createBranch(branch(name), at: fresh)
            try await lab.git.push(branch(name), commit: fresh, setsUpstream: true)
            #expect(try await observe(lab, status()).1 == [])
            let id = try await lab.files.commit("Fix", ["a.txt": "a"])
            try await lab.git.push(branch(name), commit: id, setsUpstream: true)
            try await lab.git.createTag(tag("milestone/\(name)/deployed"), at: id, message: "m")
            try await lab.git.push(tag("milestone/\(name)/deployed"), commit: id, setsUpstream: false)
            var file = status { status in
                status.set(
                    "branch", "milestoneTags",
                    to: .array([.object(["name": JSONValue("milestone/\(name)/deployed"), "ref": JSONValue(id)])]))
                status.set("deployment", "commit", to: JSONValue(id))
            }
            let (before, differences) = try await observe(lab, file)
            #expect(differences == [])
            #expect(before.here == id && before.atOrigin == id && before.isHeadDeployed == true)
            #expect(before.inMain == .missing && !before.isMerged && before.caveats.isEmpty)
            let merged = try await lab.git.merge(id, into: "origin/main", message: "Merge")
            try await lab.git.push(branch("main"), commit: merged, setsUpstream: false)
            let (after, unmerged) = try await observe(lab, file)
            #expect(after.inMain == .ancestor && after.isMerged)
            #expect(unmerged == ["The file says that the hotfix is not merged; 'main' at origin has it."])
            file.set("decommission", "mergedToMain", to: .boolean(true))
            file.set("decommission", "legacyBranchesRemoved", to: .boolean(true))
            #expect(
                try await observe(lab, file).1
                    == ["The file says that legacy branches were removed; origin has 'release/hotfix-1'."])
            try await lab.git.deleteBranchAtOrigin(branch(name), expecting: id)
            try await lab.git.deleteBranch(branch(name), expecting: id, switchingTo: branch("main"))
            let (removed, nothing) = try await observe(lab, file)
            #expect(removed.isGone && removed.isMerged)
            #expect(nothing == [])
        }
    }

    @Test func `a file that claims what git does not know is contradicted`() async throws {
        try await withRepository { lab in
            let (none, nowhere) = try await observe(lab, status())
            #expect(none.isGone && !none.isMerged && none.inMain == nil)
            #expect(
                nowhere == [
                    "The file says that 'release/hotfix-1' was created; it is neither here nor at origin, and it is not known to be merged."
                ])
            let id = try await lab.branch(name, ("Fix", ["a.txt": "a"]))[0]
            let tagName = "milestone/\(name)/ready"
            let file = status { status in
                status.set("branch", "milestoneTags", to: .array([.object(["name": JSONValue(tagName)])]))
                status.set("decommission", "mergedToMain", to: .boolean(true))
                status.set("deployment", "commit", to: JSONValue("0123456"))
            }
            try await lab.files.git("tag", "milestone/\(name)/other")
            #expect(
                try await observe(lab, file).1 == [
                    "The file says that 'release/hotfix-1' was pushed; origin has no such branch.",
                    "The file lists the tag '\(tagName)'; it is not here nor at origin.",
                    "There is a tag 'milestone/\(name)/other' that the file does not list.",
                    "The file says that 0123456 is deployed; the head of 'release/hotfix-1' is \(id).",
                    "The file says that the hotfix is merged; 'main' at origin does not have it.",
                ])
            try await lab.git.push(branch(name), commit: id, setsUpstream: true)
            let ahead = try await lab.files.commit("More", ["b.txt": "b"])
            let denied = status { status in
                status.set("branch", "created", to: .boolean(false))
                status.set("branch", "pushed", to: .boolean(false))
            }
            let sentences = try await observe(lab, denied).1
            #expect(sentences.contains("The file says that 'release/hotfix-1' was not created; it is there, at \(id)."))
            #expect(
                sentences.contains("The file says that 'release/hotfix-1' was not pushed; origin has it, at \(id)."))
            #expect(sentences.contains("'release/hotfix-1' is at \(ahead) here and at \(id) at origin."))
        }
    }

    @Test func `a squash merge is seen, and said to be one`() async throws {
        try await withRepository { lab in
            let ids = try await lab.branch(name, ("One", ["a.txt": "a"]), ("Two", ["b.txt": "b"]))
            try await lab.push(name)
            try await lab.files.git("switch", "--quiet", "main")
            try await lab.files.git("merge", "--quiet", "--squash", name)
            let squash = try await lab.files.commit("Squashed")
            try await lab.push("main")
            let (progress, differences) = try await observe(lab, status())
            #expect(progress.inMain == .squashed(squash) && progress.isMerged && progress.head == ids[1])
            #expect(
                differences == [
                    "The file says that the hotfix is not merged; 'main' at origin has it, squashed into \(squash)."
                ])
        }
    }

    @Test func `without origin what was last fetched is told, and that it is`() async throws {
        try await withRepository { lab in
            let id = try await lab.branch(name, ("Fix", ["a.txt": "a"]))[0]
            try await lab.push(name)
            try await lab.files.git("remote", "set-url", "origin", "http://captain:swordfish@127.0.0.1:1/shop.git")
            let (progress, differences) = try await observe(lab, status())
            #expect(progress.atOrigin == id)
            #expect(progress.inMain == .missing)
            #expect(differences == [])
            #expect(progress.caveats.count == 1)
            #expect(progress.caveats[0].hasPrefix("Origin could not be asked, and is shown as it was last fetched: "))
            #expect(!progress.caveats[0].contains("swordfish"))
            let (fetched, _) = try await observe(lab, status(), asksOrigin: false)
            #expect(fetched.view == .fetched && fetched.atOrigin == id)
            try await lab.files.git("remote", "remove", "origin")
            let (alone, sentences) = try await observe(lab, status())
            #expect(alone.here == id && alone.atOrigin == nil)
            #expect(
                sentences == [
                    "The file says that 'release/hotfix-1' was pushed; origin (as last fetched) has no such branch."
                ])
        }
    }

    @Test func `what was not fetched is not known, and neither merged nor unmerged`() async throws {
        try await withRepository { lab in
            try await lab.branch(name, ("Fix", ["a.txt": "a"]))
            try await lab.push(name)
            let other = try await lab.files.clone("other")
            try await other.git("merge", "--quiet", "--no-ff", "--message", "m", "origin/\(name)")
            try await other.git("push", "--quiet", "origin", "main")
            let claimed = status { $0.set("decommission", "mergedToMain", to: .boolean(true)) }
            for file in [status(), claimed] {
                let (progress, differences) = try await observe(lab, file)
                #expect(progress.inMain == .unknown)
                #expect(differences == [])
                #expect(progress.caveats.contains { $0.contains("git fetch origin") })
            }
            try await lab.git.fetch()
            #expect(try await observe(lab, claimed).0.isMerged)
        }
    }

    @Test func `a shallow clone says that it is one`() async throws {
        try await withRepository { lab in
            try await lab.branch(name, ("One", ["a.txt": "a"]), ("Two", ["b.txt": "b"]))
            try await lab.push(name)
            try await lab.files.git(
                "clone", "--quiet", "--depth=1", "--no-single-branch", "file://\(lab.files.origin)",
                "\(lab.files.root)/shallow")
            let git = Git(directory: "\(lab.files.root)/shallow", environment: lab.files.environment)
            let shallow = RepositoryLab(files: lab.files, git: try await Repository(containing: git))
            let (progress, _) = try await observe(shallow, status())
            #expect(progress.isShallow && !progress.isMerged)
            #expect(progress.caveats.contains { $0.contains("--unshallow") })
        }
    }

    @Test(arguments: ["--upload-pack=touch /tmp/x", "a\u{1B}[31m\nb", "x.lock", "-", "a b"])
    func `a name in the file that git refuses is said, and never comes to git`(_ hostile: String) async throws {
        try await withRepository { lab in
            let file = status { status in
                status.set("branch", "name", to: JSONValue(hostile))
                status.set(
                    "branch", "milestoneTags", to: .array([.object(["name": JSONValue(hostile)]), JSONValue(5)]))
                status.set("deployment", "commit", to: JSONValue(hostile))
                status.set("branch", "base", to: JSONValue(hostile))
            }
            let (progress, differences) = try await observe(lab, file)
            #expect(progress.branch == nil && progress.tags.isEmpty)
            #expect(differences.count == 2)
            #expect(differences.allSatisfy { $0.hasPrefix("The status file holds a name that git refuses") })
            #expect(!differences.joined().contains("\u{1B}"))
        }
    }

    @Test func `a git that fails here is an error, not a branch that is not there`() async throws {
        try await withRepository { lab in
            let id = try await lab.branch(name, ("Fix", ["a.txt": "a"]))[0]
            try await lab.push(name)
            let (faulty, repository) = try await lab.faulty()
            try faulty.fail(nil)
            let file = status { $0.set("deployment", "commit", to: JSONValue(id)) }
            let clean = try await BranchProgress.observe(repository, status: file, main: "main", asksOrigin: true)
            let count = try faulty.commands().count
            for number in 1...count {
                try faulty.fail(.killed, at: .number(number))
                var seen: BranchProgress?
                let error = try await gitError {
                    seen = try await BranchProgress.observe(repository, status: file, main: "main", asksOrigin: true)
                }
                #expect(faulty.hasFailed)
                guard error == nil else { continue }
                // Only origin may fail without an error, and that is said.
                #expect(seen == clean || seen.map { $0.view != .asked } == true, "at \(number)")
                #expect(seen?.here == id && seen?.isMerged == false)
            }
        }
    }

    @Test func `a branch just begun is not merged, one that main was moved forward to is once that is deployed`()
        async throws
    {
        try await withRepository { lab in
            let start = try await lab.files.id()
            try await lab.branch(name)
            try await lab.push(name)
            let (fresh, differences) = try await observe(lab, status())
            #expect(fresh.inMain == .ancestor && fresh.head == start && !fresh.isMerged)
            #expect(differences == [])
            let id = try await lab.files.commit("Fix", ["a.txt": "a"])
            try await lab.push(name)
            try await lab.files.git("push", "--quiet", "origin", "\(id):refs/heads/main")
            let file = status { $0.set("deployment", "commit", to: JSONValue(id)) }
            let (moved, sentences) = try await observe(lab, file)
            #expect(moved.isMerged && moved.hasOwnCommits == nil)
            #expect(sentences == ["The file says that the hotfix is not merged; 'main' at origin has it."])
        }
    }
}
