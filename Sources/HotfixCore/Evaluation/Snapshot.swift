/// Everything that planning and evaluating work on: yesterday, loaded once and handed in.
package struct Snapshot: Sendable {
    /// Which windows are loaded beside those that deciding needs: the newest with a verdict is always among these.
    package enum Reach: Sendable, Hashable {
        /// Those from an instant on.
        case to(Instant)
        /// Those of so many seconds before them.
        case further(Seconds)
    }

    /// What the ledger holds beside the windows.
    package var facts: LedgerFacts
    /// The services, in the order of the configuration.
    package var services: [ServiceSnapshot]
    /// What the ledger will hold when this snapshot's additions are committed.
    package var pending: Outcome

    /// Loads what a check needs.
    ///
    /// - Parameters:
    ///   - roster: Policies and series.
    ///   - ledger: Where windows are read.
    ///   - now: The instant of the check.
    ///   - reach: For services by name, the windows of longer ago that are wanted beside those that deciding needs.
    ///   - digests: What windows came to, of this state of the ledger: where one holds, the windows of its service are not read.
    /// - Throws: `LedgerError`.
    package init(
        _ roster: Roster, from ledger: any Ledger, at now: Instant, reach: [String: Reach] = [:],
        digests: [ServiceDigest] = []
    ) throws {
        facts = roster.facts
        pending = Outcome(at: now)
        pending.policies = roster.newPolicies
        pending.series = roster.changedSeries
        pending.versions = roster.newVersions
        facts.versions.take(roster.newVersions)
        facts.policies += roster.newPolicies
        facts.series.take(roster.changedSeries)
        var digests = Dictionary(digests.map { ($0.service, $0) }) { $1 }
        for name in reach.keys { digests[name] = nil }
        for name in roster.unsettledServices { digests[name] = nil }
        var gaps: [Int: Instant] = [:]
        var services = roster.entries.map { ServiceSnapshot($0, roster: roster, gaps: gaps, at: now) }
        for index in services.indices {
            guard let digest = digests[services[index].name], digest.holds(at: now),
                digest.basis == services[index].digestBasis
            else { continue }
            services[index].kept = digest
        }
        let read = services.indices.filter { services[$0].kept == nil }
        let names = Set(read.map { services[$0].name })
        gaps = try ledger.oldestGaps(in: roster.judgedSpans(of: names, at: now))
        for index in read where !gaps.isEmpty {
            services[index] = ServiceSnapshot(roster.entries[index], roster: roster, gaps: gaps, at: now)
        }
        for index in read {
            if let reach = reach[services[index].name] { services[index].widen(reach) }
        }
        var starts: [Int: Instant] = [:]
        for service in read.map({ services[$0] }) {
            for pair in service.pairs { starts.merge(pair.wantedStarts) { min($0, $1) } }
        }
        let known = Set(roster.facts.series.map(\.id))
        let timelines = try ledger.timelines(from: starts.filter { known.contains($0.key) })
        for index in read { services[index].take(timelines) }
        let wider = read.flatMap { services[$0].widened() }.filter { known.contains($0.key) }
        if !wider.isEmpty {
            let more = try ledger.timelines(from: Dictionary(wider) { min($0, $1) })
            for index in read { services[index].take(more) }
        }
        self.services = services
    }
}

/// One service with its deployments and its policies.
package struct ServiceContext: Sendable {
    /// The service.
    package let service: Service
    /// Its policy as adopted.
    package let policy: PolicyVersion
    /// All versions of its policy, by number.
    package let policies: [Int: PolicyVersion]
    /// Its deployments.
    package let deployments: ServiceDeployments
    /// What the streak must reach: the strictest of the policies since the running deployment was recorded.
    package let streakRule: Policy.Streak
    /// The longest gap that confirmation reaches across: the longest of those policies, since the farther the stricter.
    package let confirmationGap: Seconds
    /// What is left out of look-backs, as far as it concerns the service.
    package let exclusions: [Exclusion]

    /// The length of a window in seconds.
    package var step: Seconds { policy.policy.window }

    init(_ entry: Roster.Entry, facts: LedgerFacts) {
        let name = entry.watch.service.name
        service = entry.watch.service
        policy = entry.policy
        deployments = entry.deployments
        let versions = facts.policies.filter { $0.service == name && $0.id != entry.policy.id } + [entry.policy]
        policies = Dictionary(versions.map { ($0.id, $0) }) { $1 }
        let rules = streakRules(versions, since: entry.deployments.running?.recordedAt)
        streakRule = strictest(rules)
        confirmationGap = rules.map(\.longestGap).max() ?? streakRule.longestGap
        exclusions = facts.exclusions.filter { $0.service == nil || $0.service == name }
    }
}

