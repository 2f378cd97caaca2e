/// What one guardrail's window counts as, when revisions, earlier queries and excusals have been taken into account.
package struct CountedVerdict: Sendable, Hashable {
    /// The verdict.
    package var verdict: Verdict
    /// Its reason.
    package var reason: Reason?
    /// Whether a breach was severe.
    package var isSevere: Bool
    /// The value, for the peak of an episode.
    package var value: Double?

    /// Makes a counted verdict.
    package init(verdict: Verdict, reason: Reason? = nil, isSevere: Bool = false, value: Double? = nil) {
        self.verdict = verdict
        self.reason = reason
        self.isSevere = isSevere
        self.value = value
    }
}

/// The order in which verdicts are worse than each other: breach, missing, unproven, clean.
///
/// Where old and new verdict of one window are compared, a severe breach is worse than another, and what adds to a gap is
/// worse than what is quiet: no change of configuration makes a gap a quiet night.
package enum VerdictRank: Int, Sendable, Hashable, Comparable {
    case clean, quiet, unproven, missing, breach, severeBreach

    /// The rank of a verdict with its reason; nil stands for a missing one.
    package init(_ verdict: Verdict?, _ reason: Reason? = nil, isSevere: Bool = false) {
        switch verdict {
        case .breach: self = isSevere ? .severeBreach : .breach
        case nil: self = .missing
        case .unproven: self = reason?.isQuiet ?? false ? .quiet : .unproven
        case .clean: self = .clean
        }
    }

    package static func < (left: VerdictRank, right: VerdictRank) -> Bool { left.rawValue < right.rawValue }
}

/// Whether a verdict is worse than another; nil stands for a missing one.
package func isWorse(_ left: VerdictRank?, than right: VerdictRank?) -> Bool {
    (left ?? .missing) > (right ?? .missing)
}

/// Whether a verdict is worse than another; nil stands for a missing one.
package func isWorse(_ left: Verdict?, than right: Verdict?) -> Bool {
    VerdictRank(left) > VerdictRank(right)
}

extension CountedVerdict {
    /// How bad it is, as against what an earlier query gave.
    package var rank: VerdictRank { VerdictRank(verdict, reason, isSevere: isSevere) }
}

extension Judgement {
    /// How bad it is, as against what an earlier rule gave.
    package var rank: VerdictRank { VerdictRank(verdict, reason, isSevere: isSevere) }
}

extension RecordedVerdict {
    /// How bad it is, as against what another rule gives.
    package var rank: VerdictRank { VerdictRank(verdict, reason, isSevere: isSevere) }
}
