import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A look-back with gaps, incidents and exclusions")
struct LookbackGapTests {
    @Test("While a window of the look-back was not asked only absolute limits judge; once it is, all do")
    func unaskedLookback() async throws {
        let stage = Stage([Stage.guardrail("g", .cpu, [.relative(0.25), .above(5)])])
        stage.script.fail(-80...(-1))
        stage.script.set(2...2, 9)
        stage.script.set(3...3, 1.5)
        try stage.deploy()
        for window in 0...6 { try await stage.check(window) }
        #expect(try (1...4).map { try stage.verdict($0) } == ["missing", "breach", "missing", "missing"])
        #expect(try stage.readiness(6).provenSeconds == 0)
        #expect(try stage.readiness(6).state == .breaching)
        stage.script.heal()
        try await stage.check(7)
        #expect(try (1...4).map { try stage.verdict($0) } == ["clean", "breach", "breach", "clean"])
        #expect(try stage.streak(7) == "counting since 4, 4 proven")
    }

    @Test("A rolling look-back that could not be asked is asked again for what only an absolute limit had judged")
    func unaskedRollingLookback() async throws {
        let stage = Stage([
            Stage.guardrail("g", .sentryErrorRate, [.relative(0.25), .below(1)]) { $0.baseline.anchor = .rolling }
        ])
        let silence = Observation(value: 0, outcomes: .init(acceptedAny: false, acceptedErrors: 0, droppedErrors: 0))
        stage.script.setUsual(
            Observation(value: 5, outcomes: .init(acceptedAny: true, acceptedErrors: 25, droppedErrors: 0)))
        stage.script.set(2...2, silence)
        // In the look-back of no window but the first.
        stage.script.fail(2 - Stage.lookback...2 - Stage.lookback)
        try stage.deploy(2)
        try await stage.check(3)
        #expect(try (2...3).map { try stage.verdict($0) } == ["breach", "clean"])
        stage.script.heal()
        try await stage.check(40)
        #expect(try (2...3).map { try stage.verdict($0) } == ["unproven silent", "clean"])
    }

    @Test("A part of the look-back that is excluded need not be asked")
    func excludedNeedsNoAsking() async throws {
        let stage = Stage()
        stage.script.fail(-80...(-61))
        try stage.scene.ledger.record(
            .exclusion(
                Exclusion(
                    id: 0, interval: Interval(start: Stage.start(-80), end: Stage.start(-60)), reason: "load test",
                    recordedAt: Stage.start(-1))))
        try stage.deploy()
        try await stage.check(6)
        #expect(try stage.verdict(6) == "clean")
        let stored = try stage.scene.ledger.facts().baselines
        #expect(stored.map(\.windowsExcluded) == [20])
        #expect(
            stored.map(\.values) == [
                [
                    BaselineValue(number: 1, windowsUsed: Stage.lookback - 20, windowsPossible: Stage.lookback)
                ]
            ])
        #expect(try stage.readiness(6).notes.contains { $0.contains("load test") })
    }

    @Test("The incident that the hotfix mends does not raise the limit")
    func incident() async throws {
        let stage = Stage()
        stage.script.set(-100...(-1), 3)
        stage.script.set(3...3, 1.5)
        try stage.scene.deploy(
            at: Stage.deployedAt, incident: Interval(start: Stage.start(-100) + 7, end: Stage.deployedAt))
        try await stage.check(6)
        #expect(try (2...4).map { try stage.verdict($0) } == ["clean", "breach", "clean"])
    }

    @Test("An incident named later has the streak's windows judged again, and the worse verdict counts")
    func incidentNamedLater() async throws {
        let stage = Stage()
        stage.script.set(-100...(-1), 3)
        stage.script.set(8...8, 1.5)
        stage.script.set(10...10, 0.1)
        try stage.deploy()
        try await stage.check(20)
        #expect(try stage.verdict(8) == "clean")
        try stage.scene.ledger.record(
            .exclusion(
                Exclusion(
                    id: 0, interval: Interval(start: Stage.start(-100), end: Stage.deployedAt), reason: "incident",
                    recordedAt: Stage.due(20))))
        try await stage.check(21)
        #expect(try stage.verdict(8) == "breach")
        #expect(try stage.readiness(21).since == Stage.start(9))
        #expect(try stage.scene.ledger.facts().baselines.count == 2)
    }

    @Test("An exclusion that would raise the limit makes no breach clean")
    func exclusionLoosens() async throws {
        let stage = Stage()
        stage.script.set(-Stage.lookback...(-150), 1)
        stage.script.set(-149...(-1), 3)
        stage.script.set(8...8, 2.6)
        try stage.deploy()
        try await stage.check(20)
        #expect(try stage.verdict(8) == "breach")
        try stage.scene.ledger.record(
            .exclusion(
                Exclusion(
                    id: 0, interval: Interval(start: Stage.start(-400), end: Stage.start(-149)), reason: "too low",
                    recordedAt: Stage.due(20))))
        try await stage.check(21)
        #expect(try stage.verdict(8) == "breach")
        #expect(try stage.verdict(21) == "clean")
        #expect(try stage.baseline(21) == 3)
    }

    @Test("An exclusion recorded before the baseline is stored holds at the next check")
    func exclusionWhileProvisional() async throws {
        let stage = Stage()
        stage.script.set(-100...(-1), 3)
        stage.script.set(0...0, 1.5)
        try stage.deploy()
        try await stage.check(0)
        #expect(try stage.verdict(0) == "clean")
        try stage.scene.ledger.record(
            .exclusion(
                Exclusion(
                    id: 0, interval: Interval(start: Stage.start(-100), end: Stage.deployedAt), reason: "incident",
                    recordedAt: Stage.due(0))))
        try await stage.check(1)
        #expect(try stage.verdict(0) == "breach")
    }
}
