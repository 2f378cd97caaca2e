/// What came of deriving a ledger afresh: what differs, how much was derived, and what would mend it.
package struct LedgerVerification: Sendable {
    /// What differs, by pair and time.
    package var differences: [Difference]
    /// How much was derived.
    package var tally: VerificationTally
    /// The revisions that make the ledger what is derived.
    package var outcome: Outcome
    /// The readiness that follows from the ledger, at the instant of its newest check.
    package var ledgerReadiness: Readiness
    /// The readiness that follows from what is derived, at that instant.
    package var derivedReadiness: Readiness
}

/// Derives the windows, baselines, verdicts and episodes of a ledger afresh from what sources say now, and compares.
///
/// A pure function. What people have said, the versions of policies and what each verdict says that it was reached by are taken
/// from the ledger; everything else follows from the sources.
///
/// - Parameters:
///   - snapshot: The ledger as the newest check left it.
///   - evidence: What sources say now, for each series.
///   - versions: What sources say now of running versions.
///   - history: By series and window, what the ledger had before revisions, oldest first.
///   - range: Which windows are compared.
///   - at: The instant of the newest check: windows that were not due then are not expected.
///   - clock: The instant now, when revisions are made.
/// - Returns: What differs, and what mends it.
package func verify(
    _ snapshot: Snapshot, _ evidence: [SeriesEvidence], versions: [VersionEvidence] = [],
    history: [Int: [Instant: [WindowRecord]]],
    range: VerificationRange, at: Instant, clock: Instant
) -> LedgerVerification {
    var comparison = LedgerComparison(snapshot, range: range, at: at, clock: clock)
    let bySeries = evidence.sorted { $0.series.id < $1.series.id }
    var nextBaseline = (snapshot.facts.baselines.map(\.id).max() ?? 0) + 1
    for one in bySeries {
        let others = bySeries.filter {
            $0.series.pair == one.series.pair && $0.series.window == one.series.window && $0.series.id != one.series.id
        }
        let setting = SeriesSetting(
            one.series, snapshot.facts, others: others.map(\.ledger), history: history[one.series.id] ?? [:])
        var verifier = SeriesVerifier(one, setting, range: range, nextBaseline: nextBaseline, clock: clock)
        verifier.verify()
        nextBaseline = verifier.nextBaseline
        comparison.take(verifier, isOnlySeries: others.isEmpty)
    }
    comparison.take(versions)
    return comparison.finished()
}

/// Holds what was derived of every series against the ledger, and evaluates what follows from it.
struct LedgerComparison {
    let ledger: Snapshot
    let range: VerificationRange
    let at: Instant
    let clock: Instant
    var differences: [Difference] = []
    var outcome: Outcome

    var derived: Snapshot
    var tally = VerificationTally()
    private(set) var evidence: [Int: SeriesEvidence] = [:]
    private var records: [Int: [Instant: WindowRecord]] = [:]
    private var answers: [Answer] = []
    /// The series that are the only one of their pair, and whose breaches were confirmed by one rule all the time.
    private(set) var hasOneRule: Set<Int> = []

    init(_ snapshot: Snapshot, range: VerificationRange, at: Instant, clock: Instant) {
        ledger = snapshot
        derived = snapshot
        self.range = range
        self.at = at
        self.clock = clock
        outcome = Outcome(at: clock)
    }

    mutating func note(_ pair: Pair, _ subject: Difference.Subject, at start: Instant, isRepairable: Bool = true) {
        differences.append(Difference(pair: pair, start: start, subject: subject, isRepairable: isRepairable))
    }

    /// Takes back what was noted of an episode, since more is known of it.
    mutating func unnoteEpisode(_ pair: Pair, at start: Instant) {
        differences.removeAll { difference in
            if case .episode = difference.subject {
                difference.pair == pair && difference.start == start
            } else {
                false
            }
        }
    }

