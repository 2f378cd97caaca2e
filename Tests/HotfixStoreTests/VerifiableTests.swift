import HotfixCore
import HotfixStore
import Testing

@Suite("What a ledger held before")
struct VerifiableTests {
    @Test("is told of every window that was revised, oldest first, and of no other series")
    func replaced() throws {
        let ledger = try SQLiteLedger.inMemory()
        var outcome = pinning([series(1), series(2, "search")])
        outcome.records = writing([clean(1), clean(2)]).records + writing([clean(9)], series: 2).records
        #expect(try ledger.commit(outcome, generation: 0))
        #expect(try ledger.replacedRecords(of: 1).isEmpty)
        for revision in 1...2 {
            let old = clean(Double(revision), revision: revision - 1)
            #expect(
                try ledger.commit(
                    writing([clean(Double(revision + 1), revision: revision)], replacing: [old]),
                    generation: try ledger.facts().generation))
        }
        #expect(try ledger.replacedRecords(of: 1) == [.start: [clean(1), clean(2, revision: 1)]])
        #expect(try ledger.replacedRecords(of: 2).isEmpty)
        #expect(throws: LedgerError.self) { try ledger.replacedRecords(of: 3) }
    }
}
