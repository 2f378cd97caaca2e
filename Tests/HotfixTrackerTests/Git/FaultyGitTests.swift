import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct FaultyGitTests {
    @Test func `each fault fails once as it says, and the next run does what was left`() async throws {
        for fault in FaultyGit.Fault.allCases {
            try await withRepository { lab in
                let (faulty, repository) = try await lab.faulty()
                let id = try await lab.branch("hotfix/x", ("Fix", ["a.txt": "a"]))[0]
                try faulty.fail(fault, at: .first("push "))
                let name = try branch("hotfix/x")
                let error = try await gitError { try await repository.push(name, commit: id, setsUpstream: false) }
                let expected: GitError.Code? =
                    switch fault {
                    case .networkGone: .unreachable
                    case .rejected: .rejected
                    case .answerLost, .killed: .failed
                    case .nothingDone: nil
                    }
                #expect(error?.code == expected)
                #expect(faulty.hasFailed)
                #expect(error?.description.contains("swordfish") != true)
                let wasDone = try await lab.git.branchesAtOrigin()["hotfix/x"] != nil
                #expect(wasDone == (fault == .answerLost))
                try await repository.push(name, commit: id, setsUpstream: false)
                #expect(try await lab.git.branchesAtOrigin()["hotfix/x"] == id)
            }
        }
    }

    @Test func `the n-th command fails, and all are written down`() async throws {
        try await withRepository { lab in
            let (faulty, repository) = try await lab.faulty()
            try faulty.fail(.killed, at: .number(2))
            #expect(try await repository.currentBranch() == "main")
            #expect(try await gitError { _ = try await repository.currentBranch() } != nil)
            #expect(try await repository.currentBranch() == "main")
            #expect(try faulty.commands().count == 3)
            #expect(try faulty.commands()[0].hasPrefix("symbolic-ref --quiet"))
        }
    }
}
