import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("What the source no longer says")
struct VerificationLossTests {
    /// Changes the record of a window behind the agent's back.
    private func tamper(_ stage: Stage, _ window: Int, by newest: Int, _ change: (inout WindowRecord) -> Void) throws {
        var record = try #require(try stage.record(window))
        change(&record)
        var outcome = Outcome(at: Stage.due(newest))
        outcome.records = [
            Outcome.RecordChange(series: 1, start: Stage.start(window), record: record, replaced: nil)
        ]
        #expect(try stage.scene.ledger.commit(outcome, generation: try stage.scene.ledger.facts().generation))
    }

    @Test("A gap that was written over with a clean value is told, and never counted as forgotten", arguments: [5, 39])
    func gapIntoClean(window: Int) async throws {
        let stage = Stage()
        stage.script.set(window...window, nil)
        try stage.deploy()
        for window in 0...40 { try await stage.check(window) }
        #expect(try stage.verdict(window) == "unproven no-data")
        let good = try #require(try stage.record(6 + window / 8))
        try tamper(stage, window, by: 40) { record in
            record.observation = good.observation
            record.verdict?.verdict = .clean
            record.verdict?.reason = nil
        }
        let report = try await stage.scene.verify(at: Stage.due(40), writes: true)
        #expect(report.differences.map(nameOf) == ["value of checkout/g at \(Stage.start(window))"])
        #expect(report.differences.allSatisfy { !$0.isRepairable })
        #expect(report.tally.windowsGone == 0)
        // A value is never replaced by none, so that it is told again.
        #expect(try stage.record(window)?.observation.value == 1)
        #expect(try await stage.scene.verify(at: Stage.due(40)).differences == report.differences)
    }

    @Test("A value written into a gap of the look-back is told")
    func lookback() async throws {
        let stage = Stage()
        stage.script.set(-200...(-100), nil)
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        try tamper(stage, -150, by: 20) { $0.observation.value = 5 }
        let report = try await stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(report.differences.map(nameOf).contains("value of checkout/g at \(Stage.start(-150))"))
        #expect(report.differences.allSatisfy { !$0.isRepairable })
    }

