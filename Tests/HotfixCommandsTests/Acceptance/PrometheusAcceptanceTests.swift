import HotfixCommands
import Testing

@Suite("the main job against a real Prometheus", .acceptance)
struct PrometheusAcceptanceTests {
    private let all: Acceptance

    init() throws {
        all = try Acceptance.prepared()
    }

    @Test("every verdict, value, baseline and limit is what the law makes of the samples")
    func verdicts() {
        var left = Dictionary(all.atOnce.rows.map { ($0.key, $0) }) { first, _ in first }
        #expect(left.count == all.atOnce.rows.count)
        var differences: [String] = []
        var compared = 0
        for pair in all.pairs {
            for (start, expected) in pair.verdicts {
                if pair.service == Shop.undeployed.name, start < Shop.end - Shop.window { continue }
                let key = "\(pair.service)/\(pair.rule.name)/\(instantText(start))"
                let row = left.removeValue(forKey: key)
                compared += 1
                if let row, agrees(row, expected, start) { continue }
                differences.append("\(key): \(row.map { "\($0)" } ?? "no row"), by hand \(expected)")
            }
        }
        #expect(differences.sorted().prefix(5) == [], "\(differences.count) of \(compared)")
        #expect(left.keys.sorted().prefix(5) == [])
    }

    private func agrees(_ row: ExportedRow, _ expected: HandVerdict, _ start: Int) -> Bool {
        row.windowEnd == instantText(start + Shop.window) && row.verdict == expected.verdict
            && row.reason == expected.reason && row.confirmed == expected.isConfirmed
            && row.baselineWindows == expected.windowsUsed && isNear(row.coverage, expected.coverage)
            && isNear(row.value, expected.value) && isNear(row.baseline, expected.baseline)
            && (expected.limits.isEmpty ? row.limit == nil : expected.limits.contains { isNear(row.limit, $0) })
    }
}