    /// Takes what was derived of one series.
    mutating func take(_ verifier: SeriesVerifier, isOnlySeries: Bool) {
        let series = verifier.evidence.series
        evidence[series.id] = verifier.evidence
        differences += verifier.differences
        tally.add(verifier.tally)
        if verifier.confirmation.isOneRule, isOnlySeries { hasOneRule.insert(series.id) }
        records[series.id] = verifier.corrected
        outcome.baselines += verifier.replacements.values.sorted { $0.id < $1.id }
        derived.facts.baselines += verifier.replacements.values.sorted { $0.id < $1.id }
        let pair = pairSnapshot(series)
        compareSettled(verifier, before: pair?.decidedFrom ?? .distantFuture)
        compareSettledEpisodes(
            verifier, before: pair?.decidedFrom ?? .distantFuture, isOnlySeries: pair != nil && isOnlySeries)
        guard pair != nil else { return }
        answers += self.answers(from: verifier.evidence)
    }

    /// The pair whose current query a series is, as the next check would decide it.
    private func pairSnapshot(_ series: SeriesState) -> PairSnapshot? {
        ledger.services.flatMap(\.pairs).first { $0.series?.id == series.id && !$0.isDropped }
    }

    private func answers(from evidence: SeriesEvidence) -> [Answer] {
        [Ask.Purpose.judging, .lookback].map { purpose in
            let starts = evidence.planned.filter { start in
                let standing = evidence.standing(start)
                let isJudged = evidence.isWantedForJudging(start)
                return standing != .unasked && standing != .failed && isJudged == (purpose == .judging)
                    && !evidence.isAskedAgain(start)
            }
            var answer = Answer(ask: evidence.ask(for: evidence.span, purpose))
            for start in starts { answer.observations[start] = evidence.observation(start) }
            return answer
        }
    }

    // MARK: What the check has left behind

    /// Confirmation of windows that no check decides any more.
    private mutating func compareSettled(_ verifier: SeriesVerifier, before end: Instant) {
        let series = verifier.evidence.series
        let known = verifier.firstConfirmable
        for (start, record) in verifier.evidence.ledger.entries {
            guard start >= known, start < end, range.contains(start), let held = record.verdict else { continue }
            guard let verdict = (verifier.corrected[start] ?? record).verdict, verdict.verdict == .breach else {
                continue
            }
            let answers = verifier.confirmation.answers(at: start)
            guard !answers.contains(verdict.isConfirmed) || held.verdict != .breach else { continue }
            let isConfirmed = verifier.confirmation.isConfirmed(start, by: verdict.judgedBy.policy)
            guard isConfirmed != verdict.isConfirmed else { continue }
            if held.verdict == .breach {
                note(series.pair, .confirmation(ledger: held.isConfirmed, derived: isConfirmed), at: start)
            }
            var mended = verifier.corrected[start] ?? record
            mended.verdict?.isConfirmed = isConfirmed
            records[series.id, default: [:]][start] = mended
        }
    }

    // MARK: What the next check would decide

    /// Evaluates what follows, and says what differs.
    mutating func finished() -> LedgerVerification {
        for service in derived.services.indices {
            for index in derived.services[service].pairs.indices { patch(&derived.services[service].pairs[index]) }
        }
        let evaluation = evaluate(derived, answers, at: at)
        compareRecords(evaluation)
        compareEpisodes(evaluation)
        for baseline in evaluation.outcome.baselines {
            guard let series = evidence[baseline.series]?.series, range.isWhole else { continue }
            note(series.pair, .storedBaseline(ledger: nil, derived: baseline), at: baseline.to)
            outcome.baselines.append(baseline)
        }
        collectChanges()
        findUnanswered()
        derived = evaluation.snapshot
        compareConfirmations()
        differences.sort { ($0.pair, $0.start, $0.subject.rank) < ($1.pair, $1.start, $1.subject.rank) }
        let names = Set(ledger.services.map(\.name))
        func readiness(_ snapshot: Snapshot) -> Readiness {
            snapshot.readiness(at: at, clock: max(at, clock), services: names)
        }
        return LedgerVerification(
            differences: differences, tally: tally, outcome: outcome, ledgerReadiness: readiness(ledger),
            derivedReadiness: readiness(evaluation.snapshot))
    }

    private func patch(_ pair: inout PairSnapshot) {
        for (id, windows) in records {
            guard let series = evidence[id]?.series, series.pair == pair.pair else { continue }
            if pair.series?.id == id {
                for (start, record) in windows where start >= pair.records.start && start < pair.records.end {
                    pair.records[start] = record
                }
                pair.baselines = derived.facts.baselines.filter { $0.series == id }
            }
        }
    }

