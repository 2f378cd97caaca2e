import HotfixCore

/// What Sentry says of one bucket.
enum SentryBucket: Sendable, Hashable {
    /// The answer is whole.
    case measured(Measured)
    /// Sentry says that the bucket still fills.
    case notDue
    /// It could not be asked.
    case failed(SourceError)

    /// The number of a bucket and what it rests on.
    struct Measured: Sendable, Hashable {
        /// The aggregate; nil where Sentry has none.
        var value: Double?
        /// For a share the number of events that it is a share of, by which buckets are joined.
        var weight: Double?
        /// For a share the events that were really seen.
        var events: Double?
    }

    /// A bucket from before Sentry's memory.
    static let outsideRetention = SentryBucket.measured(Measured())
}

/// A bucket is complete this many seconds after its end: Sentry's own guess for how long ingestion takes.
let ingestionMargin: Seconds = 90

/// The buckets of a range by their start; every bucket of the range is there.
typealias SentryBuckets = [Instant: SentryBucket]

/// Reads the answers of the endpoints that give buckets.
struct SentryBucketReader {
    var series: SentrySeries
    /// The buckets that were asked for.
    var range: Span
    /// What was asked for, for messages.
    var subject: String

    /// Reads `events-timeseries/`.
    ///
    /// - Parameters:
    ///   - answer: The decoded body.
    ///   - now: Sentry's clock, for servers that mark no bucket as incomplete.
    /// - Returns: Every bucket of the range.
    /// - Throws: ``SourceError`` where the answer is not whole.
    func read(_ answer: SentryTimeSeries, now: Instant) throws(SourceError) -> SentryBuckets {
        guard !answer.timeSeries.isEmpty || answer.meta != nil else { throw noProject }
        let values = try rows(of: series.quantity.valueField, in: answer)
        let weights: [Instant: SentryTimeSeries.Series.Row] =
            if let field = series.quantity.weightField { try rows(of: field, in: answer) } else { [:] }
        return try buckets { start throws(SourceError) in
            guard let value = values[start] else { return nil }
            let weight = weights[start]
            guard series.quantity.weightField == nil || weight != nil else { return nil }
            for row in [value, weight].compactMap(\.self) where row.incomplete == true {
                return row.incompleteReason == "OUTSIDE_RETENTION" ? .outsideRetention : .notDue
            }
            if value.incomplete == nil, !isComplete(start, now) { return .notDue }
            return .measured(
                .init(value: value.value, weight: weight?.value, events: weight?.sampleCount ?? weight?.value)
            )
        }
    }

    /// Reads `events-stats/`, which marks nothing as incomplete and leaves the running bucket out.
    func read(_ answer: SentryStats, now: Instant) throws(SourceError) -> SentryBuckets {
        let values = try rows(of: series.quantity.valueField, in: answer)
        let weights: [Instant: Double?] =
            if let field = series.quantity.weightField { try rows(of: field, in: answer) } else { [:] }
        return try buckets { start throws(SourceError) in
            guard isComplete(start, now) else { return .notDue }
            guard let value = values[start] else { return nil }
            guard series.quantity.weightField != nil else { return .measured(.init(value: value)) }
            guard let weight = weights[start] else { return nil }
            return .measured(.init(value: value, weight: weight, events: weight))
        }
    }

    /// Reads `sessions/`.
    func read(_ answer: SentryIntervals, now: Instant) throws(SourceError) -> SentryBuckets {
        let positions = try answer.positions(step: range.step, subject: subject)
        guard answer.groups.count == 1, let group = answer.groups.first,
            let values = group.series[series.quantity.valueField],
            let weights = group.series[series.quantity.weightField ?? ""],
            values.count == answer.intervals.count, weights.count == answer.intervals.count
        else { throw malformed("\(subject): the answer has not one group with a number for each interval") }
        return try buckets { start throws(SourceError) in
            guard isComplete(start, now) else { return .notDue }
            guard let position = positions[start] else { return nil }
            return .measured(.init(value: values[position], weight: weights[position], events: weights[position]))
        }
    }

