import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Synchronization

/// What a source answers, as a test tells it while it goes; windows are numbered from the first deployment's.
final class Script: Sendable {
    private struct State {
        var observations: [String: [Int: Observation]] = [:]
        var failures: [(guardrail: String?, windows: ClosedRange<Int>)] = []
        var undue: Set<Int> = []
        var usual: [String: Observation] = [:]
    }

    private let state = Mutex(State())

    /// Makes windows have a value, of one guardrail or of `g`.
    func set(_ windows: ClosedRange<Int>, _ value: Double?, events: Double? = nil, of guardrail: String = "g") {
        set(windows, Observation(value: value, events: events), of: guardrail)
    }

    /// Makes windows have an observation.
    func set(_ windows: ClosedRange<Int>, _ observation: Observation, of guardrail: String = "g") {
        state.withLock { state in
            for window in windows { state.observations[guardrail, default: [:]][window] = observation }
        }
    }

    /// Makes all windows that were not set have an observation.
    func setUsual(_ observation: Observation, of guardrail: String = "g") {
        state.withLock { $0.usual[guardrail] = observation }
    }

    /// Makes windows unaskable, of one guardrail or of all.
    func fail(_ windows: ClosedRange<Int>, of guardrail: String? = nil) {
        state.withLock { $0.failures.append((guardrail, windows)) }
    }

    /// Makes windows not due, whatever the clock says.
    func holdBack(_ windows: Set<Int>) { state.withLock { $0.undue = windows } }

    /// Makes everything askable again.
    func heal() { state.withLock { $0.failures = [] } }

    func behaviour(_ ask: Ask, _ window: Int) -> ScriptedSource.Behaviour {
        state.withLock { state in
            let guardrail = ask.pair.guardrail
            if state.failures.contains(where: {
                ($0.guardrail ?? guardrail) == guardrail && $0.windows.contains(window)
            }) {
                return .fails(SourceError(.unreachable, "The source is down."))
            }
            if state.undue.contains(window) { return .notDue }
            var observation =
                state.observations[guardrail]?[window] ?? state.usual[guardrail]
                ?? Observation(value: 1, events: ask.countsEvents ? 100 : nil)
            if ask.purpose == .lookback { observation.outcomes = nil }
            return .answers(observation)
        }
    }
}

/// A scene of one service with a deployment on a fixed date: 5-minute windows, a look-back of one day, and a streak of an hour.
struct Stage {
    static let step = 300
    static let lookback = 86_400 / step
    static let deployedAt = Instant(text: "2026-11-10T08:00:00Z") ?? Instant(0)
    static let streak = Policy.Streak(required: 12 * step, longestGap: 4 * step)

    var scene: Scene
    let script: Script
    let source: ScriptedSource

    init(
        _ guardrails: [Guardrail] = [Stage.guardrail()], streak: Policy.Streak = Stage.streak,
        services: [String] = ["checkout"], from start: Instant = Stage.deployedAt,
        acceptsAnything: @escaping @Sendable (Ask) -> Bool? = { _ in nil }, ledger: any Ledger = MemoryLedger()
    ) {
        let script = Script()
        source = ScriptedSource(acceptsAnything: acceptsAnything) { ask, window in
            script.behaviour(ask, (window - start) / Stage.step)
        }
        self.script = script
        scene = Scene(source, guardrails: guardrails, streak: streak, services: services, ledger: ledger)
    }

    /// A guardrail named `g` of +25 % on the processor, with a look-back of one day.
    static func guardrail(
        _ name: String = "g", _ measure: BuiltInMeasure = .cpu, _ limits: [Limit] = [.relative(0.25)],
        change: (inout Guardrail) -> Void = { _ in }
    ) -> Guardrail {
        var guardrail = Guardrail(
            name: name, source: "scripted", measure: .builtIn(measure), limits: limits,
            baseline: BaselineRule(lookback: 86_400))
        change(&guardrail)
        return guardrail
    }

    /// The start of the window of this number.
    static func start(_ window: Int) -> Instant { deployedAt + window * step }

    /// The instant of the check that sees the window of this number as its newest.
    static func due(_ window: Int) -> Instant { start(window + 1) + 130 }

    /// Records a deployment at the start of a window.
    func deploy(_ window: Int = 0, recordedAt: Instant? = nil, newBaseline: String? = nil, services: [String]? = nil)
        throws
    {
        try scene.deploy(
            at: Stage.start(window), recordedAt: recordedAt ?? Stage.start(window), newBaseline: newBaseline,
            services: services)
    }

    /// Replaces the policy of every service.
    mutating func adopt(_ guardrails: [Guardrail], streak: Policy.Streak = Stage.streak) {
        for index in scene.watch.entries.indices {
            scene.watch.entries[index].policy = Policy(streak: streak, guardrails: guardrails)
        }
    }

    @discardableResult
    func check(_ window: Int) async throws -> CheckReport { try await scene.check(at: Stage.due(window)) }

    func readiness(_ window: Int, clock: Instant? = nil) throws -> Readiness {
        try scene.readiness(at: Stage.due(window), clock: clock)
    }

    /// The record of a window in the newest series of a guardrail.
    func record(_ window: Int, of guardrail: String = "g", service: String = "checkout") throws -> WindowRecord? {
        let series = try scene.ledger.facts().series.last { $0.pair == Pair(service, guardrail) }
        guard let series else { return nil }
        return try scene.ledger.timelines(from: [series.id: Stage.start(window)])[series.id]?[Stage.start(window)]
    }

    /// A window's verdict in words: `clean`, `unproven no-data`, `breach pending`, `missing`.
    func verdict(_ window: Int, of guardrail: String = "g") throws -> String {
        guard let verdict = try record(window, of: guardrail)?.verdict else { return "missing" }
        let reason = verdict.reason.map { " \($0.rawValue)" } ?? ""
        return verdict.verdict.rawValue + reason
            + (verdict.verdict == .breach && !verdict.isConfirmed ? " pending" : "")
    }

    /// State, first counted window and proven windows in words: `counting since 3, 5 proven`.
    func streak(_ window: Int) throws -> String {
        let readiness = try readiness(window)
        let reason = readiness.stateReason.map { " (\($0.rawValue))" } ?? ""
        let since = readiness.since.map { " since \(($0 - Stage.deployedAt) / Stage.step)" } ?? ""
        return "\(readiness.state.rawValue)\(reason)\(since), \(readiness.provenSeconds / Stage.step) proven"
    }

    /// How often a window was asked to be judged.
    func asks(_ window: Int, purpose: Ask.Purpose = .judging) -> Int {
        source.asks.count { $0.purpose == purpose && $0.span.contains(Stage.start(window)) }
    }

    func episodes() throws -> [String] {
        try scene.ledger.facts().episodes.sorted { $0.start < $1.start }.map { episode in
            "\((episode.start - Stage.deployedAt) / Stage.step) \(episode.ending?.rawValue ?? "open")"
        }
    }
}

extension Stage {
    /// The baseline that a window was held against.
    func baseline(_ window: Int) throws -> Double? {
        let facts = try scene.ledger.facts()
        switch try record(window)?.verdict?.basis.baseline {
        case .inline(let value, _): return value.number
        case .stored(let id): return facts.baselines.first { $0.id == id }?.value(at: Stage.start(window))?.number
        case .some(.none), nil: return nil
        }
    }
}
