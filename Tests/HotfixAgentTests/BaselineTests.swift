import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("What a window is held against")
struct BaselineTests {
    @Test("The look-back ends with the deployment's window, which is judged by it too")
    func anchored() async throws {
        let stage = Stage()
        stage.script.set(0...400, 1.3)
        try stage.deploy()
        try await stage.check(350)
        // A rolling mean would have healed the regression within a day.
        #expect(try [0, 1, 100, 350].map { try stage.verdict($0) } == Array(repeating: "breach", count: 4))
        #expect(try stage.baseline(350) == 1)
    }

    @Test("Rolling: the look-back ends with the window itself, and the mean heals the regression")
    func rolling() async throws {
        let stage = Stage([Stage.guardrail { $0.baseline.anchor = .rolling }])
        stage.script.set(0...400, 1.3)
        try stage.deploy()
        try await stage.check(350)
        #expect(try stage.verdict(0) == "breach")
        #expect(try stage.baseline(0) == 1)
        #expect(try stage.verdict(300) == "clean")
    }

    @Test("A redeployment that would swallow the regression does not move the look-back")
    func redeployment() async throws {
        let stage = Stage()
        stage.script.set(0...700, 1.3)
        try stage.deploy()
        try await stage.check(300)
        try stage.deploy(301)
        try await stage.check(400)
        #expect(try [301, 302, 400].map { try stage.verdict($0) } == ["breach", "breach", "breach"])
        #expect(try stage.baseline(400) == 1)
        #expect(try stage.readiness(400).provenSeconds == 0)
    }

