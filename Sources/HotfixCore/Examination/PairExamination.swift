/// Examines the values of one guardrail of one service; pure.
///
/// - Parameter history: The values.
/// - Returns: What they say of the source's data and of the policy.
package func examine(_ history: PairHistory) -> Diagnosis {
    var examination = PairExamination(history)
    examination.run()
    return examination.diagnosis
}

/// The examination of one guardrail of one service.
struct PairExamination {
    let history: PairHistory
    let observations: [Instant: Observation]
    let lookback: Lookback
    /// What a window that comes next would be held against.
    let baseline: BaselineValue
    /// The newest windows that were answered, oldest first.
    let newest: [(start: Instant, observation: Observation)]
    var diagnosis = Diagnosis()

    init(_ history: PairHistory) {
        self.history = history
        let observations = history.observations
        self.observations = observations
        lookback = Lookback(span: history.span) { observations[$0]?.value }
        var baseline = lookback.value(of: history.guardrail.baseline.statistic, at: history.span.end)
        baseline.isSilent =
            history.guardrail.measure.traits.isErrorCount && lookback.isAllZero
            && history.lookback.acceptedAnything == false
        self.baseline = baseline
        newest = history.newest.observations.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var guardrail: Guardrail { history.guardrail }
    var subject: Finding.Subject { .guardrail(history.pair) }

    mutating func find(
        _ severity: Finding.Severity, _ code: FindingCode, _ what: String, remedy: String
    ) {
        diagnosis.findings.append(Finding(severity, code, subject, what, remedy: remedy))
    }

    mutating func run() {
        reportFailures()
        guard !observations.isEmpty else { return }
        guard let (first, last) = reach else { return reportNoData() }
        reportStop(after: last)
        reportInvalidValues()
        reportNewestWindows()
        reportHistory(from: first)
        reportPolicy()
        guard diagnosis.findings.isEmpty else { return }
        let values = "\(valuedWindows) of the look-back's \(history.span.count) windows have a value"
        diagnosis.pass(
            subject, "\(values), the newest that of \(last)\(crossed == 0 ? "; none would have breached" : "").")
    }

    /// The windows of the look-back that have a value.
    var valuedWindows: Int { observations.values.count { $0.value != nil } }

    /// The oldest and the newest window with a value.
    private var reach: (first: Instant, last: Instant)? {
        let starts = observations.filter { $0.value.value != nil }.keys
        guard let first = starts.min(), let last = starts.max() else { return nil }
        return (first, last)
    }

    private mutating func reportFailures() {
        var windowsByError: [(error: SourceError, count: Int)] = []
        for failure in history.lookback.failures + history.newest.failures {
            if let index = windowsByError.firstIndex(where: { $0.error == failure.error }) {
                windowsByError[index].count += failure.span.count
            } else {
                windowsByError.append((failure.error, failure.span.count))
            }
        }
        diagnosis.findings += windowsByError.map { Finding($0.error, about: subject) }
    }

    private mutating func reportNoData() {
        let asked = "none of the \(observations.count) windows from \(history.span.start) to \(history.span.end)"
        let query = history.lookback.ask.definition.query
        if observations.values.contains(where: { $0.events == 0 }) {
            find(
                .problem, .neverHadData,
                "It has never had data: \(asked) has a value, and no event was counted in them.",
                remedy:
                    "See that the service is named as the source names it, and that it has traffic that is measured."
                    + " If it has none, take the guardrail out of its policy.")
        } else {
            find(
                .problem, .neverHadData, "It has never had data: \(asked) has a value. What was asked: \(query)",
                remedy:
                    "Ask the source the same by hand, and correct the query, the service's name or its environment, or"
                    + " have the service send the data.")
        }
    }

    /// Tells of an end without values that is longer than any gap before it.
    private mutating func reportStop(after last: Instant) {
        var gap = 0
        var longest = 0
        for start in observations.keys.sorted() {
            // No traffic is no fault: the clock stops and nothing is lost.
            guard let observation = observations[start], observation.value == nil, observation.events != 0 else {
                (longest, gap) = (max(longest, gap), 0)
                continue
            }
            gap += 1
        }
        guard gap >= 3, gap > longest else { return }
        find(
            .problem, .dataStopped,
            "Its data stopped: the window of \(last) is the newest with a value, and the \(gap) newest have none.",
            remedy: "See whether the service and its exporter run, and whether the source still receives their data;"
                + " a renamed metric or label stops a series too.")
    }

    private mutating func reportInvalidValues() {
        let traits = guardrail.measure.traits
        let negative = observations.values.count {
            traits.isNonNegative && ($0.value ?? 0) < 0 || ($0.events ?? 0) < 0
        }
        if negative > 0 {
            find(
                .problem, .negativeValues,
                "\(negative) of \(observations.count) windows have a value or a count of events below 0: they are unproven.",
                remedy: "Mend the query: differences of counters want rate() or increase(), which bear a restart.")
        }
        let uncounted = observations.values.count { traits.countsEvents && $0.value != nil && $0.events == nil }
        if uncounted > 0, uncounted * 10 > valuedWindows {
            find(
                .problem, .eventsMissing,
                "\(uncounted) of \(valuedWindows) windows with a value have no count of events: they are unproven (no-data).",
                remedy:
                    "See that the query of the events (`events`) returns a series for this service at the same instants"
                    + " as its values, under the same labels.")
        }
    }

    /// What the newest windows would be judged as, apart from limits.
    private mutating func reportNewestWindows() {
        let reasons = newest.compactMap {
            judge($0.observation, by: guardrail, baseline: .known(baseline), window: history.policy.window)?.reason
        }
        func most(_ reason: Reason) -> String? {
            let count = reasons.count { $0 == reason }
            return count * 2 > newest.count ? "\(count) of the \(newest.count) newest windows" : nil
        }
        if let windows = most(.silent) ?? most(.silentBaseline) {
            find(
                .problem, .silent,
                "Sentry counts no errors in \(windows), and accepted nothing of the project in that time: that is silence, not"
                    + " health.",
                remedy: "See that the SDK still sends (its DSN, its key, the quota). Where silence is usual, say"
                    + " `quiet: expected` in the guardrail.")
        }
        if let windows = most(.droppedEvents) {
            find(
                .problem, .droppedEvents,
                "Sentry threw away more than 5 % of the error events of \(windows): quota, rate limit or abuse.",
                remedy: "Raise the quota or the key's rate limit in Sentry; until then these windows are unproven.")
        }
        if let windows = most(.thinWindow) {
            let minimum = wholePercent(guardrail.minimumSamples ?? 0)
            find(
                .warning, .thinWindows, "\(windows) are covered by fewer samples than minimum_samples (\(minimum)).",
                remedy: "See that scrapes succeed (`up`), or lower `minimum_samples`.")
        }
        if let windows = most(.tooFewEvents), let minimum = guardrail.minimumEvents {
            find(
                .warning, .tooFewEvents,
                "\(windows) have fewer than minimum_events (\(shortNumber(minimum))): unproven.",
                remedy: "Take the value over a longer stretch (`over`), or lower `minimum_events`.")
        }
    }

    private mutating func reportHistory(from first: Instant) {
        guard needsBaseline(guardrail) else { return }
        let rule = guardrail.baseline
        let coverage = baseline.coverage
        let suffices = coverage >= rule.minimumCoverage * (1 - limitTolerance) && baseline.windowsUsed > 0
        let span = history.span
        let figures =
            "\(baseline.windowsUsed) of the \(baseline.windowsPossible) windows that the baseline wants have a value"
            + " (\(wholePercent(coverage)), minimum_coverage is \(wholePercent(rule.minimumCoverage)))"
        if first - span.start >= max(rule.lookback / 7, history.policy.window) {
            let hint = history.hint.map { " \($0)" } ?? ""
            let enough = first + Int((Double(rule.lookback) * rule.minimumCoverage).rounded(.up))
            let what =
                "Its history begins at \(first): \(spelledDuration(span.end - first)) of a look-back of"
                + " \(spelledDuration(rule.lookback)). \(figures).\(hint)"
            if suffices {
                find(
                    .warning, .shortHistory, what,
                    remedy: "The baseline rests on less than it should. Give the source a retention longer than the"
                        + " look-back, or set a shorter `baseline.lookback`.")
            } else {
                find(
                    .problem, .shortHistory, what,
                    remedy: "Limits in percent prove nothing for a deployment before about \(enough)"
                        + " (baseline-coverage). Wait until then, lengthen the source's retention if that is what cuts it"
                        + " off, or set a shorter `baseline.lookback` or an absolute limit.")
            }
        } else if !suffices {
            find(
                .problem, .lowCoverage, "\(figures): limits in percent prove nothing.",
                remedy: "See why windows have no value: no traffic at night wants `over: 30m` or a lower"
                    + " `minimum_coverage`, lost scrapes want mending.")
        }
    }
}
