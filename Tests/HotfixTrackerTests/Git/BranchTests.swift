import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct BranchTests {
    @Test func `a branch is created at a commit, checked out, and follows nothing`() async throws {
        try await withRepository { lab in
            let base = try await lab.files.id()
            try lab.files.write("changed", to: "notes.txt")
            let name = try branch("release/hotfix-20261122")
            try await lab.git.createBranch(name, at: "origin/main")
            try await lab.git.createBranch(name, at: "origin/main")
            #expect(try await lab.git.currentBranch() == "release/hotfix-20261122")
            #expect(try await lab.git.head(of: name) == base)
            #expect(try await !lab.files.succeeds("rev-parse", "@{upstream}"))
            #expect(try await lab.git.changes() == ["notes.txt"])
        }
    }

    @Test func `a branch that is there elsewhere is left as it is`() async throws {
        try await withRepository { lab in
            let base = try await lab.files.id()
            let id = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            let error = try await gitError { try await lab.git.createBranch(branch("hotfix/x"), at: base) }
            #expect(error?.code == .unfit)
            #expect(error?.reason.contains(id) == true)
            #expect(error?.reason.contains(base) == true)
            #expect(try await gitError { try await lab.git.createBranch(branch("y"), at: "nowhere\n") }?.code == .unfit)
            #expect(try await lab.git.head(of: branch("y")) == nil)
        }
    }

    @Test func `a tag is made once, and never moved`() async throws {
        try await withRepository { lab in
            let first = try await lab.files.id()
            let second = try await lab.files.commit("More", ["a.txt": "a"])
            let name = try tag("milestone/hotfix/x/ready")
            try await lab.git.createTag(name, at: first, message: "--option\n# and 'quotes' \"and\" \u{1F525}\u{0}")
            try await lab.git.createTag(name, at: first, message: "again")
            #expect(try await lab.git.tagTarget(name) == first)
            #expect(
                try await lab.files.git("for-each-ref", "--format=%(contents)", name.ref)
                    == "--option\n# and 'quotes' \"and\" \u{1F525}")
            let error = try await gitError { try await lab.git.createTag(name, at: second, message: "m") }
            #expect(error?.code == .unfit)
            #expect(error?.reason.contains(first) == true)
            #expect(error?.reason.contains(second) == true)
            let unnamed = try tag("empty")
            try await lab.git.createTag(unnamed, at: first, message: " \n")
            #expect(try await lab.files.git("for-each-ref", "--format=%(contents)", unnamed.ref) == "empty")
        }
    }

    @Test func `tags are signed where git is set to, and none is made where that fails`() async throws {
        try await withRepository { lab in
            try await lab.files.git("config", "tag.gpgSign", "true")
            try await lab.files.git("config", "gpg.program", "/bin/false")
            #expect(
                try await gitError { try await lab.git.createTag(tag("x"), at: "HEAD", message: "m") }?.code == .failed)
            #expect(try await lab.git.tagTarget(tag("x")) == nil)
        }
    }

    @Test func `a branch is deleted here only where it is as expected and nobody works on it`() async throws {
        try await withRepository { lab in
            let base = try await lab.files.id()
            let id = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            let name = try branch("hotfix/x")
            try await lab.git.push(name, commit: id, setsUpstream: true)
            let elsewhere = try await gitError { try await lab.git.deleteBranch(name, expecting: base) }
            #expect(elsewhere?.code == .unfit)
            let current = try await gitError { try await lab.git.deleteBranch(name, expecting: id) }
            #expect(current?.reason.contains("checked out in '\(lab.files.directory)'") == true)
            #expect(try await lab.git.head(of: name) == id)
            try await lab.git.deleteBranch(name, expecting: id, switchingTo: branch("main"))
            try await lab.git.deleteBranch(name, expecting: id, switchingTo: branch("main"))
            #expect(try await lab.git.head(of: name) == nil)
            #expect(try await lab.git.currentBranch() == "main")
            #expect(try await !lab.files.succeeds("config", "--get", "branch.hotfix/x.remote"))
            #expect(try await lab.git.branchesAtOrigin()["hotfix/x"] == id)
        }
    }

    @Test func `a branch that another work tree has is not deleted`() async throws {
        try await withRepository { lab in
            let id = try await lab.files.id()
            let place = "\(lab.files.root)/second tree"
            try await lab.files.git("worktree", "add", "--quiet", "-b", "hotfix/x", place)
            let error = try await gitError { try await lab.git.deleteBranch(branch("hotfix/x"), expecting: id) }
            #expect(error?.code == .unfit)
            #expect(error?.reason.contains(place) == true)
            let second = try await Repository(
                containing: Git(directory: place, environment: lab.files.environment))
            #expect(try await second.currentBranch() == "hotfix/x")
            #expect(try await second.branchesAtOrigin() == ["main": id])
        }
    }

    @Test func `a git that fails is never taken for a branch that is not there`() async throws {
        try await withRepository { lab in
            let id = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            let (faulty, repository) = try await lab.faulty()
            let name = try branch("hotfix/x")
            for fault in [FaultyGit.Fault.networkGone, .killed, .answerLost, .nothingDone] {
                try faulty.fail(fault, at: .every("rev-parse"))
                #expect(try await gitError { try await repository.deleteBranch(name, expecting: id) } != nil)
                #expect(try await gitError { _ = try await repository.tagTarget(tag("t")) } != nil)
            }
            try faulty.fail(.killed, at: .every("symbolic-ref"))
            #expect(try await gitError { _ = try await repository.currentBranch() } != nil)
        }
    }

    @Test func `a repository without a commit, and a detached head, are answered for`() async throws {
        try await withRepository { lab in
            try await lab.files.git("switch", "--quiet", "--detach")
            #expect(try await lab.git.currentBranch() == nil)
            try await lab.git.createBranch(branch("hotfix/x"), at: "HEAD")
            #expect(try await lab.git.currentBranch() == "hotfix/x")
            let empty = "\(lab.files.root)/empty"
            try await lab.files.git("init", "--quiet", "--initial-branch", "main", empty)
            let unborn = try await Repository(containing: Git(directory: empty, environment: lab.files.environment))
            #expect(try await unborn.currentBranch() == "main")
            #expect(try await unborn.commit("HEAD") == nil)
            #expect(try await gitError { try await unborn.createBranch(branch("x"), at: "HEAD") }?.code == .unfit)
        }
    }

    @Test(arguments: [
        "--upload-pack=x", "-d", "a b", "a\nb", "a\u{1B}[31m", "a..b", "a~1", "a:b", "a*", "x.lock", "a//b", "HEAD",
        "@",
        "a@{1}", ".a", "a\\b", "", "a/.b", "a.", "a/",
    ])
    func `a name that git refuses never comes to git`(_ text: String) async throws {
        #expect(throws: GitError.self) { try GitName(text, as: .branch) }
    }

    @Test(arguments: ["a'b", #"a"b"#, "a$(id)", "a;b", "\u{1F525}/fix", "a`id`", "a&b", "ü"])
    func `a name that a shell would trip over is a name`(_ text: String) async throws {
        try await withRepository { lab in
            let name = try branch(text)
            try await lab.git.createBranch(name, at: "main")
            let id = try await lab.files.commit("Fix", ["a.txt": "a"])
            try await lab.git.push(name, commit: id, setsUpstream: true)
            #expect(try await lab.git.branchesAtOrigin()[text] == id)
            try await lab.git.createTag(tag("milestone/\(text)"), at: id, message: "m")
            try await lab.git.push(tag("milestone/\(text)"), commit: id, setsUpstream: false)
            try await lab.git.deleteBranchAtOrigin(name, expecting: id)
            try await lab.git.deleteBranch(name, expecting: id, switchingTo: branch("main"))
            #expect(try await lab.git.branchesAtOrigin()[text] == nil)
            #expect(try await lab.git.head(of: name) == nil)
        }
    }
}
