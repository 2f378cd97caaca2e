import Foundation
import Glibc
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

@Suite("A process that is killed while it commits", .heavy)
struct CrashTests {
    @Test("leaves every commit that it was told of, and no part of another", arguments: 0..<6)
    func killed(seed: Int) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("ledger.db").path
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
        _ = try ledger.commit(pinning((1...4).map { series($0, "service \($0)") }), generation: 0)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed = seed as Int] in
            try commitUntilKilled(path, seed: seed)
        }
        try ledger.verifyIntegrity()
        let told = try FileManager.default.attributesOfItem(atPath: path + ".told")[.size] as? NSNumber
        let commits = try ledger.facts().generation - 1
        let read = try ledger.timelines(from: [1: .start, 2: .start, 3: .start, 4: .start])
        let values = read.mapValues { $0.entries.map { $0.record.observation.value ?? -1 } }
        let whole = (0..<commits).map { Double($0) }
        #expect(commits >= (told?.intValue ?? .max))
        #expect(values == [1: whole, 2: whole, 3: whole, 4: whole])
        #expect(try ledger.facts().lastCheck?.windowsJudged == commits)
    }

    @Test("or writes what it is about to tell, leaves every intent that it was told of", arguments: 0..<4)
    func killedWhileTelling(seed: Int) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("ledger.db").path
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
        var outcome = Outcome(at: .start)
        outcome.messages = [
            Message(
                id: 1, kind: .breach, thread: "a", at: .start, createdAt: .start,
                facts: MessageFacts(ledgerID: "ledger", severity: .error))
        ]
        outcome.deliveries = [NewDelivery(message: 1, channel: "chat")]
        #expect(try ledger.commit(outcome, generation: 0))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed = seed as Int] in
            try attemptUntilKilled(path, seed: seed)
        }
        try ledger.verifyIntegrity()
        let told = try #require(
            try FileManager.default.attributesOfItem(atPath: path + ".told")[.size] as? NSNumber
        ).intValue
        let queued = try #require(try ledger.waiting().first)
        // Two bytes an attempt: one after the intent, one after the result.
        #expect(queued.attempts >= (told + 1) / 2 && queued.attempts <= told / 2 + 1)
        #expect(queued.state == .inFlight || queued.state == .pending(notBefore: nil, reason: "\(queued.attempts)"))
        #expect(!queued.mayHaveArrived)
    }

    @Test("or while it makes the ledger, does not stand in the way of the next", arguments: 0..<8)
    func killedAtBirth(seed: Int) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appendingPathComponent("ledger.db").path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, seed = seed as Int] in
            let killer = Killer(seed: seed, after: 0)
            Thread.detachNewThread { killer.run() }
            _ = try SQLiteLedger.open(path: path, createIfMissing: true)
            killer.run()
        }
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
        try ledger.verifyIntegrity()
        #expect(try ledger.facts() == LedgerFacts(ledgerID: ledger.facts().ledgerID))
    }
}

/// Commits one window of four series after the other, and adds a byte to a file for each commit that returned, until a
/// thread of its own kills the process.
private func commitUntilKilled(_ path: String, seed: Int) throws {
    let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
    let told = open(path + ".told", O_CREAT | O_WRONLY | O_APPEND, 0o600)
    let killer = Killer(seed: seed)
    Thread.detachNewThread { killer.run() }
    for index in 0... {
        var outcome = Outcome(at: .start)
        for series in 1...4 {
            outcome.records += writing([clean(Double(index))], series: series, from: .start + index * 300).records
        }
        outcome.check = CheckRecord(at: .start, windowsJudged: index + 1, failures: [])
        guard try ledger.commit(outcome, generation: index + 1) else { return }
        write(told, "x", 1)
        killer.commits.store(index + 1, ordering: .releasing)
    }
}

/// Begins an attempt and writes its result, again and again, and adds a byte to a file for each write that returned, until a thread
/// of its own kills the process.
private func attemptUntilKilled(_ path: String, seed: Int) throws {
    let ledger = try SQLiteLedger.open(path: path, createIfMissing: false)
    let told = open(path + ".told", O_CREAT | O_WRONLY | O_APPEND, 0o600)
    let killer = Killer(seed: seed)
    Thread.detachNewThread { killer.run() }
    for index in 1... {
        try ledger.begin(1, at: .start)
        write(told, "x", 1)
        try ledger.settle(1, as: .pending(notBefore: nil, reason: "\(index)"), at: .start)
        write(told, "x", 1)
        killer.commits.store(index, ordering: .releasing)
    }
}

/// Kills its process a random number of turns after a random number of commits.
private final class Killer: Sendable {
    let commits = Atomic<Int>(0)
    private let after: Int
    private let turns: Int

    init(seed: Int, after: Int? = nil) {
        var random = RandomContent(seed: UInt64(seed))
        self.after = after ?? 5 + random.below(60)
        turns = random.below(100_000)
    }

    func run() {
        var left = turns
        while left > 0 {
            if commits.load(ordering: .acquiring) >= after { left -= 1 }
        }
        kill(getpid(), SIGKILL)
    }
}
