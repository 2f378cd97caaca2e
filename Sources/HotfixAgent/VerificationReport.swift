package import HotfixCore

/// What came of a verification.
package struct VerificationReport: Sendable {
    /// A window that the next check asks again anyway, and of which the source says something else already.
    package struct Changing: Sendable, Hashable {
        /// Whose window.
        package var pair: Pair
        /// The start of the window.
        package var start: Instant
        /// What the ledger says; nil where it has nothing.
        package var ledger: Observation?
        /// What the source says now.
        package var source: Observation
    }

    /// When it was verified.
    package var at: Instant
    /// The instant of the check that is verified; nil where there was none.
    package var checkedAt: Instant?
    /// What differs, by pair and time.
    package private(set) var differences: [Difference] = []
    /// How much was derived.
    package private(set) var tally = VerificationTally()
    /// What the next check takes in anyway.
    package var changing: [Changing] = []
    /// What could not be asked.
    package private(set) var failures: [CheckReport.Failure] = []
    /// Whose running versions could not be asked, or not all of them.
    package private(set) var versionFailures: [CheckReport.Failure] = []
    /// What limits the verification beside that.
    package private(set) var notices: [String] = []
    /// The readiness by the ledger and by what is derived, where they differ.
    package private(set) var readiness: (ledger: Readiness, derived: Readiness)?
    /// What the ledger holds.
    package var snapshot: Snapshot?
    /// Whether what differs was recorded; nil where nothing was to be, false where the ledger had changed in the meantime.
    package var isWritten: Bool?

    init(at: Instant) {
        self.at = at
    }

    /// Whether everything was derived.
    package var isWhole: Bool {
        failures.isEmpty && tally.windowsNotVerified == 0 && tally.baselinesNotVerified == 0
            && tally.unanswered.isEmpty && versionFailures.isEmpty && tally.versionsNotVerified == 0
    }

    mutating func noteVersions(_ failure: VersionFailure) {
        versionFailures.append(
            CheckReport.Failure(
                pair: Pair(failure.service, "running version"), span: failure.span, error: failure.error))
    }

    mutating func take(_ notices: [String]) { self.notices = notices }

    mutating func note(_ pair: Pair, _ span: Span, _ error: SourceError) {
        if let last = failures.last, last.pair == pair, last.error == error, let known = last.span,
            known.step == span.step, known.end == span.start
        {
            failures[failures.count - 1].span = Span(start: known.start, end: span.end, step: span.step)
        } else {
            failures.append(CheckReport.Failure(pair: pair, span: span, error: error))
        }
    }

    mutating func take(_ verification: LedgerVerification) {
        differences = verification.differences
        tally = verification.tally
        let ledger = verification.ledgerReadiness
        let derived = verification.derivedReadiness
        let isSame =
            ledger.state == derived.state && ledger.since == derived.since
            && ledger.provenSeconds == derived.provenSeconds && ledger.earliestReady == derived.earliestReady
        readiness = isSame ? nil : (ledger, derived)
    }
}
