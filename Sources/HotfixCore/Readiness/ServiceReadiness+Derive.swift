extension ServiceSnapshot {
    /// What a service's ledger says at an instant.
    ///
    /// - Parameters:
    ///   - at: Windows that end later are left out.
    ///   - clock: The reader's own clock, which windows of the ledger must not be ahead of.
    ///   - maxAge: The newest complete window must have ended no longer ago than this, in seconds; nil means 4 windows.
    ///   - confirmations: Streaks that were asked once more.
    /// - Returns: Its readiness.
    package func readiness(
        at: Instant, clock: Instant, maxAge: Seconds?, confirmations: [Confirmation]
    ) -> ServiceReadiness {
        let derived = derived(until: at, at: at)
        let running = context.deployments.running
        let streak = running == nil ? nil : derived.streak
        let evaluatedUntil = derived.evaluatedUntil
        let isConfirmed = streak.map { wasAskedOnceMore($0, running, confirmations) } ?? false
        let (state, reason) = state(
            derived, running: running, isConfirmed: isConfirmed, at: at, clock: clock,
            maxAge: maxAge ?? 4 * context.step)
        var earliest: Instant?
        if let streak, let evaluatedUntil {
            if let reached = streak.reachedAt {
                earliest = isConfirmed ? reached : evaluatedUntil
            } else {
                earliest = evaluatedUntil + (context.streakRule.required - streak.proven)
            }
        } else if let streak {
            earliest = max(at, streak.since) + context.streakRule.required
        }
        return ServiceReadiness(
            name: name, state: state, stateReason: reason, deployment: running,
            requiredSeconds: context.streakRule.required, provenSeconds: streak?.proven ?? 0, since: streak?.since,
            sinceOrigin: streak?.origin, earliestReady: earliest, evaluatedUntil: evaluatedUntil,
            unprovenWindows: streak?.unprovenWindows ?? 0, missingWindows: streak?.missingWindows ?? 0,
            guardrails: pairs.map { guardrailState($0, until: at) },
            lastBreach: lastBreach(derived, since: running?.at), notWatched: [],
            version: versions.map { VersionReadiness($0, until: at) })
    }

    private func wasAskedOnceMore(_ streak: Streak, _ running: Deployment?, _ confirmations: [Confirmation]) -> Bool {
        pairs.filter { !$0.isDropped }.allSatisfy { pair in
            confirmations.contains {
                $0.pair == pair.pair && $0.deployment == running?.id && $0.since == streak.since
            }
        }
    }

    private func state(
        _ derived: DerivedService, running: Deployment?, isConfirmed: Bool, at: Instant, clock: Instant, maxAge: Seconds
    ) -> (Readiness.State, Readiness.StateReason?) {
        guard let running else {
            let isClosed = context.deployments.standing.last.map { $0.closedAt != nil } ?? false
            return (.notDeployed, isClosed ? .closed : nil)
        }
        let complete = derived.windows.filter(\.isComplete)
        let isEpisodeOpen = pairs.contains { pair in
            !pair.isDropped && derived.folds[pair.pair]?.episodes.last?.isOpen == true
        }
        if isEpisodeOpen || complete.last?.verdict == .breach { return (.breaching, nil) }
        if let reason = blindness(derived, complete, running: running, at: at, clock: clock, maxAge: maxAge) {
            return (.blind, reason)
        }
        guard let streak = derived.streak, streak.reachedAt != nil else { return (.counting, nil) }
        guard isConfirmed else { return (.counting, .confirming) }
        let newestLoud = complete.last { if case .neutral(isQuiet: true, _) = $0.kind { false } else { true } }
        return newestLoud?.kind == .clean ? (.ready, nil) : (.counting, nil)
    }

    private func blindness(
        _ derived: DerivedService, _ complete: [DerivedService.WindowState], running: Deployment, at: Instant,
        clock: Instant, maxAge: Seconds
    ) -> Readiness.StateReason? {
        // A deployment of the future is one whose recorder's clock and this one disagree.
        if running.at > clock || pairs.contains(where: { $0.lastRecordEnd > clock + 60 }) { return .clock }
        if pairs.contains(where: { lacksHistory($0, before: running) }) { return .noHistory }
        guard let newest = complete.last else { return at - running.at > maxAge ? .neverChecked : nil }
        if at - (newest.start + context.step) > maxAge { return .stale }
        let newestFour = complete.suffix(4)
        if newestFour.count == 4, newestFour.allSatisfy({ $0.verdict == .unproven }),
            !newestFour.allSatisfy({ if case .neutral(isQuiet: true, _) = $0.kind { true } else { false } })
        {
            return .unproven
        }
        let day = at - 86_400
        let wasObserved = running.at <= day
        let hasVerdict = complete.contains { $0.start + context.step > day && $0.verdict != .unproven }
        return wasObserved && !hasVerdict ? .noVerdict : nil
    }

    /// Whether a source's history begins only after the deployment: nothing in the look-back, nothing in the deployment's window, values later.
    private func lacksHistory(_ pair: PairSnapshot, before running: Deployment) -> Bool {
        guard pair.guardrail.baseline.anchor == .deployment, needsBaseline(pair.guardrail),
            let period = context.deployments.periods.last(where: { $0.deployment.hotfix == running.hotfix }),
            let stored = pair.baselines.last(where: { $0.to == period.start }),
            stored.values.allSatisfy({ $0.windowsUsed == 0 }), stored.windowsExcluded == 0,
            let first = pair.records[period.start]
        else { return false }
        return first.observation.value == nil && first.observation.events != 0
    }

    private func guardrailState(_ pair: PairSnapshot, until: Instant) -> ServiceReadiness.GuardrailState {
        let newest = pair.records.entries.filter { $0.record.verdict != nil && $0.start + context.step <= until }
            .max { $0.start < $1.start }
        guard !pair.isDropped, let newest,
            let counted = pair.counted(newest.start)?.held(against: versions, at: newest.start)
        else {
            let counted = pair.isDropped ? CountedVerdict(verdict: .unproven, reason: .notWatched) : nil
            return .init(
                name: pair.pair.guardrail, verdict: counted?.verdict, reason: counted?.reason,
                unit: pair.series?.definition.unit ?? pair.guardrail.unit)
        }
        let detail = context.detail(of: pair, at: newest.start)
        return .init(
            name: pair.pair.guardrail, verdict: counted.verdict, reason: counted.reason, windowStart: newest.start,
            value: newest.record.observation.value, baseline: detail?.baseline, limit: detail?.judgement?.limitNumber,
            unit: pair.series?.definition.unit ?? pair.guardrail.unit)
    }

    private func lastBreach(_ derived: DerivedService, since: Instant?) -> ServiceReadiness.LastBreach? {
        let newest = derived.folds.compactMap { pair, fold in
            fold.confirmed.filter { start in since.map { start >= $0.floored(to: context.step) } ?? true }.max().map {
                (pair, $0)
            }
        }.max { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let (pair, start) = newest, let snapshot = pairs.first(where: { $0.pair == pair }) else { return nil }
        return ServiceReadiness.LastBreach(
            guardrail: pair.guardrail, windowStart: start, value: snapshot.counted(start)?.value,
            limit: context.detail(of: snapshot, at: start)?.judgement?.limitNumber)
    }
}
