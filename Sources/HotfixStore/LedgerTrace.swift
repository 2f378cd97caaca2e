package import HotfixCore

/// What tells the state of a ledger from that of another in the same place.
package struct LedgerTrace: Sendable, Hashable {
    /// Which ledger, and which state of it.
    package var mark: LedgerMark
    /// A number that was drawn for this generation.
    package var nonce: Int
    /// The number of the newest check; nil where there was none.
    package var check: Int?
    /// When it was made.
    package var checkedAt: Instant?

    /// Makes a trace.
    package init(mark: LedgerMark, nonce: Int, check: Int?, checkedAt: Instant?) {
        self.mark = mark
        self.nonce = nonce
        self.check = check
        self.checkedAt = checkedAt
    }
}
