import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

private func excuse(_ stage: Stage, _ window: Int, until end: Int, at now: Int) throws {
    let pair = Pair("checkout", "g")
    try stage.scene.ledger.record(
        .excusal(
            Excusal(
                episode: "\(pair)/\(Stage.start(window))", pair: pair,
                interval: Interval(start: Stage.start(window), end: Stage.start(end)), reason: "a load test", by: "Ada",
                recordedAt: Stage.due(now))))
}

@Suite("Episodes")
struct EpisodeTests {
    @Test("One opens with the first confirmed breach and closes after two clean windows since the last")
    func recovered() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        stage.script.set(7...7, 3)
        stage.script.set(9...9, nil)
        try stage.deploy()
        try await stage.check(9)
        #expect(try stage.episodes() == ["5 open"])
        try await stage.check(10)
        #expect(
            try stage.scene.ledger.facts().episodes == [
                Episode(
                    pair: Pair("checkout", "g"), start: Stage.start(5), openedAt: Stage.start(6),
                    lastBreach: Stage.start(7),
                    windows: 2, peak: 3, closedAt: Stage.start(11), ending: .recovered)
            ])
        stage.script.set(11...11, 2)
        try await stage.check(11)
        #expect(try stage.episodes() == ["5 recovered", "11 open"])
    }

    @Test("Data that vanishes closes no episode")
    func dataVanishes() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        stage.script.set(6...20, nil)
        stage.script.fail(21...30)
        try stage.deploy()
        try await stage.check(30)
        #expect(try stage.episodes() == ["5 open"])
        #expect(try stage.readiness(30).state == .breaching)
    }

    @Test("Revisions that leave it no confirmed window correct it, and give back the streak")
    func corrected() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        try await stage.check(5)
        stage.script.set(5...5, 1)
        try await stage.check(6)
        #expect(try stage.episodes() == ["5 corrected"])
        #expect(try stage.streak(6) == "counting since 0, 7 proven")
    }

    @Test("Its identity is fixed when it opens, whatever revisions find before it")
    func identity() async throws {
        let stage = Stage()
        stage.script.set(5...6, 2)
        try stage.deploy()
        try await stage.check(6)
        stage.script.set(4...4, 2)
        stage.script.set(5...5, 1)
        try await stage.check(6)
        #expect(try stage.scene.ledger.facts().episodes.map(\.id) == ["checkout/g/\(Stage.start(5))"])
    }

    @Test("An episode that revisions find just before another takes nothing of its identity")
    func episodeBefore() async throws {
        let stage = Stage([Stage.guardrail { $0.recoverAfter = 1 }])
        stage.script.set(7...7, 2)
        try stage.deploy()
        try await stage.check(7)
        stage.script.set(5...5, 2)
        try await stage.check(7)
        let ids = [5, 7].map { "checkout/g/\(Stage.start($0))" }
        #expect(try stage.scene.ledger.facts().episodes.sorted { $0.start < $1.start }.map(\.id) == ids)
        #expect(try stage.episodes() == ["5 recovered", "7 open"])
        #expect(try await stage.check(7).episodes.isEmpty)
    }

    @Test("The earliest of the windows that were confirmed when it opened is its start")
    func startsWithPending() async throws {
        let stage = Stage([Stage.guardrail { $0.confirm = .init(breaching: 2, of: 3) }])
        stage.script.set(5...5, 2)
        stage.script.set(7...7, 2)
        try stage.deploy()
        for window in 4...7 { try await stage.check(window) }
        #expect(try stage.episodes() == ["5 open"])
        #expect(try stage.scene.ledger.facts().episodes.map(\.openedAt) == [Stage.start(8)])
    }

    @Test("An excused episode's windows are unproven, never clean: the clock does not restart for it")
    func excused() async throws {
        let stage = Stage()
        stage.script.set(5...6, 2)
        try stage.deploy()
        try await stage.check(6)
        #expect(try stage.streak(6) == "breaching since 7, 0 proven")
        try excuse(stage, 5, until: 7, at: 6)
        #expect(try stage.streak(6) == "counting since 0, 5 proven")
        try await stage.check(7)
        #expect(try stage.episodes() == ["5 excused"])
        #expect(try stage.scene.ledger.facts().episodes.map(\.closedAt) == [Stage.due(6)])
        #expect(try stage.streak(7) == "counting since 0, 6 proven")
        #expect(try stage.readiness(7).notes.contains { $0.contains("was excused by Ada: a load test.") })
    }

    @Test("A breach after the excused ones opens another episode, and restarts")
    func breachAfterExcuse() async throws {
        let stage = Stage()
        stage.script.set(5...8, 2)
        try stage.deploy()
        try await stage.check(6)
        try excuse(stage, 5, until: 7, at: 6)
        try await stage.check(8)
        #expect(try stage.episodes() == ["5 excused", "7 open"])
        #expect(try stage.streak(8) == "breaching since 9, 0 proven")
        try await stage.check(10)
        #expect(try stage.episodes() == ["5 excused", "7 recovered"])
    }

    @Test("An excuse does not make ready where it is the newest loud window")
    func excuseIsNotReady() async throws {
        let stage = Stage()
        stage.script.set(12...12, 2)
        try stage.deploy()
        try await stage.check(11)
        #expect(try stage.readiness(11).state == .ready)
        try await stage.check(12)
        try excuse(stage, 12, until: 13, at: 12)
        #expect(try stage.streak(12) == "counting since 0, 12 proven")
        try await stage.check(13)
        #expect(try stage.streak(13) == "ready since 0, 13 proven")
    }

    @Test("Excused windows do not lengthen a gap, and do not end one")
    func excusedInGap() async throws {
        let stage = Stage()
        stage.script.set(5...6, nil)
        stage.script.set(7...7, 2)
        stage.script.set(8...9, nil)
        try stage.deploy()
        try await stage.check(9)
        try excuse(stage, 7, until: 8, at: 9)
        try await stage.check(12)
        #expect(try stage.streak(12) == "counting since 0, 8 proven")
        stage.script.set(13...13, nil)
        try await stage.check(13)
        #expect(try stage.readiness(13).since == Stage.deployedAt)
    }

    @Test("A source that cannot be asked is no breach of any kind", arguments: [Guardrail.NoData.unproven, .breach])
    func failuresAreNoBreach(noData: Guardrail.NoData) async throws {
        let stage = Stage([Stage.guardrail { $0.noData = noData }])
        stage.script.fail(5...6)
        stage.script.set(8...8, nil)
        try stage.deploy()
        try await stage.check(9)
        #expect(
            try (5...8).map { try stage.verdict($0) } == [
                "missing", "missing", "clean", noData == .breach ? "breach no-data" : "unproven no-data",
            ])
        #expect(try stage.episodes() == (noData == .breach ? ["8 open"] : []))
    }
}
