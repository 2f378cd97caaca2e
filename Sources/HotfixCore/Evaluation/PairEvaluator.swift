/// Judges the windows of one guardrail of one service, oldest first.
struct PairEvaluator {
    /// The pair as it is after evaluation.
    private(set) var pair: PairSnapshot
    /// Windows that differ from the ledger.
    private(set) var changes: [Outcome.RecordChange] = []
    private(set) var newBaselines: [StoredBaseline] = []
    private(set) var changedEpisodes: [Episode] = []
    private(set) var changedSeries: SeriesState?
    private(set) var failures: [(pair: Pair, span: Span, error: SourceError)] = []
    /// The windows that the source answered now, with a value or without.
    private(set) var asked: Set<Instant> = []
    private(set) var windowsJudged = 0
    private(set) var nextBaseline: Int

    let service: ServiceContext
    let now: Instant
    /// Windows whose observation is new or changed now.
    private(set) var revised: Set<Instant> = []
    /// The windows that were answered now with all that judging needs.
    private(set) var askedForJudging: Set<Instant> = []
    /// The anchored stretches, each with its baseline where that is stored.
    private(set) var anchors: [(period: ServiceDeployments.AnchorPeriod, stored: StoredBaseline?)] = []
    private var touched: [Instant: WindowRecord?] = [:]

    init(_ pair: PairSnapshot, of service: ServiceContext, nextBaseline: Int, at now: Instant) {
        self.pair = pair
        self.service = service
        self.nextBaseline = nextBaseline
        self.now = now
    }

    var step: Seconds { service.step }

    mutating func evaluate(_ answers: [Answer]) {
        for answer in answers.sorted(by: { $0.ask.span.start < $1.ask.span.start }) { take(answer) }
        guard let series = pair.series, !pair.isDropped else { return }
        let desk = BaselineDesk(pair, of: service)
        anchors = service.deployments.periods.map { ($0, desk.stored(for: $0)) }
        var unstored = needsBaseline(pair.guardrail) ? desk.periodsWithoutBaseline() : []
        forgetConfirmation()
        var fold = BreachFold(pair, service)
        let seeds = pair.records.start..<max(pair.records.start, pair.decidedFrom)
        for start in starts(from: seeds.lowerBound, to: seeds.upperBound) {
            guard let counted = pair.counted(start) else { continue }
            fold.seed(start, counted, isConfirmed: pair.isStoredConfirmed(start))
        }
        for start in starts(from: pair.decidedFrom, to: pair.lastRecordEnd) {
            // What is confirmed in the look-back is known once all windows before the anchor are folded, and not later.
            while let period = unstored.first, start >= period.start { storeBaseline(unstored.removeFirst()) }
            if start >= series.judgedFrom { judgeWindow(start) }
            guard let counted = pair.counted(start) else { continue }
            let before = fold.confirmed.count
            fold.advance(start, counted)
            if fold.confirmed.count != before { markConfirmed(fold.confirmed, upTo: start) }
        }
        if !service.earlierRules(of: pair.guardrail).isEmpty { fold = refolded() }
        collectChanges(series.id)
        changedEpisodes = matchEpisodes(fold.episodes)
        for episode in changedEpisodes {
            pair.episodes.removeAll { $0.id == episode.id }
            pair.episodes.append(episode)
        }
        pair.episodes.sort { $0.start < $1.start }
    }

    private func starts(from: Instant, to: Instant) -> some Sequence<Instant> {
        stride(from: from.seconds, to: to.seconds, by: step).lazy.map(Instant.init)
    }

    /// Takes back what is confirmed in the windows that are decided here, so that each is judged by what was confirmed before it.
    private mutating func forgetConfirmation() {
        for start in starts(from: pair.decidedFrom, to: pair.records.end) where pair.isStoredConfirmed(start) {
            touch(start)
            pair.records[start]?.verdict?.isConfirmed = false
        }
    }

    /// Folds once more, since windows that were judged again may change what an earlier rule confirmed.
    private mutating func refolded() -> BreachFold {
        var fold = BreachFold(pair, service)
        for start in starts(from: pair.records.start, to: pair.lastRecordEnd) {
            guard let counted = pair.counted(start) else { continue }
            if start < pair.decidedFrom {
                fold.seed(start, counted, isConfirmed: pair.isStoredConfirmed(start))
            } else {
                fold.advance(start, counted)
            }
        }
        for start in starts(from: pair.decidedFrom, to: pair.lastRecordEnd) {
            markConfirmed(fold.confirmed, upTo: start)
        }
        return fold
    }

    // MARK: Answers

