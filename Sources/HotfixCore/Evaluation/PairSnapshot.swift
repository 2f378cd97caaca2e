/// One guardrail of one service with the windows that deciding needs.
package struct PairSnapshot: Sendable {
    /// The names of service and guardrail.
    package let pair: Pair
    /// The rule; for a dropped guardrail the last one known.
    package let guardrail: Guardrail
    /// Whether the configuration dropped it, though a deployment or an open episode still counts on it.
    package let isDropped: Bool
    /// Whether its absence was accepted.
    package let isAccepted: Bool
    /// How its source's data arrives.
    package let timing: SourceTiming
    /// The query that answers it; nil until it is defined, and for a dropped guardrail.
    package var series: SeriesState?
    /// The windows of that query.
    package var records: Timeline
    /// The windows of the queries that it had before: what they breached, they breached.
    package var previous: [Timeline] = []
    /// The baselines stored for the series.
    package var baselines: [StoredBaseline]
    /// The episodes that the ledger knows.
    package var episodes: [Episode]
    /// What was excused.
    package let excusals: [Excusal]
    /// The start of the first window whose confirmation and episodes are decided here.
    package let decidedFrom: Instant
    /// The start of the running deployment's window, from which earlier queries and policies still count.
    package let runningFrom: Instant?
    /// For each series by its number, the oldest window start that is wanted.
    private(set) var wantedStarts: [Int: Instant]
    /// Whether the ledger holds windows of the series before `loadedFrom`, which were not loaded.
    let isKnown: Bool
    /// The series whose windows `records` are: the current one, and for a dropped guardrail the last one that it had.
    private let ruling: Int?
    private let lookbackStart: Instant
    private let firstAnchor: Instant?

    init(
        _ guardrail: Guardrail, isDropped: Bool, of context: ServiceContext, roster: Roster, facts: LedgerFacts,
        gaps: [Int: Instant], at now: Instant
    ) {
        let pair = Pair(context.service.name, guardrail.name)
        let step = context.step
        self.pair = pair
        self.guardrail = guardrail
        self.isDropped = isDropped
        let deployments = context.deployments
        isAccepted = facts.isAccepted(pair, since: deployments.running?.recordedAt)
        timing = roster.timings[guardrail.source] ?? .sentry
        let current = roster.current[pair]
        series = current
        isKnown = facts.series.contains { $0.id == current?.id }
        let known = facts.series.filter { $0.pair == pair && $0.window == step }
        let latest = known.last { $0.wish.isWish(of: guardrail, window: step) } ?? known.last
        let ruling = current?.id ?? (isDropped ? latest?.id : nil)
        self.ruling = ruling
        episodes = facts.episodes.filter { $0.pair == pair }.sorted { $0.start < $1.start }
        excusals = facts.excusals.filter { $0.pair == pair }
        runningFrom = deployments.running?.at.floored(to: step)
        let reach = BreachFold.reach(of: guardrail, step: step, longestGap: context.confirmationGap)
        let changing = min(
            (now - PairSnapshot.memory).floored(to: step), deployments.firstOpen?.at.floored(to: step) ?? now,
            current.flatMap { gaps[$0.id] } ?? now)
        // Windows that a changing one may confirm are decided too; those before them are as they are.
        var decided = (changing - reach).floored(to: step)
        // So is an episode as a whole, with the windows before it that its later ones may have confirmed.
        for episode in episodes.reversed() where episode.start - reach < decided && (episode.closedAt ?? now) >= decided
        {
            decided = (episode.start - reach).floored(to: step)
        }
        decidedFrom = decided
        let seeded = (decided - reach).floored(to: step)
        baselines = facts.baselines.filter { $0.series == ruling }
        records = Timeline(start: seeded, step: step)
        var starts: [Int: Instant] = [:]
        lookbackStart = (decided - max(guardrail.baseline.lookback, reach) - step).floored(to: step)
        firstAnchor = deployments.firstOpen?.at.floored(to: step)
        for series in facts.series where series.pair == pair && series.window == step {
            if series.id == current?.id || runningFrom != nil || current == nil {
                starts[series.id] = seeded.floored(to: step)
            }
        }
        wantedStarts = starts
        if let current, needsBaseline(guardrail),
            deployments.running == nil || guardrail.baseline.anchor == .rolling
                || !BaselineDesk(self, of: context).periodsWithoutBaseline().isEmpty
        {
            wantedStarts[current.id] = lookbackStart
        }
    }

    /// How far back windows are always decided afresh, in seconds: a little more than the day for which a missing value may come.
    private static let memory: Seconds = 90_000

    /// Asks for the look-back too where a window before the deployment, whose baseline is rolling, still has to be judged.
    ///
    /// - Returns: Whether there is more to load.
    mutating func widen() -> Bool {
        guard let series, let start = wantedStarts[series.id], start > lookbackStart, needsBaseline(guardrail),
            let firstAnchor
        else { return false }
        let from = max(decidedFrom, series.judgedFrom)
        guard from < firstAnchor,
            Span(start: from, end: firstAnchor, step: records.step).windows.contains(where: {
                records[$0.start]?.waitsForBaseline ?? true
            })
        else { return false }
        wantedStarts[series.id] = lookbackStart
        return true
    }

    /// Asks for windows of longer ago too, for whoever looks at them.
    mutating func widen(_ reach: Snapshot.Reach) {
        wantedStarts = wantedStarts.mapValues { start in
            switch reach {
            case .to(let instant): min(start, instant.floored(to: records.step))
            case .further(let seconds): (start - seconds).floored(to: records.step)
            }
        }
    }

    /// The oldest window start that was loaded; older answers are left alone.
    var loadedFrom: Instant? { isKnown ? series.flatMap { wantedStarts[$0.id] } : nil }

    /// The series whose windows are those that count now; nil where none was found yet.
    var shownSeries: Int? { ruling }

    /// The pair with windows of before those that were loaded, to be looked at and never to be judged by.
    func showing(_ older: Timeline) -> PairSnapshot {
        var pair = self
        pair.records = older
        for (start, record) in records.entries { pair.records[start] = record }
        return pair
    }

    mutating func take(_ timelines: [Int: Timeline]) {
        if let ruling, let timeline = timelines[ruling] { records = timeline }
        let earlier = wantedStarts.keys.sorted().filter { $0 != ruling }.compactMap { timelines[$0] }
        if !earlier.isEmpty { previous = earlier }
    }

    /// What a window counts as; nil while it is missing.
    package func counted(_ start: Instant) -> CountedVerdict? {
        var counted = records[start].flatMap(Self.counted)
        if let runningFrom, start >= runningFrom {
            for timeline in previous {
                guard let earlier = timeline[start].flatMap(Self.counted) else { continue }
                if isWorse(earlier.rank, than: counted?.rank) { counted = earlier }
            }
        }
        if counted?.verdict == .breach, excusals.contains(where: { $0.covers(start) }) {
            return CountedVerdict(verdict: .unproven, reason: .excused)
        }
        if counted == nil, isDropped { return CountedVerdict(verdict: .unproven, reason: .notWatched) }
        return counted
    }

    /// Whether the window that starts at an instant concerns the service at all.
    package func takesPart(_ start: Instant) -> Bool {
        !isDropped || !isAccepted || counted(start)?.reason != .notWatched
    }

    private static func counted(_ record: WindowRecord) -> CountedVerdict? {
        record.verdict.map {
            CountedVerdict(
                verdict: $0.verdict, reason: $0.reason, isSevere: $0.isSevere, value: record.observation.value)
        }
    }
}

