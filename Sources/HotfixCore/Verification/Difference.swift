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
        /// The versions that a source saw in every window from the start until another instant; none where it saw none.
        case versions(source: String, until: Instant, ledger: [String], derived: [String])
        /// What the windows of a service come to, as it is kept for readiness.
        case digest(ledger: ServiceDigest, derived: ServiceDigest)
        /// A confirmation that no asking can have led to.
        case asking(Confirmation, Flaw)
    }

    /// Why no asking can have led to a confirmation.
    package enum Flaw: Sendable, Hashable {
        /// It names a deployment that the ledger does not have of the service.
        case unknownDeployment
        /// The required time had not passed since the start of the streak, or the streak starts before its deployment.
        case tooEarly
        /// The streak as derived has never reached the required time.
        case notReached
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
    /// Windows that the next check asks again anyway, without a verdict or of which the source says something else already.
    package var windowsChanging = 0
    /// Whose windows the source answered without a single value, or without one of the running streak, by name and each once.
    package var unanswered: [Pair] = []
    /// Windows whose running version was asked afresh of a source, one for each source.
    package var versions = 0
    /// Windows whose running version could not be asked of a source.
    package var versionsNotVerified = 0
    /// Windows whose running version the source no longer holds.
    package var versionsGone = 0
    /// Confirmations of running streaks, which are taken from the ledger.
    package var confirmations: [Confirmation] = []
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
        unanswered = Set(unanswered + other.unanswered).sorted()
        versions += other.versions
        versionsNotVerified += other.versionsNotVerified
        versionsGone += other.versionsGone
        confirmations += other.confirmations
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