    private mutating func take(_ answer: Answer) {
        failures += answer.failures.map { (pair.pair, $0.span, $0.error) }
        let sourceNow = min(now, answer.sourceNow ?? now)
        for (start, observation) in answer.observations {
            guard answer.ask.span.contains(start), sourceNow >= start + step + pair.timing.settle else { continue }
            asked.insert(start)
            if answer.ask.purpose == .judging { askedForJudging.insert(start) }
            merge(observation, at: start, purpose: answer.ask.purpose)
        }
        if answer.acceptedAnything == true, var series = pair.series, !series.activity.contains(answer.ask.span) {
            series.activity.append(answer.ask.span)
            pair.series = series
            changedSeries = series
        }
    }

    private mutating func merge(_ new: Observation, at start: Instant, purpose: Ask.Purpose) {
        if let loaded = pair.loadedFrom, start < loaded { return }
        guard let old = pair.records[start] else {
            touch(start)
            pair.records[start] = WindowRecord(observation: new)
            revised.insert(start)
            return
        }
        guard let merged = old.observation.revised(by: new, purpose: purpose) else { return }
        touch(start)
        pair.records[start]?.observation = merged
        revised.insert(start)
    }

    // MARK: Baselines

    private mutating func storeBaseline(_ period: ServiceDeployments.AnchorPeriod) {
        let desk = BaselineDesk(pair, of: service)
        guard desk.isToBeStored(period, at: now), desk.wasStoredBefore(period) || gapsWereAsked(desk, period),
            let baseline = desk.compute(period, id: nextBaseline, at: now)
        else { return }
        nextBaseline += 1
        newBaselines.append(baseline)
        pair.baselines.append(baseline)
        if let index = anchors.firstIndex(where: { $0.period == period }) { anchors[index].stored = baseline }
    }

    /// Whether every window of the look-back without a value was asked again in this very evaluation.
    private func gapsWereAsked(_ desk: BaselineDesk, _ period: ServiceDeployments.AnchorPeriod) -> Bool {
        desk.lookback(endingAt: period.start).windows.allSatisfy { window in
            guard let record = pair.records[window.start] else { return true }
            return record.observation.value != nil || asked.contains(window.start)
        }
    }

    private mutating func markConfirmed(_ confirmed: Set<Instant>, upTo last: Instant) {
        let reach = BreachFold.reach(of: pair.guardrail, step: step, longestGap: service.confirmationGap)
        for start in starts(from: max(pair.decidedFrom, (last - reach).floored(to: step)), to: last + step) {
            guard let verdict = pair.records[start]?.verdict else { continue }
            let isConfirmed = verdict.verdict == .breach && confirmed.contains(start)
            guard verdict.isConfirmed != isConfirmed else { continue }
            touch(start)
            pair.records[start]?.verdict?.isConfirmed = isConfirmed
        }
    }

    // MARK: Changes

    /// Remembers what the ledger holds of a window before it is changed for the first time.
    private mutating func touch(_ start: Instant) {
        if touched[start] == nil { touched[start] = .some(pair.records[start]) }
    }

    /// Gives a window a verdict, nil where it becomes missing.
    mutating func set(_ verdict: RecordedVerdict?, at start: Instant, countsAsJudged: Bool) {
        touch(start)
        if countsAsJudged { windowsJudged += 1 }
        pair.records[start]?.verdict = verdict
    }

    private mutating func collectChanges(_ series: Int) {
        for (start, before) in touched.sorted(by: { $0.key < $1.key }) {
            guard let record = pair.records[start], record != before else { continue }
            changes.append(Outcome.RecordChange(series: series, start: start, record: record, replaced: before))
        }
    }

    private func matchEpisodes(_ derived: [Episode]) -> [Episode] {
        let excused = Set(pair.excusals.map(\.episode))
        var unmatched = pair.episodes.filter {
            $0.start >= pair.decidedFrom && !excused.contains($0.id) && $0.ending != .withdrawn
        }
        var changed: [Episode] = []
        // An episode that begins as a known one did is that one, before any that merely overlaps takes its identity.
        let same = derived.map { episode in
            unmatched.firstIndex { $0.start == episode.start }.map { unmatched.remove(at: $0) }
        }
        for (var episode, var known) in zip(derived, same) {
            if known == nil {
                let overlapping = unmatched.firstIndex { known in
                    known.start < (episode.closedAt ?? .distantFuture)
                        && episode.start < (known.closedAt ?? .distantFuture)
                }
                known = overlapping.map { unmatched.remove(at: $0) }
            }
            if let known {
                episode.start = known.start
                episode.openedAt = known.openedAt
            }
            if episode != known { changed.append(episode) }
        }
        for excusal in pair.excusals {
            guard var episode = pair.episodes.first(where: { $0.id == excusal.episode && $0.isOpen }) else { continue }
            episode.closedAt = excusal.recordedAt
            episode.ending = .excused
            changed.append(episode)
        }
        for var episode in unmatched where episode.ending != .corrected {
            episode.closedAt = episode.closedAt ?? now
            episode.ending = .corrected
            changed.append(episode)
        }
        return changed
    }
}
