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
package func isWorse(_ left: Verdict?, than right: Verdict?) -> Bool {
    rank(left) > rank(right)
}

private func rank(_ verdict: Verdict?) -> Int {
    switch verdict {
    case .breach: 3
    case nil: 2
    case .unproven: 1
    case .clean: 0
    }
}
