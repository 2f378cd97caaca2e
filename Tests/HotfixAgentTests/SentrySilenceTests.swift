import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

private func answer(_ perMinute: Double, accepting: Bool, accepted: Int = 100, dropped: Int = 0) -> Observation {
    Observation(
        value: perMinute, outcomes: .init(acceptedAny: accepting, acceptedErrors: accepted, droppedErrors: dropped))
}

private func stage(
    _ limits: [Limit] = [.relative(0.25)], accepts: Bool? = true, quiet: Guardrail.Quiet = .unexpected
) throws -> Stage {
    let stage = Stage(
        [Stage.guardrail("g", .sentryErrorRate, limits) { $0.quiet = quiet }],
        acceptsAnything: { $0.purpose == .lookback ? accepts : nil })
    try stage.deploy()
    return stage
}

@Suite("A Sentry that reports 0 for everything")
struct SentrySilenceTests {
    @Test("A broken SDK: 0 where many are usual is silent, and the streak restarts")
    func brokenSDK() async throws {
        let stage = try stage()
        stage.script.setUsual(answer(5, accepting: true))
        stage.script.set(4...99, answer(0, accepting: false))
        try await stage.check(11)
        #expect(try stage.verdict(4) == "unproven silent")
        #expect(try stage.streak(11) == "blind (unproven) since 12, 0 proven")
    }

    @Test("No errors any more from a project that still reports are clean")
    func mended() async throws {
        let stage = try stage()
        stage.script.setUsual(answer(5, accepting: true))
        stage.script.set(0...99, answer(0, accepting: true))
        try await stage.check(11)
        #expect(try stage.streak(11) == "ready since 0, 12 proven")
    }

    @Test("An exhausted quota: dropped events prove nothing, and a breach is one all the same")
    func exhaustedQuota() async throws {
        let stage = try stage()
        stage.script.setUsual(answer(5, accepting: true))
        stage.script.set(3...4, answer(0, accepting: true, accepted: 0, dropped: 500))
        stage.script.set(5...5, answer(9, accepting: true, accepted: 45, dropped: 500))
        try await stage.check(5)
        #expect(
            try (2...5).map { try stage.verdict($0) } == [
                "clean", "unproven dropped-events", "unproven dropped-events", "breach",
            ])
    }

    @Test(
        "A look-back of silence proves nothing, whatever the limit",
        arguments: [
            ([Limit.relative(0.25)], false, Guardrail.Quiet.unexpected, "unproven silent-baseline"),
            ([.above(50)], false, .unexpected, "unproven silent-baseline"),
            ([.relative(0.25)], true, .unexpected, "clean"), ([.above(50)], true, .unexpected, "clean"),
            ([.relative(0.25)], false, .expected, "clean"), ([.above(50)], false, .expected, "clean"),
        ])
    func silentBaseline(limits: [Limit], accepts: Bool, quiet: Guardrail.Quiet, expected: String) async throws {
        let stage = try stage(limits, accepts: accepts, quiet: quiet)
        stage.script.setUsual(answer(0, accepting: false))
        try await stage.check(11)
        #expect(try stage.verdict(0) == expected)
        #expect(try stage.readiness(11).isReady == (expected == "clean"))
    }

    @Test("Look-back that was read as history is not judged before outcomes were asked too")
    func historyHasNoOutcomes() async throws {
        let stage = Stage([Stage.guardrail("g", .sentryErrorRate) { $0.baseline.anchor = .rolling }])
        stage.script.setUsual(answer(5, accepting: true))
        stage.script.set(-4...(-1), answer(0, accepting: false))
        try await stage.check(0)
        try stage.deploy(-4, recordedAt: Stage.due(0))
        try await stage.check(1)
        #expect(try stage.verdict(-4) == "unproven silent")
    }
}
