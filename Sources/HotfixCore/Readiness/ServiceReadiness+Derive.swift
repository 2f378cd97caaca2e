extension ServiceSnapshot {
    /// What a service's ledger says at an instant.
    ///
    /// - Parameters:
    ///   - at: Windows that end later are left out.
    ///   - clock: The reader's own clock, which windows of the ledger must not be ahead of.
    ///   - maxAge: The newest complete window must have ended no longer ago than this, in seconds; nil means 4 windows.
    ///   - awaitsPolicy: Whether its windows have still to be judged by a changed rule.
    /// - Returns: Its readiness.
    package func readiness(
        at: Instant, clock: Instant, maxAge: Seconds?, awaitsPolicy: Bool = false
    ) -> ServiceReadiness {
        let digest = knownDigest(at: at)
        let running = context.deployments.running
        let streak = digest.count
        let evaluatedUntil = digest.newest.last.map { $0.start + context.step }
        let isConfirmed = streak.map { wasAskedOnceMore($0, running) } ?? false
        let (state, reason) = state(
            digest, running: running, isConfirmed: isConfirmed, at: at, clock: clock,
            maxAge: maxAge ?? 4 * context.step)
        let waits = awaitsPolicy && [.counting, .ready].contains(state)
        var earliest: Instant?
        if let streak, let evaluatedUntil {
            if let reached = streak.reachedAt {
                earliest = isConfirmed && !waits ? reached : evaluatedUntil
            } else {
                earliest = evaluatedUntil + (context.streakRule.required - streak.proven)
            }
        } else if let streak {
            earliest = max(at, streak.since) + context.streakRule.required
        }
        return ServiceReadiness(
            name: name, state: waits ? .counting : state, stateReason: waits ? .policy : reason, deployment: running,
            requiredSeconds: context.streakRule.required, provenSeconds: streak?.proven ?? 0, since: streak?.since,
            sinceOrigin: streak?.origin, earliestReady: earliest, evaluatedUntil: evaluatedUntil,
            unprovenWindows: streak?.unprovenWindows ?? 0, missingWindows: streak?.missingWindows ?? 0,
            guardrails: digest.guardrails, lastBreach: digest.lastBreach, notWatched: [],
            version: versions.map { VersionReadiness($0, until: at) })
    }

    private func wasAskedOnceMore(_ streak: ServiceDigest.Count, _ running: Deployment?) -> Bool {
        pairs.filter { !$0.isDropped }.allSatisfy { pair in
            confirmations.contains {
                $0.pair == pair.pair && $0.deployment == running?.id && $0.since == streak.since
            }
        }
    }

    private func state(
        _ digest: ServiceDigest, running: Deployment?, isConfirmed: Bool, at: Instant, clock: Instant, maxAge: Seconds
    ) -> (Readiness.State, Readiness.StateReason?) {
        guard let running else {
            let isClosed = context.deployments.standing.last.map { $0.closedAt != nil } ?? false
            return (.notDeployed, isClosed ? .closed : nil)
        }
        if digest.isEpisodeOpen || digest.newest.last?.verdict == .breach { return (.breaching, nil) }
        if let reason = blindness(digest, running: running, at: at, clock: clock, maxAge: maxAge) {
            return (.blind, reason)
        }
        guard let streak = digest.count, streak.reachedAt != nil else { return (.counting, nil) }
        guard isConfirmed else { return (.counting, .confirming) }
        return digest.newestLoud == .clean ? (.ready, nil) : (.counting, nil)
    }

    private func blindness(
        _ digest: ServiceDigest, running: Deployment, at: Instant, clock: Instant, maxAge: Seconds
    ) -> Readiness.StateReason? {
        // A deployment of the future is one whose recorder's clock and this one disagree.
        if running.at > clock || digest.recordedUntil > clock + 60 { return .clock }
        if digest.lacksHistory { return .noHistory }
        guard let newest = digest.newest.last else { return at - running.at > maxAge ? .neverChecked : nil }
        if at - (newest.start + context.step) > maxAge { return .stale }
        if digest.newest.count == 4, digest.newest.allSatisfy({ $0.verdict == .unproven }),
            !digest.newest.allSatisfy({ if case .neutral(isQuiet: true, _) = $0.kind { true } else { false } })
        {
            return .unproven
        }
        let day = at - 86_400
        let wasObserved = running.at <= day
        let hasVerdict = digest.judgedUntil.map { $0 > day } ?? false
        return wasObserved && !hasVerdict ? .noVerdict : nil
    }
}
