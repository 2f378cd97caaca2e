/// What the values say of the policy.
extension PairExamination {
    /// The windows of the look-back that would have breached, confirmed as the guardrail wants it.
    var crossed: Int {
        var fold = BreachFold(
            pair: history.pair, guardrail: guardrail, step: history.policy.window,
            longestGap: history.policy.streak.longestGap)
        for window in history.span.windows {
            guard let observation = observations[window.start], let judgement = judged(observation, at: window.start)
            else { continue }
            fold.advance(
                window.start,
                CountedVerdict(verdict: judgement.verdict, isSevere: judgement.isSevere, value: observation.value))
        }
        return fold.confirmed.count
    }

    private func judged(_ observation: Observation, at start: Instant) -> Judgement? {
        // Only a seasonal baseline differs from window to window.
        let own = guardrail.baseline.statistic == .seasonal ? lookback.seasonal(at: start) : baseline
        return judge(observation, by: guardrail, baseline: .known(own), window: history.policy.window)
    }

    mutating func reportPolicy() {
        reportHistogram()
        if guardrail.hasRelativeLimit, reportBaselineWithoutPercentages() { return }
        let evidence = noise
        let isScarce = reportScarcity(evidence)
        if !isScarce, let evidence {
            find(
                .warning, .noisyLimit, evidence,
                remedy: crossed * 2 > valuedWindows
                    ? "The usual values lie beyond the limit: set one that they keep, or mend what makes them so."
                    : "Where that is noise, set a `floor`, `confirm: {breaching: 2, of: 3}` or, where it follows the time of"
                        + " day, `baseline: {statistic: seasonal}`. If it was the incident that the hotfix mends, name it with"
                        + " `hotfix deployed --incident`.")
        }
    }

    private mutating func reportHistogram() {
        guard let highest = history.highestValue else { return }
        let shown = amount(highest, history.unit)
        let numbers = guardrail.limits.filter(\.isUpper).compactMap { $0.number(baseline: baseline.number) }
        if !numbers.isEmpty, numbers.count == guardrail.limits.count, let least = numbers.min(), least >= highest {
            find(
                .problem, .limitBeyondBuckets,
                "Its limit is \(amount(least, history.unit)), and its histogram cannot show more than \(shown), its highest"
                    + " finite bucket: it can never breach.",
                remedy:
                    "Have the service export a histogram whose buckets reach beyond the limit (or a native one), or set"
                    + " an absolute limit below \(shown).")
            return
        }
        let saturated = observations.values.count { ($0.value ?? 0) >= highest * (1 - limitTolerance) }
        guard saturated > 0 else { return }
        find(
            .warning, .saturatedHistogram,
            "In \(saturated) of \(valuedWindows) windows the value is at the histogram's highest finite bucket, \(shown):"
                + " a worse one would look the same.",
            remedy: "Have the service export a histogram whose buckets reach further, or a native one.")
    }

    /// Says whether the baseline is none that a percentage can be taken of.
    private mutating func reportBaselineWithoutPercentages() -> Bool {
        guard let number = baseline.number else { return true }
        if number < 0 {
            find(
                .problem, .negativeBaseline,
                "Its baseline is \(amount(number, history.unit)): limits in percent leave every window unproven"
                    + " (negative-baseline).",
                remedy:
                    "A percentage of a negative number says nothing; set an absolute limit, {above: …} or {below: …}.")
            return true
        }
        guard number == 0, guardrail.floor == nil,
            let limit = guardrail.limits.first(where: { $0.isRelative && $0.isUpper })
        else { return false }
        find(
            .warning, .zeroBaseline, "Its baseline is 0, so that every value above 0 breaches \(limit).",
            remedy: "Give the guardrail a `floor`\(unitNote), up to which a value does not matter.")
        return true
    }

    private var unitNote: String { history.unit.map { " (in \($0))" } ?? "" }

    /// What the look-back says of how often the limit is crossed; nil where that is rare.
    private var noise: String? {
        let judgeable = valuedWindows
        let crossed = crossed
        guard judgeable > 0, crossed > 0 else { return nil }
        let streak = Double(history.policy.streak.required) / Double(history.policy.window)
        let expected = Double(crossed) / Double(judgeable) * streak
        guard expected >= 0.5 else { return nil }
        let limits = guardrail.limits.map(\.description).joined(separator: ", ")
        return "\(crossed) of the \(judgeable) windows of the look-back would have breached \(limits); at that rate"
            + " a streak of \(shortNumber(streak * Double(history.policy.window) / 3600)) h meets about"
            + " \(Int(expected.rounded()))."
    }

