import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A policy that changes while the streak runs")
struct PolicyChangeTests {
    @Test("A limit that is loosened takes no breach back")
    func loosened() async throws {
        var stage = Stage()
        stage.script.set(5...5, 1.3)
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(0.5)])])
        try await stage.check(11)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.readiness(11).since == Stage.start(6))
        #expect(try stage.readiness(11).notes == ["The policy of 'checkout' changed at \(Stage.due(11)): 'g' changed."])
    }

    @Test("A limit that is loosened before the baseline is stored takes no breach back when it is")
    func loosenedWhileProvisional() async throws {
        var stage = Stage()
        stage.script.set(0...0, 1.3)
        try stage.deploy()
        try await stage.check(0)
        #expect(try stage.verdict(0) == "breach")
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(0.5)])])
        for window in 1...8 { try await stage.check(window) }
        #expect(try stage.scene.ledger.facts().baselines.count == 1)
        #expect(try stage.verdict(0) == "breach")
        #expect(try stage.readiness(8).since == Stage.start(1))
    }

    @Test("A limit that is tightened makes breaches of what was clean")
    func tightened() async throws {
        var stage = Stage()
        stage.script.set(5...5, 1.2)
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(0.1)])])
        try await stage.check(11)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.readiness(11).since == Stage.start(6))
    }

    @Test("A value that changes after the policy did is held against both", arguments: [0.5, 0.1])
    func revisedAfterChange(limit: Double) async throws {
        var stage = Stage()
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(limit)])])
        try await stage.check(11)
        stage.script.set(10...10, 1.3)
        try await stage.check(12)
        #expect(try stage.verdict(10) == "breach")
        // Back to what is clean by either.
        stage.script.set(10...10, 1)
        try await stage.check(12)
        #expect(try stage.verdict(10) == "clean")
    }

    @Test("A value that changes at the very check that adopts the policy is held against both", arguments: [0.5, 0.1])
    func revisedWithChange(limit: Double) async throws {
        var stage = Stage()
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(limit)])])
        stage.script.set(9...9, 1.3)
        stage.script.set(10...10, 1.2)
        try await stage.check(11)
        #expect(try stage.verdict(9) == "breach")
        #expect(try stage.verdict(10) == (limit < 0.2 ? "breach" : "clean"))
    }

    @Test("A change that makes windows quiet closes no gap that had restarted the streak")
    func quieted() async throws {
        var stage = Stage([Stage.guardrail("g", .errorShare, [.above(0.5)])])
        stage.script.setUsual(Observation(value: 0.1, events: 50))
        stage.script.set(5...12, Observation(value: -1, events: 5))
        try stage.deploy()
        try await stage.check(20)
        #expect(try stage.verdict(6) == "unproven invalid-value")
        #expect(try stage.readiness(20).since == Stage.start(13))
        stage.script.set(5...12, Observation(value: 0.1, events: 5))
        stage.adopt([Stage.guardrail("g", .errorShare, [.above(0.5)]) { $0.minimumEvents = 10 }])
        try await stage.check(21)
        #expect(try stage.verdict(6) == "unproven invalid-value")
        #expect(try stage.readiness(21).since == Stage.start(13))
    }

    @Test("A change that makes quiet windows count for a gap restarts")
    func unquieted() async throws {
        var stage = Stage([Stage.guardrail("g", .errorShare, [.above(0.5)]) { $0.minimumEvents = 10 }])
        stage.script.setUsual(Observation(value: 0.1, events: 50))
        stage.script.set(5...12, Observation(value: 0.1, events: 5))
        stage.script.set(-1...(-1), nil, events: 0)
        try stage.deploy()
        try await stage.check(20)
        #expect(try stage.streak(20) == "ready since 0, 13 proven")
        stage.adopt([
            Stage.guardrail("g", .errorShare, [.above(0.5), .relative(9)]) { $0.baseline.minimumCoverage = 1 }
        ])
        try await stage.check(21)
        #expect(try stage.verdict(6) == "unproven baseline-coverage")
        #expect(try stage.readiness(21).since == Stage.start(22))
    }

    @Test("A look-back that becomes longer, and cannot be asked, makes clean windows missing and takes no breach back")
    func longerLookback() async throws {
        var stage = Stage()
        stage.script.set(5...5, 1.3)
        try stage.deploy()
        try await stage.check(10)
        stage.script.fail(-2 * Stage.lookback...(-Stage.lookback - 1))
        stage.adopt([Stage.guardrail { $0.baseline.lookback = 2 * 86_400 }])
        stage.script.set(9...9, 1.3)
        try await stage.check(11)
        #expect(
            try [4, 5, 6, 9, 11].map { try stage.verdict($0) } == ["missing", "breach", "missing", "breach", "missing"])
        #expect(try stage.readiness(11).provenSeconds == 0)
        stage.script.heal()
        try await stage.check(12)
        #expect(try [4, 5, 6, 9, 11].map { try stage.verdict($0) } == ["clean", "breach", "clean", "breach", "clean"])
        #expect(try stage.streak(12) == "counting since 10, 3 proven")
    }

    @Test("A looser rule of confirmation leaves confirmed what was")
    func confirmationLoosened() async throws {
        var stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 3) }])
        try await stage.check(11)
        stage.script.set(13...13, 2)
        try await stage.check(14)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.verdict(13) == "breach pending")
        #expect(try stage.readiness(14).since == Stage.start(6))
    }

    @Test("A stricter rule of confirmation confirms what was pending")
    func confirmationTightened() async throws {
        var stage = Stage([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 3) }])
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(10)
        #expect(try stage.verdict(5) == "breach pending")
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.readiness(11).since == Stage.start(6))
    }

    @Test("A severe breach stays confirmed when severity is dropped")
    func severityDropped() async throws {
        func rule(_ severe: Double?) -> Guardrail {
            Stage.guardrail {
                $0.confirm = .init(breaching: 2, of: 3)
                $0.severe = severe
            }
        }
        var stage = Stage([rule(2)])
        stage.script.set(5...5, 9)
        try stage.deploy()
        try await stage.check(10)
        #expect(try stage.verdict(5) == "breach")
        stage.adopt([rule(nil)])
        try await stage.check(11)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.readiness(11).since == Stage.start(6))
    }

    @Test("A longest gap that becomes shorter restarts for gaps that were short enough, and unconfirms nothing")
    func gapShortened() async throws {
        var stage = Stage([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 2) }])
        stage.script.set(4...4, 2)
        stage.script.fail(5...8)
        stage.script.set(9...9, 2)
        stage.script.set(20...22, nil)
        try stage.deploy()
        try await stage.check(30)
        #expect(try stage.readiness(30).since == Stage.start(10))
        stage.adopt(
            [Stage.guardrail { $0.confirm = .init(breaching: 2, of: 2) }],
            streak: .init(required: 3600, longestGap: 300))
        try await stage.check(31)
        #expect(try [4, 9].map { try stage.verdict($0) } == ["breach", "breach"])
        #expect(try stage.readiness(31).since == Stage.start(23))
    }

    @Test("A longest gap that becomes longer takes no restart back")
    func gapLengthened() async throws {
        var stage = Stage()
        stage.script.set(5...10, nil)
        try stage.deploy()
        try await stage.check(14)
        stage.adopt([Stage.guardrail()], streak: .init(required: 3600, longestGap: 86_400))
        try await stage.check(15)
        #expect(try stage.streak(15) == "counting since 11, 5 proven")
    }

    @Test("Of two required times the longer counts", arguments: [(6, 12), (24, 24)])
    func requiredTime(windows: Int, expected: Int) async throws {
        var stage = Stage()
        try stage.deploy()
        try await stage.check(8)
        stage.adopt([Stage.guardrail()], streak: .init(required: windows * Stage.step, longestGap: 1200))
        try await stage.check(9)
        #expect(try stage.readiness(9).requiredSeconds == expected * Stage.step)
        #expect(try stage.readiness(9).state == .counting)
        // A deployment after the change knows only what is in force.
        try stage.deploy(10, recordedAt: Stage.due(9) + 1)
        try await stage.check(10)
        #expect(try stage.readiness(10).requiredSeconds == windows * Stage.step)
    }

    @Test(
        "Another query is another series: what the old one breached stays a breach, what the new one lacks is missing or unproven"
    )
    func anotherQuery() async throws {
        var stage = Stage()
        stage.script.set(4...4, 2)
        try stage.deploy()
        try await stage.check(10)
        stage.script.fail(6...6)
        stage.script.set(7...7, nil)
        stage.script.set(4...4, 1)
        stage.adopt([Stage.guardrail("g", .memory)])
        try await stage.check(11)
        #expect(try [4, 5, 6, 7].map { try stage.verdict($0) } == ["clean", "clean", "missing", "unproven no-data"])
        #expect(try stage.streak(11) == "counting since 5, 5 proven")
        #expect(try stage.readiness(11).services[0].lastBreach?.windowStart == Stage.start(4))
    }

    @Test("A new guardrail takes its values from history: what it would have breached, it breached")
    func newGuardrail() async throws {
        var stage = Stage()
        stage.script.set(4...4, 2, of: "h")
        stage.script.fail(8...8, of: "h")
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail(), Stage.guardrail("h")])
        try await stage.check(11)
        #expect(try stage.streak(11) == "counting since 5, 6 proven")
    }

    @Test("Until a check has judged by a changed rule, nothing is ready", arguments: [0.1, 0.5])
    func unjudged(limit: Double) async throws {
        var stage = Stage()
        try stage.deploy()
        for window in [14, 20, 21] { try await stage.check(window) }
        #expect(try stage.readiness(21).isReady)
        stage.adopt([Stage.guardrail("g", .cpu, [.relative(limit)])])
        let before = try stage.readiness(21)
        #expect(before.state == .counting && before.stateReason == .policy)
        #expect(before.provenSeconds == 22 * Stage.step)
        let report = try await stage.check(21)
        #expect(report.snapshot?.readiness(at: report.at, clock: report.at).isReady == true)
        #expect(try stage.readiness(21).isReady)
    }

    @Test("A rule that judges the same keeps ready what is")
    func sameRule() async throws {
        var stage = Stage()
        try stage.deploy()
        for window in [14, 20, 21] { try await stage.check(window) }
        stage.adopt([Stage.guardrail { $0.severity = .info }])
        #expect(try stage.readiness(21).isReady)
    }

    @Test("Severity, link and unit are no change of a verdict")
    func irrelevant() async throws {
        var stage = Stage()
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail { $0.severity = .info }])
        #expect(try await stage.check(10).windowsJudged == 0)
    }
}
