/// Plans which windows have to be asked: those that are due and not in the ledger, those that may still change, and those that baselines need.
///
/// - Parameters:
///   - snapshot: What is known.
///   - now: The instant of the check.
///   - services: Only these services; nil means all.
/// - Returns: The questions; empty where nothing has to be asked.
package func plan(_ snapshot: Snapshot, at now: Instant, services: Set<String>? = nil) -> [Ask] {
    snapshot.services.filter { services?.contains($0.name) ?? true }.flatMap { service in
        let streak = service.knownDigest(at: now).count
        return service.pairs.flatMap { pair in
            PairPlan(
                pair, of: service.context, streak: streak, confirmations: service.confirmations, at: now)?
                .asks ?? []
        }
    }
}

/// What one guardrail of one service has to be asked.
struct PairPlan {
    /// The windows to be judged, or judged again.
    private(set) var judging: Set<Instant> = []
    /// The windows that only a baseline needs.
    private(set) var lookback: Set<Instant> = []

    private let pair: PairSnapshot
    private let series: SeriesState
    private let step: Seconds

    /// Plans; nil where the pair has no query, or none that is still asked.
    init?(
        _ pair: PairSnapshot, of service: ServiceContext, streak: ServiceDigest.Count?, confirmations: [Confirmation],
        at now: Instant
    ) {
        guard let series = pair.series, !pair.isDropped else { return nil }
        self.pair = pair
        self.series = series
        step = series.window
        let end = Window(containing: now - pair.timing.settle, length: step).start
        planJudging(until: end, at: now)
        if let streak, let running = service.deployments.running, streak.reachedAt != nil,
            !confirmations.contains(where: {
                $0.pair == pair.pair && $0.deployment == running.id && $0.since == streak.since
            })
        {
            judging.formUnion(Span(start: streak.since, end: end, step: step).windows.map(\.start))
        }
        if needsBaseline(pair.guardrail) { planLookback(until: end, service, at: now) }
        lookback.subtract(judging)
    }

    var asks: [Ask] {
        asks(for: judging, .judging) + asks(for: lookback, .lookback)
    }

    private func asks(for starts: Set<Instant>, _ purpose: Ask.Purpose) -> [Ask] {
        Span.covering(starts, step: step).map { span in
            Ask(
                pair: pair.pair, definition: series.definition, over: pair.guardrail.over ?? step,
                countsEvents: pair.guardrail.measure.traits.countsEvents,
                measuresSamples: pair.guardrail.minimumSamples != nil, span: span, purpose: purpose)
        }
    }

    private mutating func planJudging(until end: Instant, at now: Instant) {
        let from = max(series.judgedFrom, pair.decidedFrom)
        for window in Span(start: from, end: end, step: step).windows {
            let record = pair.records[window.start]
            let isUnjudged = record?.verdict == nil
            let isYoung = now - window.end < pair.timing.recheck
            let mayStillCome = record?.observation.value == nil && now - window.end < 86_400
            if isUnjudged || isYoung || mayStillCome { judging.insert(window.start) }
        }
    }

    private mutating func planLookback(until end: Instant, _ service: ServiceContext, at now: Instant) {
        let baselines = BaselineDesk(pair, of: service)
        for period in baselines.periodsWithoutBaseline() {
            let span = baselines.lookback(endingAt: period.start)
            let asksGaps = baselines.isToBeStored(period, at: now) && !baselines.wasStoredBefore(period)
            for window in span.windows {
                guard let record = pair.records[window.start] else {
                    lookback.insert(window.start)
                    continue
                }
                if asksGaps, record.observation.value == nil { lookback.insert(window.start) }
            }
        }
        let from = max(series.judgedFrom, pair.decidedFrom)
        let rolling = Span(start: from, end: end, step: step).windows.map(\.start).filter { start in
            (pair.records[start]?.waitsForBaseline ?? true) && baselines.period(at: start) == nil
        }
        guard let oldest = rolling.min(), let newest = rolling.max() else { return }
        let span = Span(start: oldest - pair.guardrail.baseline.lookback, end: newest, step: step)
        for window in span.windows where pair.records[window.start] == nil { lookback.insert(window.start) }
    }
}
