import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Synchronization
import Testing

/// A random world: what the source would answer, what is watched, and what people record when.
struct World: Sendable {
    static let step = 1800
    static let start = Instant(text: "2026-11-02T00:00:00Z") ?? Instant(0)

    let guardrails: [Guardrail]
    let streak: Policy.Streak
    let windows: Int
    let deployments: [(window: Int, newBaseline: Bool)]
    let excluded: Interval?
    let values: [String: [Int: Observation]]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        streak = Policy.Streak(
            required: random.pick([6, 12, 20]) * Self.step, longestGap: random.pick([2, 4]) * Self.step,
            warmUp: random.pick([0, 0, Self.step, 2 * Self.step]))
        windows = 90
        let guardrails = (0..<Int.random(in: 1...3, using: &random)).map { World.guardrail($0, &random) }
        self.guardrails = guardrails
        var deployments: [(window: Int, newBaseline: Bool)] = []
        if random.happens(0.85) { deployments.append((Int.random(in: 3...30, using: &random), false)) }
        if random.happens(0.4) { deployments.append((Int.random(in: 31...60, using: &random), random.happens(0.5))) }
        self.deployments = deployments
        excluded =
            random.happens(0.3)
            ? Interval(start: Self.start - 20 * Self.step, end: Self.start - 12 * Self.step + 7) : nil
        var values: [String: [Int: Observation]] = [:]
        for guardrail in guardrails { values[guardrail.name] = World.values(windows, guardrail, &random) }
        self.values = values
    }

    private static func guardrail(_ index: Int, _ random: inout SeededGenerator) -> Guardrail {
        let measure = random.pick([BuiltInMeasure.cpu, .latencyP95, .sentryErrorRate])
        let limits: [Limit] = random.pick([
            [.relative(0.25)], [.relative(-0.2)], [.relative(0.2), .above(3)], [.below(0.5)], [.relative(0.25), .relative(-0.5)],
        ])
        let baseline = BaselineRule(
            lookback: 86_400, statistic: random.pick(BaselineRule.Statistic.allCases),
            anchor: random.pick([.deployment, .deployment, .rolling]), minimumCoverage: random.pick([0.3, 0.5, 0.9]),
            exclude: random.pick([[], [], [.breaches], [.deployments], [.breaches, .deployments]]))
        return Guardrail(
            name: "g\(index)", source: "scripted", measure: .builtIn(measure), limits: limits,
            minimumEvents: measure == .latencyP95 ? random.pick([nil, 3]) : nil,
            floor: limits.contains(where: \.isRelative) ? random.pick([nil, nil, 0.9]) : nil,
            confirm: random.pick([.init(), .init(breaching: 2, of: 3), .init(breaching: 3, of: 4)]),
            severe: random.pick([nil, 1.5]), noData: random.pick([.unproven, .unproven, .breach]),
            recoverAfter: random.pick([1, 2, 3]), baseline: baseline)
    }

    private static func values(
        _ windows: Int, _ guardrail: Guardrail, _ random: inout SeededGenerator
    ) -> [Int: Observation] {
        var values: [Int: Observation] = [:]
        var mood = 0
        for index in -110..<windows {
            if random.happens(0.12) { mood = Int.random(in: 0...5, using: &random) }
            var value: Double? = 1 + random.share() * 0.2
            var events: Double? = 10
            switch mood {
            case 1: value = 1.35 + random.share()
            case 2: value = random.share() * 0.8
            case 3: value = nil
            case 4:
                value = nil
                events = 0
            case 5: value = 0
            default: break
            }
            let outcomes = Observation.Outcomes(
                acceptedAny: random.happens(0.7), acceptedErrors: 100, droppedErrors: random.happens(0.05) ? 30 : 0)
            values[index] = Observation(
                value: value, events: guardrail.measure.traits.countsEvents ? events : nil,
                outcomes: guardrail.measure.traits.isErrorCount ? outcomes : nil)
        }
        return values
    }

    static func due(_ window: Int) -> Instant { start + (window + 1) * step + 125 }

    func source(failing: @escaping @Sendable (Ask) -> Bool = { _ in false }) -> ScriptedSource {
        ScriptedSource(timing: SourceTiming(settle: 120, recheck: 2 * Self.step)) { [values] ask, window in
            if failing(ask) { return .fails(SourceError(.unreachable, "The source is down.")) }
            var observation = values[ask.pair.guardrail]?[(window - Self.start) / Self.step] ?? Observation(value: nil)
            if ask.purpose == .lookback { observation.outcomes = nil }
            return .answers(observation)
        }
    }

    func scene(_ source: ScriptedSource) throws -> Scene {
        let scene = Scene(source, guardrails: guardrails, window: Self.step, streak: streak)
        if let excluded {
            try scene.ledger.record(
                .exclusion(Exclusion(id: 0, interval: excluded, reason: "load test", recordedAt: Self.start)))
        }
        return scene
    }

    /// Runs the agent at the windows named; deployments are recorded at their time whether it runs or not.
    func run(_ scene: Scene, checking checks: Set<Int>, _ check: (Scene, Instant) async throws -> Void) async throws {
        for window in 0..<windows {
            for deployment in deployments where deployment.window == window {
                try scene.deploy(
                    at: Self.start + window * Self.step + 700, newBaseline: deployment.newBaseline ? "anew" : nil)
            }
            if checks.contains(window) { try await check(scene, Self.due(window)) }
        }
    }
}

