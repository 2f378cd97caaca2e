/// Whose data points are kept together: one metric of one service in one environment.
package struct PointSubject: Sendable, Hashable, Comparable {
    /// What pushed points have in place of the name of a source that scrapes.
    package static let pushed = ""

    /// The name of the source that scraped them; empty where they were pushed.
    package var origin: String
    /// Where the metric comes from: an application, a kubelet, a host; the receiver's own word.
    package var scope: String
    /// The namespace that the name is unique in; empty where there is none.
    package var namespace: String
    /// What the service is called there.
    package var name: String
    /// The environment; nil where the points name none.
    package var environment: String?
    /// The name of the metric, as OpenTelemetry spells it.
    package var metric: String

    /// Makes a subject.
    package init(
        origin: String, scope: String, namespace: String, name: String, environment: String?, metric: String
    ) {
        self.origin = origin
        self.scope = scope
        self.namespace = namespace
        self.name = name
        self.environment = environment
        self.metric = metric
    }

    package static func < (left: PointSubject, right: PointSubject) -> Bool { left.order < right.order }

    private var order: (String, String, String, String, String, String) {
        (origin, scope, namespace, name, environment ?? "", metric)
    }
}

/// What the points of one subject come to in one stretch of time.
package struct PointCell: Sendable, Hashable {
    /// The most seconds of a stretch.
    package static let longest: Seconds = 300

    /// The instant before the stretch: points belong to it from just after this instant.
    package var start: Instant
    /// How much later its last point may be, in seconds.
    package var length: Seconds
    /// The sums, packed; the receiver's own business.
    package var content: [UInt8]

    /// Makes a cell.
    package init(start: Instant, length: Seconds, content: [UInt8]) {
        self.start = start
        self.length = length
        self.content = content
    }
}

/// Accepted points as they came, from which a receiver that starts again learns what the last one knew.
package struct PointLogEntry: Sendable, Hashable {
    /// When they were received.
    package var at: Instant
    /// The points, packed; the receiver's own business.
    package var content: [UInt8]

    /// Makes an entry.
    package init(at: Instant, content: [UInt8]) {
        self.at = at
        self.content = content
    }
}

/// What one transaction stores of received points.
package struct PointBatch: Sendable {
    /// Cells that take the place of what was stored for any part of their stretch, by subject.
    package var cells: [(subject: PointSubject, cell: PointCell)] = []
    /// The time of each subject's newest point.
    package var newest: [PointSubject: Instant] = [:]
    /// Whose log is added to: a source that scrapes, or none.
    package var origin = PointSubject.pushed
    /// What is added to the log.
    package var log: [PointLogEntry] = []
    /// Entries of the origin's log from before this instant are no longer needed.
    package var forgetsLogBefore: Instant?

    /// Makes an empty batch.
    package init() {}

    /// Whether there is nothing to store.
    package var isEmpty: Bool { cells.isEmpty && newest.isEmpty && log.isEmpty && forgetsLogBefore == nil }
}

/// A subject with what is known of its points.
package struct StoredSubject: Sendable, Hashable {
    /// The subject.
    package var subject: PointSubject
    /// The time of its newest point.
    package var newest: Instant

    /// Makes a stored subject.
    package init(subject: PointSubject, newest: Instant) {
        self.subject = subject
        self.newest = newest
    }
}

/// Where received points are kept.
package protocol PointStore: Sendable {
    /// Stores a batch in one transaction, which is on the disk when this returns.
    ///
    /// - Throws: `LedgerError` where it cannot be stored; nothing of it is then.
    func savePoints(_ batch: PointBatch) throws(LedgerError)

    /// Every subject of which points were received, in order.
    ///
    /// - Throws: `LedgerError` where it cannot be read.
    func pointSubjects() throws(LedgerError) -> [StoredSubject]

    /// Reads the cells of a subject that lie in a stretch of time.
    ///
    /// - Parameters:
    ///   - subject: The subject; one that is not known has no cells.
    ///   - start: Cells start here or later,
    ///   - end: and end here or earlier.
    /// - Returns: The cells, oldest first.
    /// - Throws: `LedgerError` where it cannot be read.
    func pointCells(of subject: PointSubject, from start: Instant, to end: Instant) throws(LedgerError) -> [PointCell]

    /// The log of an origin, oldest entry first.
    ///
    /// - Throws: `LedgerError` where it cannot be read.
    func pointLog(of origin: String, since instant: Instant) throws(LedgerError) -> [PointLogEntry]

    /// Deletes cells that end at or before an instant, and subjects without any that are as old.
    ///
    /// - Parameters:
    ///   - instant: The instant.
    ///   - lookback: What lies this many seconds before the first deployment of the open hotfix, or later, is spared.
    /// - Throws: `LedgerError` where it cannot be written.
    func prunePoints(before instant: Instant, sparing lookback: Seconds) throws(LedgerError)
}
