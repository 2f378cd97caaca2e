import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("What is open and was not told by a channel")
struct LateDeliveryTests {
    private func rule(_ name: String, _ kinds: Set<MessageKind> = Set(MessageKind.allCases)) -> ChannelRule {
        ChannelRule(name: name, kinds: kinds)
    }

    /// Which message each channel has to be told, in the order made: `2 chat`.
    private func deliveries(_ stage: Stage, of channel: String) -> [Int] {
        ((stage.scene.ledger as? MemoryLedger)?.deliveries ?? []).filter { $0.channel == channel }.map(\.message)
    }

    private func settle(
        _ ledger: MemoryLedger, _ message: Int, _ channel: String, as state: DeliveryState, at now: Instant
    )
        throws
    {
        let queued = try #require(try ledger.waiting(of: channel).first { $0.message.id == message })
        try ledger.settle(queued.id, as: state, at: now)
    }

    @Test("A channel that is added while an episode is open is told of it once, and of its end")
    func added() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 0
        stage.script.set(5...8, 2)
        stage.scene.plan.channels = [rule("old")]
        try stage.deploy()
        for window in 4...5 { try await stage.check(window) }
        stage.scene.plan.channels = [
            rule("new"), rule("pager", [.breach, .recovered]), rule("cart"), rule("readiness", [.ready]),
        ]
        stage.scene.plan.channels[2].services = ["cart"]
        #expect(try await stage.checkTwice(6...8) == 0)
        for name in ["new", "pager"] { #expect(deliveries(stage, of: name) == [2], "\(name)") }
        for name in ["cart", "readiness"] { #expect(deliveries(stage, of: name).isEmpty, "\(name)") }
        for window in 9...11 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "recovered 5 <2"])
        for name in ["new", "pager"] { #expect(deliveries(stage, of: name) == [2, 3], "\(name)") }
        stage.scene.plan.channels = [rule("latest")]
        try await stage.check(12)
        #expect(deliveries(stage, of: "latest").isEmpty)
    }

    @Test("Whoever hears of reminders alone is told of the end of what it was reminded of")
    func remindersAlone() async throws {
        var stage = Stage()
        stage.scene.plan.remindEvery = 600
        stage.script.set(5...8, 2)
        stage.scene.plan.channels = [rule("late", [.reminder])]
        try stage.deploy()
        for window in 4...11 { try await stage.check(window) }
        #expect(try stage.told() == ["breach 5", "reminder 5 <2", "reminder 5 <2", "recovered 5 <2"])
        #expect(deliveries(stage, of: "late") == [3, 4, 5])
    }

    @Test("An opening that was refused waits again where nobody is reminded, as often as there would be a reminder")
    func refused() async throws {
        for (kinds, every, isTried) in [
            ([.breach, .recovered], 600, true), ([.breach, .reminder], 0, true), ([.breach, .reminder], 600, false),
        ] as [(Set<MessageKind>, Seconds, Bool)] {
            let ledger = MemoryLedger()
            var stage = Stage(ledger: ledger)
            stage.scene.plan.remindEvery = every
            stage.script.set(5...40, 2)
            stage.scene.plan.channels = [rule("pager", kinds)]
            try stage.deploy()
            for window in 4...5 { try await stage.check(window) }
            try settle(ledger, 2, "pager", as: .dead(reason: "400"), at: Stage.due(5))
            try await stage.check(6)
            #expect(try ledger.waiting(of: "pager").isEmpty)
            try await stage.check(every == 0 ? 17 : 7)
            let waiting = try ledger.waiting(of: "pager").map(\.message.kind)
            #expect(waiting == (isTried ? [.breach] : [.reminder]), "\(kinds), \(every)")
            guard isTried else { continue }
            let generation = try ledger.facts().generation
            try await stage.check(every == 0 ? 17 : 7)
            #expect(try ledger.facts().generation == generation)
        }
    }

    @Test("Nobody is told that a hotfix was ready that is completed")
    func completed() async throws {
        var stage = Stage()
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        stage.scene.plan.channels = [rule("chat")]
        try await stage.check(13)
        let ready = try #require(stage.messages(.ready).first).id
        #expect(deliveries(stage, of: "chat") == [ready])
        try stage.scene.ledger.record(.close(hotfix: 1, at: Stage.due(13)))
        stage.scene.plan.channels = [rule("other")]
        try await stage.check(14)
        #expect(deliveries(stage, of: "other").isEmpty)
    }
}
