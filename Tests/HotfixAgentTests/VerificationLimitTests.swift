import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("What cannot be verified, or not yet", .heavy)
struct VerificationLimitTests {
    @Test("A source that is down for a part leaves that part not verified, never equal")
    func sourceDown() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h", .memory)])
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        stage.script.fail(3...5, of: "g")
        let part = try await stage.scene.verify(at: Stage.due(20))
        #expect(part.differences.isEmpty)
        #expect(!part.isWhole)
        #expect(part.tally.windowsNotVerified == 3)
        #expect(part.failures.map(\.span) == [Span(start: Stage.start(3), end: Stage.start(6), step: Stage.step)])

        // A verdict rests on its look-back: without that it is not verified either.
        stage.script.heal()
        stage.script.fail(-10...(-10), of: "g")
        let lookback = try await stage.scene.verify(at: Stage.due(20))
        #expect(lookback.differences.isEmpty)
        #expect(lookback.tally.baselines == 1)
        #expect(lookback.tally.baselinesNotVerified == 1)
        #expect(lookback.tally.windowsNotVerified == 1 + 21)
    }

    @Test("A window that the source no longer holds is confirmed as it is, and counted apart")
    func retentionPassed() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...40 { try await stage.check(window) }
        stage.script.set(-400...10, nil)
        let report = try await stage.scene.verify(at: Stage.due(40))
        #expect(report.differences.isEmpty)
        #expect(report.isWhole)
        #expect(report.tally.windowsGone == Stage.lookback + 11)
        #expect(report.tally.oldest == Stage.start(11))

        // Nothing proves a verdict that contradicts the value that the ledger has: it is told, and never made better.
        var tampered = try #require(try stage.record(4))
        tampered.verdict?.verdict = .breach
        var outcome = Outcome(at: Stage.due(40))
        outcome.records = [Outcome.RecordChange(series: 1, start: Stage.start(4), record: tampered, replaced: nil)]
        #expect(try stage.scene.ledger.commit(outcome, generation: try stage.scene.ledger.facts().generation))
        let contradiction = try await stage.scene.verify(at: Stage.due(40), writes: true)
        let verdict = contradiction.differences.first { if case .verdict = $0.subject { true } else { false } }
        #expect(verdict?.isRepairable == false)
        #expect(try stage.verdict(4).hasPrefix("breach"))
    }

    @Test("A gap that the next check fills by its plan is no difference, and is left to the check")
    func gap() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...10 { try await stage.check(window) }
        stage.script.fail(11...13)
        for window in 11...20 { try await stage.check(window) }
        stage.script.heal()
        let report = try await stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(report.differences.isEmpty)
        #expect(report.isWhole)
        #expect(report.tally.windowsChanging == 3)
        #expect(report.changing.map(\.start) == (11...13).map { Stage.start($0) })
        #expect(report.changing.allSatisfy { $0.ledger == nil && $0.source.value == 1 })
        #expect(report.readiness == nil)
        #expect(try (11...13).map { try stage.verdict($0) } == Array(repeating: "missing", count: 3))
        try await stage.check(21)
        #expect(try (10...14).map { try stage.verdict($0) } == Array(repeating: "clean", count: 5))
        #expect(try await stage.scene.verify(at: Stage.due(21)).tally.windowsChanging == 0)
    }

    @Test(
        "A value that grew is a difference once it is older than recheck; what rests on it stays where it changes nothing"
    )
    func lateGrowth() async throws {
        let stage = Stage([Stage.guardrail { $0.baseline.anchor = .rolling }])
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        stage.script.set(5...5, 1.01)
        stage.script.set(20...20, 1.02)
        let report = try await stage.scene.verify(at: Stage.due(20) + 60, writes: true)
        #expect(report.differences.map(nameOf) == ["value of checkout/g at \(Stage.start(5))"])
        #expect(report.changing.map(\.start) == [Stage.start(20)])
        #expect(try stage.record(5)?.observation.value == 1.01)
        #expect(try await stage.scene.verify(at: Stage.due(20) + 60).differences.isEmpty)
        try await stage.check(21)
        #expect(try await stage.scene.verify(at: Stage.due(21)).differences.isEmpty)
    }

    @Test("A value that grew past the limit is a difference of value, verdict and episode")
    func lateBreach() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        stage.script.set(5...5, 2)
        let report = try await stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(
            report.differences.map(nameOf) == [
                "value of checkout/g at \(Stage.start(5))", "verdict of checkout/g at \(Stage.start(5))",
                "episode of checkout/g at \(Stage.start(5))",
            ])
        #expect(try stage.readiness(20).since == Stage.start(6))
        #expect(try await stage.scene.verify(at: Stage.due(20)).differences.isEmpty)
    }

    @Test("With --from and --to only windows between them are compared, and what they rest on is asked")
    func range() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...30 { try await stage.check(window) }
        stage.script.set(5...5, 1.1)
        stage.script.set(15...15, 1.1)
        stage.script.set(-3...(-3), 1.2)
        stage.source.forget()
        let range = VerificationRange(from: Stage.start(10), to: Stage.start(20))
        let report = try await stage.scene.verify(at: Stage.due(30), range: range)
        #expect(
            Set(report.differences.map(nameOf)) == [
                "value of checkout/g at \(Stage.start(15))", "stored baseline of checkout/g at \(Stage.start(0))",
            ])
        #expect(report.tally.windows == 10)
        #expect(stage.asks(5) == 0)
        #expect(stage.asks(-3, purpose: .lookback) == 1)
    }

    @Test("Only the services that were named are asked and compared")
    func services() async throws {
        let stage = Stage(services: ["checkout", "search"])
        try stage.deploy()
        for window in 0...10 { try await stage.check(window) }
        stage.script.set(5...5, 1.1)
        let report = try await stage.scene.verify(at: Stage.due(10), services: ["search"])
        #expect(report.differences.map(\.pair.service) == ["search"])
    }

    @Test("A long ledger is asked in parts, each window once")
    func chunks() async throws {
        let stage = Stage()
        try stage.deploy()
        try await stage.check(20 * 288)
        stage.source.forget()
        let report = try await stage.scene.verify(at: Stage.due(20 * 288))
        #expect(report.differences.isEmpty)
        #expect(report.tally.windows == 20 * 288 + 1 + Stage.lookback)
        let asks = stage.source.asks
        #expect(asks.allSatisfy { $0.span.count <= 7 * 288 })
        #expect(asks.map(\.span.count).reduce(0, +) == report.tally.windows)
    }

    @Test(
        "What was deleted after its retention is asked of the source; where that has it no longer, it is counted apart")
    func pruned() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h", .memory) { $0.baseline.anchor = .rolling }])
        stage.script.set(30...31, 2)
        try stage.deploy()
        try await stage.check(3400)
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.start(3401)))
        try await stage.check(3420)
        try stage.scene.ledger.prune(before: Stage.start(20), keepFrom: [:])
        let whole = try await stage.scene.verify(at: Stage.due(3420))
        #expect(whole.differences.isEmpty, "\(whole.differences.prefix(3))")
        #expect(whole.isWhole)
        #expect(whole.tally.windows == 2 * 3401)
        #expect(whole.tally.baselines == 1)
        stage.script.set(-400...19, nil)
        stage.script.set(-400...19, nil, of: "h")
        let later = try await stage.scene.verify(at: Stage.due(3420))
        #expect(later.differences.isEmpty, "\(later.differences.prefix(3))")
        #expect(later.isWhole)
        #expect(later.tally.baselinesGone == 1)
        #expect(later.tally.windows + later.tally.windowsGone == 2 * 3401)
    }

    @Test("Excused windows, dropped guardrails and accepted ones differ from nothing")
    func statements() async throws {
        var stage = Stage([Stage.guardrail { $0.baseline.exclude = [.breaches] }, Stage.guardrail("h", .memory)])
        stage.script.set(5...7, 2)
        stage.script.set(9...9, 2, of: "h")
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        let episode = try #require(try stage.scene.ledger.facts().episodes.first { $0.pair.guardrail == "g" })
        try stage.scene.ledger.record(
            .excusal(
                Excusal(
                    episode: episode.id, pair: episode.pair,
                    interval: Interval(start: episode.start, end: episode.closedAt), reason: "load test", by: "ops",
                    recordedAt: Stage.due(12) + 10)))
        #expect(try await stage.scene.verify(at: Stage.due(12) + 20).differences.isEmpty)
        try await stage.check(13)
        #expect(try await stage.scene.verify(at: Stage.due(13) + 20).differences.isEmpty)
        stage.adopt([Stage.guardrail { $0.baseline.exclude = [.breaches] }])
        try await stage.check(14)
        #expect(try await stage.scene.verify(at: Stage.due(14)).differences.isEmpty)
        try stage.scene.ledger.record(
            .acceptance([Acceptance(pair: Pair("checkout", "h"), reason: "gone", recordedAt: Stage.due(14) + 10)]))
        #expect(try await stage.scene.verify(at: Stage.due(14) + 20).differences.isEmpty)
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.due(14) + 30))
        for window in 15...20 { try await stage.check(window) }
        #expect(try await stage.scene.verify(at: Stage.due(20)).differences.isEmpty)
    }
}
