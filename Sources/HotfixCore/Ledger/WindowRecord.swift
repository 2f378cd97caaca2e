/// What the ledger holds of one window of one series: what the source answered and, if it was judged, the verdict.
package struct WindowRecord: Sendable, Hashable {
    /// What the source answered.
    package var observation: Observation
    /// The verdict that counts; nil for look-back, and for a window that stays missing.
    package var verdict: RecordedVerdict?

    /// Makes a record.
    package init(observation: Observation, verdict: RecordedVerdict? = nil) {
        self.observation = observation
        self.verdict = verdict
    }
}

extension WindowRecord {
    /// Whether the window of a guardrail that needs a baseline has no verdict, or one that was reached before the look-back could be asked.
    var waitsForBaseline: Bool { verdict.map { $0.judgedBy.baseline == .none } ?? true }
}

/// A verdict with what it was reached from.
package struct RecordedVerdict: Sendable, Hashable {
    /// The verdict.
    package var verdict: Verdict
    /// Its reason.
    package var reason: Reason?
    /// Whether a breach was severe.
    package var isSevere: Bool
    /// Whether a breach is confirmed; false for other verdicts.
    package var isConfirmed: Bool
    /// What it was reached by.
    package var basis: Basis
    /// The newest basis that the window was judged by, where that gave no worse verdict, which does not count.
    package var outvoted: Basis?
    /// 0 for the first verdict of a window, and one more with each that replaced it.
    package var revision: Int
    /// When it was reached.
    package var evaluatedAt: Instant

    /// Makes a verdict.
    package init(
        verdict: Verdict, reason: Reason? = nil, isSevere: Bool = false, isConfirmed: Bool = false, basis: Basis,
        outvoted: Basis? = nil, revision: Int = 0, evaluatedAt: Instant
    ) {
        self.verdict = verdict
        self.reason = reason
        self.isSevere = isSevere
        self.isConfirmed = isConfirmed
        self.basis = basis
        self.outvoted = outvoted
        self.revision = revision
        self.evaluatedAt = evaluatedAt
    }

    /// The newest basis that the window was judged by.
    package var judgedBy: Basis { outvoted ?? basis }
}

/// What a verdict was reached by, beside the observation.
package struct Basis: Sendable, Hashable {
    /// The policy version.
    package var policy: Int
    /// The baseline.
    package var baseline: BaselineReference

    /// Makes a basis.
    package init(policy: Int, baseline: BaselineReference) {
        self.policy = policy
        self.baseline = baseline
    }
}

/// Where the baseline of a verdict is stored.
package enum BaselineReference: Sendable, Hashable {
    /// The guardrail needed none, or it was judged by an absolute limit before the look-back could be asked.
    case none
    /// A baseline of its own in the ledger.
    case stored(Int)
    /// With the verdict: a rolling baseline, or an anchored one before it is stored.
    case inline(BaselineValue, isProvisional: Bool)
}
