import Foundation
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct GitTests {
    @Test func `a command that takes too long is ended, and takes its locks away`() async throws {
        try await withRepository { lab in
            try await lab.files.hook("pre-push", "sleep 60")
            var git = Git(directory: lab.files.directory, environment: lab.files.environment)
            git.deadline = .milliseconds(200)
            let slow = try await Repository(containing: Git(directory: git.directory, environment: git.environment))
            #expect(slow.directory == lab.files.directory)
            let begin = ContinuousClock.now
            let error = try await gitError { try await git.run(["push", "origin", "main:refs/heads/x"]) }
            #expect(error?.code == .timedOut)
            #expect(ContinuousClock.now - begin < .seconds(30))
        }
    }

    @Test func `an ssh that hangs is ended with the git that started it`() async throws {
        try await withRepository { lab in
            let mark = "\(lab.files.root)/ssh.pid"
            let wrapper = "\(lab.files.root)/bin/ssh"
            try await installProgram("#!/bin/sh\necho $$ > '\(mark)'\nsleep 90\n", to: wrapper, root: lab.files.root)
            try await lab.files.git("remote", "set-url", "origin", "ssh://git.example/shop.git")
            var git = Git(
                directory: lab.files.directory,
                environment: lab.files.environment.merging(["GIT_SSH_COMMAND": wrapper]) { $1 },
                deadline: .seconds(3))
            git.isUnattended = true
            let begin = ContinuousClock.now
            let error = try await gitError { try await git.run(["ls-remote", "--", "origin"]) }
            #expect(error?.code == .timedOut)
            #expect(ContinuousClock.now - begin < .seconds(40))
            let text = try String(contentsOfFile: mark, encoding: .utf8)
            let process = try #require(Int32(text.split(separator: "\n").first ?? ""))
            // One that has ended may still wait for somebody to ask how, and one that is being ended take notice of it.
            func state() -> String { (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ") Z " }
            for _ in 0..<20_000 where !state().contains(") Z ") { await Task.yield() }
            #expect(state().contains(") Z "), "the ssh still runs: \(state())")
        }
    }

    @Test func `what a hook was told of its own repository is not handed on`() async throws {
        try await withRepository { lab in
            let other = try await lab.files.clone("other")
            var environment = lab.files.environment
            environment["GIT_DIR"] = "\(other.directory)/.git"
            environment["GIT_COMMON_DIR"] = "\(other.directory)/.git"
            environment["GIT_INDEX_FILE"] = "\(other.directory)/.git/index"
            environment["GIT_NAMESPACE"] = "elsewhere"
            environment["GIT_EXTERNAL_DIFF"] = "/bin/false"
            let repository = try await Repository(
                containing: Git(directory: lab.files.directory, environment: environment))
            #expect(repository.directory == lab.files.directory)
            try await repository.createBranch(branch("hotfix/x"), at: "main")
            #expect(try await lab.git.currentBranch() == "hotfix/x")
            #expect(try await repository.branchesAtOrigin().count == 1)
        }
    }

    @Test func `a directory that is in no repository is said to be`() async throws {
        try await withRepository { lab in
            let git = Git(directory: lab.files.root, environment: lab.files.environment)
            let error = try await gitError { _ = try await Repository(containing: git) }
            #expect(error?.code == .noRepository)
        }
    }
}
