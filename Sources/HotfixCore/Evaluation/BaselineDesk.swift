/// Finds and computes the baselines of one guardrail of one service.
struct BaselineDesk {
    private let pair: PairSnapshot
    private let service: ServiceContext

    init(_ pair: PairSnapshot, of service: ServiceContext) {
        self.pair = pair
        self.service = service
    }

    private var rule: BaselineRule { pair.guardrail.baseline }

    /// The anchored stretch that a window belongs to; nil where its look-back is rolling.
    func period(at start: Instant) -> ServiceDeployments.AnchorPeriod? {
        rule.anchor == .deployment ? service.deployments.period(at: start) : nil
    }

    /// The anchored stretches of the open hotfix whose baseline, with what is excluded now, is not stored.
    func periodsWithoutBaseline() -> [ServiceDeployments.AnchorPeriod] {
        guard rule.anchor == .deployment, let running = service.deployments.running else { return [] }
        return service.deployments.periods.filter { $0.deployment.hotfix == running.hotfix && stored(for: $0) == nil }
    }

    /// The stored baseline of an anchored stretch, as it holds with what is excluded now.
    func stored(for period: ServiceDeployments.AnchorPeriod) -> StoredBaseline? {
        let span = lookback(endingAt: period.start)
        let excluded = excludedIntervals(in: span)
        return pair.baselines.last {
            $0.to == span.end && $0.from == span.start && $0.rule == rule && $0.excluded == excluded
        }
    }

    /// Whether a baseline for the same look-back was stored before, whatever was excluded then.
    func wasStoredBefore(_ period: ServiceDeployments.AnchorPeriod) -> Bool {
        pair.baselines.contains { $0.to == period.start }
    }

    /// Whether the deployment's window is older than `recheck`, so that the baseline is stored.
    func isToBeStored(_ period: ServiceDeployments.AnchorPeriod, at now: Instant) -> Bool {
        now - (period.start + service.step) >= pair.timing.recheck
    }

    /// The windows of a look-back.
    func lookback(endingAt end: Instant) -> Span {
        Span(start: end - rule.lookback, end: end, step: service.step)
    }

    /// What is left out of a look-back, beside confirmed breaches.
    func excludedIntervals(in span: Span) -> [StoredBaseline.ExcludedInterval] {
        var excluded = service.exclusions.map {
            StoredBaseline.ExcludedInterval(interval: $0.interval, reason: $0.reason)
        }
        if rule.exclude.contains(.deployments) {
            excluded += service.deployments.standing.map {
                StoredBaseline.ExcludedInterval(
                    interval: Interval(start: $0.at, end: $0.at + 1800), reason: "deployment \($0.id)")
            }
        }
        let whole = Interval(start: span.start, end: span.end)
        return excluded.filter { entry in
            entry.interval.start < span.end && (entry.interval.end.map { $0 > whole.start } ?? true)
        }
    }

    /// Reads a look-back from the records.
    ///
    /// - Returns: nil where a window that is not excluded could not be asked, or not be judged where that decides whether it is.
    func read(_ span: Span) -> (lookback: Lookback, excluded: [StoredBaseline.ExcludedInterval], count: Int)? {
        let excluded = excludedIntervals(in: span)
        let leavesOutBreaches = rule.exclude.contains(.breaches)
        var count = 0
        var isWhole = true
        let lookback = Lookback(span: span) { start in
            let window = Window(containing: start, length: span.step)
            let record = pair.records[start]
            if excluded.contains(where: { $0.interval.overlaps(window) })
                || leavesOutBreaches && record?.verdict?.isConfirmed == true && !isExcused(start)
            {
                count += 1
                return nil
            }
            // Where breaches are left out, a window that is still to be judged may turn out to be one.
            if record == nil || leavesOutBreaches && record?.verdict == nil && isJudged(start) { isWhole = false }
            return record?.observation.value
        }
        return isWhole ? (lookback, excluded, count) : nil
    }

    /// The baseline of one window over a look-back that was just read.
    func value(of lookback: Lookback, at start: Instant) -> BaselineValue {
        var value = lookback.value(of: rule.statistic, at: start)
        value.isSilent = isSilent(lookback)
        return value
    }

    /// Computes a baseline to be stored.
    func compute(_ period: ServiceDeployments.AnchorPeriod, id: Int, at now: Instant) -> StoredBaseline? {
        guard let series = pair.series else { return nil }
        let span = lookback(endingAt: period.start)
        guard let read = read(span) else { return nil }
        let starts =
            rule.statistic == .seasonal
            ? stride(from: 0, to: 86_400, by: service.step).map { span.end + $0 } : [span.end]
        let relative = pair.guardrail.limits.first(where: \.isRelative)
        return StoredBaseline(
            id: id, series: series.id, deployment: period.deployment.id, from: span.start, to: span.end, rule: rule,
            excluded: read.excluded, windowsExcluded: read.count,
            values: starts.map { value(of: read.lookback, at: $0) },
            windowsOverMedianLimit: relative.map(read.lookback.windowsBreaching), storedAt: now)
    }

    private func isJudged(_ start: Instant) -> Bool {
        pair.series.map { start >= max($0.judgedFrom, pair.decidedFrom) } ?? false
    }

    private func isExcused(_ start: Instant) -> Bool { pair.excusals.contains { $0.covers(start) } }

    private func isSilent(_ lookback: Lookback) -> Bool {
        guard pair.guardrail.measure.traits.isErrorCount, lookback.isAllZero, let series = pair.series else {
            return false
        }
        let span = lookback.span
        if series.activity.contains(where: { $0.start < span.end && $0.end > span.start }) { return false }
        return !span.windows.contains { pair.records[$0.start]?.observation.outcomes?.acceptedAny ?? false }
    }
}
