import HotfixCore

/// What a query asks, told by the metrics that it names and by what it does with them.
///
/// This reads no PromQL: it knows the few shapes that measures are asked in, and takes labels, conditions, ranges and
/// numbers from the text.
struct SimulatedQuestion {
    /// The shapes.
    enum Shape {
        /// Which series there are, under which labels: a count of each.
        case presence
        /// The newest sample of each series.
        case newest
        /// A quantile of a histogram, divided by a number.
        case quantile(Double, scale: Double)
        /// A range of each series, added up.
        case sum
        /// The same, divided by the number of instances.
        case meanOfInstances
        /// The mean over instances of levels, which are rounded to whole parts.
        case level(parts: Double)
        /// One count over another.
        case share
        /// The share of the samples that were expected of an instance.
        case samples(expected: Double)
        /// The most samples that a stretch held within the last hour.
        case densest
    }

    /// The shape.
    var shape: Shape
    /// The selectors, in order; at least one.
    var selectors: [SimulatedSelector]
    /// The labels of each aggregation, in order.
    var groupings: [[String]]
    /// Where the answer's series are given another label: its name and its value, for each selector.
    var marks: [(label: String, value: String)?]

    /// Reads a query.
    ///
    /// - Returns: nil where it is of no known shape.
    init?(_ query: String) {
        guard !query.contains(" on ("), let selectors = SimulatedSelector.all(in: query), let first = selectors.first
        else { return nil }
        self.selectors = selectors
        groupings = query.matches(of: /by \(([^)]*)\)/).map { match in
            match.1.split(separator: ",").map { String($0.drop { $0 == " " }) }
        }
        marks = selectors.map { selector in
            let rest = query[selector.range.upperBound...]
            guard query[..<selector.range.lowerBound].contains("label_replace("),
                let mark = rest.prefixMatch(of: /\), "([^"]*)", "([^"]*)"/)
            else { return nil }
            return (String(mark.1), String(mark.2))
        }
        guard let shape = Self.shape(query, first, groupings.count) else { return nil }
        self.shape = shape
    }

    private static func shape(_ query: String, _ first: SimulatedSelector, _ groupings: Int) -> Shape? {
        if first.range == query.startIndex..<query.endIndex { return first.milliseconds == nil ? .newest : nil }
        guard groupings > 0 else { return nil }
        if query.hasPrefix("count by ("), first.milliseconds == nil { return .presence }
        guard first.milliseconds != nil else { return nil }
        if let quantile = number(after: "histogram_quantile(", in: query) {
            let scale = query.firstMatch(of: /\) \/ ([0-9.e]+)$/).flatMap { Double($0.1) }
            return .quantile(quantile, scale: scale ?? 1)
        }
        if query.contains(" or 0 * ") { return .share }
        switch first.function {
        case "rate", "increase":
            guard query.hasPrefix("sum by (") else { return nil }
            return groupings == 1 ? .sum : groupings == 3 ? .meanOfInstances : nil
        case "avg_over_time" where groupings == 4:
            return number(after: "round(", in: query).map { .level(parts: $0) }
        case "count_over_time" where query.hasPrefix("max by ("): return .densest
        case "count_over_time":
            let expected = query.firstMatch(of: /\/ ([0-9.e]+), 1\)$/).flatMap { Double($0.1) }
            return expected.map { .samples(expected: $0) }
        default: return nil
        }
    }

    private static func number(after marker: String, in query: String) -> Double? {
        query.firstRange(of: marker).flatMap { Double(query[$0.upperBound...].prefix { "0123456789.e".contains($0) }) }
    }
}
