import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A streak that has reached its time is asked once more")
struct ConfirmingTests {
    /// A stage whose streak was judged check by check until it lacks one window.
    private func almostReady() async throws -> Stage {
        let stage = Stage()
        try stage.deploy()
        for window in 0...10 { try await stage.check(window) }
        stage.source.forget()
        return stage
    }

    @Test("Every window is asked, once, in the check that completes the streak")
    func asked() async throws {
        let stage = try await almostReady()
        try await stage.check(11)
        #expect((0...11).map { stage.asks($0) } == Array(repeating: 1, count: 12))
        #expect(try stage.streak(11) == "ready since 0, 12 proven")
        #expect(
            try stage.scene.ledger.facts().confirmations == [
                Confirmation(pair: Pair("checkout", "g"), deployment: 1, since: Stage.deployedAt, at: Stage.due(11))
            ])
        stage.source.forget()
        try await stage.check(12)
        #expect(stage.asks(3) == 0)
    }

    @Test("Until that has succeeded it is confirming, and the rest is asked again")
    func failing() async throws {
        let stage = try await almostReady()
        stage.script.fail(4...4)
        try await stage.check(11)
        #expect(try stage.streak(11) == "counting (confirming) since 0, 12 proven")
        #expect(try stage.readiness(11).earliestReady == Stage.start(12))
        try await stage.check(12)
        #expect(try stage.streak(12) == "counting (confirming) since 0, 13 proven")
        #expect(try stage.readiness(12).earliestReady == Stage.start(13))
        stage.script.heal()
        try await stage.check(13)
        #expect(try stage.streak(13) == "ready since 0, 14 proven")
        #expect(try stage.readiness(13).earliestReady == Stage.start(12))
    }

    @Test("A value that changed meanwhile counts, and the streak starts anew behind it")
    func changed() async throws {
        let stage = try await almostReady()
        stage.script.set(4...4, 2)
        try await stage.check(11)
        #expect(try stage.streak(11) == "counting since 5, 7 proven")
        #expect(try stage.scene.ledger.facts().confirmations.isEmpty)
        try await stage.check(16)
        #expect(try stage.streak(16) == "ready since 5, 12 proven")
    }

    @Test("An answer without a value confirms what is stored")
    func withoutValue() async throws {
        let stage = try await almostReady()
        stage.script.set(4...4, nil)
        try await stage.check(11)
        #expect(try stage.streak(11) == "ready since 0, 12 proven")
    }

    @Test("Every guardrail's windows have to be asked")
    func everyGuardrail() async throws {
        let stage = Stage([Stage.guardrail(), Stage.guardrail("h")])
        try stage.deploy()
        for window in 0...10 { try await stage.check(window) }
        stage.script.fail(2...2, of: "h")
        try await stage.check(11)
        #expect(try stage.streak(11) == "counting (confirming) since 0, 12 proven")
        #expect(try stage.scene.ledger.facts().confirmations.map(\.pair.guardrail) == ["g"])
    }

    @Test("A restart, and a redeployment, have to be confirmed anew")
    func anew() async throws {
        let stage = try await almostReady()
        try await stage.check(11)
        try stage.deploy(12)
        for window in 12...22 { try await stage.check(window) }
        stage.script.fail(15...15)
        try await stage.check(23)
        #expect(try stage.streak(23) == "counting (confirming) since 12, 12 proven")
        stage.script.heal()
        try await stage.check(23)
        #expect(try stage.streak(23) == "ready since 12, 12 proven")
    }

    @Test("Taking back the redeployment brings back a streak that has to be confirmed as its own")
    func voided() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...9 { try await stage.check(window) }
        try stage.deploy(9)
        for window in 10...14 { try await stage.check(window) }
        try stage.scene.ledger.record(.void(deployment: 2, reason: "typed twice", at: Stage.due(14)))
        #expect(try stage.streak(14) == "counting (confirming) since 0, 15 proven")
        try await stage.check(15)
        #expect(try stage.streak(15) == "ready since 0, 16 proven")
    }
}
