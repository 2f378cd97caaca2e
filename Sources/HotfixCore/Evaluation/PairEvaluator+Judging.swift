extension PairEvaluator {
    /// What is known of the baseline of the window that starts at an instant, and where that is kept.
    private func currentBaseline(at start: Instant) -> (state: BaselineState, reference: BaselineReference) {
        guard needsBaseline(pair.guardrail) else { return (.notNeeded, .none) }
        if let (period, stored) = anchor(at: start) {
            if let stored, let value = stored.value(at: start) { return (.known(value), .stored(stored.id)) }
            return inlineBaseline(endingAt: period.start, at: start, isProvisional: true)
        }
        return inlineBaseline(endingAt: start, at: start, isProvisional: false)
    }

    /// The anchored stretch that a window belongs to, with its baseline where that is stored.
    private func anchor(at start: Instant) -> (period: ServiceDeployments.AnchorPeriod, stored: StoredBaseline?)? {
        guard pair.guardrail.baseline.anchor == .deployment, let period = service.deployments.period(at: start)
        else { return nil }
        return anchors.first { $0.period == period }
    }

    private func inlineBaseline(
        endingAt end: Instant, at start: Instant, isProvisional: Bool
    ) -> (state: BaselineState, reference: BaselineReference) {
        let desk = BaselineDesk(pair, of: service)
        guard let read = desk.read(desk.lookback(endingAt: end)) else { return (.unasked, .none) }
        let value = desk.value(of: read.lookback, at: start)
        return (.known(value), .inline(value, isProvisional: isProvisional))
    }

    private func recordedBaseline(_ reference: BaselineReference, at start: Instant) -> BaselineState {
        switch reference {
        case .none: .unasked
        case .inline(let value, _): .known(value)
        case .stored(let id):
            pair.baselines.first { $0.id == id }?.value(at: start).map(BaselineState.known) ?? .unasked
        }
    }

    // MARK: Verdicts

    /// Gives a window its first verdict, or another where its value changed or what it was judged by no longer holds.
    mutating func judgeWindow(_ start: Instant) {
        guard let record = pair.records[start] else { return }
        let basis: Basis
        guard let existing = record.verdict else {
            // Look-back holds no outcomes, so an error count must have been asked to be judged.
            guard !pair.guardrail.measure.traits.isErrorCount || askedForJudging.contains(start) else { return }
            let (state, reference) = currentBaseline(at: start)
            guard let judgement = judge(record.observation, by: pair.guardrail, baseline: state, window: step) else {
                return
            }
            basis = Basis(policy: service.policy.id, baseline: reference)
            setVerdict(judgement, basis, outvoted: nil, at: start)
            return
        }
        let staleness = self.staleness(of: existing, at: start)
        guard staleness != .none else {
            if revised.contains(start) { rejudge(existing, at: start) }
            return
        }
        let (state, reference) = currentBaseline(at: start)
        basis = Basis(policy: service.policy.id, baseline: reference)
        guard let judgement = judge(record.observation, by: pair.guardrail, baseline: state, window: step) else {
            becomeMissing(existing, staleness, at: start)
            return
        }
        let earlier =
            staleness == .statement
            ? judgementSoFar(existing, at: start) : judgementByEarlierRule(existing, state, reference, at: start)
        // Of equal verdicts the earlier counts, so that a value which changes later is held against both.
        if let (old, oldBasis) = earlier, !isWorse(judgement.rank, than: old.rank) {
            setVerdict(old, oldBasis, outvoted: basis, at: start)
        } else {
            setVerdict(judgement, basis, outvoted: nil, at: start)
        }
    }

    private enum Staleness {
        case none
        /// The new verdict counts: the baseline was provisional or rolling, or the deployment it belonged to was taken back.
        case superseded
        /// The worse verdict counts: the policy changed, or what the look-back leaves out, or the anchor.
        case statement
    }

    private func staleness(of existing: RecordedVerdict, at start: Instant) -> Staleness {
        let judgedBy = existing.judgedBy
        if isRunning(start), !isSameRule(judgedBy.policy) { return .statement }
        guard needsBaseline(pair.guardrail) else { return .none }
        if judgedBy.baseline == .none { return .superseded }
        guard let (period, stored) = anchor(at: start), period.deployment.isOpen else { return .none }
        guard case .stored(let id) = judgedBy.baseline else { return .superseded }
        guard let stored, stored.id != id else { return .none }
        let old = pair.baselines.first { $0.id == id }
        if !service.deployments.standing.contains(where: { $0.id == old?.deployment }) { return .superseded }
        return isRunning(start) ? .statement : .none
    }

    private func isRunning(_ start: Instant) -> Bool { pair.runningFrom.map { start >= $0 } ?? false }

    private func isSameRule(_ policy: Int) -> Bool {
        if policy == service.policy.id { return true }
        return rule(of: policy)?.judgingPart == pair.guardrail.judgingPart
    }

    private func rule(of policy: Int) -> Guardrail? {
        service.policies[policy]?.policy.guardrail(pair.guardrail.name)
    }

    /// What a window comes to by what it was judged by so far: judged afresh where its value changed.
    private func judgementSoFar(_ existing: RecordedVerdict, at start: Instant) -> (Judgement, Basis)? {
        if revised.contains(start), let judgement = judgementBy(existing.basis, at: start) {
            return (judgement, existing.basis)
        }
        return (Judgement(existing.verdict, existing.reason, isSevere: existing.isSevere), existing.basis)
    }

    /// What a window whose baseline is superseded comes to by the rule of an earlier policy that still counts.
    private func judgementByEarlierRule(
        _ existing: RecordedVerdict, _ state: BaselineState, _ reference: BaselineReference, at start: Instant
    ) -> (Judgement, Basis)? {
        let policy = existing.basis.policy
        guard isRunning(start), !isSameRule(policy), let rule = rule(of: policy), let record = pair.records[start]
        else { return nil }
        let basis = Basis(policy: policy, baseline: needsBaseline(rule) ? reference : .none)
        guard needsBaseline(rule), rule.baseline == pair.guardrail.baseline else {
            return judgementBy(existing.basis, at: start).map { ($0, existing.basis) }
        }
        return judge(record.observation, by: rule, baseline: state, window: step).map { ($0, basis) }
    }

    private func judgementBy(_ basis: Basis, at start: Instant) -> Judgement? {
        guard let rule = rule(of: basis.policy), let observation = pair.records[start]?.observation else { return nil }
        let state = needsBaseline(rule) ? recordedBaseline(basis.baseline, at: start) : .notNeeded
        return judge(observation, by: rule, baseline: state, window: step)
    }

    /// Judges a revised window by what it was judged by before; the worst verdict counts.
    private mutating func rejudge(_ existing: RecordedVerdict, at start: Instant) {
        let bases = [existing.basis] + (existing.outvoted.map { [$0] } ?? [])
        let judged = bases.compactMap { basis in judgementBy(basis, at: start).map { (basis, $0) } }
        guard let first = judged.first else { return }
        let worst = judged.dropFirst().reduce(first) { isWorse($1.1.rank, than: $0.1.rank) ? $1 : $0 }
        let outvoted = bases.count > 1 && worst.0 != bases.last ? bases.last : nil
        setVerdict(worst.1, worst.0, outvoted: outvoted, at: start)
    }

    /// Takes back a verdict where by what holds now the window is missing, unless an earlier policy's verdict is worse than clean.
    private mutating func becomeMissing(_ existing: RecordedVerdict, _ staleness: Staleness, at start: Instant) {
        let isRevised = revised.contains(start)
        if isRevised, staleness == .statement, let old = judgementBy(existing.basis, at: start), old.verdict != .clean {
            setVerdict(old, existing.basis, outvoted: existing.outvoted, at: start)
        } else if isRevised || existing.verdict == .clean {
            set(nil, at: start, countsAsJudged: false)
        }
    }

    private mutating func setVerdict(_ judgement: Judgement, _ basis: Basis, outvoted: Basis?, at start: Instant) {
        guard let record = pair.records[start] else { return }
        guard var verdict = record.verdict, !revised.contains(start), verdict.basis == basis,
            verdict.rank == judgement.rank, verdict.reason == judgement.reason
        else {
            let verdict = RecordedVerdict(
                verdict: judgement.verdict, reason: judgement.reason, isSevere: judgement.isSevere, basis: basis,
                outvoted: outvoted, revision: record.verdict.map { $0.revision + 1 } ?? 0, evaluatedAt: now)
            set(verdict, at: start, countsAsJudged: true)
            return
        }
        guard verdict.outvoted != outvoted else { return }
        verdict.outvoted = outvoted
        set(verdict, at: start, countsAsJudged: false)
    }
}

extension Guardrail {
    /// What decides verdicts, confirmation left out: that is derived afresh whenever it is read.
    var judgingPart: Guardrail {
        var part = self
        part.severity = .critical
        part.link = nil
        part.unit = nil
        part.confirm = Confirm()
        part.recoverAfter = 1
        return part
    }
}
