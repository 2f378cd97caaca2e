/// A baseline that is kept with a verdict, and that verdict.
struct OwnBaseline {
    let value: BaselineValue
    let isProvisional: Bool
    let policy: Int
    let recorded: RecordedVerdict
    let observation: Observation
}

/// A look-back as it was read in one way.
struct LookbackReading {
    var lookback: Lookback
    /// How many windows were left out.
    var excluded: Int
    /// Whether it is a row of zeros from a silent project: by what outcomes say now, and by what they said.
    var silence: [Bool]
}

extension SeriesVerifier {
    /// How a look-back is read: the ledger does not tell all that was known when a baseline was computed.
    struct Reading {
        /// Which values count.
        enum Values {
            /// Those that are derived afresh.
            case fresh
            /// The same, but of a window that was revised what it had at an instant.
            case freshAsOf(Instant)
            /// What the ledger had at an instant, whatever the source says now.
            case heldAsOf(Instant)
        }

        var values: Values
        /// What had been said by this instant; nil means all.
        var saidBy: Instant?
        /// Which rule of confirmation left breaches out; nil means that none is left out, or what the ledger says.
        var variant: Int?
    }

    /// The ways in which a look-back may have been read, the likeliest first.
    func readings(
        by rule: BaselineRule, asOf instant: Instant, preferring policy: Int?, of values: [Reading.Values]? = nil
    ) -> [Reading] {
        let values = values ?? (setting.history.isEmpty ? [.fresh] : [.fresh, .freshAsOf(instant)])
        let said = wasAllSaid(by: instant, rule) ? [nil] : sayings(after: instant, policy)
        let variants: [Int?] =
            rule.exclude.contains(.breaches) ? confirmation.order(preferring: policy).map { $0 } + [nil] : [nil]
        return values.flatMap { values in
            said.flatMap { said in variants.map { Reading(values: values, saidBy: said, variant: $0) } }
        }
    }

    /// The instants by which something may have been said when a baseline was computed: a change of policy has windows judged again
    /// whose verdict keeps its time.
    private func sayings(after instant: Instant, _ policy: Int?) -> [Instant?] {
        let adopted = setting.versions.first { $0.id == policy }?.adoptedAt
        let statements =
            setting.exclusions.map(\.recordedAt) + setting.excusals.map(\.recordedAt)
            + setting.deployments.flatMap { [$0.recordedAt] + ($0.voidedAt.map { [$0] } ?? []) }
        let later = Set(statements).filter { $0 > instant }.sorted()
        return [instant] + (adopted.map { $0 > instant ? [$0] : [] } ?? []) + later.map { $0 } + [nil]
    }

    private func wasAllSaid(by instant: Instant, _ rule: BaselineRule) -> Bool {
        setting.exclusions.allSatisfy { $0.recordedAt <= instant }
            && (!rule.exclude.contains(.breaches) || setting.excusals.allSatisfy { $0.recordedAt <= instant })
            && (!rule.exclude.contains(.deployments)
                || setting.deployments.allSatisfy {
                    $0.recordedAt <= instant && ($0.voidedAt.map { $0 <= instant } ?? true)
                })
    }

    /// Reads a look-back in one way.
    func read(
        _ span: Span, _ rule: BaselineRule, _ excluded: [StoredBaseline.ExcludedInterval], _ reading: Reading
    ) -> LookbackReading {
        let leavesOutBreaches = rule.exclude.contains(.breaches)
        var count = 0
        let lookback = Lookback(span: span) { start in
            if !excluded.isEmpty {
                let window = Window(containing: start, length: span.step)
                if excluded.contains(where: { $0.interval.overlaps(window) }) {
                    count += 1
                    return nil
                }
            }
            if leavesOutBreaches, isLeftOut(start, before: span.end, reading) {
                count += 1
                return nil
            }
            return value(start, reading.values)
        }
        return LookbackReading(lookback: lookback, excluded: count, silence: silence(lookback))
    }

    private func value(_ start: Instant, _ values: Reading.Values) -> Double? {
        switch values {
        case .fresh: self.values[start]
        case .freshAsOf(let instant):
            held(start, asOf: instant).map(\.observation.value) ?? self.values[start]
        case .heldAsOf(let instant):
            (held(start, asOf: instant) ?? evidence.ledger[start])?.observation.value
        }
    }

    /// What the ledger had of a window at an instant; nil where it was never revised.
    private func held(_ start: Instant, asOf instant: Instant) -> WindowRecord? {
        guard let before = setting.history[start], let now = evidence.ledger[start] else { return nil }
        let states = before + [now]
        return states.last { ($0.verdict?.evaluatedAt ?? instant) <= instant } ?? states.first
    }

    private func isLeftOut(_ start: Instant, before end: Instant, _ reading: Reading) -> Bool {
        let isConfirmed =
            reading.variant.map { confirmation.isConfirmed(start, variant: $0, before: end) }
            ?? evidence.ledger[start]?.verdict?.isConfirmed ?? false
        return isConfirmed
            && !setting.excusals.contains { excusal in
                excusal.covers(start) && (reading.saidBy.map { excusal.recordedAt <= $0 } ?? true)
            }
    }

