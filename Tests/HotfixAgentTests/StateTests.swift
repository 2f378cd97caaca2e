import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

private let errorShare = Stage.guardrail("g", .errorShare, [.above(0.5)]) { $0.minimumEvents = 10 }

/// A stage on which errors are counted, so that windows may be idle.
private func quietStage() throws -> Stage {
    let stage = Stage([errorShare])
    stage.script.setUsual(Observation(value: 0.1, events: 50))
    try stage.deploy()
    return stage
}

@Suite("The state of a service, the first that holds")
struct StateTests {
    @Test("Quiet windows pause the streak, never restart it, and blind nobody, however many they are")
    func quiet() async throws {
        let stage = try quietStage()
        stage.script.set(3...60, nil, events: 0)
        stage.script.set(61...120, Observation(value: 0.9, events: 9))
        try await stage.check(120)
        #expect(try stage.verdict(3) == "unproven idle")
        #expect(try stage.verdict(61) == "unproven too-few-events")
        #expect(try stage.streak(120) == "counting since 0, 3 proven")
        try await stage.check(129)
        #expect(try stage.streak(129) == "ready since 0, 12 proven")
    }

    @Test(
        "Ready through a quiet night, where the newest loud window is clean",
        arguments: [(0.1, "ready"), (-1, "counting")])
    func readyThroughQuiet(value: Double, expected: String) async throws {
        let stage = try quietStage()
        stage.script.set(12...12, Observation(value: value, events: 50))
        stage.script.set(13...40, nil, events: 0)
        try await stage.check(30)
        #expect(try stage.readiness(30).state.rawValue == expected)
        #expect(try stage.readiness(30).provenSeconds >= 12 * Stage.step)
    }

    @Test("Four unproven windows are blind, three are not, and four quiet ones are not")
    func unproven() async throws {
        let stage = try quietStage()
        stage.script.set(5...7, Observation(value: -1, events: 50))
        try await stage.check(7)
        #expect(try stage.streak(7) == "counting since 0, 5 proven")
        stage.script.set(8...8, nil, events: 0)
        try await stage.check(8)
        #expect(try stage.streak(8) == "blind (unproven) since 0, 5 proven")
        stage.script.set(9...11, nil, events: 0)
        try await stage.check(11)
        #expect(try stage.streak(11) == "counting since 0, 5 proven")
    }

    @Test("Missing windows are not complete: they leave it to the age of the newest that is")
    func stale() async throws {
        let stage = Stage()
        stage.script.fail(6...99)
        try stage.deploy()
        try await stage.check(20)
        let end = Stage.start(6)
        let snapshot = try stage.scene.snapshot(at: Stage.due(20))
        #expect(snapshot.readiness(at: end + 1200, clock: end + 1200).state == .counting)
        #expect(snapshot.readiness(at: end + 1201, clock: end + 1201).stateReason == .stale)
        #expect(snapshot.readiness(at: end + 301, clock: end + 301, maxAge: 300).stateReason == .stale)
    }

    @Test("A day without a clean window or a breach is blind, and the day begins no earlier than the deployment")
    func noVerdict() async throws {
        let stage = try quietStage()
        stage.script.set(1...999, nil, events: 0)
        try await stage.check(288)
        let last = Stage.start(1)
        let snapshot = try stage.scene.snapshot(at: Stage.due(288))
        #expect(snapshot.readiness(at: last + 86_399, clock: last + 86_399).state == .counting)
        let day = snapshot.readiness(at: last + 86_400, clock: last + 86_400)
        #expect(day.state == .blind)
        #expect(day.stateReason == .noVerdict)
        #expect(day.provenSeconds == Stage.step)
    }

