extension LedgerComparison {
    // MARK: Episodes that the next check would decide

    /// Compares the episodes that follow from an evaluation with those that the ledger has.
    mutating func compareEpisodes(_ evaluation: Evaluation) {
        for episode in evaluation.outcome.episodes where range.concerns(episode) {
            // Withdrawing and excusing is left to the check.
            guard episode.ending != .withdrawn, episode.ending != .excused else { continue }
            let held = ledger.facts.episodes.first { $0.id == episode.id }
            let isGone = episode.ending == .corrected && held?.ending != .corrected
            note(episode.pair, .episode(ledger: held, derived: isGone ? nil : episode), at: episode.start)
            outcome.episodes.append(episode)
        }
        for service in evaluation.snapshot.services {
            let folds = service.derived(at: at).folds
            for pair in service.pairs where pair.series.map({ hasOneRule.contains($0.id) }) ?? false {
                compareOpenings(pair, folds[pair.pair]?.episodes ?? [])
            }
        }
    }

    /// The opening of an episode is fixed, so that an evaluation leaves it; but it follows from windows that nobody judged later.
    private mutating func compareOpenings(_ pair: PairSnapshot, _ derived: [Episode]) {
        let settled: Set<Episode.Ending?> = [.withdrawn, .excused, .corrected]
        for held in pair.episodes where held.start >= pair.decidedFrom && range.concerns(held) {
            guard !settled.contains(held.ending), ledger.facts.episodes.contains(where: { $0.id == held.id }) else {
                continue
            }
            let exact = derived.contains { $0.start == held.start && $0.openedAt == held.openedAt }
            let overlapping = derived.first { $0.overlaps(held) }
            guard !exact, let overlapping else { continue }
            let reach = pair.guardrail.confirm.of * pair.records.step
            guard !wasDecidedLate(pair.records, held, overlapping, reach: reach) else { continue }
            noteOpening(held, overlapping)
        }
    }

    private mutating func noteOpening(_ held: Episode, _ derived: Episode) {
        let known = ledger.facts.episodes.first { $0.id == held.id } ?? held
        if let index = outcome.episodes.firstIndex(where: { $0.id == held.id }) { outcome.episodes.remove(at: index) }
        unnoteEpisode(held.pair, at: held.start)
        note(held.pair, .episode(ledger: known, derived: derived), at: held.start)
        save(derived, insteadOf: known)
    }

    /// Makes an episode what is derived; one with another identity ends as corrected, and the right one is there beside it.
    private mutating func save(_ derived: Episode, insteadOf held: Episode) {
        if derived.id != held.id { outcome.episodes.append(held.corrected(at: at)) }
        outcome.episodes.append(derived)
    }

    /// Whether a window that an opening follows from was judged, or judged anew, when the episode was open already.
    private func wasDecidedLate(_ records: Timeline, _ held: Episode, _ derived: Episode, reach: Seconds) -> Bool {
        guard let opening = records[held.openedAt - records.step]?.verdict else { return false }
        let span = Span(
            start: min(held.start, derived.start) - reach, end: max(held.openedAt, derived.openedAt),
            step: records.step)
        return span.windows.contains { window in
            guard let verdict = records[window.start]?.verdict else { return false }
            return verdict.revision > 0 || verdict.evaluatedAt > opening.evaluatedAt
        }
    }

    // MARK: Episodes that are over for good

    /// Compares episodes that no check decides any more with those that follow by a rule that was once in force.
    mutating func compareSettledEpisodes(_ verifier: SeriesVerifier, before end: Instant, isOnlySeries: Bool) {
        let pair = verifier.evidence.series.pair
        guard isOnlySeries else { return }
        let oldest = verifier.firstConfirmable
        let variants = verifier.confirmation.episodes
        let known = ledger.facts.episodes.filter { $0.pair == pair }
        for held in known where held.start < end && held.start >= oldest && range.concerns(held) {
            guard held.ending == .recovered || held.ending == nil else { continue }
            let candidates = variants.flatMap { $0 }
            guard !candidates.contains(where: { $0.says(what: held) }) else { continue }
            let same = candidates.first { $0.start == held.start } ?? candidates.first { $0.overlaps(held) }
            guard let same else {
                note(pair, .episode(ledger: held, derived: nil), at: held.start)
                outcome.episodes.append(held.corrected(at: at))
                continue
            }
            var fixed = same
            if !verifier.confirmation.isOneRule
                || wasDecidedLate(
                    verifier.evidence.ledger, held, same, reach: verifier.confirmation.longestReach)
            {
                fixed.start = held.start
                fixed.openedAt = held.openedAt
            }
            guard !fixed.says(what: held) else { continue }
            note(pair, .episode(ledger: held, derived: fixed), at: held.start)
            save(fixed, insteadOf: held)
        }
        for derived in variants.first ?? [] where derived.start < end && derived.start >= oldest {
            guard derived.closedAt.map({ $0 < end }) ?? false, range.concerns(derived),
                !known.contains(where: { $0.overlaps(derived) }),
                variants.allSatisfy({ $0.contains { $0.overlaps(derived) } })
            else { continue }
            note(pair, .episode(ledger: nil, derived: derived), at: derived.start)
            outcome.episodes.append(derived)
        }
    }
}

extension Episode {
    fileprivate func overlaps(_ other: Episode) -> Bool {
        start < (other.closedAt ?? .distantFuture) && other.start < (closedAt ?? .distantFuture)
    }

    /// Whether it is the same as another, but for rounding.
    fileprivate func says(what other: Episode) -> Bool {
        var rounded = self
        if isClose(peak, other.peak) { rounded.peak = other.peak }
        return rounded == other
    }

    /// The episode as it ends when nothing of it is confirmed.
    fileprivate func corrected(at instant: Instant) -> Episode {
        var episode = self
        episode.closedAt = closedAt ?? instant
        episode.ending = .corrected
        return episode
    }
}