/// One service with the windows of its guardrails.
package struct ServiceSnapshot: Sendable {
    /// The service.
    package let context: ServiceContext
    /// Its guardrails: the configured ones in the order of the policy, then those that the configuration dropped.
    package var pairs: [PairSnapshot]
    /// The streaks of it that were asked once more, in the order recorded.
    package internal(set) var confirmations: [Confirmation]
    /// What its windows come to, where that is known: from the evaluation that gave this snapshot, or from the ledger, which keeps
    /// it so that the windows need not be read; then its guardrails have no records here.
    package internal(set) var kept: ServiceDigest?
    /// What is known of its running version; nil where its running deployment has none.
    package var versions: VersionWatch?

    /// The service's name.
    package var name: String { context.service.name }

    init(_ entry: Roster.Entry, roster: Roster, gaps: [Int: Instant], at now: Instant) {
        let name = entry.watch.service.name
        let facts = roster.slices[name] ?? roster.facts
        context = ServiceContext(entry, facts: facts)
        confirmations = facts.confirmations
        let versions = context.policies.values.sorted { $0.id < $1.id }
        let configured = entry.watch.guardrails
        let context = self.context
        let watched = configured.map { guardrail in
            PairSnapshot(guardrail, isDropped: false, of: context, roster: roster, facts: facts, gaps: gaps, at: now)
        }
        let names = Set(configured.map(\.name))
        let counted = Set(
            (entry.deployments.running.map { facts.pairs(countedBy: $0, of: name) } ?? []).map(\.guardrail))
        let dropped = counted.subtracting(names).sorted().map { guardrail in
            let known = versions.last { $0.policy.guardrail(guardrail) != nil }?.policy.guardrail(guardrail)
            return PairSnapshot(
                known ?? Guardrail(name: guardrail, source: "", measure: .query(OwnQuery(text: "")), limits: []),
                isDropped: true, of: context, roster: roster, facts: facts, gaps: gaps, at: now)
        }
        pairs = watched + dropped
        self.versions = VersionWatch(context, roster: roster)
    }

    mutating func widen(_ reach: Snapshot.Reach) {
        for index in pairs.indices { pairs[index].widen(reach) }
    }

    mutating func take(_ timelines: [Int: Timeline]) {
        for index in pairs.indices { pairs[index].take(timelines) }
    }

    /// The series of which more has to be loaded than at first seemed, each with the oldest window start wanted.
    mutating func widened() -> [(key: Int, value: Instant)] {
        pairs.indices.compactMap { index in
            guard pairs[index].widen(), let id = pairs[index].series?.id else { return nil }
            return pairs[index].wantedStarts[id].map { (id, $0) }
        }
    }
}

/// The streak rules that were in force since an instant, the newest last; nil means that only the newest is.
private func streakRules(_ versions: [PolicyVersion], since: Instant?) -> [Policy.Streak] {
    guard let since else { return versions.suffix(1).map(\.policy.streak) }
    let firstInForce = versions.lastIndex { $0.adoptedAt <= since } ?? 0
    return versions[firstInForce...].map(\.policy.streak)
}

/// The strictest of several streak rules: the longest time, the shortest gap, the longest warm-up.
private func strictest(_ rules: [Policy.Streak]) -> Policy.Streak {
    guard let newest = rules.last else { return Policy.Streak() }
    return rules.reduce(newest) { strict, rule in
        Policy.Streak(
            required: max(strict.required, rule.required), longestGap: min(strict.longestGap, rule.longestGap),
            warmUp: max(strict.warmUp, rule.warmUp))
    }
}
