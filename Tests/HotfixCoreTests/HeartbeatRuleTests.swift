import HotfixCore
import Testing

private let start = Instant(1_795_161_600)

private func findings(
    answered: Set<String> = [], failed: [String: String] = [:], untold: [String] = [],
    sources: Set<String> = ["otel", "sentry"]
) -> HeartbeatRule.Findings {
    .init(sources: sources, answered: answered, failed: failed, untold: untold)
}

@Suite("The heartbeat's rule")
struct HeartbeatRuleTests {
    @Test("a source that fails for less than a quarter of an hour is no news")
    func patience() {
        var rule = HeartbeatRule()
        for minute in stride(from: 0, to: 15, by: 5) {
            #expect(
                rule.take(findings(answered: ["sentry"], failed: ["otel": "down"]), at: start + minute * 60) == .success
            )
        }
        guard case .failure(let reasons) = rule.take(findings(failed: ["otel": "down"]), at: start + 900) else {
            Issue.record("told nothing")
            return
        }
        #expect(reasons.count == 1)
        #expect(reasons[0].contains("otel") && reasons[0].contains("\(start)") && reasons[0].contains("down"))
    }

    @Test("only an answer ends a failure: a source that is not asked fails on")
    func silence() {
        var rule = HeartbeatRule(failingSince: ["otel": start])
        #expect(rule.take(findings(answered: ["sentry"]), at: start + 900) != .success)
        #expect(rule.take(findings(answered: ["otel"]), at: start + 1200) == .success)
        #expect(rule.take(findings(failed: ["otel": "down"]), at: start + 1500) == .success)
    }

    @Test("a part of an answer is no answer")
    func part() {
        var rule = HeartbeatRule(failingSince: ["otel": start])
        #expect(rule.take(findings(answered: ["otel"], failed: ["otel": "half"]), at: start + 900) != .success)
    }

    @Test("a source that left the configuration is forgotten")
    func removed() {
        var rule = HeartbeatRule(failingSince: ["otel": start])
        #expect(rule.take(findings(answered: ["sentry"], sources: ["sentry"]), at: start + 900) == .success)
        #expect(rule.failingSince.isEmpty)
    }

    @Test("what people could not be told is told at once")
    func untold() {
        var rule = HeartbeatRule()
        #expect(
            rule.take(findings(answered: ["otel"], untold: ["slack\ntakes nothing"]), at: start)
                == .failure(["slack\u{FFFD}takes nothing"]))
    }

    @Test("a clock that is set back neither forgets a failure nor makes it begin in the future")
    func clock() {
        var rule = HeartbeatRule(failingSince: ["otel": start])
        #expect(rule.take(findings(failed: ["otel": "down"]), at: start - 3600) == .success)
        #expect(rule.failingSince == ["otel": start - 3600])
        #expect(rule.take(findings(failed: ["otel": "down"]), at: start - 2700) != .success)
    }
}
