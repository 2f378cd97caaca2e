import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("Pushing the tracker's files", .heavyAndLong)
struct PushTests {
    @Test("two clones that push at the same time lose nothing, in one line of commits")
    func concurrently() async throws {
        try await withTestRepository { ada in
            let ben = try await ada.clone("ben")
            let second = "docs/OPERATIONS/second.json"
            for round in 0..<50 {
                try ada.track("a\(round)")
                try ben.track("b\(round)", as: second)
                async let one = ada.publication(pushes: true).publish(at: midday + round)
                async let two = ben.publication(pushes: true, of: second).publish(at: midday + round)
                for outcome in try await [one, two] {
                    guard case .pushed = outcome else {
                        Issue.record("round \(round): \(outcome)")
                        return
                    }
                }
            }
            let subjects = try await ada.git("log", "--format=%s", trackerRef, in: ada.origin).split(separator: "\n")
            let expected = (0..<50).flatMap { round in
                ["a", "b"].map { "hotfix tracker: \($0)\(round), 1 h of 48 h proven" }
            }
            #expect(subjects.map(String.init).sorted() == expected.sorted())
            #expect(try await ada.git("rev-list", "--merges", "--count", trackerRef, in: ada.origin) == "0")
            #expect(try await ada.published(in: ada.origin) == trimmed(statusText("a49")))
            #expect(try await ada.published(second, in: ada.origin) == trimmed(statusText("b49")))
            #expect(try await ada.isWhole())
            #expect(try await ben.isWhole())
        }
    }

    @Test("two agents that publish the same file leave the last one's on the branch and the other's in its history")
    func sameFile() async throws {
        try await withTestRepository { ada in
            let ben = try await ada.clone("ben")
            try ada.track("counting")
            try ben.track("breaching")
            _ = try await ada.publication(pushes: true).publish(at: midday)
            _ = try await ben.publication(pushes: true).publish(at: midday + 1)
            #expect(try await ada.published(in: ada.origin) == trimmed(statusText("breaching")))
            #expect(try await ada.published(at: "\(trackerRef)~", in: ada.origin) == trimmed(statusText("counting")))
        }
    }

    @Test("what was committed while origin was gone is pushed on top of what others pushed meanwhile")
    func apart() async throws {
        try await withTestRepository { ada in
            let ben = try await ada.clone("ben")
            let git = try await FaultyGit(in: ada)
            try git.fail(.networkGone, at: .every("push "))
            for (index, state) in ["counting", "blind", "breaching"].enumerated() {
                try ada.track(state)
                await #expect(throws: GitError.self) {
                    try await ada.publication(pushes: true, environment: git.environment).publish(at: midday + index)
                }
            }
            #expect(try await ada.commits().count == 3)
            try ben.track("ready", as: "docs/ben.json")
            _ = try await ben.publication(pushes: true, of: "docs/ben.json").publish(at: midday + 9)
            try git.fail(nil)
            let outcome = try await ada.publication(pushes: true, environment: git.environment).publish(at: midday + 10)
            let tip = try await ada.id(trackerRef, in: ada.origin)
            #expect(outcome == .pushed(tip))
            #expect(try await ada.id(trackerRef) == tip)
            #expect(
                try await ada.git("log", "--reverse", "--format=%s %ct", trackerRef, in: ada.origin)
                    == [("ready", 9), ("counting", 0), ("blind", 1), ("breaching", 2)].map {
                        "hotfix tracker: \($0.0), 1 h of 48 h proven \(midday.seconds + $0.1)"
                    }.joined(separator: "\n"))
            #expect(try await ada.published("docs/ben.json") == trimmed(statusText("ready")))
        }
    }

    @Test("nothing is asked of origin while it has all there is")
    func quiet() async throws {
        try await withTestRepository { repository in
            let git = try await FaultyGit(in: repository)
            try repository.track("counting")
            _ = try await repository.publication(pushes: true).publish(at: midday)
            try repository.track("counting", proven: 3900)
            let outcome = try await repository.publication(pushes: true, environment: git.environment).publish(
                at: midday + 300)
            #expect(outcome == .nothingDue)
            let commands = try git.commands()
            #expect(commands.count <= 4, "\(commands)")
        }
    }

    @Test("what was only committed is pushed once that is asked for, also in a clone of one branch")
    func later() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            _ = try await repository.publication().publish(at: midday)
            let fetched = "+refs/heads/main:refs/remotes/origin/main"
            try await repository.git("config", "remote.origin.fetch", fetched)
            let outcome = try await repository.publication(pushes: true).publish(at: midday + 60)
            #expect(try await outcome == .pushed(repository.id(trackerRef, in: repository.origin)))
            #expect(try await repository.publication(pushes: true).publish(at: midday + 120) == .nothingDue)
        }
    }

    @Test("a push that origin refuses is told with origin's reason, keeps the commit, and is made up for")
    func refused() async throws {
        try await withTestRepository { repository in
            try await repository.hook("pre-receive", "echo 'only releases here' >&2; exit 1", in: repository.origin)
            try repository.track("counting")
            let error = await #expect(throws: GitError.self) {
                try await repository.publication(pushes: true).publish(at: midday)
            }
            #expect(
                error?.reason.contains("(pre-receive hook declined): only releases here.") == true, "\(error as Any)")
            #expect(try await repository.commits().count == 1)
            try FileManager.default.removeItem(atPath: "\(repository.origin)/hooks/pre-receive")
            let outcome = try await repository.publication(pushes: true).publish(at: midday + 300)
            #expect(try await outcome == .pushed(repository.id(trackerRef, in: repository.origin)))
            #expect(try await repository.commits(in: repository.origin).count == 1)
        }
    }
}