    private func silence(_ lookback: Lookback) -> [Bool] {
        guard evidence.series.wish.measure.traits.isErrorCount, lookback.isAllZero else { return [false] }
        let span = lookback.span
        func isActive(_ activity: [Span]) -> Bool {
            activity.contains { $0.start < span.end && $0.end > span.start }
        }
        if span.windows.contains(where: { evidence.observation($0.start)?.outcomes?.acceptedAny ?? false }) {
            return [false]
        }
        return [!isActive(evidence.activity), !isActive(evidence.series.activity)]
    }

    /// What is left out of a look-back beside confirmed breaches.
    private func excludedIntervals(in span: Span, _ rule: BaselineRule, saidBy instant: Instant?)
        -> [StoredBaseline.ExcludedInterval]
    {
        func wasSaid(_ recordedAt: Instant) -> Bool { instant.map { recordedAt <= $0 } ?? true }
        var excluded = setting.exclusions.filter { wasSaid($0.recordedAt) }.map {
            StoredBaseline.ExcludedInterval(interval: $0.interval, reason: $0.reason)
        }
        if rule.exclude.contains(.deployments) {
            excluded += setting.deployments.filter { deployment in
                wasSaid(deployment.recordedAt) && !(deployment.voidedAt.map(wasSaid) ?? false)
            }.map {
                StoredBaseline.ExcludedInterval(
                    interval: Interval(start: $0.at, end: $0.at + 1800), reason: "deployment \($0.id)")
            }
        }
        return excluded.filter { $0.interval.start < span.end && ($0.interval.end.map { $0 > span.start } ?? true) }
    }

    // MARK: Baselines kept with verdicts

    /// What came of deriving the baseline that is kept with a verdict.
    enum DerivedBaseline {
        case value(BaselineValue)
        /// Its look-back could not be asked.
        case notAsked
        /// Neither source nor ledger hold all of its look-back any more.
        case notHeld
    }

    /// Derives the baseline that is kept with a verdict.
    mutating func derive(_ own: OwnBaseline, _ rule: Guardrail, at start: Instant) -> DerivedBaseline {
        let computedAt = firstEvaluation(own, at: start)
        var first: BaselineValue?
        var isPruned = false
        for end in own.isProvisional ? anchors(before: start) : [start] {
            let span = Span(start: end - rule.baseline.lookback, end: end, step: step)
            guard !values.hasFailed(in: span) else { continue }
            for reading in readings(by: rule.baseline, asOf: computedAt, preferring: own.policy) {
                let derived = value(own, rule, at: start, span, reading)
                if derived.says(what: own.value) { return .value(own.value) }
                if first == nil { first = derived }
            }
            isPruned = isPruned || values.hasPruned(in: span)
            if let first, values.hasChanged(in: span), isIndifferent(own, rule, first),
                holds(own, rule, at: start, span, computedAt)
            {
                return .value(own.value)
            }
        }
        guard let first else { return .notAsked }
        guard !isPruned else { return .notHeld }
        note(.ownBaseline(ledger: own.value, derived: first), at: start)
        return .value(first)
    }

    /// Whether the baseline is what the ledger's own values come to.
    private func holds(_ own: OwnBaseline, _ rule: Guardrail, at start: Instant, _ span: Span, _ instant: Instant)
        -> Bool
    {
        readings(by: rule.baseline, asOf: instant, preferring: own.policy, of: [.heldAsOf(instant)]).contains {
            value(own, rule, at: start, span, $0).says(what: own.value)
        }
    }

    /// Whether another baseline gives the same verdict: a value that the source changes later then changes nothing that rests on it.
    private func isIndifferent(_ own: OwnBaseline, _ rule: Guardrail, _ other: BaselineValue) -> Bool {
        let held = judge(own.observation, by: rule, baseline: .known(own.value), window: step)
        let fresh = judge(own.observation, by: rule, baseline: .known(other), window: step)
        return held?.rank == fresh?.rank && held?.reason == fresh?.reason
    }

    private func value(
        _ own: OwnBaseline, _ rule: Guardrail, at start: Instant, _ span: Span, _ reading: Reading
    ) -> BaselineValue {
        let excluded = excludedIntervals(in: span, rule.baseline, saidBy: reading.saidBy)
        let read = read(span, rule.baseline, excluded, reading)
        var value = read.lookback.value(of: rule.baseline.statistic, at: start)
        value.isSilent = read.silence.contains(own.value.isSilent) ? own.value.isSilent : read.silence.first ?? false
        return value
    }

    /// When the baseline of a verdict was computed: revisions of the value keep it.
    private func firstEvaluation(_ own: OwnBaseline, at start: Instant) -> Instant {
        var computedAt = own.recorded.evaluatedAt
        for record in (setting.history[start] ?? []).reversed() {
            guard let verdict = record.verdict else { break }
            let isKept = [verdict.basis, verdict.outvoted].contains { basis in
                guard case .inline(let value, own.isProvisional) = basis?.baseline else { return false }
                return value == own.value
            }
            guard isKept else { break }
            computedAt = verdict.evaluatedAt
        }
        return computedAt
    }

    /// The ends of anchored look-backs that a window may have been held against, the newest first.
    private func anchors(before start: Instant) -> [Instant] {
        Set(setting.deployments.map { $0.at.floored(to: step) }.filter { $0 <= start }).sorted(by: >)
    }
}
