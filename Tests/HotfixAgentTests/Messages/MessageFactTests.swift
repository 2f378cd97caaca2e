import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("What messages say, and to whom")
struct MessageFactTests {
    @Test("A breach is told with its window, what it was held against, the hotfix and what its streak lost")
    func breach() async throws {
        var stage = Stage([
            Stage.guardrail {
                $0.severity = .error
                $0.unit = "cores"
                $0.link = "https://runbook.example/cpu"
            }
        ])
        stage.scene.watch.entries[0].service.environment = "production"
        stage.scene.plan = MessagePlan { pair, definition, seen in
            let start = (seen.start - Stage.deployedAt) / Stage.step
            return [
                MessageLink(
                    label: "graph",
                    url: "https://graph.example/\(pair?.description ?? "hotfix")/\(definition?.query ?? "")/\(start)")
            ]
        }
        stage.script.set(5...5, 1.5)
        try stage.deploy()
        for window in 4...5 { try await stage.check(window) }
        let facts = try #require(stage.messages(.breach).first?.facts)
        #expect(facts.ledgerID == "memory" && facts.service == "checkout" && facts.guardrail == "g")
        #expect(facts.environment == "production" && facts.severity == .error)
        #expect(
            facts.window
                == MessageFacts.WindowFacts(
                    start: Stage.start(5), end: Stage.start(6), value: 1.5, unit: "cores", baseline: 1,
                    baselineWindows: 288, limit: 1.25, isLimitAbove: true, query: "prometheus/cpu of checkout"))
        #expect(facts.hotfix?.commit == String(repeating: "a", count: 40) && facts.hotfix?.deployment == 1)
        #expect(
            facts.streak
                == MessageFacts.StreakFacts(
                    lostSeconds: 5 * Stage.step, provenSeconds: 0, requiredSeconds: 12 * Stage.step,
                    since: Stage.start(6), earliestReady: Stage.start(18)))
        #expect(
            facts.links.map(\.url) == [
                "https://graph.example/checkout/g/prometheus/cpu of checkout/-66", "https://runbook.example/cpu",
            ])
        let plot = try #require(facts.plot)
        #expect(plot.end == Stage.start(6) && plot.points.count == 72)
        #expect(plot.points.last?.outcome == .breach && plot.points.allSatisfy { $0.value != nil })
        #expect(facts.episode?.id == "checkout/g/\(Stage.start(5))")
    }

    @Test("The end of an episode is told with its worst window, also where it lies beyond what a check loads")
    func worstWindow() async throws {
        let stage = Stage()
        stage.script.set(5...5, 3)
        stage.script.set(6...400, 2)
        try stage.deploy()
        for window in [4, 5, 300, 400, 401, 402] { try await stage.check(window) }
        let facts = try #require(stage.messages(.recovered).first?.facts)
        #expect(facts.window?.start == Stage.start(5) && facts.window?.value == 3)
        #expect(facts.streak?.lostSeconds == 5 * Stage.step)
        #expect(facts.plot?.end == Stage.start(6))
        #expect(facts.plot?.points.allSatisfy { $0.value == 1 || $0.value == 3 } == true)
        #expect(facts.plot?.points.last?.outcome == .breach)
    }

    @Test("The absence of a value that is a breach is told as such")
    func noValue() async throws {
        let stage = Stage([Stage.guardrail { $0.noData = .breach }])
        stage.script.set(5...5, nil)
        try stage.deploy()
        for window in 4...7 { try await stage.check(window) }
        let facts = stage.messages(.breach).map(\.facts) + stage.messages(.recovered).map(\.facts)
        #expect(facts.map(\.window?.start) == [Stage.start(5), Stage.start(5)])
        #expect(facts.allSatisfy { $0.window?.value == nil })
    }

    @Test("What was excused or corrected has lost nothing")
    func nothingLost() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        for window in 4...5 { try await stage.check(window) }
        #expect(stage.messages(.breach).first?.facts.streak?.lostSeconds == 5 * Stage.step)
        stage.script.set(5...5, 1)
        try await stage.check(6)
        #expect(stage.messages(.corrected).first?.facts.streak?.lostSeconds == nil)
        #expect(stage.messages(.corrected).first?.facts.streak?.provenSeconds == 7 * Stage.step)
    }

    @Test("The end is told to whoever had to be told of the beginning, whatever the configuration says by then")
    func deliveries() async throws {
        var stage = Stage()
        let recovered: Set<MessageKind> = [.recovered]
        stage.scene.plan.channels = [
            ChannelRule(name: "pager", kinds: [.breach], isToldOfThePast: false),
            ChannelRule(name: "chat", kinds: recovered),
        ]
        stage.script.set(5...5, 2)
        stage.script.set(10...10, 2)
        try stage.deploy()
        for window in 4...5 { try await stage.check(window) }
        #expect(try stage.scene.ledger.facts().deliveries == [NewDelivery(message: 2, channel: "pager")])
        stage.scene.plan.channels[0].kinds = []
        stage.scene.plan.channels[1].kinds = [.breach]
        try await stage.check(6)
        let report = try await stage.check(7)
        #expect(report.messages.map(\.kind) == [.recovered])
        // Whoever wants the beginning from now on is told of it while it lasts, and then of the end.
        let told = ["pager", "chat", "pager", "chat"]
        #expect((stage.scene.ledger as? MemoryLedger)?.deliveries.map(\.channel) == told)
        // What was over before is told by its end to those who wanted either, and are told of the past.
        try await stage.check(20)
        #expect((stage.scene.ledger as? MemoryLedger)?.deliveries.map(\.channel) == told + ["chat"])
    }

    @Test("Where there is nothing to tell, nothing more is loaded")
    func nothingLoaded() async throws {
        let stage = Stage()
        stage.script.set(5...5, 2)
        try stage.deploy()
        for window in 4...30 { try await stage.check(window) }
        let planner = MessagePlanner(
            before: try stage.scene.ledger.facts(), after: try stage.scene.snapshot(at: Stage.due(30)),
            plan: MessagePlan(), at: Stage.due(30), clock: Stage.due(30))
        #expect(planner.wantedStarts.isEmpty)
        #expect(planner.planned() == PlannedMessages())
    }
}
