/// Which policies and series a check works with: those in the ledger, and those it will add.
package struct Roster: Sendable {
    /// One service as it is watched now.
    package struct Entry: Sendable {
        /// The service and its policy.
        package var watch: Watch.Entry
        /// The policy as adopted.
        package var policy: PolicyVersion
        /// Its deployments.
        package var deployments: ServiceDeployments
    }

    /// Why a check cannot begin.
    package struct WindowChange: Error, Sendable, Hashable {
        /// The service.
        package var service: String
        /// The length of a window when its running deployment was first judged, in seconds.
        package var old: Seconds
        /// The length of a window in the policy now, in seconds.
        package var new: Seconds
    }

    /// The services, in the order of the configuration.
    package let entries: [Entry]
    /// What the ledger holds.
    package let facts: LedgerFacts
    /// What of it concerns each service that is watched.
    let slices: [String: LedgerFacts]
    /// How sources' data arrives.
    package let timings: [String: SourceTiming]
    /// The sources that may know which version of a service runs.
    package let versionSources: Set<String>
    /// The series that answers each pair; absent until it is defined.
    package private(set) var current: [Pair: SeriesState] = [:]
    /// Policy versions that the ledger does not hold yet.
    package private(set) var newPolicies: [PolicyVersion] = []
    /// Series that the ledger does not hold yet, or whose first judged window moved.
    package private(set) var changedSeries: [SeriesState] = []
    /// What was found out about running versions and the ledger does not hold yet.
    package internal(set) var newVersions: [VersionSeries] = []
    private let clock: Instant
    private var nextSeries: Int

    /// Holds the configuration against the ledger.
    ///
    /// - Parameters:
    ///   - watch: What is wanted.
    ///   - facts: What the ledger holds.
    ///   - clock: When the check runs: what is new is adopted then, whatever windows it judges.
    /// - Throws: `WindowChange` where the windows of a running deployment have another length than the policy's.
    package init(_ watch: Watch, _ facts: LedgerFacts, at clock: Instant) throws(WindowChange) {
        self.clock = clock
        self.facts = facts
        let slices = facts.slices(of: watch.entries.map(\.service.name))
        self.slices = slices
        timings = watch.timings
        versionSources = watch.versionSources
        nextSeries = (facts.series.map(\.id).max() ?? 0) + 1
        var nextPolicy = (facts.policies.map(\.id).max() ?? 0) + 1
        var entries: [Entry] = []
        for wanted in watch.entries {
            let name = wanted.service.name
            let slice = slices[name] ?? facts
            let adopted = slice.policies.last
            let version: PolicyVersion
            if let adopted, adopted.policy == wanted.policy {
                version = adopted
            } else {
                version = PolicyVersion(id: nextPolicy, service: name, policy: wanted.policy, adoptedAt: clock)
                newPolicies.append(version)
                nextPolicy += 1
            }
            let step = wanted.policy.window
            let deployments = ServiceDeployments(of: name, in: slice.deployments, step: step)
            let wasChecked = deployments.running.map { ($0.recordedAt, facts.lastCheck?.at ?? $0.recordedAt) }
            if let adopted, adopted.policy.window != step, let (recorded, checked) = wasChecked, checked > recorded {
                throw WindowChange(service: name, old: adopted.policy.window, new: step)
            }
            entries.append(Entry(watch: wanted, policy: version, deployments: deployments))
        }
        self.entries = entries
        for entry in entries {
            for guardrail in entry.watch.guardrails { adoptKnownSeries(of: guardrail, in: entry) }
        }
    }

    /// What has to be defined before it can be asked.
    package func wishes(at now: Instant) -> [SeriesWish] {
        entries.flatMap { entry in
            entry.watch.guardrails.compactMap { guardrail in
                let pair = Pair(entry.watch.service.name, guardrail.name)
                guard current[pair] == nil else { return nil }
                let step = entry.policy.policy.window
                return SeriesWish(
                    service: entry.watch.service, guardrail: guardrail, window: step,
                    at: newestDue(of: guardrail, step: step, at: now).end)
            }
        }
    }

    /// The services of which a check would adopt something that the ledger does not hold yet.
    var unsettledServices: Set<String> {
        Set(newPolicies.map(\.service) + changedSeries.map(\.pair.service) + newVersions.map(\.service))
    }

    /// The windows of the last 7 days, and since the open hotfix's first deployment, that should have a verdict, by series.
    func judgedSpans(of services: Set<String>, at now: Instant) -> [Int: Span] {
        let known = Set(facts.series.map(\.id))
        var spans: [Int: Span] = [:]
        for entry in entries where services.contains(entry.watch.service.name) {
            let step = entry.policy.policy.window
            for guardrail in entry.watch.guardrails {
                guard let series = current[Pair(entry.watch.service.name, guardrail.name)], known.contains(series.id)
                else { continue }
                let oldest = min(now - 7 * 86_400, entry.deployments.firstOpen?.at ?? now)
                spans[series.id] = Span(
                    start: max(series.judgedFrom, oldest), end: newestDue(of: guardrail, step: step, at: now).end,
                    step: step)
            }
        }
        return spans
    }

    /// Pins what was found for a pair.
    package mutating func pin(_ definition: SeriesDefinition, for wish: SeriesWish, at now: Instant) {
        guard let entry = entries.first(where: { $0.watch.service.name == wish.service.name }) else { return }
        let newest = newestDue(of: wish.guardrail, step: wish.window, at: now).start
        let series = SeriesState(
            id: nextSeries, pair: wish.pair, definition: definition,
            wish: ValueWish(wish.guardrail, of: wish.service, window: wish.window), window: wish.window,
            judgedFrom: entry.deployments.firstOpen?.at.floored(to: wish.window) ?? newest, createdAt: clock)
        nextSeries += 1
        current[wish.pair] = series
        changedSeries.append(series)
    }

    /// The newest window of a guardrail that is due.
    package func newestDue(of guardrail: Guardrail, step: Seconds, at now: Instant) -> Window {
        let settle = timings[guardrail.source]?.settle ?? SourceTiming.sentry.settle
        return Window(containing: now - settle - step, length: step)
    }

    private mutating func adoptKnownSeries(of guardrail: Guardrail, in entry: Entry) {
        let step = entry.policy.policy.window
        let pair = Pair(entry.watch.service.name, guardrail.name)
        let wish = ValueWish(guardrail, of: entry.watch.service, window: step)
        guard
            var series = slices[entry.watch.service.name]?.series.last(where: {
                $0.pair == pair && $0.window == step && $0.wish == wish
            })
        else { return }
        if let first = entry.deployments.firstOpen?.at.floored(to: step), first < series.judgedFrom {
            series.judgedFrom = first
            changedSeries.append(series)
        }
        current[pair] = series
    }
}
