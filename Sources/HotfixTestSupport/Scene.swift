package import HotfixAgent
package import HotfixCore
import Logging

/// A ledger, sources and a configuration, with the agent run against them at chosen instants.
package struct Scene: Sendable {
    /// What is watched; may change between checks.
    package var watch: Watch
    /// The sources.
    package var sources: [any MetricSource]
    /// The ledger.
    package var ledger: any Ledger
    /// Who is told what; may change between checks.
    package var plan = MessagePlan()

    /// Makes a scene.
    package init(watch: Watch, sources: [any MetricSource], ledger: any Ledger = MemoryLedger()) {
        self.watch = watch
        self.sources = sources
        self.ledger = ledger
    }

    /// Makes a scene of one service `checkout` with some guardrails of one scripted source.
    package init(
        _ source: ScriptedSource, guardrails: [Guardrail], window: Seconds = 300, streak: Policy.Streak = .init(),
        services: [String] = ["checkout"], ledger: any Ledger = MemoryLedger()
    ) {
        let policy = Policy(window: window, streak: streak, guardrails: guardrails)
        let entries = services.map {
            Watch.Entry(service: Service(name: $0, bindings: [source.name: ["service": $0]]), policy: policy)
        }
        self.init(
            watch: Watch(entries: entries, timings: [source.name: source.timing]), sources: [source], ledger: ledger)
    }

    /// Runs one check.
    @discardableResult
    package func check(
        at now: Instant, clock: Instant? = nil, isDryRun: Bool = false
    ) async throws -> CheckReport {
        var logger = Logger(label: "scene") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return try await Check(ledger: ledger, sources: sources, watch: watch, plan: plan, logger: logger).run(
            at: now, clock: clock, isDryRun: isDryRun)
    }

    /// Runs a check every five minutes, 130 s after the boundary.
    package func checks(from: Instant, to: Instant, every step: Seconds = 300) async throws {
        var now = from.floored(to: step) + 130
        while now <= to {
            try await check(at: now)
            now = now + step
        }
    }

    /// Loads what the ledger holds.
    package func snapshot(at now: Instant) throws -> Snapshot {
        var facts = try ledger.facts()
        facts.deployments = facts.deployments.filter { $0.at <= now }
        return try Snapshot(try Roster(watch, facts, at: now), from: ledger, at: now)
    }

    /// Asks for readiness.
    package func readiness(at now: Instant, clock: Instant? = nil, maxAge: Seconds? = nil) throws -> Readiness {
        try snapshot(at: now).readiness(at: now, clock: clock ?? now, maxAge: maxAge)
    }

    /// Adds a source that knows which versions run, for every service.
    package mutating func watchVersions(at source: ScriptedVersions) {
        for index in watch.entries.indices {
            let name = watch.entries[index].service.name
            watch.entries[index].service.bindings[source.name] = ["service": name]
        }
        watch.timings[source.name] = source.timing
        watch.versionSources.insert(source.name)
        sources.append(source)
    }

    /// Records a deployment of all services.
    package func deploy(
        at: Instant, recordedAt: Instant? = nil, commit: String = String(repeating: "a", count: 40),
        version: String? = nil, beside: [String] = [], newBaseline: String? = nil, incident: Interval? = nil,
        services: [String]? = nil
    ) throws {
        let names = services ?? watch.entries.map(\.service.name)
        let recorded = recordedAt ?? at
        let exclusions = incident.map {
            [Exclusion(id: 0, interval: $0, reason: "incident", recordedAt: recorded)]
        }
        try ledger.record(
            .deployment(
                Deployment(
                    id: 0, hotfix: 0, branch: "release/hotfix", commit: commit, version: version,
                    beside: beside, at: at, recordedAt: recorded, services: names,
                    pairs: watch.pairs.filter { names.contains($0.service) },
                    incident: incident == nil ? .none : .named, newBaselineReason: newBaseline),
                excluding: exclusions ?? []))
    }
}
