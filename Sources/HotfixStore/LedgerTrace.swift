package import HotfixCore

/// What tells the state of a ledger from that of another in the same place.
package struct LedgerTrace: Sendable, Hashable {
    /// Which ledger, and which state of it.
    package var mark: LedgerMark
    /// The state of what readiness may depend on.
    package var evidence: Int
    /// The number of the newest check; nil where there was none.
    package var check: Int?
    /// When it was made.
    package var checkedAt: Instant?

    /// Makes a trace.
    package init(mark: LedgerMark, evidence: Int, check: Int?, checkedAt: Instant?) {
        self.mark = mark
        self.evidence = evidence
        self.check = check
        self.checkedAt = checkedAt
    }
}