    @Test("A source that answers nothing of what the ledger has verifies nothing")
    func everythingLost() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h", .memory)])
        try stage.deploy()
        for window in 0...40 { try await stage.check(window) }
        stage.script.set(-400...60, nil)
        let report = try await stage.scene.verify(at: Stage.due(40))
        #expect(!report.isWhole)
        #expect(report.tally.unanswered == [Pair("checkout", "g")])
        stage.script.set(-400...60, nil, of: "h")
        let both = try await stage.scene.verify(at: Stage.due(40))
        #expect(both.tally.unanswered == [Pair("checkout", "g"), Pair("checkout", "h")])
        #expect(both.differences.isEmpty)
    }

    @Test(
        "A source that answers nothing of the running streak does not verify it, though it has what came before or after"
    )
    func streakLost() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...40 { try await stage.check(window) }
        let range = VerificationRange(to: Stage.start(41))
        stage.script.set(-400...39, nil)
        #expect(try await stage.scene.verify(at: Stage.due(40), range: range).isWhole)
        stage.script.set(40...40, nil)
        #expect(try await !stage.scene.verify(at: Stage.due(40), range: range).isWhole)
        stage.script.set(-5...(-3), 1)
        let report = try await stage.scene.verify(at: Stage.due(40), range: range)
        #expect(report.differences.count == 43)
    }

    @Test("A query that was replaced and lies before the source's retention is gone, and the rest is whole")
    func replacedQuery() async throws {
        var stage = Stage()
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        stage.adopt([Stage.guardrail("g", .memory)])
        for window in 21...40 { try await stage.check(window) }
        stage.script.set(-400...20, nil)
        let report = try await stage.scene.verify(at: Stage.due(40))
        #expect(report.differences.isEmpty, "\(report.differences.prefix(3))")
        #expect(report.isWhole, "\(report.tally)")
        #expect(report.tally.windowsGone > 21)
    }

    @Test("Outcomes that Sentry has forgotten replace nothing, by --write and by the check", arguments: [false, true])
    func outcomesForgotten(isYoung: Bool) async throws {
        let stage = Stage([Stage.guardrail("g", .sentryErrorRate)])
        func says(_ accepted: Int, _ dropped: Int) -> Observation {
            Observation(
                value: 1,
                outcomes: .init(acceptedAny: accepted > 0, acceptedErrors: accepted, droppedErrors: dropped))
        }
        stage.script.setUsual(says(100, 0))
        stage.script.set(38...38, says(100, 60))
        try stage.deploy()
        let newest = isYoung ? 40 : 60
        for window in 0...newest { try await stage.check(window) }
        #expect(try stage.verdict(38) == "unproven dropped-events")
        let before = try stage.streak(newest)
        stage.script.setUsual(says(0, 0))
        stage.script.set(38...38, says(0, 0))
        // Without outcomes, as the source answers what is too old for them, nothing differs.
        let report = try await stage.scene.verify(at: Stage.due(newest), writes: true)
        #expect(report.differences.allSatisfy { !$0.isRepairable && nameOf($0).hasPrefix("value") })
        #expect(report.differences.contains { $0.start == Stage.start(38) } == !isYoung)
        #expect(try stage.streak(newest) == before)
        try await stage.check(newest + 1)
        #expect(try stage.verdict(38) == "unproven dropped-events")
        #expect(try stage.record(38)?.observation.outcomes?.droppedErrors == 60)
        stage.script.setUsual(Observation(value: 1))
        stage.script.set(38...38, Observation(value: 1))
        let unasked = try await stage.scene.verify(at: Stage.due(newest + 1), writes: true)
        #expect(unasked.differences.isEmpty)
        #expect(try stage.verdict(38) == "unproven dropped-events")
    }

    @Test("Events that were accepted late still count at the recheck")
    func outcomesGrow() async throws {
        let stage = Stage([Stage.guardrail("g", .sentryErrorRate)])
        func says(_ accepted: Int, _ dropped: Int) -> Observation {
            Observation(
                value: 1, outcomes: .init(acceptedAny: true, acceptedErrors: accepted, droppedErrors: dropped))
        }
        stage.script.setUsual(says(100, 0))
        try stage.deploy()
        try await stage.check(0)
        #expect(try stage.verdict(0) == "clean")
        stage.script.setUsual(says(100, 60))
        try await stage.check(1)
        #expect(try stage.verdict(0) == "unproven dropped-events")
        stage.script.setUsual(says(5000, 60))
        try await stage.check(2)
        #expect(try stage.verdict(0) == "clean")
    }

    @Test("A count of Sentry that fell to 0 after 30 days cannot be verified any more; one that fell before differs")
    func countsForgotten() async throws {
        let stage = Stage([Stage.guardrail("g", .sentryErrorRate) { $0.quiet = .expected }])
        try stage.deploy()
        try await stage.check(60)
        let before = try stage.streak(60)
        stage.script.set(-400...30, 0)
        let late = Stage.due(60) + 31 * 86_400
        let report = try await stage.scene.verify(at: late, writes: true)
        #expect(report.differences.isEmpty, "\(report.differences.prefix(3))")
        #expect(report.tally.windowsGone == Stage.lookback + 31)
        #expect(report.isWhole)
        #expect(try stage.streak(60) == before)
        // An older window of which Sentry still has errors shows that the zeros are none of retention.
        stage.script.set(-300...(-280), 1)
        let fallen = try await stage.scene.verify(at: late)
        #expect(!fallen.differences.isEmpty)
        #expect(fallen.differences.allSatisfy { !$0.isRepairable })
        stage.script.set(-400...60, 1)
        stage.script.set(5...5, 0)
        let young = try await stage.scene.verify(at: Stage.due(60))
        #expect(young.differences.first { $0.start == Stage.start(5) }?.isRepairable == true)
    }
}
