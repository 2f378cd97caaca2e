import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixTracker

@Suite("Where a branch came into main", .heavy)
struct MergePointTests {
    private func asked(_ test: TestRepository) async throws -> Repository {
        try await Repository(containing: Git(directory: test.directory, environment: test.environment))
    }

    @Test("it is the first commit of main's own line that contains it, whatever came before and after")
    func merged() async throws {
        try await withTestRepository { test in
            let main = try GitName("main", as: .branch)
            try await test.git("switch", "--quiet", "--create", "hotfix/x")
            let head = try await test.commit("Mend", ["a.txt": "1"])
            try await test.git("push", "--quiet", "origin", "hotfix/x")
            let repository = try await asked(test)
            #expect(try await repository.mergePoint(of: head, in: main) == nil)
            try await test.git("switch", "--quiet", "main")
            try await test.commit("Before", ["b.txt": "1"])
            try await test.git("merge", "--quiet", "--no-ff", "--message", "Merge", "hotfix/x")
            let merge = try await test.id()
            try await test.git("push", "--quiet", "origin", "main")
            #expect(try await repository.mergePoint(of: head, in: main) == merge)
            try await test.commit("After", ["c.txt": "1"])
            try await test.git("push", "--quiet", "origin", "main")
            #expect(try await repository.mergePoint(of: head, in: main) == merge)
        }
    }

    @Test("where main was moved forward to it, it is the commit itself; pushed from elsewhere, it is found too")
    func forwarded() async throws {
        try await withTestRepository { test in
            let main = try GitName("main", as: .branch)
            let clone = try await test.clone("other")
            try await test.git("switch", "--quiet", "--create", "hotfix/x")
            let head = try await test.commit("Mend", ["a.txt": "1"])
            try await test.git("push", "--quiet", "origin", "hotfix/x", "hotfix/x:main")
            let repository = try await asked(test)
            #expect(try await repository.mergePoint(of: head, in: main) == head)
            try await clone.git("pull", "--quiet", "origin", "main")
            try await clone.commit("After", ["c.txt": "1"])
            try await clone.git("push", "--quiet", "origin", "main")
            #expect(try await repository.mergePoint(of: head, in: main) == head)
        }
    }
}
