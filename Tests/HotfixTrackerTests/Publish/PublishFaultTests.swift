import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("Publishing the tracker's files where something fails", .heavyAndLong)
struct PublishFaultTests {
    @Test(
        "a git that fails at any of its commands corrupts nothing and loses nothing, and the next check makes up for it",
        arguments: FaultyGit.Fault.allCases)
    func everyCommand(_ fault: FaultyGit.Fault) async throws {
        try await withTestRepository { repository in
            let git = try await FaultyGit(in: repository)
            let publication = repository.publication(pushes: true, environment: git.environment)
            try repository.track("counting")
            _ = try await publication.publish(at: midday)
            let (files, main) = (try repository.everything(), try await repository.id("main"))
            var rounds = 0
            for number in 1...40 {
                let state = "state-\(number)"
                try repository.write(statusText(state), to: statusPath)
                try git.fail(fault, at: .number(number))
                // Whether it is told depends on the command: what a read does not say may not matter.
                let told = await failure { _ = try await publication.publish(at: midday + number * 10) }
                let hasFailed = git.hasFailed
                try git.fail(nil)
                let mended = await failure { _ = try await publication.publish(at: midday + number * 10 + 5) }
                #expect(mended == nil, "\(fault) at \(number): \(told ?? "not told")")
                #expect(try await repository.published(in: repository.origin) == trimmed(statusText(state)))
                #expect(try await repository.isWhole())
                rounds = number
                guard hasFailed else { break }
            }
            #expect((10..<40).contains(rounds))
            let commits = try await repository.commits(in: repository.origin)
            #expect(try await repository.commits().last == commits.last)
            #expect(try await repository.git("rev-list", "--merges", "--count", trackerRef) == "0")
            try repository.track("counting")
            #expect(try repository.everything() == files)
            #expect(try await repository.id("main") == main)
            let states = try await repository.git("log", "--reverse", "--format=%s", trackerRef).split(separator: "\n")
            #expect(Set(states).count == rounds + 1, "\(states)")
            let left = try FileManager.default.contentsOfDirectory(atPath: repository.root).filter {
                $0.hasPrefix("hotfix-tracker-")
            }
            #expect(left == [])
        }
    }

    /// Places that cannot be published from, as lines of shell that make them, and what is said of them.
    private static let unfitPlaces = [
        ("rm -rf .git", "is in no work tree of git (fatal: not a git repository"),
        ("git config core.bare true", "is in no work tree of git (fatal: this operation must be run in a work tree)"),
        ("git remote remove origin", "'origin' does not appear to be a git repository"),
        ("git remote set-url origin https://ada:swordfish@127.0.0.1:1/x", "https://127.0.0.1:1/x"),
        ("git switch --quiet --orphan hotfix-tracker", "is the tracker's own, and it is checked out in"),
        ("git switch --quiet --create hotfix-tracker", "is the tracker's own, and it is checked out in"),
        (
            "git symbolic-ref refs/heads/hotfix-tracker refs/heads/main",
            "it stands for another branch, 'refs/heads/main'"
        ),
        ("git branch hotfix-tracker/x", "cannot lock ref 'refs/heads/hotfix-tracker'"),
        ("mkdir -p docs/OPERATIONS; printf '{' >docs/OPERATIONS/hotfix-status.json", "hotfix-status.json:1:2: "),
        ("printf '[]' >docs/OPERATIONS/hotfix-status.json", "hotfix-status.json:1:1: this is not an object"),
        ("printf '\\377' >docs/OPERATIONS/hotfix-outstanding-items.md", "It is no text in UTF-8."),
        ("rm docs/OPERATIONS/*.md; mkdir docs/OPERATIONS/hotfix-outstanding-items.md", "not a file"),
    ]

    @Test("where it cannot be done, what is in the way is named, and nothing has changed", arguments: unfitPlaces)
    func unfit(_ script: String, _ expected: String) async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            try await repository.shell(script)
            let main = try await repository.commits("main", in: repository.origin)
            let files = try repository.everything()
            let told = await failure { _ = try await repository.publication(pushes: true).publish(at: midday) }
            #expect(told?.contains(expected) == true, "\(told ?? "done")")
            #expect(told?.contains("swordfish") != true)
            let after = try repository.everything()
            #expect(after.filter { !$0.key.hasPrefix(".git/logs") } == files.filter { !$0.key.hasPrefix(".git/logs") })
            #expect(try await repository.commits("main", in: repository.origin) == main)
        }
    }

    @Test("a report outside of the repository is named")
    func outside() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            var publication = repository.publication()
            publication.outstandingFile = "\(repository.root)/report.md"
            #expect(try await publication.publish(at: midday) != .nothingDue)
            try HotfixTrackerTests.write("# Report\n", to: publication.outstandingFile)
            try repository.track("ready")
            let told = await failure { _ = try await publication.publish(at: midday) }
            #expect(told?.contains("/report.md' does not lie in '") == true, "\(told ?? "done")")
        }
    }

    @Test("a missing git is named, and so is a repository of another user")
    func strangers() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            let none = await failure {
                _ = try await repository.publication(environment: ["PATH": repository.root]).publish(at: midday)
            }
            #expect(none?.contains("git is not installed, or not in PATH") == true, "\(none ?? "done")")
            let environment = repository.environment.merging(["GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"]) { $1 }
            let other = await failure {
                _ = try await repository.publication(environment: environment).publish(at: midday)
            }
            #expect(
                other?.contains("git config --system --add safe.directory '\(repository.directory)'") == true,
                "\(other ?? "done")")
        }
    }

    @Test("a way to origin that hangs is given up in time, with all that git started, and made up for")
    func hanging() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            let real = repository.origin
            try await repository.git("remote", "set-url", "origin", "ssh://example.invalid/shop.git")
            let started = "\(repository.root)/ssh-pid"
            let environment = repository.environment.merging([
                "GIT_SSH_COMMAND": "sh -c 'echo $$ >\(started); sleep 300; :' --"
            ]) { $1 }
            let clock = ContinuousClock()
            let start = clock.now
            let told = await failure {
                _ = try await repository.publication(pushes: true, environment: environment, budget: .seconds(3))
                    .publish(at: midday)
            }
            #expect(told?.contains("had not ended after 3 s, and was ended") == true, "\(told ?? "done")")
            #expect(clock.now - start < .seconds(60))
            let pid = try #require(Int32(trimmed(try contents(started))))
            // Whoever adopted it may not have taken notice of its end yet, nor it of the signal.
            func facts() -> String { (try? contents("/proc/\(pid)/stat")) ?? ") Z" }
            for _ in 0..<20_000 where !facts().contains(") Z") { await Task.yield() }
            #expect(facts().contains(") Z"), "\(facts())")
            try await repository.git("remote", "set-url", "origin", real)
            let outcome = try await repository.publication(pushes: true).publish(at: midday + 300)
            #expect(try await outcome == .pushed(repository.id(trackerRef, in: real)))
            #expect(try await repository.commits().count == 1)
        }
    }
}

/// What a body's error says; nil where it throws none.
private func failure(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
