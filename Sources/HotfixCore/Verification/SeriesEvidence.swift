/// What sources say now of the windows of one series, held against what the ledger has of them.
///
/// Only what differs from the ledger is kept, so that the evidence of a whole ledger takes little room beside the ledger's windows.
package struct SeriesEvidence: Sendable {
    /// What came of asking for a window.
    package enum Standing: Sendable, Hashable {
        /// It was not asked.
        case unasked
        /// It could not be asked.
        case failed
        /// The source answered.
        case derived
        /// The source answered without what the ledger has, and holds nothing older of the series either.
        case gone
        /// The source answered without, or with less than, what the ledger has, though by its retention it should hold it.
        case lost
        /// The source says something else, and the next check asks again anyway.
        case changing
    }

    /// The series.
    package let series: SeriesState
    /// What the ledger holds.
    package let ledger: Timeline
    /// Every window that the ledger holds or that was wanted.
    package let span: Span
    /// What the source says where that is not what the ledger says.
    package private(set) var found: [Instant: Observation] = [:]
    /// What the source says of windows that the next check asks again anyway, where that is not what the ledger says.
    package private(set) var changing: [Instant: Observation] = [:]
    /// What the source says of windows of which it says less than the ledger.
    private(set) var lacking: [Instant: Observation] = [:]
    /// The start of the oldest window of which the source still has a value; nil where it has none at all.
    private(set) var oldestHeld: Instant?
    /// Stretches of which outcomes, asked afresh, show that the project accepted something.
    private(set) var activity: [Span] = []
    /// Windows that the next check asks for by itself.
    let planned: Set<Instant>

    private var standings: [Standing]
    private var wanted: [Ask.Purpose?]
    private let cuts: [Instant]

    /// Finds out what has to be asked.
    ///
    /// - Parameters:
    ///   - series: The series.
    ///   - ledger: All its windows.
    ///   - baselines: The baselines stored for it.
    ///   - planned: What a check would ask of it.
    ///   - range: Which windows are verified; what they rest on is asked too.
    ///   - facts: What the ledger holds beside windows.
    package init(
        _ series: SeriesState, ledger: Timeline, baselines: [StoredBaseline], planned: [Ask],
        range: VerificationRange, facts: LedgerFacts
    ) {
        self.series = series
        self.ledger = ledger
        let step = series.window
        let needs = LookbackNeeds(series, ledger, baselines, range, facts)
        let held = ledger.start < ledger.end ? [Span(start: ledger.start, end: ledger.end, step: step)] : []
        let parts = held + needs.spans + planned.map(\.span)
        let span = Span(
            start: parts.map(\.start).min() ?? series.judgedFrom, end: parts.map(\.end).max() ?? series.judgedFrom,
            step: step)
        self.span = span
        cuts = Set(needs.spans.flatMap { [$0.start, $0.end] }).sorted()
        standings = Array(repeating: .unasked, count: span.count)
        var wanted: [Ask.Purpose?] = Array(repeating: nil, count: span.count)
        func index(_ start: Instant) -> Int { (start - span.start) / step }
        for need in needs.spans { for window in need.windows { wanted[index(window.start)] = .lookback } }
        for (start, record) in ledger.entries {
            if range.contains(start) || wanted[index(start)] != nil {
                wanted[index(start)] = record.verdict == nil ? .lookback : .judging
            }
        }
        var planning: Set<Instant> = []
        for ask in planned {
            for window in ask.span.windows where range.contains(window.start) || wanted[index(window.start)] != nil {
                if ask.purpose == .judging || wanted[index(window.start)] == nil {
                    wanted[index(window.start)] = ask.purpose
                }
                planning.insert(window.start)
            }
        }
        self.wanted = wanted
        self.planned = planning
    }

    /// The questions about windows that start in `[from, to)`.
    package func asks(from: Instant, to: Instant) -> [Ask] {
        let part = Span(start: max(from, span.start), end: min(to, span.end), step: span.step)
        var asks: [Ask] = []
        for purpose in [Ask.Purpose.judging, .lookback] {
            let starts = part.windows.map(\.start).filter { wanted[index(of: $0)] == purpose }
            for whole in Span.covering(starts, step: span.step) {
                asks += (purpose == .lookback ? split(whole) : [whole]).map { ask(for: $0, purpose) }
            }
        }
        return asks
    }

    /// The question about some windows.
    func ask(for span: Span, _ purpose: Ask.Purpose) -> Ask {
        Ask(
            pair: series.pair, definition: series.definition, over: series.wish.over,
            countsEvents: series.wish.measure.traits.countsEvents, measuresSamples: series.wish.measuresSamples,
            span: span, purpose: purpose)
    }

    /// What outcomes say of a stretch they say of all of it, so that no stretch reaches beyond a look-back.
    private func split(_ span: Span) -> [Span] {
        let inner = cuts.filter { $0 > span.start && $0 < span.end }
        return zip([span.start] + inner, inner + [span.end]).map { Span(start: $0, end: $1, step: span.step) }
    }

    /// Takes an answer to one of the questions.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - timing: How the source's data arrives.
    ///   - clock: The instant now; what is younger than `recheck` may still change.
    /// - Returns: The windows that the source says are not due yet.
    package mutating func take(_ answer: Answer, timing: SourceTiming, at clock: Instant) -> [Span] {
        let step = span.step
        for failure in answer.failures { for window in failure.span.windows { set(.failed, at: window.start) } }
        for (start, observation) in answer.observations where answer.ask.span.contains(start) && span.contains(start) {
            take(observation, at: start, answer.ask.purpose, timing: timing, age: clock - (start + step))
        }
        if answer.acceptedAnything == true { activity.append(answer.ask.span) }
        let silent = answer.ask.span.windows.map(\.start).filter { standing($0) == .unasked }
        for start in silent { set(.failed, at: start) }
        return Span.covering(silent, step: step)
    }

    private mutating func take(
        _ observation: Observation, at start: Instant, _ purpose: Ask.Purpose, timing: SourceTiming, age: Seconds
    ) {
        // Sentry fills what it no longer holds with zeros.
        let maybeFilled =
            series.wish.measure.traits.isErrorCount && observation.value == 0 && age > Self.shortestSentryRetention
        if observation.value != nil, !maybeFilled { oldestHeld = min(oldestHeld ?? start, start) }
        guard let old = ledger[start]?.observation else {
            let known = maybeFilled ? Observation(value: nil) : observation
            found[start] = known
            if isAskedAgain(start) { changing[start] = known }
            set(.derived, at: start)
            return
        }
        if let value = old.value, observation.value == nil || maybeFilled && value > 0 {
            lacking[start] = observation
            set(.gone, at: start)
        } else if let revised = old.revised(by: observation, purpose: purpose) {
            let mayChange = age < timing.recheck || old.value == nil && age < 86_400 || isAskedAgain(start)
            if mayChange { changing[start] = revised } else { found[start] = revised }
            set(mayChange ? .changing : .derived, at: start)
        } else if age >= timing.recheck, let held = old.outcomes, observation.outcomes?.says(lessThan: held) ?? false {
            lacking[start] = observation
            set(.lost, at: start)
        } else {
            set(.derived, at: start)
        }
    }

    /// Events are kept for at least so long on every plan.
    private static let shortestSentryRetention: Seconds = 30 * 86_400

    /// Whether a window is one that the ledger has no verdict of, and that the next check asks by its plan.
    func isAskedAgain(_ start: Instant) -> Bool { planned.contains(start) && ledger[start]?.verdict == nil }

    /// What came of asking for the window that starts at an instant.
    package func standing(_ start: Instant) -> Standing {
        let standing = standings[index(of: start)]
        // Retention takes the oldest first: what lies after something that is still held was not taken by it.
        if standing == .gone, let oldestHeld, oldestHeld < start { return .lost }
        return standing
    }

    /// Whether a window was wanted to be judged, and not only as look-back.
    func isWantedForJudging(_ start: Instant) -> Bool { wanted[index(of: start)] == .judging }

    /// What is known of a window now.
    func observation(_ start: Instant) -> Observation? { found[start] ?? ledger[start]?.observation }

    private func index(of start: Instant) -> Int { (start - span.start) / span.step }

    private mutating func set(_ standing: Standing, at start: Instant) {
        guard span.contains(start) else { return }
        standings[index(of: start)] = standing
    }
}

