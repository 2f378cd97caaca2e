import Foundation
import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

/// By how much more the schedules are, where somebody wants to be surer.
private let soak = max(ProcessInfo.processInfo.environment["HOTFIX_SOAK"].flatMap(Int.init) ?? 1, 1)

/// Ends about half of the runs after a few boundaries.
private func sometimes(_ random: inout SeededGenerator, _ run: Int) -> Int? {
    run < 40 && random.happens(0.4) ? Int.random(in: 0..<16, using: &random) : nil
}

@Suite("Whatever happens to receivers, sources and the process itself", .heavyAndLong)
struct DeliveryScheduleTests {
    @Test("everything is told once, in order, and a repeat says that it may be one", arguments: 0..<10)
    func memory(part: Int) async throws {
        var (flaws, crashes, repeats, past) = ([String](), 0, 0, 0)
        for seed in 0..<1000 * soak {
            var schedule = DeliverySchedule(seed: part + 10 * seed, ledger: MemoryLedger())
            try await schedule.run(crash: sometimes)
            flaws += try schedule.flaws()
            crashes += schedule.crashes
            let received = schedule.receivers.flatMap(\.received)
            repeats += received.count { $0.mayBeRepeat }
            past += received.count { $0.tense == .past }
        }
        #expect(flaws.isEmpty, "\(flaws.count): \(flaws.prefix(3))")
        // What is to be survived did happen.
        #expect(crashes > 1000 && repeats > 300 && past > 300, "\(crashes), \(repeats), \(past)")
    }

    @Test("and so it is with the ledger in SQLite", arguments: 0..<5)
    func sqlite(part: Int) async throws {
        var flaws: [String] = []
        for seed in 0..<100 * soak {
            var schedule = DeliverySchedule(seed: part + 5 * seed, ledger: try SQLiteLedger.inMemory())
            try await schedule.run(crash: sometimes)
            flaws += try schedule.flaws()
        }
        #expect(flaws.isEmpty, "\(flaws.count): \(flaws.prefix(3))")
    }

    @Test("and after a crash at each boundary of each run", arguments: 0..<8)
    func everywhere(seed: Int) async throws {
        var flaws: [String] = []
        for run in 0..<6 {
            for boundary in 0..<200 {
                var schedule = DeliverySchedule(seed: 1000 + seed, ledger: MemoryLedger())
                try await schedule.run { _, number in number == run ? boundary : nil }
                flaws += try schedule.flaws()
                // The run came to its end before this boundary.
                if schedule.crashes == 0 { break }
            }
        }
        #expect(flaws.isEmpty, "\(flaws.count): \(flaws.prefix(3))")
    }
}
