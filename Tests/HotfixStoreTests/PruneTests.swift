import HotfixCore
import HotfixStore
import Testing

@Suite("Pruning")
struct PruneTests {
    @Test("deletes what is older, except what has to stay and the newest check")
    func prune() throws {
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1), series(2), series(3, window: 3600)]), generation: 0)
        let old = (0..<24).map { clean(Double($0)) }
        let new = (0..<24).map { clean(Double($0) + 0.5, revision: 1) }
        var generation = 1
        func commit(_ outcome: Outcome) throws {
            #expect(try ledger.commit(outcome, generation: generation))
            generation += 1
        }
        for series in 1...2 {
            try commit(writing(old, series: series))
            try commit(writing(new, series: series, replacing: old))
        }
        try commit(writing([clean(1)], series: 3))
        for second in [0, 60, 120] {
            var outcome = Outcome(at: .start)
            outcome.check = CheckRecord(at: .start + second, windowsJudged: second, failures: [])
            _ = try ledger.commit(outcome, generation: generation)
        }
        let facts = try ledger.facts()

        // 09:01:40: the window from 09:00 is not over.
        try ledger.prune(before: .start + 3700, keepFrom: [2: .start + 1500, 3: .start + 7200])

        let starts = [1: Instant.start, 2: .start, 3: .start]
        let kept = try ledger.timelines(from: starts).mapValues { $0.entries.map { $0.start - .start } }
        #expect(
            kept == [
                1: Array(stride(from: 3600, to: 7200, by: 300)), 2: Array(stride(from: 1500, to: 7200, by: 300)), 3: [],
            ])
        for (series, first) in [1: 3600, 2: 1500] {
            let revisions = try ledger.revisions(series: series, from: .start, to: .start + 7200)
            #expect(revisions.map { $0.window.start - .start } == Array(stride(from: first, to: 7200, by: 300)))
        }
        #expect(try ledger.checks(limit: 9).map(\.windowsJudged) == [120])
        #expect(try ledger.facts() == facts)
    }

    @Test("before every window deletes nothing, before the newest check neither")
    func nothing() throws {
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1)]), generation: 0)
        var outcome = writing([clean(1)])
        outcome.check = CheckRecord(at: .start + 300, windowsJudged: 1, failures: [])
        _ = try ledger.commit(outcome, generation: 1)
        let before = try ledger.timelines(from: [1: .start])
        try ledger.prune(before: .start + 299, keepFrom: [:])
        #expect(try ledger.timelines(from: [1: .start]) == before)
        #expect(try ledger.checks(limit: 9) == [outcome.check])
    }
}
