import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct OriginTests {
    @Test func `a fetch takes over branches and new tags, and leaves what is here alone`() async throws {
        try await withRepository { lab in
            let old = try await lab.files.id()
            let other = try await lab.files.clone("other")
            let new = try await other.commit("Elsewhere", ["a.txt": "a"])
            try await other.git("tag", "v1")
            try await other.git("tag", "mine", new)
            try await other.git("push", "--quiet", "origin", "main", "v1", "mine", "main:refs/heads/gone")
            try await lab.files.git("tag", "mine", old)
            try await lab.files.git("tag", "unpushed", old)
            try await lab.files.git("config", "fetch.pruneTags", "true")
            try await lab.files.git("config", "remote.origin.fetch", "+refs/*:refs/*")
            try await lab.git.fetch()
            try await lab.files.git("push", "--quiet", "origin", ":refs/heads/gone")
            try await lab.git.fetch()
            #expect(try await lab.files.id("refs/remotes/origin/main") == new)
            #expect(try await lab.files.id("refs/heads/main") == old)
            #expect(try await lab.git.tagTarget(tag("v1")) == new)
            #expect(try await lab.git.tagTarget(tag("mine")) == old)
            #expect(try await lab.git.tagTarget(tag("unpushed")) == old)
            #expect(try await lab.git.branchesFetched() == ["main": new])
        }
    }

    @Test func `a push makes the branch at origin, and the local one follows it where that was asked for`() async throws
    {
        try await withRepository { lab in
            let id = try await lab.branch("release/hotfix-1", ("Fix", ["a.txt": "a"]))[0]
            let name = try branch("release/hotfix-1")
            try await lab.git.push(name, commit: id, setsUpstream: false)
            #expect(try await !lab.files.succeeds("rev-parse", "@{upstream}"))
            try await lab.git.push(name, commit: id, setsUpstream: true)
            #expect(try await lab.files.git("rev-parse", "--abbrev-ref", "@{upstream}") == "origin/release/hotfix-1")
            #expect(try await lab.git.branchesAtOrigin()["release/hotfix-1"] == id)
        }
    }

    @Test func `a push takes no other tag along, whatever git is set to`() async throws {
        try await withRepository { lab in
            try await lab.files.git("config", "push.followTags", "true")
            try await lab.files.git("tag", "--annotate", "--message", "m", "private")
            let id = try await lab.files.commit("More", ["a.txt": "a"])
            try await lab.git.push(branch("main"), commit: id, setsUpstream: false)
            #expect(try await lab.git.refsAtOrigin(["refs/tags/*"]).isEmpty)
        }
    }

    @Test func `a push that would lose somebody's commit is refused, and says what origin has`() async throws {
        try await withRepository { lab in
            let other = try await lab.files.clone("other")
            let theirs = try await other.commit("Theirs", ["b.txt": "b"])
            try await other.git("push", "--quiet", "origin", "main")
            let ours = try await lab.files.commit("Ours", ["a.txt": "a"])
            let error = try await gitError { try await lab.git.push(branch("main"), commit: ours, setsUpstream: true) }
            #expect(error?.code == .rejected)
            #expect(error?.reason.contains("origin has it at \(theirs)") == true)
            #expect(error?.reason.contains("Nothing is ever pushed by force") == true)
            #expect(try await lab.git.branchesAtOrigin()["main"] == theirs)
        }
    }

    @Test(arguments: ["", "+HEAD", "--force", ":", "HEAD:refs/heads/other", "\n"])
    func `what is no commit is never pushed, by force or as a deletion`(_ text: String) async throws {
        try await withRepository { lab in
            try await lab.files.commit("More", ["a.txt": "a"])
            try await lab.push("main")
            let id = try await lab.files.id()
            try await lab.files.git("reset", "--quiet", "--hard", "HEAD~1")
            let error = try await gitError { try await lab.git.push(branch("main"), commit: text, setsUpstream: true) }
            #expect(error?.code == .unfit)
            #expect(try await lab.git.branchesAtOrigin() == ["main": id])
        }
    }

    @Test func `a tag is pushed with its message, never moved, and not made out of nothing`() async throws {
        try await withRepository { lab in
            let first = try await lab.files.id()
            let name = try tag("milestone/x/one")
            #expect(
                try await gitError { try await lab.git.push(name, commit: first, setsUpstream: false) }?.code == .unfit)
            try await lab.git.createTag(name, at: first, message: "The first\n\n# not a comment")
            try await lab.git.push(name, commit: first, setsUpstream: false)
            try await lab.git.push(name, commit: first, setsUpstream: false)
            let format = "--format=%(objecttype) %(contents)"
            #expect(
                try await lab.files.git("for-each-ref", format, name.ref, in: lab.files.origin)
                    == "tag The first\n\n# not a comment")
            let other = try await lab.files.clone("other")
            let second = try await other.commit("More", ["b.txt": "b"])
            try await other.git("tag", "--delete", name.text)
            try await other.git("tag", "--annotate", "--message", "m", name.text, second)
            let git = try await Repository(containing: Git(directory: other.directory, environment: other.environment))
            let error = try await gitError { try await git.push(name, commit: second, setsUpstream: false) }
            #expect(error?.code == .rejected)
            #expect(error?.reason.contains("choose another name") == true)
            #expect(try await lab.git.refsAtOrigin([name.ref, "\(name.ref)^{}"])["\(name.ref)^{}"] == first)
            #expect(
                try await gitError { try await lab.git.push(name, commit: second, setsUpstream: false) }?.code == .unfit
            )
        }
    }

    @Test func `a hook that refuses is named, here and at origin`() async throws {
        try await withRepository { lab in
            let id = try await lab.files.commit("More", ["a.txt": "a"])
            try await lab.files.hook("pre-push", "echo 'the pipeline is red' >&2; exit 1")
            let here = try await gitError { try await lab.git.push(branch("main"), commit: id, setsUpstream: false) }
            #expect(here?.code == .rejected)
            #expect(here?.reason.contains("the pipeline is red") == true)
            #expect(here?.reason.contains("pre-push") == true)
            try await lab.files.hook("pre-push", "exit 0")
            try await lab.files.hook(
                "pre-receive", "printf 'protected \\033[31mbranch\\n' >&2; exit 1", in: lab.files.origin)
            let there = try await gitError { try await lab.git.push(branch("main"), commit: id, setsUpstream: false) }
            #expect(there?.code == .rejected)
            #expect(there?.reason.contains("pre-receive hook declined") == true)
            #expect(there?.reason.contains("Protection or a hook at origin") == true)
            #expect(there?.description.contains("\u{1B}") == false)
        }
    }

    @Test func `a branch at origin is deleted only where it is as expected, and never the default one`() async throws {
        try await withRepository { lab in
            let first = try await lab.files.id()
            let ids = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))
            try await lab.push("hotfix/x")
            let name = try branch("hotfix/x")
            #expect(
                try await gitError { try await lab.git.deleteBranchAtOrigin(name, expecting: first) }?.code == .rejected
            )
            #expect(try await lab.git.branchesAtOrigin()["hotfix/x"] == ids[0])
            #expect(
                try await gitError { try await lab.git.deleteBranchAtOrigin(branch("main"), expecting: first) }?.code
                    == .unfit)
            try await lab.git.deleteBranchAtOrigin(name, expecting: ids[0])
            try await lab.git.deleteBranchAtOrigin(name, expecting: ids[0])
            #expect(try await Array(lab.git.branchesAtOrigin().keys) == ["main"])
            #expect(try await lab.files.id("refs/heads/hotfix/x") == ids[0])
        }
    }

    @Test func `a commit that comes in just before a branch is deleted is not lost`() async throws {
        try await withRepository { lab in
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            try await lab.push("hotfix/x")
            let late = try await lab.files.commit("Late", ["a.txt": "b"])
            // A push comes in between the question what origin has and the deletion.
            let origin = lab.files.origin
            try await lab.files.git("push", "--quiet", "origin", "\(late):refs/heads/aside")
            try await lab.files.hook("pre-push", "git -C '\(origin)' update-ref refs/heads/hotfix/x \(late)")
            let error = try await gitError {
                try await lab.git.deleteBranchAtOrigin(branch("hotfix/x"), expecting: fix)
            }
            #expect(error != nil)
            #expect(try await lab.git.branchesAtOrigin()["hotfix/x"] == late)
        }
    }

    @Test func `the default branch is what origin says`() async throws {
        try await withRepository { lab in
            #expect(try await lab.git.defaultBranchAtOrigin() == "main")
            try await lab.files.git("symbolic-ref", "HEAD", "refs/heads/trunk", in: lab.files.origin)
            #expect(try await lab.git.defaultBranchAtOrigin() == nil)
        }
    }

    @Test func `an origin that is not there, or called otherwise, is said`() async throws {
        try await withRepository { lab in
            try await lab.files.git("remote", "rename", "origin", "upstream")
            // Without a remote of this name, git would take a directory for it.
            try await lab.files.git("clone", "--quiet", "--bare", lab.files.origin, "\(lab.files.directory)/origin")
            let renamed = try await gitError { try await lab.git.fetch() }
            #expect(renamed?.code == .unfit)
            #expect(renamed?.reason.contains("git remote rename NAME origin") == true)
            #expect(renamed?.reason.contains("'upstream'") == true)
            try await lab.files.git("remote", "remove", "upstream")
            let missing = try await gitError { try await lab.git.branchesAtOrigin() }
            #expect(missing?.reason.contains("git remote add origin URL") == true)
        }
    }

    @Test(arguments: ["fetch", "push", "ls-remote", "delete"])
    func `an origin that cannot be reached is unreachable, and its password is not shown`(_ command: String)
        async throws
    {
        try await withRepository { lab in
            let id = try await lab.files.id()
            try await lab.files.git("remote", "set-url", "origin", "http://captain:swordfish@127.0.0.1:1/shop.git")
            let error = try await gitError {
                switch command {
                case "fetch": try await lab.git.fetch()
                case "push": try await lab.git.push(branch("main"), commit: id, setsUpstream: true)
                case "delete": try await lab.git.deleteBranchAtOrigin(branch("x"), expecting: id)
                default: _ = try await lab.git.branchesAtOrigin()
                }
            }
            #expect(error?.code == .unreachable)
            #expect(error.map { "\($0)\($0.said)".contains("swordfish") } == false)
            #expect(error?.reason.contains("Check the network") == true)
        }
    }
}
