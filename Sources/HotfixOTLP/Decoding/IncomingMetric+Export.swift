private typealias Metrics = Opentelemetry_Proto_Metrics_V1_Metric

extension ExportRequest {
    /// Finds the watched metrics in an export.
    ///
    /// - Parameter limits: How large a point may be.
    /// - Returns: The metrics with their points; nobody's and unknown ones are left out.
    func incoming(_ limits: OTLPLimits) -> [IncomingMetric] {
        var found: [IncomingMetric] = []
        for resource in resourceMetrics {
            let attributes = resource.resource.attributes
            var facts: ResourceFacts?
            let id = SeriesID(attributes)
            for scope in resource.scopeMetrics {
                var scopeID = id
                scopeID.append(SeriesID(scope.scope.name))
                for metric in scope.metrics {
                    let candidates = WatchedMetric.named(metric.name)
                    guard !candidates.isEmpty else { continue }
                    let known = facts ?? ResourceFacts(attributes)
                    facts = known
                    // A series without the name of a service is nobody's.
                    guard let watched = candidates.first(where: { known[$0.scope.nameKey] != nil }),
                        let name = known[watched.scope.nameKey]
                    else { continue }
                    var metricID = scopeID
                    metricID.append(SeriesID(metric.name))
                    let reader = PointReader(watched: watched, id: metricID, resourceID: id, limits: limits)
                    if let incoming = reader.read(metric, known, name) { found.append(incoming) }
                }
            }
        }
        return found
    }
}

/// Reads the points of one metric.
private struct PointReader {
    let watched: WatchedMetric
    let id: SeriesID
    let resourceID: SeriesID
    let limits: OTLPLimits

    func read(_ metric: Metrics, _ resource: ResourceFacts, _ name: String) -> IncomingMetric? {
        var result = IncomingMetric(
            metric: watched, resource: resource, resourceID: resourceID, name: name, kind: .level, divisor: 1,
            points: [])
        var isKnownUnit = true
        if case .durations(let usual) = watched.shape {
            let divisor = Self.divisor(of: metric.unit, usual)
            result.divisor = divisor ?? usual
            isKnownUnit = divisor != nil
        }
        switch metric.data {
        case .gauge(let gauge): numbers(gauge.dataPoints, .level, isMonotonic: false, &result)
        case .sum(let sum):
            let kind = kind(sum.aggregationTemporality)
            numbers(sum.dataPoints, isLevel && kind != .delta ? .level : kind, isMonotonic: sum.isMonotonic, &result)
        case .histogram(let histogram):
            begin(kind(histogram.aggregationTemporality), &result) { series in
                histogram.dataPoints.lazy.filter { $0.flags & 1 == 0 }.map { explicit($0, series) }
            }
        case .exponentialHistogram(let histogram):
            begin(kind(histogram.aggregationTemporality), &result) { series in
                histogram.dataPoints.lazy.filter { $0.flags & 1 == 0 }.map { exponential($0, series) }
            }
        case .summary(let summary):
            result.points = summary.dataPoints.map { rejected(.shape, $0.timeUnixNano, []) }
        case nil: return nil
        }
        if !isKnownUnit { for index in result.points.indices { result.points[index].rejection = .unit } }
        return result.points.isEmpty ? nil : result
    }

    /// What durations in a unit are divided by to give seconds, the usual where it does not say; nil where it says something else.
    private static func divisor(of unit: String, _ usual: Int) -> Int? {
        switch unit {
        case "": usual
        case "s", "sec", "second", "seconds": 1
        case "ms", "millisecond", "milliseconds": 1000
        default: nil
        }
    }

    private var isLevel: Bool { if case .level = watched.shape { true } else { false } }

    private var isDurations: Bool { if case .durations = watched.shape { true } else { false } }

    private func kind(_ temporality: Opentelemetry_Proto_Metrics_V1_AggregationTemporality) -> SeriesKind? {
        switch temporality {
        case .delta: .delta
        case .cumulative: .cumulative
        case .unspecified, .UNRECOGNIZED: nil
        }
    }

    /// The digest of a series of the metric, but for its attributes.
    private func series(_ kind: SeriesKind, _ shape: UInt64) -> SeriesID {
        var id = id
        id.append(UInt64(kind.rawValue) << 8 | shape)
        return id
    }

    private func begin(
        _ kind: SeriesKind?, _ result: inout IncomingMetric, _ points: (SeriesID) -> some Sequence<IncomingPoint>
    ) {
        result.kind = kind ?? .cumulative
        result.points = Array(points(series(result.kind, 1)))
        let rejection: Rejection? = isDurations ? kind == nil ? .temporality : nil : .shape
        for index in result.points.indices {
            if let rejection { result.points[index].rejection = rejection }
            guard result.kind == .delta, result.points[index].rejection == nil else { continue }
            result.points[index].rejection = tooLong(result.points[index].point)
        }
    }

