import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct TargetTests {
    @Test(arguments: [true, false])
    func `a hotfix has to be in main, in develop and in each open release branch`(_ asksOrigin: Bool) async throws {
        try await withRepository { lab in
            for name in [
                "develop", "release/2.0", "release/1.9/rc", "release/hotfix-20261101", "hotfix/v1", "feature/y",
            ] {
                try await lab.branch(name, ("On \(name)", [name: "x"]))
                try await lab.push(name)
            }
            try await lab.files.git("push", "--quiet", "origin", "main:refs/heads/release/1.0")
            try await lab.files.git("fetch", "--quiet")
            func targets(_ develop: String, _ pattern: String, hotfix: String = "hotfix/v1") async throws -> [String] {
                try await lab.git.mergeTargets(
                    main: "main", develop: develop, releaseBranches: pattern, hotfix: hotfix, asksOrigin: asksOrigin
                ).map { "\($0.role) \($0.branch)" }
            }
            #expect(
                try await targets("develop", "release/*")
                    == ["main main", "develop develop", "release release/1.9/rc", "release release/2.0"])
            #expect(
                try await targets("none", "release/*", hotfix: "release/2.0") == [
                    "main main", "release release/1.9/rc",
                ])
            #expect(try await targets("main", "rel*/2.*") == ["main main", "release release/2.0"])
            #expect(try await targets("none", "release/2.0") == ["main main", "release release/2.0"])
            let error = try await gitError {
                _ = try await lab.git.mergeTargets(
                    main: "trunk", develop: "develop", releaseBranches: "release/*", hotfix: "x", asksOrigin: asksOrigin
                )
            }
            #expect(error?.code == .unfit)
            #expect(error?.reason.contains("tracker.main") == true)
        }
    }

    @Test func `a release branch with commits that are not here is open`() async throws {
        try await withRepository { lab in
            let other = try await lab.files.clone("other")
            let id = try await other.commit("New", ["a.txt": "a"])
            try await other.git("push", "--quiet", "origin", "main:refs/heads/release/3.0")
            let targets = try await lab.git.mergeTargets(
                main: "main", develop: "develop", releaseBranches: "release/*", hotfix: "x", asksOrigin: true)
            #expect(targets.map(\.branch) == ["main", "release/3.0"])
            #expect(targets.last?.commit == id)
            let found = try await lab.git.completeness(base: "main", head: "main", targets: targets)
            #expect(found.entries.map(\.isComplete) == [true, false])
        }
    }
}
