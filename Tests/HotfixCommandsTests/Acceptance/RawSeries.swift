import HotfixCore
import HotfixTestSupport

/// A series as it was made up: its samples are all that the expectations of these tests are reached from.
struct RawSeries: Sendable {
    var metric: String
    var labels: [String: String]
    /// Unix seconds, ascending.
    var times: [Int] = []
    var values: [Double] = []

    mutating func append(_ value: Double, at time: Int) {
        times.append(time)
        values.append(value)
    }
}

extension OpenMetrics {
    /// Adds a series as it was made up.
    mutating func add(_ series: RawSeries) {
        var index = -1
        add(series.metric, series.labels, at: series.times.lazy.map { Instant($0) }) { _ in
            index += 1
            return series.values[index]
        }
    }
}

/// What PromQL's functions come to, after the documentation and the source of Prometheus 2.42.
struct HandPromQL: Sendable {
    /// Whether a range holds a sample at its left end, as in Prometheus 2 and no longer in 3.
    var holdsLeftEnd = true

    /// How long a sample stands for its series where an instant is asked for.
    static let staleness = 300

    private func samples(_ series: RawSeries, over range: Int, at end: Int) -> Range<Int> {
        let left = firstIndex(series.times, atLeast: holdsLeftEnd ? end - range : end - range + 1)
        return left..<max(left, firstIndex(series.times, atLeast: end + 1))
    }

    /// How much a counter grew, resets mended and extrapolated to the range's borders; nil with fewer than two samples.
    func increase(_ series: RawSeries, over range: Int, at end: Int) -> Double? {
        let picked = samples(series, over: range, at: end)
        guard picked.count >= 2 else { return nil }
        let first = picked.lowerBound
        let last = picked.upperBound - 1
        var growth = series.values[last] - series.values[first]
        for index in first..<last where series.values[index + 1] < series.values[index] {
            growth += series.values[index]
        }
        let sampled = Double(series.times[last] - series.times[first])
        let spacing = sampled / Double(picked.count - 1)
        var before = Double(series.times[first] - (end - range))
        let after = Double(end - series.times[last])
        // A counter was not below zero before its first sample.
        if growth > 0, series.values[first] >= 0 { before = min(before, sampled * series.values[first] / growth) }
        let stretched =
            sampled + (before < spacing * 1.1 ? before : spacing / 2) + (after < spacing * 1.1 ? after : spacing / 2)
        return growth * stretched / sampled
    }

    /// The growth of a counter in a second.
    func rate(_ series: RawSeries, over range: Int, at end: Int) -> Double? {
        increase(series, over: range, at: end).map { $0 / Double(range) }
    }

    /// The mean of a gauge's samples, NaN where one of them is; nil where there are none.
    func mean(_ series: RawSeries, over range: Int, at end: Int) -> Double? {
        let picked = samples(series, over: range, at: end)
        guard !picked.isEmpty else { return nil }
        return picked.reduce(0.0) { $0 + series.values[$1] } / Double(picked.count)
    }

    /// The newest sample of a gauge, nil once it is stale.
    func latest(_ series: RawSeries, at end: Int) -> Double? {
        let picked = samples(series, over: Self.staleness, at: end)
        return picked.isEmpty ? nil : series.values[picked.upperBound - 1]
    }

    /// A quantile of cumulative counts by upper bound: beyond the last bound that bound, and NaN without counts.
    static func quantile(_ share: Double, _ buckets: [Double: Double]) -> Double {
        let bounds = buckets.keys.sorted()
        guard let total = bounds.last.flatMap({ buckets[$0] }), total > 0, bounds.count >= 2 else { return .nan }
        let rank = share * total
        var low = (bound: 0.0, count: 0.0)
        for bound in bounds.dropLast() {
            let count = max(low.count, buckets[bound] ?? 0)
            if count >= rank { return low.bound + (bound - low.bound) * (rank - low.count) / (count - low.count) }
            low = (bound, count)
        }
        return low.bound
    }
}

/// The index of the first of ascending numbers that is not less than another.
private func firstIndex(_ numbers: [Int], atLeast wanted: Int) -> Int {
    var low = 0
    var high = numbers.count
    while low < high {
        let middle = (low + high) / 2
        if numbers[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low
}