    @Test("A new baseline moves it from that deployment's window on, for no window before, and is shown")
    func newBaseline() async throws {
        let stage = Stage()
        stage.script.set(0...700, 1.3)
        try stage.deploy()
        try await stage.check(300)
        try stage.deploy(301, newBaseline: "a new pool is meant to cost this")
        try await stage.check(400)
        #expect(try [299, 300, 301, 400].map { try stage.verdict($0) } == ["breach", "breach", "clean", "clean"])
        #expect(try stage.baseline(300) == 1)
        #expect(
            try stage.readiness(400).notes.contains(
                "Deployment 2 moved the baseline: a new pool is meant to cost this."))
    }

    @Test("Taking the new baseline back brings back the old one, and the new verdict counts")
    func voidedNewBaseline() async throws {
        let stage = Stage()
        stage.script.set(0...700, 1.3)
        try stage.deploy()
        try await stage.check(300)
        try stage.deploy(301, newBaseline: "typed by mistake")
        try await stage.check(400)
        try stage.scene.ledger.record(.void(deployment: 2, reason: "typed by mistake", at: Stage.due(400)))
        #expect(try !stage.readiness(400).isReady)
        try await stage.check(401)
        #expect(try [301, 350, 401].map { try stage.verdict($0) } == ["breach", "breach", "breach"])
    }

    @Test("What only the baseline of a deployment that was taken back made a breach is none")
    func voidedTighterBaseline() async throws {
        let stage = Stage()
        stage.script.set(0...300, 0.5)
        stage.script.set(320...320, 1)
        try stage.deploy()
        try await stage.check(300)
        try stage.deploy(301, newBaseline: "typed by mistake")
        stage.script.set(301...319, 0.5)
        try await stage.check(330)
        #expect(try stage.verdict(320) == "breach")
        try stage.scene.ledger.record(.void(deployment: 2, reason: "typed by mistake", at: Stage.due(330)))
        try await stage.check(331)
        #expect(try stage.verdict(320) == "clean")
        #expect(try stage.readiness(331).since == Stage.deployedAt)
    }

    @Test("The look-back is rolling again from the closing of the hotfix on")
    func closed() async throws {
        let stage = Stage()
        stage.script.set(0...700, 1.3)
        try stage.deploy()
        try await stage.check(320)
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.start(321)))
        try await stage.check(330)
        #expect(try [320, 321, 330].map { try stage.verdict($0) } == ["breach", "clean", "clean"])
        #expect(try stage.streak(330) == "not-deployed (closed), 0 proven")
    }

    @Test("It is not stored while a gap of the look-back cannot be asked again")
    func gapNotAskedAgain() async throws {
        let stage = Stage()
        stage.script.set(-20...(-20), nil)
        try stage.deploy()
        try await stage.check(0)
        stage.script.fail(-20...(-20))
        try await stage.check(10)
        #expect(try stage.scene.ledger.facts().baselines.isEmpty)
        #expect(try stage.verdict(10) == "clean")
        stage.script.heal()
        try await stage.check(11)
        #expect(try stage.scene.ledger.facts().baselines.count == 1)
    }

    @Test("The anchored baseline is stored once, when the deployment's window is older than the recheck")
    func storedOnce() async throws {
        let stage = Stage()
        stage.script.set(-20...(-20), nil)
        try stage.deploy()
        try await stage.scene.check(at: Stage.start(1) + 899)
        #expect(try stage.scene.ledger.facts().baselines.isEmpty)
        #expect(stage.asks(-20, purpose: .lookback) == 1)
        stage.script.set(-20...(-20), 1 + 0.5 * Double(Stage.lookback))
        try await stage.scene.check(at: Stage.start(1) + 900)
        #expect(stage.asks(-20, purpose: .lookback) == 2)
        #expect(
            try stage.scene.ledger.facts().baselines.map(\.values) == [
                [
                    BaselineValue(number: 1.5, windowsUsed: Stage.lookback, windowsPossible: Stage.lookback)
                ]
            ])
        #expect(try stage.baseline(0) == 1.5)
        try await stage.check(100)
        #expect(stage.asks(-20, purpose: .lookback) == 2)
        #expect(try stage.scene.ledger.facts().baselines.count == 1)
    }

    @Test("Breaches and deployments are left out of the look-back where the policy says so")
    func excludedByPolicy() async throws {
        let stage = Stage([
            Stage.guardrail { $0.baseline.exclude = [.breaches, .deployments] },
            Stage.guardrail("h") { $0.baseline.exclude = [] },
        ])
        for name in ["g", "h"] {
            stage.script.set(-40...(-38), 100, of: name)
            stage.script.set(-20...(-15), 1.2, of: name)
        }
        for window in [-60, -30, -5] { try await stage.check(window) }
        try stage.deploy(-20, recordedAt: Stage.due(-5))
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.start(-4)))
        try stage.deploy()
        try await stage.check(10)
        let stored = try stage.scene.ledger.facts().baselines
        let series = try stage.scene.ledger.facts().series
        let excluded = Dictionary(
            uniqueKeysWithValues: stored.filter { $0.to == Stage.deployedAt }.map { baseline in
                (series.first { $0.id == baseline.series }?.pair.guardrail ?? "", baseline.windowsExcluded)
            })
        // Three breaches, and 30 minutes from the deployment.
        #expect(excluded == ["g": 3 + 6, "h": 0])
    }

    @Test(
        "Below the minimum coverage nothing is proven",
        arguments: [(143, "unproven baseline-coverage"), (144, "clean")])
    func coverage(windows: Int, expected: String) async throws {
        let stage = Stage()
        stage.script.set(-Stage.lookback...(-1 - windows), nil)
        try stage.deploy()
        try await stage.check(8)
        #expect(try stage.verdict(8) == expected)
        #expect(try stage.readiness(8).services[0].guardrails[0].baseline?.windowsUsed == windows)
    }

    @Test("A later revision inside a rolling look-back changes no verdict")
    func rollingStays() async throws {
        let stage = Stage([Stage.guardrail { $0.baseline.anchor = .rolling }])
        try stage.deploy()
        try await stage.check(3)
        stage.script.set(3...3, 1.2)
        try await stage.check(4)
        stage.script.set(3...3, 1.1)
        try await stage.check(5)
        #expect(try stage.baseline(4) == Double(287 + 1.2) / 288)
    }

    @Test("A deployment from before the source's history is blind")
    func noHistory() async throws {
        let stage = Stage()
        stage.script.set(-Stage.lookback...40, nil)
        try stage.deploy(recordedAt: Stage.due(60))
        try await stage.check(60)
        #expect(try stage.streak(60) == "blind (no-history) since 61, 0 proven")
    }

    @Test("The look-back of which a day could not be fetched leaves the service blind, not ready")
    func neverFetched() async throws {
        let stage = Stage()
        stage.script.fail(-Stage.lookback...(-1))
        try stage.deploy()
        try await stage.check(40)
        #expect(try stage.streak(40) == "blind (never-checked) since 0, 0 proven")
        #expect(try stage.readiness(40).evaluatedUntil == nil)
    }
}