    /// Sentry fills every bucket of a range: one that is not there means that the answer is not whole.
    private func buckets(
        _ bucket: (Instant) throws(SourceError) -> SentryBucket?
    ) throws(SourceError) -> SentryBuckets {
        var found: SentryBuckets = [:]
        for window in range.windows {
            guard let read = try bucket(window.start) else {
                throw SourceError(
                    .partial,
                    "\(subject): the bucket of \(window.start) is missing in the answer. The next check asks again."
                )
            }
            found[window.start] = read
        }
        return found
    }

    private func isComplete(_ start: Instant, _ now: Instant) -> Bool { now > start + range.step + ingestionMargin }

    private func rows(of field: String, in answer: SentryTimeSeries)
        throws(SourceError) -> [Instant: SentryTimeSeries.Series.Row]
    {
        let found = answer.timeSeries.filter { $0.yAxis == field }
        guard found.count == 1, let series = found.first else {
            throw SourceError(
                .partial,
                "\(subject): the answer has \(found.count) series of \(field), not one. The next check asks again."
            )
        }
        guard series.meta?.interval == Double(range.step) * 1000 else {
            throw otherInterval(series.meta?.interval.map { $0 / 1000 })
        }
        guard series.meta?.dataScanned != "partial" else {
            throw SourceError(
                .partial,
                "\(subject): Sentry read only a part of the data (dataScanned: partial). The next check asks again."
            )
        }
        return try index(series.values, scale: 1000) { $0.timestamp }
    }

    private func rows(of field: String, in answer: SentryStats) throws(SourceError) -> [Instant: Double?] {
        guard let rows = answer.rows(field) else {
            throw SourceError(.partial, "\(subject): the answer has no series of \(field). The next check asks again.")
        }
        guard !rows.isEmpty else { throw noProject }
        // Only neighbours show which interval Sentry took.
        guard rows.count > 1 else { throw otherInterval(nil) }
        for (row, next) in zip(rows, rows.dropFirst()) where next.timestamp - row.timestamp != Double(range.step) {
            throw otherInterval(next.timestamp - row.timestamp)
        }
        return try index(rows, scale: 1) { $0.timestamp }.mapValues(\.value)
    }

    private func index<Row>(_ rows: [Row], scale: Double, _ timestamp: (Row) -> Double)
        throws(SourceError) -> [Instant: Row]
    {
        var indexed: [Instant: Row] = [:]
        indexed.reserveCapacity(rows.count)
        for row in rows {
            guard let seconds = Int(exactly: timestamp(row) / scale) else {
                throw malformed("\(subject): \(timestamp(row)) is not the start of a bucket")
            }
            guard indexed.updateValue(row, forKey: Instant(seconds)) == nil else {
                throw malformed("\(subject): the bucket of \(Instant(seconds)) comes twice")
            }
        }
        return indexed
    }

    private func otherInterval(_ got: Double?) -> SourceError {
        SourceError(
            .partial,
            "\(subject): Sentry took an interval of \(got.map(shortNumber) ?? "unknown") s in place of \(range.step) s."
                + " Choose a window that it supports."
        )
    }

    private var noProject: SourceError {
        SourceError(
            .unknownSubject,
            "\(subject): Sentry shows this token no such project. Check the project, and give the token's integration"
                + " access to it."
        )
    }
}

extension SentryIntervals {
    /// The position of each interval's start; intervals may be wider than asked for, never of another length.
    func positions(step: Seconds, subject: String) throws(SourceError) -> [Instant: Int] {
        var positions: [Instant: Int] = [:]
        var last: Instant?
        for (position, text) in intervals.enumerated() {
            guard let start = Instant(text: text) else {
                throw malformed("\(subject): '\(text.prefix(40))' is not the start of an interval")
            }
            if let last, start - last != step {
                throw SourceError(
                    .partial,
                    "\(subject): Sentry took an interval of \(start - last) s in place of \(step) s."
                        + " Choose a window that it supports."
                )
            }
            last = start
            positions[start] = position
        }
        return positions
    }
}
