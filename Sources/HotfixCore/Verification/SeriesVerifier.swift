/// Derives the baselines and verdicts of one series afresh, oldest window first, each by what the ledger says that it was judged by.
struct SeriesVerifier {
    /// What differs so far.
    private(set) var differences: [Difference] = []
    /// Windows whose record differs from the ledger's, with the record that is derived.
    private(set) var corrected: [Instant: WindowRecord] = [:]
    /// Baselines that are to take the place of stored ones, by the number of the one that is wrong.
    private(set) var replacements: [Int: StoredBaseline] = [:]
    /// How much was derived.
    private(set) var tally = VerificationTally()
    /// Which breaches are confirmed.
    private(set) var confirmation: ConfirmationVariants
    /// The number that the next baseline gets.
    private(set) var nextBaseline: Int

    let evidence: SeriesEvidence
    let setting: SeriesSetting
    let values: FreshValues
    private let range: VerificationRange
    private let clock: Instant
    /// Stored baselines of whose look-back a part could not be asked.
    private var unverified: Set<Int> = []

    init(
        _ evidence: SeriesEvidence, _ setting: SeriesSetting, range: VerificationRange, nextBaseline: Int,
        clock: Instant
    ) {
        self.evidence = evidence
        self.setting = setting
        self.range = range
        self.nextBaseline = nextBaseline
        self.clock = clock
        values = FreshValues(evidence)
        confirmation = ConfirmationVariants(
            evidence.series, versions: setting.versions, others: setting.others, excusals: setting.excusals)
    }

    var step: Seconds { evidence.series.window }
    var guardrail: String { evidence.series.pair.guardrail }

    /// The start of the first window whose confirmation follows from what is left: what was deleted may have confirmed it.
    var firstConfirmable: Instant {
        let oldest = evidence.ledger.start
        return oldest > evidence.series.judgedFrom ? oldest + confirmation.longestReach : oldest
    }

    mutating func verify() {
        tally.series = 1
        var waiting = standingBaselines().sorted { ($0.to, $0.id) < ($1.to, $1.id) }[...]
        for window in evidence.span.windows {
            while let next = waiting.first, next.to <= window.start { verify(waiting.removeFirst()) }
            verifyWindow(window.start)
        }
        for baseline in waiting { verify(baseline) }
    }

    /// Notes something that differs.
    mutating func note(_ subject: Difference.Subject, at start: Instant, isRepairable: Bool = true) {
        differences.append(
            Difference(pair: evidence.series.pair, start: start, subject: subject, isRepairable: isRepairable))
    }

    // MARK: Stored baselines

    /// The stored baselines without those that a later one has corrected and that no verdict refers to.
    private func standingBaselines() -> [StoredBaseline] {
        var referred: Set<Int> = []
        for (_, record) in evidence.ledger.entries {
            guard let verdict = record.verdict else { continue }
            for basis in [verdict.basis] + (verdict.outvoted.map { [$0] } ?? []) {
                if case .stored(let id) = basis.baseline { referred.insert(id) }
            }
        }
        return setting.baselines.filter { baseline in
            referred.contains(baseline.id)
                || !setting.baselines.contains { $0.id > baseline.id && $0.isForSameLookback(as: baseline) }
        }
    }

    private mutating func verify(_ stored: StoredBaseline) {
        let span = Span(start: stored.from, end: stored.to, step: step)
        guard !span.windows.contains(where: { evidence.standing($0.start) == .unasked }) else { return }
        guard !values.hasFailed(in: span) else {
            tally.baselinesNotVerified += 1
            unverified.insert(stored.id)
            return
        }
        var first: StoredBaseline?
        for reading in readings(by: stored.rule, asOf: stored.storedAt, preferring: nil) {
            let derived = derive(stored, from: read(span, stored.rule, stored.excluded, reading))
            if derived.says(what: stored) {
                tally.baselines += 1
                return
            }
            if first == nil { first = derived }
        }
        guard var derived = first else { return }
        if values.hasPruned(in: span) {
            tally.baselinesGone += 1
            return
        }
        let isRepairable = !values.hasGone(in: span)
        tally.baselines += 1
        derived.id = nextBaseline
        derived.storedAt = clock
        note(.storedBaseline(ledger: stored, derived: derived), at: stored.to, isRepairable: isRepairable)
        guard isRepairable else { return }
        replacements[stored.id] = derived
        nextBaseline += 1
    }

