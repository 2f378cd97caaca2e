/// What an evaluation adds to the ledger: committed in one transaction, or not at all.
package struct Outcome: Sendable, Hashable {
    /// A window whose record is new or differs from the one in the ledger.
    package struct RecordChange: Sendable, Hashable {
        /// The series.
        package var series: Int
        /// The start of the window.
        package var start: Instant
        /// The record from now on.
        package var record: WindowRecord
        /// What the ledger held, to be kept as a revision where it had a verdict and `record`'s revision is higher.
        package var replaced: WindowRecord?

        /// Makes a change.
        package init(series: Int, start: Instant, record: WindowRecord, replaced: WindowRecord?) {
            self.series = series
            self.start = start
            self.record = record
            self.replaced = replaced
        }
    }

    /// The instant of the evaluation.
    package var at: Instant
    /// Policy versions that were adopted.
    package var policies: [PolicyVersion] = []
    /// Series that were pinned, or whose state changed; by number.
    package var series: [SeriesState] = []
    /// Windows, by series and start.
    package var records: [RecordChange] = []
    /// Baselines that were stored.
    package var baselines: [StoredBaseline] = []
    /// Episodes that opened, changed or closed; by pair and start.
    package var episodes: [Episode] = []
    /// Streaks whose windows were asked once more.
    package var confirmations: [Confirmation] = []
    /// What is known of running versions, where that changed; by service and source.
    package var versions: [VersionSeries] = []
    /// What people have to be told of all this, in the order in which it is told.
    package var messages: [Message] = []
    /// Which channels have to be told which of these messages, or of earlier ones that they were not told of.
    package var deliveries: [NewDelivery] = []
    /// What the windows of services come to once this is committed; of services that are lacking, nothing is kept.
    package var digests: [ServiceDigest] = []
    /// The record of the check; nil where none is to be kept.
    package var check: CheckRecord?

    /// Makes an outcome that changes nothing.
    package init(at: Instant) {
        self.at = at
    }

    /// Whether nothing but the record of the check, and digests, would be written.
    package var isEmpty: Bool { messages.isEmpty && deliveries.isEmpty && !bearsOnReadiness }

    /// Whether anything would be written that readiness may depend on.
    package var bearsOnReadiness: Bool { !(policies.isEmpty && versions.isEmpty && isEmptyBesidePolicies) }

    /// Whether nothing would be written but the record of the check, messages, policies and running versions.
    package var isEmptyBesidePolicies: Bool {
        series.isEmpty && records.isEmpty && baselines.isEmpty && episodes.isEmpty && confirmations.isEmpty
    }
}
