extension LedgerFacts {
    /// What concerns each service, so that nobody looks through everything for each of thousands.
    ///
    /// Deployments name only the guardrails of the service; what is told and silenced is left out.
    ///
    /// - Parameter names: The services.
    /// - Returns: The facts of each, by its name.
    func slices(of names: [String]) -> [String: LedgerFacts] {
        var deployments: [String: [Deployment]] = [:]
        for deployment in self.deployments {
            let pairs = Dictionary(grouping: deployment.pairs, by: \.service)
            for service in Set(deployment.services) {
                var own = deployment
                own.pairs = pairs[service] ?? []
                deployments[service, default: []].append(own)
            }
        }
        let services = Dictionary(series.map { ($0.id, $0.pair.service) }) { $1 }
        let excusals = Dictionary(grouping: excusals, by: \.pair.service)
        let acceptances = Dictionary(grouping: acceptances, by: \.pair.service)
        let confirmations = Dictionary(grouping: confirmations, by: \.pair.service)
        let policies = Dictionary(grouping: policies, by: \.service)
        let series = Dictionary(grouping: series, by: \.pair.service)
        let baselines = Dictionary(grouping: baselines) { services[$0.series] }
        let episodes = Dictionary(grouping: episodes, by: \.pair.service)
        let versions = Dictionary(grouping: versions, by: \.service)
        return Dictionary(
            Set(names).map { name in
                let slice = LedgerFacts(
                    ledgerID: ledgerID, generation: generation, evidence: evidence,
                    deployments: deployments[name] ?? [],
                    exclusions: exclusions.filter { $0.service == nil || $0.service == name },
                    excusals: excusals[name] ?? [], acceptances: acceptances[name] ?? [],
                    confirmations: confirmations[name] ?? [], policies: policies[name] ?? [],
                    series: series[name] ?? [], baselines: baselines[name] ?? [], episodes: episodes[name] ?? [],
                    versions: versions[name] ?? [], lastCheck: lastCheck)
                return (name, slice)
            }
        ) { $1 }
    }
}

extension [SeriesState] {
    /// Puts series in the place of those of the same number, and the others behind, in the order of the numbers.
    mutating func take(_ changed: [SeriesState]) {
        guard !changed.isEmpty else { return }
        var byID = Dictionary(map { ($0.id, $0) }) { $1 }
        for series in changed { byID[series.id] = series }
        self = byID.values.sorted { $0.id < $1.id }
    }
}
