/// What came of an evaluation.
package struct Evaluation: Sendable {
    /// What has to be committed.
    package var outcome: Outcome
    /// The snapshot as it is once that is committed.
    package var snapshot: Snapshot
    /// How many windows got a verdict that is new or differs.
    package var windowsJudged: Int
    /// What could not be asked.
    package var failures: [(pair: Pair, span: Span, error: SourceError)]
    /// Of which services running versions could not be asked, and at which source.
    package var versionFailures: [VersionFailure]
}

/// Judges what sources answered: verdicts, baselines, confirmation and episodes.
///
/// A pure function: the same snapshot and answers give the same outcome, and evaluating them again changes nothing. Evaluating in
/// one go, window by window, or with a restart in between gives the same newest verdicts.
///
/// - Parameters:
///   - snapshot: What is known.
///   - answers: What sources answered to `plan`'s questions.
///   - versions: What they answered to those of `planVersions`, by the names of the sources.
///   - now: The instant of the check.
/// - Returns: What has to be committed, and the snapshot as it is then.
package func evaluate(
    _ snapshot: Snapshot, _ answers: [Answer], versions: [String: [VersionAnswer]] = [:], at now: Instant
) -> Evaluation {
    var snapshot = snapshot
    var outcome = snapshot.pending
    outcome.at = now
    let byPair = Dictionary(grouping: answers) { $0.ask.pair }
    var nextBaseline = (snapshot.facts.baselines.map(\.id).max() ?? 0) + 1
    var windowsJudged = 0
    var failures: [(pair: Pair, span: Span, error: SourceError)] = []
    for serviceIndex in snapshot.services.indices {
        let context = snapshot.services[serviceIndex].context
        snapshot.services[serviceIndex].kept = nil
        let taken = snapshot.services[serviceIndex].take(versions, at: now)
        outcome.versions.take(taken.changed)
        var asked: [Pair: Set<Instant>] = [:]
        for pairIndex in snapshot.services[serviceIndex].pairs.indices {
            var evaluator = PairEvaluator(
                snapshot.services[serviceIndex].pairs[pairIndex], of: context, nextBaseline: nextBaseline, at: now)
            evaluator.evaluate(byPair[snapshot.services[serviceIndex].pairs[pairIndex].pair] ?? [])
            nextBaseline = evaluator.nextBaseline
            windowsJudged += evaluator.windowsJudged
            failures += evaluator.failures
            asked[evaluator.pair.pair] = evaluator.asked
            outcome.records += evaluator.changes
            outcome.baselines += evaluator.newBaselines
            outcome.episodes += evaluator.changedEpisodes
            if let series = evaluator.changedSeries {
                outcome.series.removeAll { $0.id == series.id }
                outcome.series.append(series)
            }
            snapshot.services[serviceIndex].pairs[pairIndex] = evaluator.pair
        }
        let derived = snapshot.services[serviceIndex].derived(at: now)
        outcome.confirmations += confirmations(
            snapshot.services[serviceIndex], derived, asked: asked, lacking: taken.lacking,
            at: now)
        snapshot.services[serviceIndex].kept = snapshot.services[serviceIndex].digest(derived, at: now)
    }
    outcome.digests = snapshot.services.compactMap(\.kept)
    outcome.episodes += withdrawn(snapshot, at: now)
    snapshot.take(outcome)
    return Evaluation(
        outcome: outcome, snapshot: snapshot, windowsJudged: windowsJudged, failures: failures,
        versionFailures: versions.flatMap { VersionFailure.all($1, of: $0) }.sorted {
            ($0.service, $0.source) < ($1.service, $1.source)
        })
}

/// The guardrails whose every window of a streak that reached its time has been asked once more.
private func confirmations(
    _ service: ServiceSnapshot, _ derived: DerivedService, asked: [Pair: Set<Instant>], lacking: (Instant) -> Bool,
    at now: Instant
) -> [Confirmation] {
    guard let running = service.context.deployments.running else { return [] }
    guard let streak = derived.streak, streak.reachedAt != nil, let until = derived.evaluatedUntil else { return [] }
    return service.pairs.compactMap { pair in
        guard !pair.isDropped, let asked = asked[pair.pair],
            !service.confirmations.contains(where: {
                $0.pair == pair.pair && $0.deployment == running.id && $0.since == streak.since
            })
        else { return nil }
        let old = Span(start: streak.since, end: min(until, now - pair.timing.recheck), step: service.context.step)
        guard old.windows.allSatisfy({ asked.contains($0.start) && !lacking($0.start) }) else { return nil }
        return Confirmation(pair: pair.pair, deployment: running.id, since: streak.since, at: now)
    }
}

/// Open episodes whose guardrail is no longer configured end as withdrawn.
private func withdrawn(_ snapshot: Snapshot, at now: Instant) -> [Episode] {
    let configured = Set(snapshot.services.flatMap { $0.pairs.filter { !$0.isDropped }.map(\.pair) })
    return snapshot.facts.episodes.filter { $0.isOpen && !configured.contains($0.pair) }.map { episode in
        var episode = episode
        episode.closedAt = now
        episode.ending = .withdrawn
        return episode
    }
}

extension Snapshot {
    /// Makes the snapshot what it is once an outcome is committed.
    mutating func take(_ outcome: Outcome) {
        pending = Outcome(at: outcome.at)
        facts.baselines += outcome.baselines
        facts.confirmations += outcome.confirmations
        for index in services.indices where !outcome.confirmations.isEmpty {
            services[index].confirmations += outcome.confirmations.filter { $0.pair.service == services[index].name }
        }
        facts.versions.take(outcome.versions)
        facts.take(outcome.messages, outcome.deliveries)
        facts.series.take(outcome.series)
        for episode in outcome.episodes {
            if let index = facts.episodes.firstIndex(where: { $0.id == episode.id }) {
                facts.episodes[index] = episode
            } else {
                facts.episodes.append(episode)
            }
        }
    }
}
