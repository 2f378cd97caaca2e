/// How far beyond a limit a value must lie to breach it, as a share of the limit: equality is clean.
package let limitTolerance = 1e-9

/// Judges one observation by one guardrail.
///
/// The order of the questions is the law's: idle, no value, invalid, thin, too few events, silent, absolute limits, baseline,
/// relative limits, dropped events. A breach is a breach even where events were dropped: the count could only have been higher.
///
/// - Parameters:
///   - observation: What the source answered.
///   - guardrail: The rule.
///   - baseline: What is known of its baseline.
///   - window: The length of the window in seconds.
/// - Returns: nil where the window stays missing, since the look-back could not be asked.
package func judge(
    _ observation: Observation, by guardrail: Guardrail, baseline: BaselineState, window: Seconds
) -> Judgement? {
    let traits = guardrail.measure.traits
    let limits = BoundLimits(guardrail, baseline: baseline.value)
    if traits.countsEvents, observation.events == 0 { return limits.judgement(.unproven, .idle) }
    guard let value = observation.value, !(traits.countsEvents && observation.events == nil) else {
        return limits.judgement(guardrail.noData == .breach ? .breach : .unproven, .noData)
    }
    if traits.isNonNegative && value < 0 || (observation.events ?? 0) < 0 {
        return limits.judgement(.unproven, .invalidValue)
    }
    if let minimum = guardrail.minimumSamples, (observation.samples ?? 0) < minimum * (1 - limitTolerance) {
        return limits.judgement(.unproven, .thinWindow)
    }
    if let minimum = guardrail.minimumEvents, let events = observation.events, events < minimum {
        return limits.judgement(.unproven, .tooFewEvents)
    }
    let silenceMatters = traits.isErrorCount && guardrail.quiet == .unexpected
    if silenceMatters, value == 0, isSilent(observation, baseline: baseline.value, window: window) {
        return limits.judgement(.unproven, .silent)
    }
    if let crossed = limits.crossedAbsolute(by: value) { return crossed }
    let needsBaseline = guardrail.hasRelativeLimit || silenceMatters
    if needsBaseline, case .unasked = baseline { return nil }
    if silenceMatters, value == 0, baseline.value?.isSilent ?? false, !(observation.outcomes?.acceptedAny ?? false) {
        return limits.judgement(.unproven, .silentBaseline)
    }
    if guardrail.hasRelativeLimit {
        if let judgement = limits.judgementOfRelativeLimits(value) { return judgement }
    }
    if traits.isErrorCount, let outcomes = observation.outcomes, hasDropped(outcomes) {
        return limits.judgement(.unproven, .droppedEvents, of: value)
    }
    return limits.judgement(.clean, nil, of: value)
}

/// Whether a guardrail's windows need a baseline at all.
package func needsBaseline(_ guardrail: Guardrail) -> Bool {
    guardrail.hasRelativeLimit || guardrail.measure.traits.isErrorCount && guardrail.quiet == .unexpected
}

/// An error count of 0 where the baseline lets expect 10 events or more, unless the project accepted an event of any category in the last hour.
private func isSilent(_ observation: Observation, baseline: BaselineValue?, window: Seconds) -> Bool {
    guard let number = baseline?.number, number * Double(window) / 60 >= 10 else { return false }
    return !(observation.outcomes?.acceptedAny ?? false)
}

/// More than 5 %, and at least 10, of the window's error events were dropped by quotas.
private func hasDropped(_ outcomes: Observation.Outcomes) -> Bool {
    let total = outcomes.acceptedErrors + outcomes.droppedErrors
    return outcomes.droppedErrors >= 10 && outcomes.droppedErrors * 20 > total
}

/// A guardrail's limits with their numbers.
private struct BoundLimits {
    private let guardrail: Guardrail
    private let baseline: BaselineValue?
    private let bound: [(limit: Limit, number: Double)]

    init(_ guardrail: Guardrail, baseline: BaselineValue?) {
        self.guardrail = guardrail
        self.baseline = baseline
        bound = guardrail.limits.compactMap { limit in
            limit.number(baseline: baseline?.number).map { (limit, $0) }
        }
    }

    func judgement(_ verdict: Verdict, _ reason: Reason?, of value: Double? = nil) -> Judgement {
        let nearest =
            value.flatMap { value in
                bound.min { distance(of: value, to: $0) < distance(of: value, to: $1) }
            } ?? bound.first
        return Judgement(verdict, reason, limit: nearest?.limit, limitNumber: nearest?.number)
    }

    func crossedAbsolute(by value: Double) -> Judgement? {
        firstCrossed(by: value) { !$0.isRelative }
    }

    func judgementOfRelativeLimits(_ value: Double) -> Judgement? {
        guard let baseline else { return judgement(.unproven, .baselineCoverage) }
        if baseline.isSilent, guardrail.measure.traits.isErrorCount, guardrail.quiet == .unexpected {
            return judgement(.unproven, .silentBaseline)
        }
        guard let number = baseline.number, covers(baseline) else { return judgement(.unproven, .baselineCoverage) }
        if number < 0 { return judgement(.unproven, .negativeBaseline) }
        let floor = guardrail.floor
        if let crossed = firstCrossed(
            by: value, where: { $0.isRelative && $0.isUpper && (floor.map { value > $0 } ?? true) })
        {
            return crossed
        }
        if let floor, number <= floor, guardrail.limits.contains(where: { $0.isRelative && !$0.isUpper }) {
            return judgement(.unproven, .tooFewEvents)
        }
        return firstCrossed(by: value) { $0.isRelative && !$0.isUpper }
    }

    private func covers(_ baseline: BaselineValue) -> Bool {
        let least = guardrail.baseline.minimumCoverage * Double(baseline.windowsPossible) * (1 - limitTolerance)
        return Double(baseline.windowsUsed) >= least && baseline.windowsUsed > 0
    }

    private func firstCrossed(by value: Double, where applies: (Limit) -> Bool) -> Judgement? {
        let crossed = bound.filter { applies($0.limit) && isCrossed($0, by: value, times: 1) }
        guard let first = crossed.first else { return nil }
        let severe = guardrail.severe.map { factor in crossed.contains { isCrossed($0, by: value, times: factor) } }
        return Judgement(
            .breach, nil, limit: first.limit, limitNumber: first.number, isSevere: severe ?? false)
    }

    private func isCrossed(_ entry: (limit: Limit, number: Double), by value: Double, times factor: Double) -> Bool {
        if entry.limit.isUpper {
            let number = entry.number * factor
            return value > number * (number < 0 ? 1 - limitTolerance : 1 + limitTolerance)
        }
        let number = entry.number / factor
        return value < number - abs(number) * limitTolerance
    }

    private func distance(of value: Double, to entry: (limit: Limit, number: Double)) -> Double {
        entry.limit.isUpper ? entry.number - value : value - entry.number
    }
}