    private func derive(_ stored: StoredBaseline, from reading: LookbackReading) -> StoredBaseline {
        var derived = stored
        let starts =
            stored.rule.statistic == .seasonal
            ? stride(from: 0, to: 86_400, by: step).map { stored.to + $0 } : [stored.to]
        derived.windowsExcluded = reading.excluded
        derived.values = starts.enumerated().map { index, start in
            var value = reading.lookback.value(of: stored.rule.statistic, at: start)
            let said = stored.values.indices.contains(index) ? stored.values[index].isSilent : false
            value.isSilent = reading.silence.contains(said) ? said : reading.silence.first ?? false
            return value
        }
        let counts = setting.versions.compactMap { version in
            version.policy.guardrail(guardrail)?.limits.first(where: \.isRelative).map(
                reading.lookback.windowsBreaching)
        }
        // Which of several policies it was counted by, the baseline does not tell.
        if stored.windowsOverMedianLimit.map({ !counts.contains($0) }) ?? false {
            derived.windowsOverMedianLimit = counts.last
        }
        return derived
    }

    // MARK: Windows

    private mutating func verifyWindow(_ start: Instant) {
        let standing = evidence.standing(start)
        count(standing, at: start)
        guard let record = evidence.ledger[start] else {
            confirmation.advance(start, nil)
            return
        }
        var current = record
        if let source = evidence.found[start] {
            current.observation = source
            if range.contains(start) { note(.observation(ledger: record.observation, source: source), at: start) }
        } else if standing == .lost, let source = evidence.lacking[start], range.contains(start) {
            note(.observation(ledger: record.observation, source: source), at: start, isRepairable: false)
        }
        if let verdict = record.verdict {
            let isAsked = standing != .unasked && standing != .failed
            current.verdict = repointed(
                isAsked && range.contains(start)
                    ? derive(verdict, current.observation, at: start, standing) : verdict)
        }
        if current != record { corrected[start] = current }
        confirmation.advance(start, current)
    }

    private mutating func count(_ standing: SeriesEvidence.Standing, at start: Instant) {
        guard range.contains(start), evidence.ledger[start] != nil || evidence.planned.contains(start) else { return }
        switch standing {
        case .unasked: break
        case .failed: tally.windowsNotVerified += 1
        case .gone: tally.windowsGone += 1
        case .changing: tally.windowsChanging += 1
        case .derived where evidence.isAskedAgain(start): tally.windowsChanging += 1
        case .derived, .lost:
            tally.windows += 1
            tally.oldest = min(tally.oldest ?? start, start)
        }
    }

    /// A verdict that refers to the baselines that take the place of wrong ones.
    private func repointed(_ verdict: RecordedVerdict?) -> RecordedVerdict? {
        guard var verdict, !replacements.isEmpty else { return verdict }
        verdict.basis = repointed(verdict.basis)
        verdict.outvoted = verdict.outvoted.map(repointed)
        return verdict
    }

    private func repointed(_ basis: Basis) -> Basis {
        guard case .stored(let id) = basis.baseline, let replacement = replacements[id] else { return basis }
        return Basis(policy: basis.policy, baseline: .stored(replacement.id))
    }

