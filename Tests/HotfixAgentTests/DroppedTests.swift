import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

private let g = Pair("checkout", "g")
private let h = Pair("checkout", "h")

private func accept(_ pairs: [Pair], _ stage: Stage, at window: Int) throws {
    try stage.scene.ledger.record(
        .acceptance(pairs.map { Acceptance(pair: $0, reason: "moved to another team", recordedAt: Stage.due(window)) }))
}

@Suite("A guardrail that the configuration drops")
struct DroppedTests {
    @Test("Its windows are not-watched, so that nothing is proven without it")
    func notWatched() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail()])
        try await stage.check(14)
        let readiness = try stage.readiness(14)
        #expect(readiness.state == .blind)
        #expect(readiness.stateReason == .unproven)
        #expect(readiness.provenSeconds == 11 * Stage.step)
        #expect(readiness.services[0].guardrails.map(\.reason) == [nil, .notWatched])
        #expect(
            readiness.notes.contains {
                $0.hasPrefix("checkout/h was dropped from the configuration: its windows are unproven")
            })
        try await stage.check(16)
        #expect(try stage.readiness(16).since == Stage.start(17))
        #expect(try stage.scene.snapshot(at: Stage.due(16)).droppedPairs(stage.scene.ledger.facts().deployments) == [h])
    }

    @Test("Dropped again after it came back, it has to be accepted again")
    func droppedAgain() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        try accept([h], stage, at: 11)
        stage.adopt([Stage.guardrail(), Stage.guardrail("h")])
        try await stage.check(12)
        stage.adopt([Stage.guardrail()])
        try await stage.check(13)
        #expect(try stage.readiness(13).services[0].guardrails.map(\.reason) == [nil, .notWatched])
        #expect(try stage.scene.snapshot(at: Stage.due(13)).droppedPairs(stage.scene.ledger.facts().deployments) == [h])
    }

    @Test("Accepted, it counts no more, for past windows either; what it breached it breached")
    func accepted() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        stage.script.set(3...3, 2, of: "h")
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail()])
        try await stage.check(16)
        try accept([h], stage, at: 16)
        let readiness = try stage.readiness(16)
        #expect(readiness.since == Stage.start(4))
        #expect(readiness.provenSeconds == 13 * Stage.step)
        #expect(readiness.notes.contains("checkout/h was dropped from the configuration, which was accepted."))
        #expect(
            try stage.scene.snapshot(at: Stage.due(16)).droppedPairs(stage.scene.ledger.facts().deployments).isEmpty)
    }

    @Test("An acceptance from before the deployment does not hold for it")
    func acceptedEarlier() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try accept([h], stage, at: -2)
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        #expect(try stage.readiness(11).provenSeconds == 11 * Stage.step)
    }

    @Test("Its open episode ends as withdrawn, and its breach stays one")
    func withdrawn() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        stage.script.set(8...99, 2, of: "h")
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        #expect(try stage.episodes() == ["8 withdrawn"])
        #expect(try stage.readiness(11).since == Stage.start(11))
    }

    @Test("A window that was missing when it was dropped is no better for an older query's answer")
    func missingByNewestQuery() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        try await stage.check(10)
        stage.script.fail(5...6, of: "h")
        stage.adopt([Stage.guardrail(), Stage.guardrail("h", .memory)])
        try await stage.check(11)
        #expect(try stage.readiness(11).provenSeconds == 10 * Stage.step)
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        #expect(try stage.readiness(11).provenSeconds == 10 * Stage.step)
    }

    @Test("A breach of its newest query is not forgotten for an older query's clean window")
    func breachOfNewestQuery() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        try await stage.check(10)
        stage.script.set(5...5, 2, of: "h")
        stage.adopt([Stage.guardrail(), Stage.guardrail("h", .memory)])
        try await stage.check(11)
        stage.adopt([Stage.guardrail()])
        try await stage.check(11)
        #expect(try stage.readiness(11).since == Stage.start(6))
        try accept([h], stage, at: 11)
        #expect(try stage.readiness(11).since == Stage.start(6))
    }

    @Test("One that came after the deployment, and breached, is not dropped silently")
    func cameLater() async throws {
        var stage = Stage()
        stage.script.set(5...5, 2, of: "h")
        try stage.deploy()
        try await stage.check(10)
        stage.adopt([Stage.guardrail(), Stage.guardrail("h")])
        try await stage.check(11)
        #expect(try stage.readiness(11).since == Stage.start(6))
        stage.adopt([Stage.guardrail()])
        try await stage.check(12)
        #expect(try stage.readiness(12).since == Stage.start(6))
        #expect(try stage.scene.snapshot(at: Stage.due(12)).droppedPairs(stage.scene.ledger.facts().deployments) == [h])
    }

    @Test("A source that a service no longer names drops its guardrails")
    func bindingDropped() async throws {
        var stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        try await stage.check(10)
        stage.scene.watch.entries[0].service.bindings = [:]
        try await stage.check(11)
        #expect(try stage.readiness(11).provenSeconds == 11 * Stage.step)
        #expect(try stage.readiness(11).notes.count { $0.contains("not-watched") } == 2)
    }

    @Test("A service that is dropped altogether leaves the hotfix blind until that is accepted")
    func wholeService() async throws {
        var stage = Stage([Stage.guardrail()], services: ["checkout", "search"])
        try stage.deploy()
        try await stage.check(12)
        #expect(try stage.readiness(12).state == .ready)
        stage.scene.watch.entries.removeLast()
        let readiness = try stage.readiness(12)
        #expect(readiness.state == .blind)
        #expect(readiness.earliestReady == nil)
        #expect(readiness.provenSeconds == 0)
        #expect(readiness.services.map(\.name) == ["checkout", "search"])
        #expect(readiness.objection(toMerging: String(repeating: "a", count: 40)) != nil)
        try accept([Pair("search", "g")], stage, at: 12)
        #expect(try stage.readiness(12).state == .ready)
    }

    @Test("A dropped service whose deployment names no guardrail is nothing that could be accepted")
    func wholeServiceWithoutPairs() async throws {
        var stage = Stage([Stage.guardrail()])
        try stage.deploy()
        try stage.scene.ledger.record(
            .deployment(
                Deployment(
                    id: 0, hotfix: 0, commit: String(repeating: "a", count: 40), at: Stage.deployedAt,
                    recordedAt: Stage.deployedAt, services: ["gone"]), excluding: []))
        try await stage.check(12)
        #expect(try stage.readiness(12).state == .blind)
        stage.scene.watch.entries = []
        #expect(try stage.readiness(12).services.map(\.state) == [.blind, .blind])
    }
}
