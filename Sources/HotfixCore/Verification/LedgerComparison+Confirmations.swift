extension LedgerComparison {
    /// Looks for confirmations that nothing in the ledger can have led to.
    ///
    /// The asking itself cannot be repeated, so that what is possible is taken from the ledger.
    mutating func compareConfirmations() {
        for service in ledger.services {
            let told = ledger.facts.confirmations.filter { $0.pair.service == service.name }
            guard !told.isEmpty else { continue }
            let running = service.context.deployments.running
            let current = derived.services.first { $0.name == service.name } ?? service
            let streak = current.derived(at: at).streak
            for confirmation in told {
                if let flaw = flaw(of: confirmation, running, current, streak) {
                    note(confirmation.pair, .asking(confirmation, flaw), at: confirmation.since, isRepairable: false)
                } else if running?.id == confirmation.deployment, streak?.since == confirmation.since {
                    tally.confirmations.append(confirmation)
                }
            }
        }
        tally.confirmations.sort { ($0.pair, $0.at) < ($1.pair, $1.at) }
    }

    private func flaw(
        of confirmation: Confirmation, _ running: Deployment?, _ service: ServiceSnapshot, _ streak: Streak?
    ) -> Difference.Flaw? {
        let facts = ledger.facts
        let deployment = facts.deployments.first { $0.id == confirmation.deployment }
        guard let deployment, deployment.services.contains(service.name) else { return .unknownDeployment }
        let policies = facts.policies.filter { $0.service == service.name }.map(\.policy)
        let shortest = policies.map(\.streak.required).min() ?? 0
        guard confirmation.since >= deployment.at, confirmation.at - confirmation.since >= shortest else {
            return .tooEarly
        }
        // What was judged, said or adopted later may have shortened a streak that was long enough when it was confirmed.
        guard running?.id == deployment.id, !isChanged(service, since: confirmation.at) else { return nil }
        guard let streak, streak.since == confirmation.since, streak.reachedAt == nil else { return nil }
        return .notReached
    }

    private func isChanged(_ service: ServiceSnapshot, since instant: Instant) -> Bool {
        let facts = ledger.facts
        return facts.policies.contains { $0.service == service.name && $0.adoptedAt > instant }
            || facts.deployments.contains { $0.recordedAt > instant }
            || facts.exclusions.contains { $0.recordedAt > instant }
            || facts.excusals.contains { $0.recordedAt > instant }
            || service.versions != nil
            || service.pairs.contains { pair in
                pair.records.entries.contains { start, record in
                    start + pair.records.step <= instant && (record.verdict?.evaluatedAt ?? instant) > instant
                }
            }
    }
}
