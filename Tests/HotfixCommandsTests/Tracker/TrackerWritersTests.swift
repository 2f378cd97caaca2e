import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

/// Whether all rounds were run.
private final class RoundsEnd: Sendable {
    let isReached = Mutex(false)
}

/// A person and the agent write at once.
@Suite("Two writers of the status file", .heavy)
struct TrackerWritersTests {
    @Test("in 1,000 rounds of uat beside checks no update is lost, and the file always parses")
    func rounds() async throws {
        // A history grows with each round, so each of several trackers has some of the rounds.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await race(rounds: 100) } }
            try await group.waitForAll()
        }
    }

    private func race(rounds: Int) async throws {
        try await withSentry(more: "tracker: {status_file: s.json, outstanding_file: o.md}", now: noon) { lab in
            let commands = lab.commands
            try commands.write(#"{"theirs": 1.50}"#, to: "s.json")
            let end = RoundsEnd()
            // The reader looks whenever somebody wrote: looking all the time, it kept the writers from writing.
            let (turns, turn) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for round in 0..<rounds {
                        let run = await commands.run("uat", "--session", "round \(round)", "--by", "Ada")
                        #expect(run.status == .done, "\(run.errors)")
                        turn.yield()
                        await Task.yield()
                    }
                    end.isReached.withLock { $0 = true }
                }
                group.addTask {
                    var checks = 0
                    while !end.isReached.withLock(\.self) || checks == 0 {
                        checks += 1
                        let run = await commands.run(at: noon + checks * 300 + 130, "check")
                        #expect(run.status == .done, "\(run.errors)")
                        turn.yield()
                    }
                    turn.finish()
                }
                group.addTask {
                    for await _ in turns {
                        let data = FileManager.default.contents(atPath: commands.path("s.json")) ?? Data()
                        _ = try #require(try JSONParser.value(of: Array(data)).object)
                    }
                }
                try await group.waitForAll()
            }
            let data = try #require(try commands.files()["s.json"])
            let root = try #require(try JSONParser.value(of: Array(data)).object)
            guard case .array(let sessions)? = root["uat"]?.object?["sessions"],
                case .array(let history)? = root["history"]
            else {
                Issue.record("nothing was kept")
                return
            }
            #expect(sessions.compactMap { $0.object?["text"] } == (0..<rounds).map { JSONValue("round \($0)") })
            #expect(history.count == rounds)
            #expect(root["theirs"] == .number("1.50"))
            #expect(root["stability"]?.object?["state"] == JSONValue("not-deployed"))
        }
    }
}
