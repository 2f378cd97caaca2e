import HotfixCore
import HotfixStore
import Testing

@Suite("The export of a ledger")
struct ExportTests {
    @Test("has every window with a verdict, by service, guardrail and start")
    func order() throws {
        let rows = try exported(from: nil, to: nil)
        #expect(
            try rows == [
                row(3, "cart", "cpu", 0, clean(30)), row(2, "checkout", "cpu", 0, clean(20)),
                row(4, "checkout", "cpu", 0, clean(40), window: 60), row(2, "checkout", "cpu", 300, clean(21)),
                row(1, "checkout", "memory", 0, clean(10)),
                row(1, "checkout", "memory", 300, clean(12, revision: 1), revisions: 1),
            ])
    }

    @Test("has the windows that start in the time asked for", arguments: [(1, 300), (1, 301), (0, 300), (300, 900)])
    func bounds(from: Int, to: Int) throws {
        let all = try exported(from: nil, to: nil)
        let expected = all.filter { (from..<to).contains($0.window.start - .start) }
        #expect(try exported(from: .start + from, to: .start + to) == expected)
    }

    @Test("ends with the error of whoever reads it")
    func stops() throws {
        let ledger = try filled()
        var read = 0
        #expect(throws: Stop()) {
            try ledger.exportRows(from: nil, to: nil) { _ in
                read += 1
                if read == 2 { throw Stop() }
            }
        }
        #expect(read == 2)
        #expect(try ledger.facts().series.count == 4)
    }

    private struct Stop: Error, Equatable {}

    private func exported(from: Instant?, to: Instant?) throws -> [ExportRow] {
        var rows: [ExportRow] = []
        try filled().exportRows(from: from, to: to) { rows.append($0) }
        return rows
    }

    private func filled() throws -> SQLiteLedger {
        let ledger = try SQLiteLedger.inMemory()
        let pinned = [
            series(1, "checkout", "memory"), series(2, "checkout", "cpu"), series(3, "cart", "cpu"),
            series(4, "checkout", "cpu", window: 60),
        ]
        _ = try ledger.commit(pinning(pinned), generation: 0)
        let outcomes = [
            writing([clean(10), clean(11)], series: 1), writing([clean(20), clean(21)], series: 2),
            writing([clean(30), WindowRecord(observation: Observation(value: 31))], series: 3),
            writing([clean(40)], series: 4),
            writing([clean(12, revision: 1)], series: 1, from: .start + 300, replacing: [clean(11)]),
        ]
        for (index, outcome) in outcomes.enumerated() { _ = try ledger.commit(outcome, generation: index + 1) }
        return ledger
    }

    private func row(
        _ series: Int, _ service: String, _ guardrail: String, _ offset: Int, _ record: WindowRecord,
        window: Seconds = 300,
        revisions: Int = 0
    ) throws -> ExportRow {
        ExportRow(
            series: series, pair: Pair(service, guardrail),
            window: Window(containing: .start + offset, length: window), observation: record.observation,
            verdict: try #require(record.verdict), revisions: revisions)
    }
}
