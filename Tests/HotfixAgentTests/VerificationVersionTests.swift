import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Running versions and confirmations, verified")
struct VerificationVersionTests {
    /// A stage of which 21 windows were checked.
    private func checked(_ prepare: (VersionStage) -> Void = { _ in }) async throws -> VersionStage {
        let stage = VersionStage()
        prepare(stage)
        try stage.deploy()
        try await stage.checks(0...20)
        return stage
    }

    /// Changes what the ledger keeps of versions behind the agent's back.
    private func tamper(_ stage: VersionStage, _ change: (inout VersionSeries) -> Void) throws {
        let facts = try stage.stage.scene.ledger.facts()
        var series = try #require(facts.versions.first)
        change(&series)
        let ledger = try #require(stage.stage.scene.ledger as? MemoryLedger)
        ledger.tamper { $0.versions = [series] }
    }

    @Test("Versions that were written over are told in one run, and --write puts back what the source saw")
    func tampered() async throws {
        let stage = try await checked { $0.see(0...60, ["1.2.3"]) }
        let before = try stage.stage.streak(20)
        try tamper(stage) { series in
            for window in 0...17 {
                series.seen.set(["1.2.4"], in: Window(containing: Stage.start(window), length: Stage.step))
            }
        }
        #expect(try stage.stage.readiness(20).provenSeconds == 18 * Stage.step)
        stage.versions.forget()
        let report = try await stage.stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(
            report.differences.map(\.subject) == [
                .versions(source: "versions", until: Stage.start(18), ledger: ["1.2.4"], derived: ["1.2.3"])
            ])
        #expect(report.differences.map(\.start) == [Stage.start(0)])
        #expect(report.readiness?.ledger.provenSeconds == 18 * Stage.step)
        #expect(report.readiness?.derived.provenSeconds == 0)
        #expect(report.tally.versions == 21)
        #expect(stage.versions.asks.allSatisfy { $0.isThorough && $0.memo == nil })
        #expect(try stage.stage.streak(20) == before)
        #expect(try stage.stage.scene.ledger.facts().versions.first?.seen.runs.map(\.versions) == [["1.2.3"]])
        let again = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(again.differences.isEmpty)
        #expect(again.isWhole)
    }

    @Test("Only windows of the range are compared")
    func range() async throws {
        let stage = try await checked()
        stage.see(3...12, ["1.2.3"])
        let range = VerificationRange(from: Stage.start(5), to: Stage.start(8))
        let report = try await stage.stage.scene.verify(at: Stage.due(20), range: range)
        #expect(
            report.differences.map(\.subject) == [
                .versions(source: "versions", until: Stage.start(8), ledger: ["1.2.4"], derived: ["1.2.3"])
            ])
    }

    @Test("A version that the source no longer says is told and kept; what its retention took is counted apart")
    func lost() async throws {
        let stage = try await checked()
        stage.see(0...2, [])
        let gone = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(gone.differences.isEmpty)
        #expect(gone.isWhole)
        #expect(gone.tally.versionsGone == 3)
        stage.see(5...6, [])
        let lost = try await stage.stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(lost.differences.map(\.start) == [Stage.start(5)])
        #expect(lost.differences.allSatisfy { !$0.isRepairable })
        #expect(try stage.stage.scene.ledger.facts().versions.first?.seen[Stage.start(5)] == ["1.2.4"])
        stage.see(0...60, [])
        let nothing = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(!nothing.isWhole)
        #expect(nothing.tally.unanswered == [Pair("checkout", "running version")])
    }

    @Test("Windows that cannot be asked are not verified; those that the next check asks anyway are no difference")
    func unasked() async throws {
        let stage = try await checked()
        stage.fail(7...9)
        let report = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(report.differences.isEmpty)
        #expect(!report.isWhole)
        #expect(report.tally.versionsNotVerified == 3)
        #expect(report.versionFailures.map(\.pair) == Array(repeating: Pair("checkout", "running version"), count: 3))
        stage.heal()
        stage.see(20...20, ["1.2.5"])
        let young = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(young.differences.isEmpty)
        #expect(young.isWhole)
        #expect(young.tally.windowsChanging == 1)
    }

    @Test("A source that has left the configuration, or knows by now what it did not, is not verified")
    func unknown() async throws {
        var stage = try await checked()
        stage.stage.scene.sources.removeLast()
        let without = try await stage.stage.scene.verify(at: Stage.due(20))
        #expect(!without.isWhole)
        #expect(without.versionFailures.count == 1)

        let unaware = try await checked { $0.versions.setFinding(.success(.unknown("no such label"))) }
        #expect(try await unaware.stage.scene.verify(at: Stage.due(20)).isWhole)
        unaware.versions.setFinding(nil)
        let aware = try await unaware.stage.scene.verify(at: Stage.due(20))
        #expect(!aware.isWhole)
        unaware.versions.setFinding(.failure(SourceError(.unreachable, "down")))
        #expect(try await !unaware.stage.scene.verify(at: Stage.due(20)).isWhole)
    }

    @Test("A confirmation is told to be taken from the ledger; one that no asking can have led to differs")
    func confirmations() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        #expect(try stage.streak(20) == "ready since 0, 21 proven")
        let honest = try await stage.scene.verify(at: Stage.due(20))
        #expect(honest.differences.isEmpty)
        #expect(honest.tally.confirmations.map(\.pair) == [Pair("checkout", "g")])

        let ledger = try #require(stage.scene.ledger as? MemoryLedger)
        let true0 = try #require(try ledger.facts().confirmations.first)
        for (confirmation, flaw) in [
            (
                HotfixCore.Confirmation(pair: true0.pair, deployment: 7, since: true0.since, at: true0.at),
                .unknownDeployment
            ),
            (
                HotfixCore.Confirmation(pair: true0.pair, deployment: 1, since: Stage.start(0), at: Stage.due(10)),
                .tooEarly
            ),
            (
                HotfixCore.Confirmation(pair: true0.pair, deployment: 1, since: Stage.start(-20), at: Stage.due(10)),
                .tooEarly
            ),
        ] as [(HotfixCore.Confirmation, Difference.Flaw)] {
            ledger.tamper { $0.confirmations = [confirmation] }
            let report = try await stage.scene.verify(at: Stage.due(20))
            #expect(report.differences.map(\.subject) == [.asking(confirmation, flaw)])
            #expect(report.tally.confirmations.isEmpty)
        }
    }

    @Test("A confirmation of a streak that never reached its time differs")
    func notReached() async throws {
        let stage = Stage()
        stage.script.set(5...7, nil)
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        #expect(try stage.streak(12) == "counting since 0, 10 proven")
        let confirmation = HotfixCore.Confirmation(
            pair: Pair("checkout", "g"), deployment: 1, since: Stage.start(0), at: Stage.due(12))
        let ledger = try #require(stage.scene.ledger as? MemoryLedger)
        ledger.tamper { $0.confirmations = [confirmation] }
        let report = try await stage.scene.verify(at: Stage.due(12))
        #expect(report.differences.map(\.subject) == [.asking(confirmation, .notReached)])
    }
}
