/// Something that the ledger says otherwise than what is derived afresh from the sources.
package struct Difference: Sendable, Hashable {
    /// A verdict without what it was reached by.
    package struct Finding: Sendable, Hashable {
        /// The verdict.
        package var verdict: Verdict
        /// Its reason.
        package var reason: Reason?
        /// Whether a breach was severe.
        package var isSevere: Bool
        /// Whether it was reached by a policy and a baseline that the ledger holds of the guardrail.
        package var hasKnownBasis = true

        init(_ recorded: RecordedVerdict) {
            verdict = recorded.verdict
            reason = recorded.reason
            isSevere = recorded.isSevere
        }

        init(_ judgement: Judgement) {
            verdict = judgement.verdict
            reason = judgement.reason
            isSevere = judgement.isSevere
        }

        var rank: VerdictRank { VerdictRank(verdict, reason, isSevere: isSevere) }
    }

    /// What differs, with both sides.
    package enum Subject: Sendable, Hashable {
        /// What a source answers of a window; the ledger's side is nil for a window of a look-back that it lacks.
        case observation(ledger: Observation?, source: Observation)
        /// A stored baseline; the ledger's side is nil where it should hold one and does not.
        case storedBaseline(ledger: StoredBaseline?, derived: StoredBaseline)
        /// The baseline that is kept with a window's verdict.
        case ownBaseline(ledger: BaselineValue, derived: BaselineValue)
        /// The newest verdict; nil stands for a missing window.
        case verdict(ledger: Finding?, derived: Finding?)
        /// Whether a breach is confirmed.
        case confirmation(ledger: Bool, derived: Bool)
        /// An episode; nil on the side that does not have it.
        case episode(ledger: Episode?, derived: Episode?)
    }

    /// Whose.
    package var pair: Pair
    /// The start of the window or of the episode; of a stored baseline the end of its look-back.
    package var start: Instant
    /// What differs.
    package var subject: Subject
    /// Whether a revision may mend it: not where the source no longer holds what would have to prove it.
    package var isRepairable = true
}

/// How much was derived afresh.
package struct VerificationTally: Sendable, Hashable {
    /// How many series were asked about.
    package var series = 0
    /// Windows that were derived afresh.
    package var windows = 0
    /// The start of the oldest of them.
    package var oldest: Instant?
    /// Windows that could not be asked, or that rest on a look-back that could not.
    package var windowsNotVerified = 0
    /// Windows whose value the source no longer holds.
    package var windowsGone = 0
    /// Windows of which the source says something else already, and which the next check asks again anyway.
    package var windowsChanging = 0
    /// Stored baselines that were derived afresh.
    package var baselines = 0
    /// Stored baselines whose look-back could not be asked.
    package var baselinesNotVerified = 0
    /// Stored baselines with windows in their look-back that neither the source nor the ledger holds any more.
    package var baselinesGone = 0

    /// Makes the tally of nothing.
    package init() {}

    /// Adds another.
    mutating func add(_ other: VerificationTally) {
        series += other.series
        windows += other.windows
        oldest = [oldest, other.oldest].compactMap(\.self).min()
        windowsNotVerified += other.windowsNotVerified
        windowsGone += other.windowsGone
        windowsChanging += other.windowsChanging
        baselines += other.baselines
        baselinesNotVerified += other.baselinesNotVerified
        baselinesGone += other.baselinesGone
    }
}

/// Which windows a verification is about.
package struct VerificationRange: Sendable, Hashable {
    /// Windows that start at or after this; nil means from the oldest.
    package var from: Instant?
    /// Windows that start before this; nil means to the newest.
    package var to: Instant?

    /// Makes a range.
    package init(from: Instant? = nil, to: Instant? = nil) {
        self.from = from
        self.to = to
    }

    /// Whether it is everything.
    var isWhole: Bool { from == nil && to == nil }

    /// Whether the window that starts at an instant belongs to it.
    package func contains(_ start: Instant) -> Bool {
        (from.map { start >= $0 } ?? true) && (to.map { start < $0 } ?? true)
    }

    /// Whether an episode shares a window with it.
    func concerns(_ episode: Episode) -> Bool {
        (to.map { episode.start < $0 } ?? true) && (from.map { (episode.closedAt ?? .distantFuture) > $0 } ?? true)
    }
}
