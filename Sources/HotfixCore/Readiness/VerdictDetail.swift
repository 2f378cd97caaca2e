/// One verdict with everything it was reached from.
package struct VerdictDetail: Sendable {
    /// The window.
    package var window: Window
    /// The rule it was reached by.
    package var guardrail: Guardrail
    /// What the source answered.
    package var observation: Observation
    /// The verdict as the ledger has it.
    package var verdict: RecordedVerdict
    /// The baseline, where the guardrail needs one.
    package var baseline: BaselineValue?
    /// The stored baseline, where it is one.
    package var stored: StoredBaseline?
    /// The judgement of the same figures, made afresh.
    package var judgement: Judgement?
    /// The policy version.
    package var policy: PolicyVersion
}

extension ServiceContext {
    /// The verdict of a pair in the window that starts at an instant, judged afresh from what is recorded.
    ///
    /// - Returns: nil where the window has no verdict.
    package func detail(of pair: PairSnapshot, at start: Instant) -> VerdictDetail? {
        guard let record = pair.records[start], let verdict = record.verdict,
            let policy = policies[verdict.basis.policy], let rule = policy.policy.guardrail(pair.pair.guardrail)
        else { return nil }
        var baseline: BaselineValue?
        var stored: StoredBaseline?
        switch verdict.basis.baseline {
        case .none: break
        case .inline(let value, _): baseline = value
        case .stored(let id):
            stored = pair.baselines.first { $0.id == id }
            baseline = stored?.value(at: start)
        }
        let state = needsBaseline(rule) ? baseline.map(BaselineState.known) ?? .unasked : .notNeeded
        return VerdictDetail(
            window: Window(containing: start, length: step), guardrail: rule, observation: record.observation,
            verdict: verdict, baseline: baseline, stored: stored,
            judgement: judge(record.observation, by: rule, baseline: state, window: step), policy: policy)
    }
}
