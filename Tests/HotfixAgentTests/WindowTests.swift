import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Which windows are asked, judged and revised")
struct WindowTests {
    @Test("A window is due when it has settled, and not a second earlier")
    func due() async throws {
        let stage = Stage()
        try stage.deploy()
        try await stage.scene.check(at: Stage.start(1) + 119)
        #expect(try stage.verdict(0) == "missing")
        try await stage.scene.check(at: Stage.start(1) + 120)
        #expect(try stage.verdict(0) == "clean")
        #expect(try stage.verdict(1) == "missing")
    }

    @Test("A window that the source holds back is not due, and stays missing")
    func heldBack() async throws {
        let stage = Stage()
        try stage.deploy()
        stage.script.holdBack([1])
        try await stage.check(1)
        #expect(try stage.verdict(1) == "missing")
        #expect(try stage.readiness(1).evaluatedUntil == Stage.start(1))
        stage.script.holdBack([])
        try await stage.check(1)
        #expect(try stage.verdict(1) == "clean")
    }

    @Test(
        "Ten minutes that only the agent's clock has reached are not judged", arguments: [(0, 10), (600, 8), (601, 7)])
    func fastClock(behind: Int, newest: Int) async throws {
        let stage = Stage()
        try stage.deploy()
        let now = Stage.start(11) + 120
        stage.source.setClock(now - behind)
        let report = try await stage.scene.check(at: now)
        #expect(report.windowsJudged == newest + 1)
        #expect(try stage.verdict(newest) == "clean")
        #expect(try stage.verdict(newest + 1) == "missing")
        #expect(try stage.readiness(10).evaluatedUntil == Stage.start(newest + 1))
    }

    @Test("A source whose clock is ahead of the agent's makes no window due")
    func slowClock() async throws {
        let stage = Stage()
        try stage.deploy()
        stage.source.setClock(Stage.due(50))
        try await stage.check(10)
        #expect(try stage.verdict(11) == "missing")
    }

    @Test("An agent that was down for 6 hours judges 72 windows at its next check")
    func backlog() async throws {
        let stage = Stage()
        try stage.deploy()
        try await stage.check(10)
        let report = try await stage.check(82)
        #expect(report.judged.map(\.start) == (11...82).map(Stage.start))
    }

    @Test("The first check begins at the deployment's window, or without one at the newest due one")
    func begins() async throws {
        let without = Stage()
        try await without.check(9)
        #expect(try (8...9).map { try without.verdict($0) } == ["missing", "clean"])
        let deployed = Stage()
        try deployed.deploy(5)
        try await deployed.scene.check(at: Stage.start(5) + 200)
        #expect(try deployed.verdict(4) == "missing")
        try await deployed.check(9)
        #expect(try (4...6).map { try deployed.verdict($0) } == ["missing", "clean", "clean"])
    }

    @Test("A deployment recorded for the past has the windows from it on judged again, against its own look-back")
    func recordedForThePast() async throws {
        let stage = Stage()
        stage.script.set(-Stage.lookback...(-1), 1)
        stage.script.set(0...200, 1.2)
        stage.script.set(40...40, 1.27)
        try await stage.check(20)
        try await stage.check(60)
        #expect(try stage.verdict(40) == "clean")
        try stage.deploy(10, recordedAt: Stage.due(60))
        try await stage.check(61)
        #expect(try stage.verdict(10) == "clean")
        #expect(try stage.verdict(40) == "breach")
        #expect(try stage.readiness(61).since == Stage.start(41))
    }

    @Test("A window is asked again until it is 15 minutes old, without a value until it is a day old")
    func recheck() async throws {
        let stage = Stage()
        stage.script.set(5...5, nil)
        try stage.deploy()
        try await stage.check(6)
        stage.source.forget()
        try await stage.scene.check(at: Stage.start(5) + 899)
        #expect(stage.asks(4) == 1)
        try await stage.scene.check(at: Stage.start(5) + 900)
        #expect(stage.asks(4) == 1)
        stage.source.forget()
        try await stage.scene.check(at: Stage.start(6) + 86_399)
        #expect(stage.asks(5) == 1)
        stage.source.forget()
        try await stage.scene.check(at: Stage.start(6) + 86_400)
        #expect(stage.asks(5) == 0)
    }