/// What of a ledger must not depend on when it was filled.
struct LedgerContent: Equatable {
    struct Window: Equatable {
        var start: Instant
        var observation: Observation
        var verdict: Verdict
        var reason: Reason?
        var isSevere: Bool
        var isConfirmed: Bool
        var baseline: BaselineValue?
    }

    var windows: [String: [Window]] = [:]
    var episodes: [Episode]
    var readiness: Readiness

    init(_ scene: Scene, at now: Instant) throws {
        let facts = try scene.ledger.facts()
        episodes = facts.episodes.sorted { ($0.pair, $0.start) < ($1.pair, $1.start) }
        readiness = try scene.readiness(at: now)
        for series in facts.series {
            let timeline = try scene.ledger.timelines(from: [series.id: Instant(0)])[series.id]
            windows[series.pair.guardrail] = (timeline.map { Array($0.entries) } ?? []).compactMap { start, record in
                guard let verdict = record.verdict else { return nil }
                let baseline: BaselineValue? =
                    switch verdict.basis.baseline {
                    case .none: nil
                    case .inline(let value, _): value
                    case .stored(let id): facts.baselines.first { $0.id == id }?.value(at: start)
                    }
                return Window(
                    start: start, observation: record.observation, verdict: verdict.verdict, reason: verdict.reason,
                    isSevere: verdict.isSevere, isConfirmed: verdict.isConfirmed, baseline: baseline)
            }
        }
    }

    /// The first difference in words, nil where there is none.
    func difference(from other: LedgerContent) -> String? {
        for name in windows.keys.sorted() {
            let mine = windows[name] ?? []
            let theirs = other.windows[name] ?? []
            for (left, right) in zip(mine, theirs) where left != right { return "\(name): \(left)\n  against \(right)" }
            if mine.count != theirs.count { return "\(name): \(mine.count) windows against \(theirs.count)" }
        }
        if episodes != other.episodes { return "episodes \(episodes)\n  against \(other.episodes)" }
        if readiness != other.readiness {
            let mine = "\(readiness)"
            let theirs = "\(other.readiness)"
            let same = zip(mine, theirs).prefix { $0 == $1 }.count
            let from = max(0, same - 60)
            return "readiness …\(mine.dropFirst(from).prefix(160))\n  against …\(theirs.dropFirst(from).prefix(160))"
        }
        return nil
    }
}

@Suite("The law holds however the agent ran")
struct LawProperties {
    @Test("Window by window, in one go, at random or after failures: the same ledger", arguments: 0..<40)
    func sameLedger(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let now = World.due(last)

        let steady = try world.scene(world.source())
        try await world.run(steady, checking: Set(0...last)) { try await $0.check(at: $1) }
        let expected = try LedgerContent(steady, at: now)
        #expect(expected.windows.values.contains { !$0.isEmpty })

        let inOneGo = try world.scene(world.source())
        try await world.run(inOneGo, checking: [0, last]) { try await $0.check(at: $1) }
        let inOneGoDifference = try LedgerContent(inOneGo, at: now).difference(from: expected)
        #expect(inOneGoDifference == nil)

        var random = SeededGenerator(seed: UInt64(seed) &+ 1000)
        let some = Set((0...last).filter { _ in random.happens(0.3) }).union([0, last])
        let atRandom = try world.scene(world.source())
        try await world.run(atRandom, checking: some) { try await $0.check(at: $1) }
        let atRandomDifference = try LedgerContent(atRandom, at: now).difference(from: expected)
        #expect(atRandomDifference == nil)

        let isDown = Mutex(Set<String>())
        let flaky = try world.scene(world.source { ask in isDown.withLock { $0.contains(ask.pair.guardrail) } })
        try await world.run(flaky, checking: Set(0...last)) { scene, at in
            let isLast = at == World.due(last) || at == World.due(0)
            let down = Set(world.guardrails.map(\.name).filter { _ in !isLast && random.happens(0.4) })
            isDown.withLock { $0 = down }
            try await scene.check(at: at)
        }
        let flakyDifference = try LedgerContent(flaky, at: now).difference(from: expected)
        #expect(flakyDifference == nil)
    }

    @Test("Evaluating again with the same answers leaves the ledger as it was", arguments: 200..<206)
    func idempotent(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let scene = try world.scene(world.source())
        try await world.run(scene, checking: Set(0..<world.windows)) { scene, at in
            try await scene.check(at: at)
            let before = try scene.ledger.facts()
            let report = try await scene.check(at: at)
            #expect(report.windowsJudged == 0)
            #expect(try scene.ledger.facts().generation == before.generation)
        }
    }

    @Test("Two agents at once leave the ledger of one", arguments: 300..<306)
    func twoAgents(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let alone = try world.scene(world.source())
        try await world.run(alone, checking: Set(0...last)) { try await $0.check(at: $1) }
        let both = try world.scene(world.source())
        try await world.run(both, checking: Set(0...last)) { scene, at in
            async let first = scene.check(at: at)
            async let second = scene.check(at: at)
            _ = try await (first, second)
        }
        let now = World.due(last)
        let difference = try LedgerContent(both, at: now).difference(from: try LedgerContent(alone, at: now))
        #expect(difference == nil)
    }
}