    /// Says whether too few events stand behind a value for its limit to mean anything.
    private mutating func reportScarcity(_ evidence: String?) -> Bool {
        let more = evidence.map { " \($0)" } ?? ""
        if guardrail.measure == .builtIn(.latencyP95) { return reportScarceRequests(more) }
        let shares = guardrail.limits.compactMap { limit -> Double? in
            if case .relative(let change) = limit, change != 0 { abs(change) } else { nil }
        }
        guard let share = shares.min(), let mean = baseline.number, mean > 0 else { return false }
        if guardrail.measure.traits.isCount { return reportScarceCount(share, mean, more) }
        return reportScarceShare(share, mean, more)
    }

    private mutating func reportScarceCount(_ share: Double, _ mean: Double, _ more: String) -> Bool {
        let perWindow = guardrail.measure.traits.isErrorCount ? Double(history.over) / 60 : 1
        let expected = mean * perWindow
        let needed = (2 / share) * (2 / share)
        guard expected < needed, !isSpared(expected * (1 + 2 / expected.squareRoot()) / perWindow, expected, needed)
        else { return false }
        let chance = wholePercent(1 / expected.squareRoot())
        find(
            .warning, .tooFewEvents,
            "About \(fourDigits(expected)) events are expected in \(spelledDuration(history.over)): chance alone varies them"
                + " by \(chance) (one standard deviation), and the limit is \(wholePercent(share)).\(more)",
            remedy:
                "It wants about \(fourDigits(needed.rounded(.up))) events. Set \(longer(needed / expected))a `floor` of"
                + " about \(fourDigits(expected * (1 + 3 / expected.squareRoot()) / perWindow))\(unitNote), or"
                + " `confirm: {breaching: 2, of: 3}`.")
        return true
    }

    private mutating func reportScarceShare(_ share: Double, _ mean: Double, _ more: String) -> Bool {
        guard guardrail.measure.traits.countsEvents, mean < 1, let events = medianOfEvents, events > 0 else {
            return false
        }
        let deviation = (mean * (1 - mean) / events).squareRoot()
        let needed = 4 * (1 - mean) / (mean * share * share)
        guard share * mean < 2 * deviation, !isSpared(mean + 2 * deviation, events, needed),
            (guardrail.minimumEvents ?? 0) < needed
        else { return false }
        find(
            .warning, .tooFewEvents,
            "With about \(fourDigits(events)) events a window a share of \(fourDigits(mean * 100)) % varies by"
                + " \(wholePercent(deviation / mean)) of itself by chance (one standard deviation), and the limit is"
                + " \(wholePercent(share)).\(more)",
            remedy:
                "It wants about \(fourDigits(needed.rounded(.up))) events. Set \(longer(needed / events))a `floor` of about"
                + " \(fourDigits(mean + 3 * deviation)), or `minimum_events`, which leaves windows with fewer unproven."
        )
        return true
    }

    private mutating func reportScarceRequests(_ more: String) -> Bool {
        let least = 20.0
        guard guardrail.minimumEvents ?? 0 < least else { return false }
        let counted = observations.values.compactMap(\.events).filter { $0 > 0 }
        let scarce = counted.count { $0 < least }
        guard !counted.isEmpty, scarce * 20 >= counted.count else { return false }
        find(
            .warning, .tooFewEvents,
            "\(scarce) of \(counted.count) windows with requests have fewer than 20: their 95th percentile is the slowest"
                + " request or two.\(more)",
            remedy:
                "Set `minimum_events: 20` or more, which leaves such windows unproven, or take the value over longer"
                + " (`over: 30m`).")
        return true
    }

    /// Whether a floor, or confirmation, keeps chance from breaching.
    private func isSpared(_ usualPeak: Double, _ events: Double, _ needed: Double) -> Bool {
        if let floor = guardrail.floor, floor >= usualPeak { return true }
        return guardrail.confirm.breaching >= 2 && events * 4 >= needed
    }

    /// The stretch that holds so many times the events, as the beginning of a list; nothing where it is too long to be one.
    private func longer(_ factor: Double) -> String {
        let windows = (Double(history.over) * factor / Double(history.policy.window)).rounded(.up)
        let stretch = windows * Double(history.policy.window)
        return stretch <= 6 * 3600 ? "`over: \(Int(stretch) / 60)m`, " : ""
    }

    private var medianOfEvents: Double? {
        let events = observations.values.compactMap(\.events).filter { $0 > 0 }.sorted()
        return events.isEmpty ? nil : events[events.count / 2]
    }
}
