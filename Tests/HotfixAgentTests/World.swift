import HotfixAgent
import HotfixCore
import HotfixTestSupport

/// A random world: what the source would answer, what is watched, and what people record when.
struct World: Sendable {
    /// The length of a window in seconds.
    static let step = 1800
    static let start = Instant(text: "2026-11-02T00:00:00Z") ?? Instant(0)

    let guardrails: [Guardrail]
    let streak: Policy.Streak
    let windows: Int
    let deployments: [(window: Int, newBaseline: Bool)]
    let excluded: Interval?
    let values: [String: [Int: Observation]]
    /// The versions seen in each window; nil where no source knows them.
    let versions: [Int: Set<String>]?

    /// Makes the world of a seed.
    ///
    /// - Parameters:
    ///   - seed: What decides everything in it.
    ///   - confirmsAtOnce: Whether no breach is ever pending.
    ///   - isDeployed: Whether there is a deployment in any case.
    init(seed: UInt64, confirmsAtOnce: Bool = false, isDeployed: Bool = false) {
        var random = SeededGenerator(seed: seed)
        streak = Policy.Streak(
            required: random.pick([6, 12, 20]) * Self.step, longestGap: random.pick([2, 4]) * Self.step,
            warmUp: random.pick([0, 0, Self.step, 2 * Self.step]))
        windows = 90
        let guardrails = (0..<Int.random(in: 1...3, using: &random)).map { index in
            var guardrail = World.guardrail(index, &random)
            if confirmsAtOnce { guardrail.confirm = .init() }
            return guardrail
        }
        self.guardrails = guardrails
        var deployments: [(window: Int, newBaseline: Bool)] = []
        let happened = random.happens(0.85)
        if happened || isDeployed { deployments.append((Int.random(in: 3...30, using: &random), false)) }
        if random.happens(0.4) { deployments.append((Int.random(in: 31...60, using: &random), random.happens(0.5))) }
        self.deployments = deployments
        excluded =
            random.happens(0.3)
            ? Interval(start: Self.start - 20 * Self.step, end: Self.start - 12 * Self.step + 7) : nil
        var values: [String: [Int: Observation]] = [:]
        for guardrail in guardrails { values[guardrail.name] = World.values(windows, guardrail, &random) }
        self.values = values
        versions = seed.isMultiple(of: 2) ? World.versions(seed, windows, deployments.map(\.window)) : nil
    }

    /// The version of a deployment, by its position.
    static func version(_ deployment: Int) -> String { "1.2.\(deployment + 4)" }

    /// What may run beside a deployment, by its position.
    static func beside(_ deployment: Int) -> [String] { deployment == 0 ? ["blue"] : [] }

    private static func versions(_ seed: UInt64, _ windows: Int, _ deployments: [Int]) -> [Int: Set<String>] {
        var random = SeededGenerator(seed: seed &+ 7_000_000)
        var versions: [Int: Set<String>] = [:]
        var mood = 0
        for window in -110..<windows {
            if random.happens(0.1) { mood = Int.random(in: 0...9, using: &random) }
            let deployment = deployments.lastIndex { $0 <= window }
            let usual = deployment.map(version) ?? "1.2.3"
            versions[window] =
                switch mood {
                case 1: []
                case 2: ["1.2.3"]
                case 3: [usual, "1.2.3"]
                case 4: [usual, "blue"]
                case 5: ["v\(usual)"]
                default: [usual]
                }
        }
        return versions
    }

    private static func guardrail(_ index: Int, _ random: inout SeededGenerator) -> Guardrail {
        let measure = random.pick([BuiltInMeasure.cpu, .latencyP95, .sentryErrorRate])
        let limits: [Limit] = random.pick([
            [.relative(0.25)], [.relative(-0.2)], [.relative(0.2), .above(3)], [.below(0.5)],
            [.relative(0.25), .relative(-0.5)],
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

    /// The instant of the check that sees the window of this number as its newest.
    static func due(_ window: Int) -> Instant { start + (window + 1) * step + 125 }

    /// The source; `failing` says of which window, by its number, it cannot be asked.
    func source(failing: @escaping @Sendable (Ask, Int) -> Bool = { _, _ in false }) -> ScriptedSource {
        ScriptedSource(timing: SourceTiming(settle: 120, recheck: 2 * Self.step)) { [values] ask, window in
            let number = (window - Self.start) / Self.step
            if failing(ask, number) { return .fails(SourceError(.unreachable, "The source is down.")) }
            var observation = values[ask.pair.guardrail]?[number] ?? Observation(value: nil)
            if ask.purpose == .lookback { observation.outcomes = nil }
            return .answers(observation)
        }
    }

    /// A scene of the world; `failing` says whether the versions of a window, by its number, cannot be asked.
    func scene(
        _ source: ScriptedSource, ledger: any Ledger = MemoryLedger(),
        failing: @escaping @Sendable (Int) -> Bool = { _ in false }
    ) throws -> Scene {
        var scene = Scene(source, guardrails: guardrails, window: Self.step, streak: streak, ledger: ledger)
        if let versions {
            let known = ScriptedVersions(timing: SourceTiming(settle: 120, recheck: 2 * Self.step)) { _, window in
                let number = (window - Self.start) / Self.step
                if failing(number) { return .fails(SourceError(.unreachable, "The source is down.")) }
                return .saw(versions[number] ?? [])
            }
            scene.watchVersions(at: known)
        }
        if let excluded {
            try scene.ledger.record(
                .exclusion(Exclusion(id: 0, interval: excluded, reason: "load test", recordedAt: Self.start)))
        }
        return scene
    }

    /// Runs the agent at the windows named; deployments are recorded at their time whether it runs or not.
    func run(_ scene: Scene, checking checks: Set<Int>, _ check: (Scene, Instant) async throws -> Void) async throws {
        for window in 0..<windows {
            for (index, deployment) in deployments.enumerated() where deployment.window == window {
                try scene.deploy(
                    at: Self.start + window * Self.step + 700, version: versions == nil ? nil : Self.version(index),
                    beside: Self.beside(index), newBaseline: deployment.newBaseline ? "anew" : nil)
            }
            if checks.contains(window) { try await check(scene, Self.due(window)) }
        }
    }
}