extension PairSnapshot {
    /// The first instant after the newest record of any of its queries.
    package var lastRecordEnd: Instant { previous.reduce(records.end) { max($0, $1.end) } }

    /// The same; nil where there is no record.
    var newestRecordEnd: Instant? { ([records] + previous).filter { !$0.isEmpty }.map(\.end).max() }
}

extension PairSnapshot {
    /// Whether the ledger has the breach of a window as confirmed.
    func isStoredConfirmed(_ start: Instant) -> Bool { records[start]?.verdict?.isConfirmed ?? false }

    /// The windows whose breach was confirmed by a rule that was in force before: a looser one does not take that back.
    func confirmedByEarlierRules(_ context: ServiceContext) -> Set<Instant> {
        guard let runningFrom else { return [] }
        var confirmed: Set<Instant> = []
        for (rule, until) in context.earlierRules(of: guardrail) {
            var fold = BreachFold(
                pair: pair, guardrail: rule, step: context.step, longestGap: context.confirmationGap)
            let last = min(until, lastRecordEnd)
            guard runningFrom < last else { continue }
            for start in stride(from: runningFrom.seconds, to: last.seconds, by: context.step).map(Instant.init) {
                if let verdict = counted(start) { fold.advance(start, verdict) }
            }
            confirmed.formUnion(fold.confirmed)
        }
        return confirmed
    }
}

extension ServiceContext {
    /// The rules of confirmation that a guardrail had since the running deployment, each with the end of its time.
    func earlierRules(of guardrail: Guardrail) -> [(rule: Guardrail, until: Instant)] {
        guard let since = deployments.running?.recordedAt else { return [] }
        let versions = policies.values.sorted { $0.id < $1.id }
        return zip(versions, versions.dropFirst()).compactMap { old, next in
            guard next.adoptedAt > since, let rule = old.policy.guardrail(guardrail.name),
                rule.confirm != guardrail.confirm
            else { return nil }
            return (rule, next.adoptedAt)
        }
    }
}

extension BreachFold {
    /// A fold by the rule that a pair has now, which keeps what earlier rules confirmed.
    init(_ pair: PairSnapshot, _ context: ServiceContext) {
        self.init(
            pair: pair.pair, guardrail: pair.guardrail, step: context.step, longestGap: context.confirmationGap,
            confirmedEarlier: pair.confirmedByEarlierRules(context))
    }
}
