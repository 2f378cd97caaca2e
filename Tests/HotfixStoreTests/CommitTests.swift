import HotfixCore
import HotfixStore
import Testing

@Suite("A commit is written whole, or not at all")
struct CommitTests {
    @Test("and not where another connection wrote since the facts were read")
    func comparesGenerations() throws {
        try withLedgerPath { path in
            let first = try SQLiteLedger.open(path: path, createIfMissing: true)
            let second = try SQLiteLedger.open(path: path, createIfMissing: false)
            #expect(try first.commit(pinning([series(1)]), generation: first.facts().generation))
            let read = try first.facts()
            try second.record(.exclusion(exclusion))
            let after = try second.facts()
            var outcome = writing([clean(1)])
            outcome.check = CheckRecord(at: .start, windowsJudged: 1, failures: [])
            #expect(try !first.commit(outcome, generation: read.generation))
            #expect(try first.facts() == after)
            #expect(try first.timelines(from: [1: .start]) == [1: Timeline(start: .start, step: 300)])
            #expect(try first.commit(outcome, generation: after.generation))
            #expect(try second.timelines(from: [1: .start])[1]?[.start] == clean(1))
        }
    }

    @Test("and one of two that read the same facts wins")
    func oneOfTwo() throws {
        try withLedgerPath { path in
            let ledgers = try (0..<2).map { _ in try SQLiteLedger.open(path: path, createIfMissing: true) }
            let written = try ledgers.enumerated().map { index, ledger in
                try ledger.commit(pinning([series(index + 1)]), generation: 0)
            }
            #expect(written == [true, false])
            #expect(try ledgers.map { try $0.facts().series } == [[series(1)], [series(1)]])
        }
    }

    @Test("and a part that the ledger refuses takes the rest with it", arguments: refused)
    func refusal(outcome: Outcome) throws {
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1)]), generation: 0)
        let before = try ledger.facts()
        var outcome = outcome
        outcome.series.append(series(2))
        let error = #expect(throws: LedgerError.self) { try ledger.commit(outcome, generation: 1) }
        #expect(error?.code == .rejected)
        #expect(try ledger.facts() == before)
    }

    /// Outcomes that refer to what there is not, or change what cannot change.
    private static let refused: [Outcome] = {
        var unknownPolicy = clean(1)
        unknownPolicy.verdict?.basis.policy = 9
        var unknownBaseline = clean(1)
        unknownBaseline.verdict?.basis.baseline = .stored(9)
        var policyAgain = Outcome(at: .start)
        policyAgain.policies = [version(1, "other")]
        return [
            writing([unknownPolicy]), writing([unknownBaseline]), writing([clean(1)], series: 9), policyAgain,
            pinning([series(1, window: 60)]),
        ]
    }()

    @Test("and moves the generation on, unless there is nothing but a check, of which the last word counts")
    func generation() throws {
        let ledger = try SQLiteLedger.inMemory()
        var quiet = Outcome(at: .start)
        quiet.check = CheckRecord(at: .start + 300, windowsJudged: 0, failures: ["otel: connection refused"])
        #expect(try ledger.commit(quiet, generation: 0))
        #expect(try ledger.facts() == LedgerFacts(ledgerID: ledger.facts().ledgerID, lastCheck: quiet.check))
        #expect(try !ledger.commit(quiet, generation: 1))
        #expect(try ledger.commit(Outcome(at: .start), generation: 0))
        quiet.check = CheckRecord(at: .start + 300, windowsJudged: 4, failures: [])
        #expect(try ledger.commit(quiet, generation: 0))
        #expect(try ledger.commit(pinning([]), generation: 0))
        #expect(try ledger.facts().generation == 1)
        #expect(try ledger.checks(limit: 9) == [quiet.check])
        var next = Outcome(at: .start)
        next.check = CheckRecord(at: .start + 600, windowsJudged: 1, failures: [])
        #expect(try ledger.commit(next, generation: 1))
        #expect(try ledger.checks(limit: 9) == [next.check, quiet.check])
        #expect(try ledger.checks(limit: 1) == [next.check])
    }

    @Test("and a record that a higher revision replaces is kept, any other is not")
    func revisions() throws {
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1)]), generation: 0)
        let lookback = WindowRecord(observation: Observation(value: 7))
        let judged = clean(7)
        let revised = clean(8, revision: 1)
        let confirmed = clean(8, revision: 1, at: .start + 60)
        let again = clean(9, revision: 2)
        var generation = 1
        var old: WindowRecord?
        for record in [lookback, judged, revised, confirmed, again] {
            #expect(try ledger.commit(writing([record], replacing: [old]), generation: generation))
            old = record
            generation += 1
        }
        let window = Window(containing: .start, length: 300)
        #expect(
            try ledger.revisions(series: 1, from: .start, to: .start + 1) == [
                RevisionRecord(series: 1, window: window, record: judged),
                RevisionRecord(series: 1, window: window, record: confirmed),
            ])
        #expect(try ledger.revisions(series: 1, from: .start + 1, to: .start + 900).isEmpty)
        #expect(try ledger.revisions(series: 1, from: .start - 900, to: .start).isEmpty)
        #expect(try ledger.timelines(from: [1: .start])[1]?.entries.map(\.record) == [again])
    }

    private var exclusion: Exclusion {
        Exclusion(id: 0, interval: Interval(start: .start, end: nil), reason: "a load test", recordedAt: .start)
    }
}
