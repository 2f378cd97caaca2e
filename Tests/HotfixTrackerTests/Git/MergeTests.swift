import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct MergeTests {
    @Test func `a merge makes its commit and touches neither work tree nor index nor any branch`() async throws {
        try await withRepository { lab in
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            try await lab.files.git("switch", "--quiet", "main")
            let main = try await lab.files.commit("Meanwhile", ["b.txt": "b"])
            try lab.files.write("half done", to: "shop.txt")
            try lab.files.write("staged", to: "b.txt")
            try await lab.files.git("add", "b.txt")
            let before = try await lab.files.state()
            let merged = try await lab.git.merge("hotfix/x", into: "main", message: "Merge 'x'\n\nBecause.")
            #expect(try await lab.files.state() == before)
            #expect(
                try await lab.files.git("rev-list", "--parents", "--max-count=1", merged) == "\(merged) \(main) \(fix)")
            #expect(
                try await lab.files.git("show", "--no-patch", "--format=%B%n%cn", merged)
                    == "Merge 'x'\n\nBecause.\n\nAda Lovelace")
            #expect(try await lab.files.git("show", "\(merged):a.txt") == "a")
            #expect(try await lab.files.git("show", "\(merged):b.txt") == "b")
            #expect(try await lab.git.merge(fix, into: merged, message: "again") == merged)
        }
    }

    @Test func `a base that could be moved forward gets a merge commit all the same`() async throws {
        try await withRepository { lab in
            let base = try await lab.files.id()
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            let merged = try await lab.git.merge(fix, into: base, message: "")
            #expect(
                try await lab.files.git("rev-list", "--parents", "--max-count=1", merged) == "\(merged) \(base) \(fix)")
            #expect(try await lab.files.git("show", "--no-patch", "--format=%s", merged) == "Merge \(fix)")
        }
    }

    @Test func `a conflict names the files, and changes nothing`() async throws {
        try await withRepository { lab in
            let name = "dir/a 'b'\u{1B}[31m.txt"
            try await lab.branch("hotfix/x", ("Fix", ["shop.txt": "theirs\n", name: "theirs"]))
            try await lab.files.git("switch", "--quiet", "main")
            try await lab.files.commit("Meanwhile", ["shop.txt": "ours\n", name: "ours", "calm.txt": "calm"])
            let before = try await lab.files.state()
            let error = try await gitError { try await lab.git.merge("hotfix/x", into: "main", message: "m") }
            #expect(error?.code == .conflict)
            #expect(error?.reason.contains("'shop.txt'") == true)
            #expect(error?.reason.contains("dir/a 'b'") == true)
            #expect(error?.description.contains("\u{1B}") == false)
            #expect(error?.description.contains("calm") == false)
            #expect(error?.reason.contains("merge by hand") == true)
            #expect(try await lab.files.state() == before)
        }
    }

    @Test func `a merge commit is signed where git is set to sign, and not made where that fails`() async throws {
        try await withRepository { lab in
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            try await lab.files.git("config", "commit.gpgSign", "true")
            try await lab.files.git("config", "gpg.program", "/bin/false")
            let error = try await gitError { try await lab.git.merge(fix, into: "main", message: "m") }
            #expect(error?.code == .failed)
            #expect(error?.description.contains("gpg failed to sign") == true)
        }
    }

    @Test func `whoever commits has to be known`() async throws {
        try await withRepository { lab in
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            var environment = lab.files.environment.filter { !$0.key.hasPrefix("GIT_COMMITTER") }
            environment["GIT_CONFIG_COUNT"] = "1"
            environment["GIT_CONFIG_KEY_0"] = "user.useConfigOnly"
            environment["GIT_CONFIG_VALUE_0"] = "true"
            let git = try await Repository(containing: Git(directory: lab.files.directory, environment: environment))
            let error = try await gitError { try await git.merge(fix, into: "main", message: "m") }
            #expect(error?.code == .unfit)
            #expect(error?.reason.contains("user.name and user.email") == true)
        }
    }

    @Test func `histories that have nothing in common are not merged`() async throws {
        try await withRepository { lab in
            try await lab.files.git("switch", "--quiet", "--orphan", "other")
            try await lab.files.commit("Alone", ["z.txt": "z"])
            let error = try await gitError { try await lab.git.merge("other", into: "main", message: "m") }
            #expect(error?.code == .failed)
            #expect(error?.description.contains("unrelated histories") == true)
            #expect(
                try await gitError { try await lab.git.merge("nowhere", into: "main", message: "m") }?.code == .unfit)
        }
    }

    @Test func `a git without merge-tree is told to be updated`() async throws {
        try await withRepository { lab in
            let fix = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
            let old = "\(lab.files.root)/old/git"
            try await installProgram(
                "#!/bin/sh\n[ \"$1\" = merge-tree ] && exit 129\nexec /usr/bin/git \"$@\"\n", to: old,
                root: lab.files.root)
            var environment = lab.files.environment
            environment["PATH"] = "\(lab.files.root)/old:\(environment["PATH"] ?? "")"
            let git = try await Repository(containing: Git(directory: lab.files.directory, environment: environment))
            let error = try await gitError { try await git.merge(fix, into: "main", message: "m") }
            #expect(error?.code == .notRun)
            #expect(error?.reason.contains("git 2.38 or later is needed") == true)
        }
    }
}
