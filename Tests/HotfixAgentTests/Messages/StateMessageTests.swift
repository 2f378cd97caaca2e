import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("Messages about what can be judged, and about readiness")
struct StateMessageTests {
    @Test("A service whose source is silent is told to be blind, why, and when it can be judged again")
    func blind() async throws {
        let stage = Stage()
        stage.script.fail(3...30)
        try stage.deploy()
        #expect(try await stage.checkTwice(0...9) == 0)
        #expect(try stage.told() == ["blind 3"])
        let message = try #require(stage.messages(.blind).first)
        #expect(message.facts.service == "checkout" && message.facts.guardrail == nil)
        #expect(
            message.facts.reason
                == "No window has been judged as a whole for too long; the newest ended at \(Stage.start(3)). The source is down."
        )
        #expect(message.facts.streak?.provenSeconds == 3 * Stage.step)
        stage.script.heal()
        try await stage.checkTwice(10...10)
        #expect(try stage.told() == ["blind 3", "sighted 3 <2"])
    }

    @Test("One whose windows are all unproven is blind, with what its guardrails lack")
    func unproven() async throws {
        let stage = Stage()
        stage.script.set(3...6, nil)
        try stage.deploy()
        for window in 0...7 { try await stage.check(window) }
        #expect(try stage.told() == ["blind 3", "sighted 3 <2"])
        #expect(stage.messages(.blind).first?.facts.reason == "Its newest windows are all unproven: g no-data.")
    }

    @Test("Blindness is not told while silenced, and after it while it lasts")
    func silencedBlindness() async throws {
        let stage = Stage()
        stage.script.fail(3...30)
        try stage.deploy()
        try stage.silence(from: Stage.start(0), to: Stage.due(9))
        for window in 0...8 { try await stage.check(window) }
        #expect(try stage.told().isEmpty)
        try await stage.check(9)
        #expect(try stage.told() == ["blind 3"])
        try stage.silence(from: Stage.due(9), to: Stage.due(30))
        stage.script.heal()
        try await stage.check(10)
        #expect(try stage.told() == ["blind 3", "sighted 3 <2"])
    }

    @Test("A silence of one guardrail does not mute that the service is blind")
    func silencedGuardrail() async throws {
        let stage = Stage()
        stage.script.fail(3...30)
        try stage.deploy()
        try stage.silence(from: Stage.start(0), to: Stage.due(30), guardrail: "g")
        for window in [0, 2, 9] { try await stage.check(window) }
        #expect(try stage.told() == ["blind 3"])
    }

    @Test("A service that is no longer deployed is no longer blind")
    func closedWhileBlind() async throws {
        let stage = Stage()
        stage.script.fail(3...30)
        try stage.deploy()
        for window in [0, 2, 9] { try await stage.check(window) }
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.due(9)))
        try await stage.check(10)
        #expect(try stage.told() == ["blind 3", "sighted 3 <2"])
        let sighted = try #require(stage.messages(.sighted).first)
        #expect(MessageText(sighted).sentence.contains("is no longer deployed"))
    }

    @Test("A service that is not deployed is never told to be blind")
    func notDeployed() async throws {
        let stage = Stage()
        stage.script.fail(3...30)
        for window in [0, 2, 9, 30] { try await stage.check(window) }
        #expect(try stage.told().isEmpty)
    }

    @Test("Readiness is told once, and again after it was lost")
    func readyAndLost() async throws {
        let stage = Stage()
        stage.script.set(14...14, 2)
        try stage.deploy()
        #expect(try await stage.checkTwice(0...13) == 0)
        #expect(try stage.told() == ["ready"])
        #expect(stage.messages(.ready).map(\.at) == [Stage.start(12)])
        #expect(stage.messages(.ready).first?.thread == "ready/1")
        #expect(try await stage.checkTwice(14...27) == 0)
        #expect(try stage.told() == ["ready", "breach 14", "lost <2", "recovered 14 <3", "ready"])
        let lost = try #require(stage.messages(.lost).first)
        #expect(lost.facts.streak?.lostSeconds == 14 * Stage.step)
        #expect(lost.facts.reason == "'checkout' is in breach: g.")
    }

    @Test("Readiness that was lost and regained between two checks is told to be both")
    func lostBetweenChecks() async throws {
        let stage = Stage()
        stage.script.set(14...14, 2)
        try stage.deploy()
        for window in [0, 13, 40, 41] { try await stage.check(window) }
        #expect(try stage.told() == ["ready", "recovered 14", "lost <2", "ready"])
        #expect(
            stage.messages(.lost).first?.facts.reason
                == "The streak of 'checkout' counts since \(Stage.start(15)), after a breach.")
        #expect(stage.messages(.lost).first?.facts.streak?.lostSeconds == 14 * Stage.step)
    }

    @Test("An unproven window takes no readiness away; where it turns out to be a breach, that does")
    func revisedAfterReady() async throws {
        let stage = Stage()
        stage.script.set(13...13, nil)
        try stage.deploy()
        for window in 0...14 { try await stage.check(window) }
        #expect(try stage.told() == ["ready"])
        stage.script.set(13...13, 2)
        try await stage.checkTwice(15...15)
        #expect(try stage.told() == ["ready", "recovered 13", "lost <2"])
    }

    @Test("Blindness takes readiness away")
    func blindAfterReady() async throws {
        let stage = Stage()
        stage.script.fail(13...30)
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        #expect(try stage.told() == ["ready", "blind 13", "lost <2"])
        #expect(stage.messages(.lost).first?.facts.reason?.contains("'checkout' cannot be judged.") == true)
    }

    @Test("Another deployment takes readiness away, and the hotfix's completion does not")
    func deployedAgain() async throws {
        for isCompleted in [false, true] {
            let stage = Stage()
            try stage.deploy()
            for window in 0...12 { try await stage.check(window) }
            if isCompleted {
                try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.due(12)))
            } else {
                try stage.deploy(13, recordedAt: Stage.start(13))
            }
            for window in 13...14 { try await stage.check(window) }
            #expect(try stage.told() == (isCompleted ? ["ready"] : ["ready", "lost <2"]))
        }
    }

    @Test("A deployment that is taken back was ready no longer")
    func takenBack() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        try stage.scene.ledger.record(.void(deployment: 1, reason: "mistake", at: Stage.due(12)))
        try await stage.checkTwice(13...14)
        #expect(try stage.told() == ["ready", "lost <2"])
        #expect(stage.messages(.lost).first?.facts.reason == "Its deployment was taken back.")
    }

    @Test("An excusal that gives back an earlier streak takes nothing away, however often it is checked")
    func excusedStreak() async throws {
        let stage = Stage()
        stage.script.set(13...13, 2)
        try stage.deploy()
        for window in 0...27 { try await stage.check(window) }
        #expect(try stage.told() == ["ready", "breach 13", "lost <2", "recovered 13 <3", "ready"])
        try stage.excuse(13, until: 14, at: 27)
        #expect(try await stage.checkTwice(28...30) == 0)
        #expect(try stage.told().count == 5)
    }

    @Test("A guardrail that has no value in its first hour, nor before, is told once")
    func neverSeen() async throws {
        let stage = Stage([Stage.guardrail("seen"), Stage.guardrail()])
        stage.script.setUsual(Observation(value: nil))
        try stage.deploy()
        for window in 0...10 { try await stage.check(window) }
        #expect(stage.messages(.neverSeen).isEmpty)
        try await stage.checkTwice(11...20)
        let messages = stage.messages(.neverSeen)
        #expect(messages.map(\.facts.guardrail) == ["g"])
        #expect(messages.map(\.createdAt) == [Stage.due(11)])
        #expect(messages.map(\.at) == [Stage.start(12)])
        #expect(messages.first?.facts.window?.query == "prometheus/cpu of checkout")
    }

    @Test("A guardrail that has had a value, in its look-back or since, is not told to be never seen")
    func seen() async throws {
        for valueAt in [-50, 11, 15] {
            let stage = Stage()
            stage.script.setUsual(Observation(value: nil))
            stage.script.set(valueAt...valueAt, 1)
            try stage.deploy()
            try await stage.check(0)
            for window in (valueAt == 15 ? 15 : 9)...20 { try await stage.check(window) }
            #expect(stage.messages(.neverSeen).isEmpty, "\(valueAt)")
        }
    }

    @Test("What could not be asked is not told to be never seen")
    func notAsked() async throws {
        let stage = Stage()
        stage.script.setUsual(Observation(value: nil))
        stage.script.fail(4...4)
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        #expect(stage.messages(.neverSeen).isEmpty)
        stage.script.heal()
        try await stage.check(21)
        #expect(stage.messages(.neverSeen).count == 1)
    }

    @Test("A deployment is told once, and one that was taken back never")
    func deployed() async throws {
        let stage = Stage()
        try await stage.check(-1)
        try stage.deploy()
        try stage.deploy(1, recordedAt: Stage.start(1))
        try stage.scene.ledger.record(.void(deployment: 1, reason: "mistake", at: Stage.start(1)))
        #expect(try await stage.checkTwice(2...4) == 0)
        #expect(stage.messages(.deployed).map(\.thread) == ["deployed/2"])
        let facts = try #require(stage.messages(.deployed).first?.facts)
        #expect(
            facts.hotfix?.deployment == 2 && facts.hotfix?.branch == "release/hotfix" && facts.service == "checkout")
    }

    @Test("A deployment is told though it is silenced, and though an earlier check's clock ran ahead")
    func deployedInSilence() async throws {
        let stage = Stage()
        try await stage.check(-1)
        try stage.silence(from: Stage.start(-5), to: Stage.start(50))
        try stage.deploy(recordedAt: Stage.due(-1) + 5)
        try await stage.check(0)
        #expect(stage.messages(.deployed).map(\.thread) == ["deployed/1"])
        try await stage.check(30)
        try stage.deploy(2, recordedAt: Stage.start(2))
        #expect(try await stage.checkTwice(2...3) == 0)
        #expect(stage.messages(.deployed).map(\.thread) == ["deployed/1", "deployed/2"])
    }

    @Test("A roll-out that was only seen is told once, though what was seen of it comes later and lies earlier")
    func unrecordedMoves() async throws {
        let stage = VersionStage()
        stage.see(0...3, ["1.2.4"])
        stage.see(5...20, ["1.2.4", "1.2.5"])
        try stage.deploy()
        for window in 0...5 { try await stage.stage.check(window) }
        #expect(stage.stage.messages(.unrecordedDeploy).count == 1)
        stage.see(4...4, ["1.2.4", "1.2.5"])
        for window in 6...9 { try await stage.stage.check(window) }
        #expect(stage.stage.messages(.unrecordedDeploy).count == 1)
    }

    @Test("Deployments that a ledger from before messages holds are not told")
    func olderDeployments() async throws {
        let ledger = MemoryLedger()
        let stage = Stage(ledger: ledger)
        try stage.deploy()
        try await stage.check(0)
        ledger.tamper { $0.messages = [] }
        try await stage.check(1)
        #expect(try ledger.facts().messages.isEmpty)
        try stage.deploy(2, recordedAt: Stage.due(1) + 5)
        try await stage.check(2)
        #expect(try ledger.facts().messages.map(\.thread) == ["deployed/2"])
    }

    @Test("A roll-out that nobody recorded is told once, silences aside")
    func unrecorded() async throws {
        for isSilent in [false, true] {
            let stage = VersionStage()
            stage.see(0...3, ["1.2.4"])
            stage.see(4...20, ["1.2.4", "1.2.5"])
            try stage.deploy()
            if isSilent { try stage.stage.silence(from: Stage.start(0), to: Stage.due(6)) }
            for window in 0...5 { #expect(try await stage.stage.checkTwice(window...window) == 0) }
            #expect(stage.stage.messages(.unrecordedDeploy).count == (isSilent ? 0 : 1))
            try await stage.checks(6...7)
            let messages = stage.stage.messages(.unrecordedDeploy)
            #expect(messages.map(\.thread) == ["unrecorded-deploy/checkout/versions/1.2.5/deployment-1"])
            #expect(messages.first?.facts.reason?.contains("knows of version 1.2.5 of 'checkout'") == true)
        }
    }
}
