package import HotfixCore

/// Series in the OpenMetrics text format, with a time at every sample.
package struct OpenMetrics: Sendable {
    private var lines: [String] = []

    /// No series.
    package init() {}

    /// The whole text, its end mark included.
    package var text: String { lines.joined() + "# EOF\n" }

    /// Adds a series.
    ///
    /// - Parameters:
    ///   - name: The name of the metric.
    ///   - labels: The labels.
    ///   - times: When it was sampled, ascending.
    ///   - value: The value at a time, nil where the sample is missing.
    package mutating func add(
        _ name: String, _ labels: [String: String], at times: some Sequence<Instant>,
        _ value: (Instant) -> Double?
    ) {
        let labels = labels.sorted { $0.key < $1.key }
            .map { label, value in
                let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
                    "\n", with: "\\n")
                return "\(label)=\"\(escaped)\""
            }
            .joined(separator: ",")
        for time in times {
            guard let value = value(time) else { continue }
            lines.append("\(name){\(labels)} \(Self.number(value)) \(time.seconds)\n")
        }
    }

    /// Adds a classic histogram: its buckets, its count and its sum.
    ///
    /// - Parameters:
    ///   - name: The name of the metric, without suffix.
    ///   - labels: The labels.
    ///   - bounds: The upper bounds of the buckets, ascending, without infinity.
    ///   - times: When it was sampled, ascending.
    ///   - counts: How many observations every bucket holds at a time, one more than there are bounds, not cumulative.
    package mutating func addHistogram(
        _ name: String, _ labels: [String: String], bounds: [Double], at times: some Collection<Instant>,
        _ counts: (Instant) -> [Double]
    ) {
        for (index, bound) in (bounds + [.infinity]).enumerated() {
            add("\(name)_bucket", labels.merging(["le": Self.number(bound)]) { $1 }, at: times) {
                counts($0).prefix(index + 1).reduce(0, +)
            }
        }
        add("\(name)_count", labels, at: times) { counts($0).reduce(0, +) }
        add("\(name)_sum", labels, at: times) { time in
            zip(counts(time), bounds + bounds.suffix(1)).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    private static func number(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        return "\(number)"
    }
}