    @Test("A pending breach is breaching, without restart, clean time or episode")
    func pending() async throws {
        let stage = Stage([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 3) }])
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(5)
        #expect(try stage.streak(5) == "breaching since 0, 5 proven")
        #expect(try stage.episodes().isEmpty)
        try await stage.check(6)
        #expect(try stage.streak(6) == "counting since 0, 6 proven")
        stage.script.set(7...7, 2)
        try await stage.check(7)
        #expect(try stage.streak(7) == "breaching since 8, 0 proven")
        #expect(try stage.episodes() == ["5 open"])
        #expect(try stage.verdict(5) == "breach")
    }

    @Test("An open episode is breaching, whatever windows follow that are not clean")
    func openEpisode() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        stage.script.set(6...8, nil)
        try stage.deploy()
        try await stage.check(8)
        #expect(try stage.streak(8) == "breaching since 6, 0 proven")
        try await stage.check(9)
        #expect(try stage.readiness(9).state == .breaching)
        try await stage.check(10)
        #expect(try stage.streak(10) == "counting since 6, 2 proven")
    }

    @Test("Breaching comes before blind, blind before counting")
    func precedence() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(5)
        let late = try stage.scene.readiness(at: Stage.due(5) + 86_400)
        #expect(late.state == .breaching)
        let recovered = Stage()
        try recovered.deploy()
        try await recovered.check(20)
        #expect(try recovered.scene.readiness(at: Stage.due(20) + 86_400).state == .blind)
    }

    @Test("Ready is lost by a breach, and the streak starts anew")
    func lost() async throws {
        let stage = Stage()
        stage.script.set(15...15, 2)
        try stage.deploy()
        try await stage.check(14)
        #expect(try stage.streak(14) == "ready since 0, 15 proven")
        #expect(try stage.readiness(14).earliestReady == Stage.start(12))
        try await stage.check(15)
        #expect(try stage.streak(15) == "breaching since 16, 0 proven")
        #expect(try stage.readiness(15).earliestReady == Stage.start(28))
        try await stage.check(27)
        #expect(try stage.streak(27) == "ready since 16, 12 proven")
    }

    @Test("Readiness at an instant leaves later windows and deployments out")
    func atAnInstant() async throws {
        let stage = Stage()
        stage.script.set(15...15, 2)
        try stage.deploy()
        try await stage.check(14)
        try await stage.check(16)
        try stage.deploy(18)
        try await stage.check(20)
        func at(_ window: Int) throws -> Readiness {
            try stage.scene.readiness(at: Stage.due(window), clock: Stage.due(20))
        }
        #expect(try at(8).provenSeconds == 9 * Stage.step)
        #expect(try at(8).evaluatedUntil == Stage.start(9))
        #expect(try at(14).state == .ready)
        #expect(try at(15).state == .breaching)
        #expect(try at(16).deployment?.id == 1)
        #expect(try at(20).deployment?.id == 2)
        #expect(try at(20).since == Stage.start(18))
    }

    @Test("Nobody is ready, whatever the ledger says, before it was ever evaluated")
    func neverChecked() throws {
        let stage = Stage()
        try stage.deploy()
        #expect(try stage.streak(0) == "counting since 0, 0 proven")
        #expect(try stage.streak(5) == "blind (never-checked) since 0, 0 proven")
        #expect(try stage.readiness(0).earliestReady == Stage.due(0) + 3600)
        #expect(try stage.readiness(0).evaluatedUntil == nil)
    }

    @Test("A hotfix takes its worst service's state, least proven time, latest since and latest earliest ready")
    func worstService() async throws {
        let stage = Stage(services: ["checkout", "search"])
        try stage.deploy()
        try stage.deploy(6, services: ["search"])
        try await stage.check(13)
        let readiness = try stage.readiness(13)
        #expect(readiness.services.map(\.state) == [.ready, .counting])
        #expect(readiness.state == .counting)
        #expect(readiness.provenSeconds == 8 * Stage.step)
        #expect(readiness.since == Stage.start(6))
        #expect(readiness.earliestReady == Stage.start(18))
        #expect(readiness.evaluatedUntil == Stage.start(14))
    }

    @Test("A service that the hotfix was never deployed to is no part of it")
    func otherService() async throws {
        let stage = Stage(services: ["checkout", "search"])
        try stage.deploy(services: ["checkout"])
        try await stage.check(12)
        #expect(try stage.readiness(12).services.map(\.name) == ["checkout"])
        #expect(try stage.readiness(12).state == .ready)
    }

    @Test("A later deployment ends every earlier one for its services for good")
    func redeployed() async throws {
        let stage = Stage()
        try stage.deploy()
        try await stage.check(12)
        #expect(try stage.readiness(12).state == .ready)
        try stage.deploy(13)
        try await stage.check(14)
        #expect(try stage.streak(14) == "counting since 13, 2 proven")
        // Recorded later, for earlier: the newest is the one of the latest instant.
        try stage.deploy(4, recordedAt: Stage.due(14))
        try await stage.check(15)
        #expect(try stage.readiness(15).deployment?.id == 2)
        #expect(try stage.streak(15) == "counting since 13, 3 proven")
    }

    @Test("The warm-up is judged, and not counted")
    func warmUp() async throws {
        let stage = Stage(streak: .init(required: 3600, longestGap: 1200, warmUp: 700))
        stage.script.set(1...1, 2)
        try stage.deploy()
        try await stage.check(5)
        #expect(try stage.verdict(1) == "breach")
        #expect(try stage.streak(5) == "counting since 3, 3 proven")
    }

    @Test("Guardrails that do not agree: breach, then missing, then unproven, then clean")
    func worstGuardrail() async throws {
        let names = ["breach", "missing", "unproven", "clean"]
        let stage = Stage(names.map { Stage.guardrail($0) })
        stage.script.set(3...3, 2, of: "breach")
        stage.script.fail(3...4, of: "missing")
        stage.script.set(3...5, nil, of: "unproven")
        try stage.deploy()
        try await stage.check(6)
        let windows = try stage.scene.snapshot(at: Stage.due(6)).services[0].derived(at: Stage.due(6)).windows
        let kinds = windows.filter { $0.start >= Stage.start(3) }.map(\.kind)
        #expect(kinds == [.breach, .missing, .unproven(isPending: false), .clean])
        #expect(windows.filter { $0.start >= Stage.start(3) }.map(\.isComplete) == [false, false, true, true])
    }
}