    /// What a window comes to by what it was judged by: nil where it would be missing.
    private mutating func derive(
        _ recorded: RecordedVerdict, _ observation: Observation, at start: Instant,
        _ standing: SeriesEvidence.Standing
    ) -> RecordedVerdict? {
        var judged: [(basis: Basis, judgement: Judgement?)] = []
        let bases = [recorded.basis] + (recorded.outvoted.map { [$0] } ?? [])
        for basis in bases.map({ setting.known($0, guardrail, at: recorded.evaluatedAt) }) {
            guard let rule = setting.rule(guardrail, of: basis.policy) else { return recorded }
            let fresh: (basis: Basis, state: BaselineState)
            switch self.fresh(basis, rule, recorded, observation, at: start) {
            case .success(let value): fresh = value
            case .failure(let reason):
                if standing == .derived || standing == .lost { leaveOut(reason) }
                return recorded
            }
            judged.append((fresh.basis, judge(observation, by: rule, baseline: fresh.state, window: step)))
        }
        let first = judged.first?.judgement
        var derived = recorded
        derived.basis = judged.first?.basis ?? recorded.basis
        derived.outvoted = judged.count > 1 ? judged.last?.basis : nil
        var worst = first
        // Of two policies the worse verdict counts, so that what was outvoted is no worse.
        if let last = judged.last, let judgement = last.judgement, isWorse(judgement.rank, than: first?.rank) {
            worst = judgement
            derived.basis = last.basis
            derived.outvoted = nil
        }
        let finding = worst.map(Difference.Finding.init)
        var held = Difference.Finding(recorded)
        held.hasKnownBasis = bases.allSatisfy { setting.holds($0, guardrail) }
        guard finding != held else { return derived }
        // What no source can prove any more makes no verdict better.
        let isRepairable = standing != .gone && standing != .lost || !isWorse(recorded.rank, than: finding?.rank)
        note(.verdict(ledger: held, derived: finding), at: start, isRepairable: isRepairable)
        guard isRepairable else { return recorded }
        guard let finding else { return nil }
        derived.verdict = finding.verdict
        derived.reason = finding.reason
        derived.isSevere = finding.isSevere
        if finding.verdict != .breach { derived.isConfirmed = false }
        return derived
    }

    /// Why a verdict cannot be derived though its window was.
    private enum Lack: Error {
        /// Its look-back could not be asked.
        case notAsked
        /// Neither source nor ledger hold its look-back any more.
        case notHeld
    }

    private mutating func leaveOut(_ lack: Lack) {
        tally.windows -= 1
        switch lack {
        case .notAsked: tally.windowsNotVerified += 1
        case .notHeld: tally.windowsGone += 1
        }
    }

    /// What a window is judged by now.
    private mutating func fresh(
        _ basis: Basis, _ rule: Guardrail, _ recorded: RecordedVerdict, _ observation: Observation, at start: Instant
    ) -> Result<(basis: Basis, state: BaselineState), Lack> {
        guard needsBaseline(rule) else { return .success((basis, .notNeeded)) }
        switch basis.baseline {
        case .none: return .success((basis, .unasked))
        case .stored(let id):
            guard !unverified.contains(id) else { return .failure(.notAsked) }
            let baseline = replacements[id] ?? setting.baselines.first { $0.id == id }
            return .success((basis, baseline?.value(at: start).map(BaselineState.known) ?? .unasked))
        case .inline(let value, let isProvisional):
            let own = OwnBaseline(
                value: value, isProvisional: isProvisional, policy: basis.policy, recorded: recorded,
                observation: observation)
            switch derive(own, rule, at: start) {
            case .notAsked: return .failure(.notAsked)
            case .notHeld: return .failure(.notHeld)
            case .value(let derived):
                return .success(
                    (
                        Basis(policy: basis.policy, baseline: .inline(derived, isProvisional: isProvisional)),
                        .known(derived)
                    ))
            }
        }
    }
}

extension StoredBaseline {
    /// Whether another was computed for the same look-back with the same left out.
    fileprivate func isForSameLookback(as other: StoredBaseline) -> Bool {
        series == other.series && deployment == other.deployment && from == other.from && to == other.to
            && rule == other.rule && excluded == other.excluded
    }

    /// Whether it comes to the same numbers as another.
    fileprivate func says(what other: StoredBaseline) -> Bool {
        values.count == other.values.count && zip(values, other.values).allSatisfy { $0.says(what: $1) }
            && windowsExcluded == other.windowsExcluded && windowsOverMedianLimit == other.windowsOverMedianLimit
    }
}

extension BaselineValue {
    /// Whether it is the same as another, but for rounding.
    func says(what other: BaselineValue) -> Bool {
        isClose(number, other.number) && windowsUsed == other.windowsUsed && windowsPossible == other.windowsPossible
            && isSilent == other.isSilent
    }
}