/// The look-backs that the verdicts of a range rest on.
private struct LookbackNeeds {
    private(set) var spans: [Span] = []

    init(
        _ series: SeriesState, _ ledger: Timeline, _ baselines: [StoredBaseline], _ range: VerificationRange,
        _ facts: LedgerFacts
    ) {
        let step = series.window
        var stored: Set<Int> = []
        var oldestRolling: Instant?
        var hasProvisional = false
        for (start, record) in ledger.entries where range.contains(start) {
            guard let verdict = record.verdict else { continue }
            for basis in [verdict.basis] + (verdict.outvoted.map { [$0] } ?? []) {
                switch basis.baseline {
                case .none: break
                case .stored(let id): stored.insert(id)
                case .inline(_, let isProvisional):
                    oldestRolling = oldestRolling ?? start
                    hasProvisional = hasProvisional || isProvisional
                }
            }
        }
        for baseline in baselines where range.isWhole || stored.contains(baseline.id) {
            spans.append(Span(start: baseline.from, end: baseline.to, step: step))
        }
        guard let oldestRolling else { return }
        let longest = facts.policies.compactMap { $0.policy.guardrail(series.pair.guardrail)?.baseline.lookback }.max()
        guard let longest else { return }
        let anchors = facts.deployments.filter { $0.services.contains(series.pair.service) }.map {
            $0.at.floored(to: step)
        }
        let oldestEnd = hasProvisional ? anchors.filter { $0 <= oldestRolling }.min() ?? oldestRolling : oldestRolling
        let from = oldestEnd - longest
        spans.append(Span(start: from, end: max(from, min(range.to ?? ledger.end, ledger.end)), step: step))
    }
}
