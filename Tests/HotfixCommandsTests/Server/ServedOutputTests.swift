import Dispatch
import HotfixCore
import HotfixStore
import Synchronization
import Testing

@testable import HotfixCommands

/// Where a text goes whose reader reads only once it is let.
private final class SlowReader: Sendable {
    private let content = Mutex<[String]>([])
    private let gate = DispatchSemaphore(value: 0)

    var texts: [String] { content.withLock { $0 } }

    @Sendable
    func take(_ text: String) {
        gate.wait()
        // Whoever comes next needs not wait either.
        gate.signal()
        content.withLock { $0.append(text) }
    }

    func begin() { gate.signal() }
}

@Suite("What a server says to somebody who does not read")
struct ServedOutputTests {
    @Test("waits, while whoever says it does not; what is too much is counted, and all is in order")
    func order() {
        let reader = SlowReader()
        let output = ServedOutput("standard output", patience: .milliseconds(1), write: reader.take)
        let large = String(repeating: "x", count: 1 << 19)
        for text in ["a", "b", large, large, "c"] { output.put(text) }
        #expect(reader.texts.isEmpty)
        reader.begin()
        let patient = ServedOutput("another", patience: .seconds(60)) { _ in }
        patient.put("is written when it returns")
        while reader.texts.count < 5 { output.finish() }
        #expect(reader.texts.map { String($0.prefix(1)) } == ["a", "b", "x", "c", "h"])
        #expect(reader.texts.last == "hotfix: 1 text could not be written to standard output, which nobody read.\n")
    }

    @Test("holds up neither checks nor the end of the server")
    func agent() async throws {
        try await withSentry(now: noon) { lab in
            let reader = SlowReader()
            let time = AgentTime(lab.commands, until: noon + 800)
            try await lab.commands.served(
                "--check-every", "5m", "--verbose", sleep: time.sleep, write: reader.take
            ) { _ in
                await time.end()
                let ledger = try SQLiteLedger.open(path: lab.commands.path(".hotfix/ledger.db"), createIfMissing: false)
                #expect(try ledger.checks(limit: 9).count == 4)
                #expect(reader.texts.isEmpty)
            }
            reader.begin()
        }
    }

    @Test("a check is taken to hang after half an hour, and whatever else an agent does after five minutes")
    func hanging() throws {
        let record = AgentRecord()
        #expect(record.state.turn == nil)
        record.begin(.betweenChecks)
        let waiting = try #require(record.state.turn)
        #expect(!waiting.hangs(at: waiting.since + .seconds(299)) && waiting.hangs(at: waiting.since + .seconds(301)))
        record.begin(.check)
        let checking = try #require(record.state.turn)
        #expect(!checking.hangs(at: checking.since + .seconds(1799)))
        #expect(checking.hangs(at: checking.since + .seconds(1801)))
        // What follows a check, such as printing its result, is watched too.
        record.end(.done)
        let after = try #require(record.state.turn)
        #expect(after.hangs(at: after.since + .seconds(301)))
    }
}