    private func numbers(
        _ points: [Opentelemetry_Proto_Metrics_V1_NumberDataPoint], _ kind: SeriesKind?, isMonotonic: Bool,
        _ result: inout IncomingMetric
    ) {
        var rejection: Rejection?
        if isDurations || !isLevel && !isMonotonic { rejection = .shape }
        if kind == nil { rejection = .temporality }
        if isLevel, kind == .delta { rejection = .negative }
        result.kind = kind ?? .cumulative
        let base = series(result.kind, 0)
        for point in points where point.flags & 1 == 0 && isKept(point.attributes) {
            var read = number(point, base)
            if let rejection { read.rejection = rejection }
            if result.kind == .delta, read.rejection == nil { read.rejection = tooLong(read.point) }
            result.points.append(read)
        }
    }

    private func isKept(_ attributes: [Opentelemetry_Proto_Common_V1_KeyValue]) -> Bool {
        guard !watched.kept.isEmpty else { return true }
        let facts = ResourceFacts(attributes)
        return watched.kept.allSatisfy { facts[$0.key] == nil || facts[$0.key] == $0.value }
    }

    private func number(
        _ point: Opentelemetry_Proto_Metrics_V1_NumberDataPoint, _ base: SeriesID
    ) -> IncomingPoint {
        let value: Double
        switch point.value {
        case .asDouble(let number): value = number
        case .asInt(let number): value = Double(number)
        case nil: return rejected(.notFinite, point.timeUnixNano, point.attributes)
        }
        var read = made(.number(value), point.timeUnixNano, point.startTimeUnixNano, point.attributes, base)
        if !value.isFinite { read.rejection = .notFinite }
        if value < 0, !isLevel { read.rejection = .negative }
        return read
    }

    private func explicit(
        _ point: Opentelemetry_Proto_Metrics_V1_HistogramDataPoint, _ base: SeriesID
    ) -> IncomingPoint {
        let counts =
            point.bucketCounts.isEmpty
            ? ExplicitCounts(bounds: [], counts: [point.count])
            : ExplicitCounts(bounds: point.explicitBounds, counts: point.bucketCounts)
        var read = made(.explicit(counts), point.timeUnixNano, point.startTimeUnixNano, point.attributes, base)
        let bounds = counts.bounds
        let ascends = bounds.indices.dropFirst().allSatisfy { bounds[$0 - 1] < bounds[$0] }
        let isFinite = (bounds.first?.isFinite ?? true) && (bounds.last?.isFinite ?? true)
        if !ascends || !isFinite || counts.counts.count != bounds.count + 1 || bounds.count > limits.buckets
            || !isCountable(counts.counts)
        {
            read.rejection = .buckets
        }
        return read
    }

    private func exponential(
        _ point: Opentelemetry_Proto_Metrics_V1_ExponentialHistogramDataPoint, _ base: SeriesID
    ) -> IncomingPoint {
        let positive = side(point.positive)
        let negative = side(point.negative)
        let width = point.positive.bucketCounts.count + point.negative.bucketCounts.count
        guard let positive, let negative, (-10...20).contains(point.scale), width <= limits.buckets,
            point.zeroThreshold.isFinite, point.zeroThreshold >= 0,
            isCountable([point.zeroCount] + positive.counts + negative.counts)
        else {
            return rejected(.buckets, point.timeUnixNano, point.attributes)
        }
        let counts = ExponentialCounts(
            scale: Int(point.scale), zeroCount: point.zeroCount, zeroThreshold: point.zeroThreshold,
            positive: positive, negative: negative)
        return made(.exponential(counts), point.timeUnixNano, point.startTimeUnixNano, point.attributes, base)
    }

    /// Whether a total is a number that sums of it stay exact with: below 2^53.
    private func isCountable(_ counts: [UInt64]) -> Bool {
        var total: UInt64 = 0
        for count in counts {
            guard count < 1 << 53, total < 1 << 53 else { return false }
            total += count
        }
        return total < 1 << 53
    }

    private func side(
        _ buckets: Opentelemetry_Proto_Metrics_V1_ExponentialHistogramDataPoint.Buckets
    ) -> ExponentialCounts.Side? {
        ExponentialCounts.Side(offset: Int(buckets.offset), counts: buckets.bucketCounts)
    }

    private func made(
        _ value: PointValue, _ time: UInt64, _ start: UInt64,
        _ attributes: [Opentelemetry_Proto_Common_V1_KeyValue], _ base: SeriesID
    ) -> IncomingPoint {
        guard time > 0, let time = Int64(exactly: time) else { return rejected(.noTime, 0, attributes) }
        var id = base
        let part = SeriesID(attributes)
        id.append(part)
        // A start after the point says nothing.
        let start = Int64(exactly: start).map { $0 <= time ? $0 : 0 } ?? 0
        let point = SeriesPoint(time: time, start: start, value: value)
        return IncomingPoint(series: id, part: part.low, point: point, rejection: nil, attributes: attributes)
    }

    private func tooLong(_ point: SeriesPoint) -> Rejection? {
        point.start > 0 && point.time - point.start > SeriesTrack.longestGap ? .tooLong : nil
    }

    private func rejected(
        _ reason: Rejection, _ time: UInt64, _ attributes: [Opentelemetry_Proto_Common_V1_KeyValue]
    ) -> IncomingPoint {
        let point = SeriesPoint(time: Int64(exactly: time) ?? 0, start: 0, value: .number(0))
        return IncomingPoint(series: .empty, part: 0, point: point, rejection: reason, attributes: attributes)
    }
}
