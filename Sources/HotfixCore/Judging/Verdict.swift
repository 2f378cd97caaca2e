/// What a guardrail in one window comes to; a window without a verdict is missing.
package enum Verdict: String, Sendable, Hashable, Codable, CaseIterable {
    case clean, breach, unproven
}

/// Why a verdict is what it is, where its name does not say it.
package enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing happened: the counted events are 0.
    case idle
    /// The source answered without a value.
    case noData = "no-data"
    /// A negative count, rate, share or duration.
    case invalidValue = "invalid-value"
    /// Fewer events than `minimum_events`, or a baseline at or under the floor of a limit below.
    case tooFewEvents = "too-few-events"
    /// No errors where many are usual, and nothing shows that the project still reports.
    case silent
    /// The project's events were dropped by quotas.
    case droppedEvents = "dropped-events"
    /// Too little of the window was covered.
    case thinWindow = "thin-window"
    /// Too little of the look-back had values.
    case baselineCoverage = "baseline-coverage"
    /// A look-back of zeros from a project that reported nothing at all.
    case silentBaseline = "silent-baseline"
    /// A baseline below 0, to which nothing is relative.
    case negativeBaseline = "negative-baseline"
    /// Another version than the deployed one was running, or the deployed one was not seen.
    case otherVersion = "other-version"
    /// The configuration dropped the guardrail.
    case notWatched = "not-watched"
    /// The episode was excused.
    case excused

    /// Whether the window is quiet: it stops the clock, and never adds to a gap.
    package var isQuiet: Bool { self == .idle || self == .tooFewEvents }
}

/// The result of judging one observation.
package struct Judgement: Sendable, Hashable {
    /// The verdict.
    package var verdict: Verdict
    /// Its reason; nil for a clean window and for a breach of a limit.
    package var reason: Reason?
    /// The limit that was crossed, or the one that came nearest to it.
    package var limit: Limit?
    /// The number of that limit, in the measure's unit.
    package var limitNumber: Double?
    /// Whether the crossed limit was crossed by the guardrail's `severe` factor.
    package var isSevere: Bool

    /// Makes a judgement.
    package init(
        _ verdict: Verdict, _ reason: Reason? = nil, limit: Limit? = nil, limitNumber: Double? = nil,
        isSevere: Bool = false
    ) {
        self.verdict = verdict
        self.reason = reason
        self.limit = limit
        self.limitNumber = limitNumber
        self.isSevere = isSevere
    }
}
