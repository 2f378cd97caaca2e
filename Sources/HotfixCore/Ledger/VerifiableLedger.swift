/// A ledger that can tell what it held before, and whether it is whole.
package protocol VerifiableLedger: Ledger {
    /// What the ledger held of windows before revisions replaced it.
    ///
    /// - Parameter series: The series by its number.
    /// - Returns: For each window that was revised, by its start, the replaced records, oldest first.
    /// - Throws: `LedgerError`.
    func replacedRecords(of series: Int) throws -> [Instant: [WindowRecord]]

    /// Reads the whole ledger and compares it with itself.
    ///
    /// - Throws: `LedgerError` with code `damaged` and what was found.
    func verifyIntegrity() throws
}