    private mutating func compareRecords(_ evaluation: Evaluation) {
        for change in evaluation.outcome.records where range.contains(change.start) {
            guard let series = evidence[change.series]?.series else { continue }
            let held = evidence[change.series]?.ledger[change.start]
            let patched = records[change.series]?[change.start] ?? held
            records[change.series, default: [:]][change.start] = change.record
            if held == nil, change.record.verdict == nil {
                note(series.pair, .observation(ledger: nil, source: change.record.observation), at: change.start)
            }
            var ledgerFinding = held?.verdict.map(Difference.Finding.init)
            let derivedFinding = change.record.verdict.map(Difference.Finding.init)
            // Where what was derived first does not last, only what it comes to in the end is told.
            if patched?.verdict.map(Difference.Finding.init) != derivedFinding {
                differences.removeAll { difference in
                    guard case .verdict(let told, _) = difference.subject, difference.isRepairable,
                        difference.pair == series.pair, difference.start == change.start
                    else { return false }
                    ledgerFinding = told
                    return true
                }
                if ledgerFinding != derivedFinding {
                    note(series.pair, .verdict(ledger: ledgerFinding, derived: derivedFinding), at: change.start)
                }
            }
            if let old = held?.verdict, let new = change.record.verdict, old.verdict == .breach, new.verdict == .breach,
                old.isConfirmed != new.isConfirmed
            {
                note(series.pair, .confirmation(ledger: old.isConfirmed, derived: new.isConfirmed), at: change.start)
            }
        }
    }

    private struct Place: Hashable {
        var pair: Pair
        var start: Instant
    }

    /// Makes revisions of what differs from the ledger: what it held is kept.
    private mutating func collectChanges() {
        let told = Set(
            differences.compactMap { difference in
                if case .verdict = difference.subject {
                    Place(pair: difference.pair, start: difference.start)
                } else {
                    nil
                }
            })
        for (id, windows) in records.sorted(by: { $0.key < $1.key }) {
            guard let ledger = evidence[id]?.ledger, let series = evidence[id]?.series else { continue }
            for (start, derived) in windows.sorted(by: { $0.key < $1.key }) {
                let held = ledger[start]
                guard isMended(id, start, held, derived) else { continue }
                var record = derived
                if let old = held?.verdict, var verdict = record.verdict {
                    let isTold = told.contains(Place(pair: series.pair, start: start))
                    let isRevised =
                        isTold || held?.observation != record.observation || !verdict.saysAndRestsOn(what: old)
                    verdict.revision = old.revision + (isRevised ? 1 : 0)
                    verdict.evaluatedAt = isRevised ? clock : old.evaluatedAt
                    record.verdict = verdict
                } else if record.verdict != nil {
                    record.verdict?.revision = 0
                    record.verdict?.evaluatedAt = clock
                }
                guard record != held else { continue }
                outcome.records.append(Outcome.RecordChange(series: id, start: start, record: record, replaced: held))
            }
        }
    }

    /// Whether a window is one that is compared, or that refers to a baseline whose place another takes.
    private func isMended(_ series: Int, _ start: Instant, _ held: WindowRecord?, _ derived: WindowRecord) -> Bool {
        range.contains(start) || held?.verdict?.basis != derived.verdict?.basis
            || held?.verdict?.outvoted != derived.verdict?.outvoted
    }
}

extension RecordedVerdict {
    /// Whether it is the same verdict, confirmed alike, that rests on the same baseline of its own.
    fileprivate func saysAndRestsOn(what other: RecordedVerdict) -> Bool {
        func own(_ basis: Basis?) -> BaselineReference? {
            guard case .inline = basis?.baseline else { return nil }
            return basis?.baseline
        }
        return Difference.Finding(self) == Difference.Finding(other) && isConfirmed == other.isConfirmed
            && own(basis) == own(other.basis) && own(outvoted) == own(other.outvoted)
    }
}

extension Difference.Subject {
    /// The order in which differences of one window are told: what the others follow from comes first.
    fileprivate var rank: Int {
        switch self {
        case .observation: 0
        case .storedBaseline: 1
        case .ownBaseline: 2
        case .verdict: 3
        case .confirmation: 4
        case .episode: 5
        case .versions: 6
        case .asking: 7
        case .digest: 8
        }
    }
}
