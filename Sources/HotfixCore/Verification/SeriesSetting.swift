/// What a series is judged by, beside its windows.
struct SeriesSetting: Sendable {
    /// The versions of the service's policy, oldest first.
    let versions: [PolicyVersion]
    /// What is left out of the service's look-backs.
    let exclusions: [Exclusion]
    /// The service's deployments, those taken back too.
    let deployments: [Deployment]
    /// What was excused of the pair.
    let excusals: [Excusal]
    /// The baselines stored for the series.
    let baselines: [StoredBaseline]
    /// The windows of the pair's other queries.
    let others: [Timeline]
    /// For windows that were revised, what the ledger had before, oldest first.
    let history: [Instant: [WindowRecord]]

    init(
        _ series: SeriesState, _ facts: LedgerFacts, others: [Timeline], history: [Instant: [WindowRecord]]
    ) {
        let service = series.pair.service
        versions = facts.policies.filter { $0.service == service }.sorted { $0.id < $1.id }
        exclusions = facts.exclusions.filter { $0.service == nil || $0.service == service }
        deployments = facts.deployments.filter { $0.services.contains(service) }
        excusals = facts.excusals.filter { $0.pair == series.pair }
        baselines = facts.baselines.filter { $0.series == series.id }
        self.others = others
        self.history = history
    }

    /// The rule that a policy version has for a guardrail.
    func rule(_ guardrail: String, of policy: Int) -> Guardrail? {
        versions.first { $0.id == policy }?.policy.guardrail(guardrail)
    }

    /// Whether the policy and the baseline that a verdict refers to are the guardrail's.
    func holds(_ basis: Basis, _ guardrail: String) -> Bool {
        guard rule(guardrail, of: basis.policy) != nil else { return false }
        guard case .stored(let id) = basis.baseline else { return true }
        return baselines.contains { $0.id == id }
    }

    /// A basis whose policy the service has had: where it names another, the one that was in force at an instant.
    func known(_ basis: Basis, _ guardrail: String, at instant: Instant) -> Basis {
        guard rule(guardrail, of: basis.policy) == nil else { return basis }
        let fitting = versions.filter { $0.policy.guardrail(guardrail) != nil }
        let inForce = fitting.last { $0.adoptedAt <= instant } ?? fitting.first
        return inForce.map { Basis(policy: $0.id, baseline: basis.baseline) } ?? basis
    }
}
