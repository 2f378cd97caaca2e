import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("A statement is recorded with a number of its own", .heavy)
struct StatementTests {
    @Test("and a deployment without a hotfix joins the open one, or opens one")
    func hotfixes() throws {
        let ledger = try SQLiteLedger.inMemory()
        try ledger.record(.deployment(deployment(commit: "a"), excluding: []))
        try ledger.record(.deployment(deployment(commit: "b"), excluding: []))
        try ledger.record(.close(hotfix: 1, at: .start + 900))
        try ledger.record(.deployment(deployment(commit: "c"), excluding: []))
        try ledger.record(.deployment(deployment(hotfix: 2, commit: "d"), excluding: []))
        var expected = ["a", "b", "c", "d"].enumerated().map { index, commit in
            var expected = deployment(hotfix: index < 2 ? 1 : 2, commit: commit)
            expected.id = index + 1
            return expected
        }
        for index in 0..<2 { expected[index].closedAt = .start + 900 }
        #expect(try ledger.facts().deployments == expected)
        #expect(try ledger.facts().generation == 5)
    }

    @Test("and what was excluded with a deployment is recorded with it")
    func exclusions() throws {
        let ledger = try SQLiteLedger.inMemory()
        var exclusion = Exclusion(
            id: 0, service: "checkout", interval: Interval(start: .start - 900, end: .start), reason: "the incident",
            by: "eve", recordedAt: .start)
        try ledger.record(.exclusion(exclusion))
        try ledger.record(.deployment(deployment(), excluding: [exclusion]))
        var second = exclusion
        (exclusion.id, second.id) = (1, 2)
        #expect(try ledger.facts().exclusions == [exclusion, second])
    }

    @Test("and is refused, changing nothing, where it names what is not there or is settled", arguments: refused)
    func refusal(statement: Statement, message: String) throws {
        let ledger = try SQLiteLedger.inMemory()
        try ledger.record(.deployment(deployment(), excluding: []))
        try ledger.record(.void(deployment: 1, reason: "a mistake", at: .start + 60))
        try ledger.record(.close(hotfix: 1, at: .start + 120))
        let before = try ledger.facts()
        let error = #expect(throws: LedgerError.self) { try ledger.record(statement) }
        #expect(error?.code == .rejected)
        #expect(error?.message.hasPrefix(message) == true)
        #expect(try ledger.facts() == before)
    }

    private static let refused: [(Statement, String)] = [
        (.close(hotfix: 2, at: .start), "The ledger holds no hotfix 2."),
        (.close(hotfix: 1, at: .start), "Hotfix 1 was closed at 2026-11-20T08:02:00Z."),
        (.void(deployment: 2, reason: "", at: .start), "The ledger holds no deployment 2."),
        (.void(deployment: 1, reason: "", at: .start), "Deployment 1 was taken back already, at 2026-11-20T08:01:00Z."),
        (.deployment(deployment(hotfix: 1), excluding: []), "Hotfix 1 was closed at 2026-11-20T08:02:00Z."),
        (.deployment(deployment(hotfix: 7), excluding: []), "The ledger holds no hotfix 7."),
    ]
}