    @Test("A changed value makes a revision: the old verdict is kept, the newest counts")
    func revision() async throws {
        let ledger = MemoryLedger()
        let stage = Stage(ledger: ledger)
        try stage.deploy()
        try await stage.check(5)
        stage.script.set(5...5, 2)
        try await stage.check(6)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.record(5)?.verdict?.revision == 1)
        let kept = try #require(ledger.revisions.last { $0.start == Stage.start(5) })
        #expect(kept.replaced?.verdict?.verdict == .clean)
        #expect(kept.replaced?.observation.value == 1)
        #expect(try stage.streak(6) == "breaching since 6, 1 proven")
    }

    @Test("A value is never replaced by none")
    func valueStays() async throws {
        let stage = Stage([Stage.guardrail("g", .errorShare)])
        stage.script.setUsual(Observation(value: 0.1, events: 50))
        stage.script.set(5...5, 0.3, events: 40)
        try stage.deploy()
        try await stage.check(5)
        stage.script.set(5...5, nil, events: 0)
        let report = try await stage.check(6)
        #expect(try stage.verdict(5) == "breach")
        #expect(try stage.record(5)?.observation == Observation(value: 0.3, events: 40))
        #expect(report.judged.map(\.start) == [Stage.start(6)])
    }

    @Test("A value that comes within a day takes the place of none")
    func lateValue() async throws {
        let stage = Stage()
        stage.script.set(3...9, nil)
        try stage.deploy()
        try await stage.check(20)
        #expect(try stage.streak(20) == "counting since 10, 11 proven")
        stage.script.set(3...9, 1)
        try await stage.check(21)
        #expect(try stage.verdict(5) == "clean")
        #expect(try stage.readiness(21).provenSeconds == 22 * Stage.step)
    }

    @Test("What could not be asked is missing: neither unproven nor clean, and told")
    func partialAnswer() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        stage.script.fail(3...5, of: "g")
        try stage.deploy()
        let report = try await stage.check(8)
        #expect(try (2...6).map { try stage.verdict($0) } == ["clean", "missing", "missing", "missing", "clean"])
        #expect(try stage.verdict(4, of: "h") == "clean")
        #expect(Set(report.failures.map(\.pair)) == [Pair("checkout", "g")])
        #expect(try stage.streak(8) == "counting since 0, 6 proven")
        #expect(try stage.readiness(8).services[0].missingWindows == 3)
        stage.script.heal()
        try await stage.check(8)
        #expect(try stage.streak(8) == "counting since 0, 9 proven")
    }

    @Test("One stalled guardrail holds up nobody's verdict, but the service is evaluated no further than it")
    func stalled() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        stage.script.fail(6...99, of: "g")
        stage.script.set(9...10, 2, of: "h")
        try stage.deploy()
        try await stage.check(10)
        #expect(try stage.verdict(9, of: "h") == "breach")
        let readiness = try stage.readiness(10)
        #expect(readiness.evaluatedUntil == Stage.start(6))
        #expect(readiness.since == Stage.start(11))
        #expect(readiness.state == .breaching)
    }

    @Test("Missing windows cost nothing until they are a week old")
    func oldMissing() async throws {
        let stage = Stage()
        stage.script.fail(20...30)
        try stage.deploy()
        try await stage.check(2100)
        let week = 7 * 86_400
        let almost = try stage.scene.snapshot(at: Stage.due(2100)).readiness(
            at: Stage.start(25) + week - 1, clock: Stage.due(2100))
        #expect(almost.since == Stage.deployedAt)
        let old = try stage.scene.snapshot(at: Stage.due(2100)).readiness(
            at: Stage.start(25) + week, clock: Stage.due(2100))
        #expect(old.since == Stage.start(25))
    }

    @Test("A clock that jumps back an hour: nothing is judged twice, and nothing is lost")
    func clockJumpsBack() async throws {
        let ledger = MemoryLedger()
        let stage = Stage(ledger: ledger)
        try stage.deploy()
        try await stage.check(30)
        let before = ledger.verdicts(of: Pair("checkout", "g")).map(\.record)
        for window in 18...30 { #expect(try await stage.check(window).windowsJudged == 0) }
        #expect(ledger.verdicts(of: Pair("checkout", "g")).map(\.record) == before)
        #expect(try stage.streak(18) == "blind (clock) since 0, 19 proven")
        try await stage.check(31)
        #expect(ledger.revisions.isEmpty)
        #expect(try stage.readiness(31).provenSeconds == 32 * Stage.step)
    }

    @Test(
        "Summer time and leap days are nothing to windows and streak",
        arguments: ["2026-03-28T22:30:00Z", "2026-10-24T23:00:00Z", "2028-02-28T22:00:00Z"])
    func calendarIsNothing(start: String) async throws {
        let deployedAt = try #require(Instant(text: start))
        let stage = Stage(streak: .init(required: 86_400, longestGap: 1200), from: deployedAt)
        try stage.scene.deploy(at: deployedAt)
        try await stage.scene.check(at: deployedAt + 86_400 + 130)
        let readiness = try stage.scene.readiness(at: deployedAt + 86_400 + 130)
        #expect(readiness.state == .ready)
        #expect(readiness.provenSeconds == 86_400)
        #expect(readiness.earliestReady == deployedAt + 86_400)
    }
}
