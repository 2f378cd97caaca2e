package import HotfixCore

extension SimulatedPrometheus {
    /// A raw series, as a scrape stores it: one sample every so many seconds.
    package struct Series: Sendable {
        /// The metric's whole name.
        package var name: String
        /// The labels, without the name.
        package var labels: [String: String]
        /// When the first sample was taken.
        package var first: Instant
        /// The seconds between two samples, at least 1.
        package var interval: Seconds
        /// The samples; NaN where one is missing.
        package var values: [Double]

        /// Makes a series.
        package init(
            _ name: String, _ labels: [String: String], from first: Instant, every interval: Seconds,
            values: [Double] = []
        ) {
            self.name = name
            self.labels = labels
            self.first = first
            self.interval = interval
            self.values = values
        }

        /// When the samples were taken.
        package var times: [Instant] { values.indices.map { first + $0 * interval } }

        /// A label's value, the name under `__name__`; empty where there is none, as PromQL has it.
        func label(_ label: String) -> String { label == "__name__" ? name : labels[label] ?? "" }

        /// The samples of a range, both ends included as in Prometheus 2, without those that are missing.
        func samples(milliseconds: Int, to end: Instant, now: Instant) -> (times: [Int], values: [Double]) {
            let last = min((min(end, now) - first).quotientRoundedDown(by: interval), values.count - 1)
            let begin = end.seconds * 1000 - milliseconds - first.seconds * 1000
            let from = max(0, -((-begin).quotientRoundedDown(by: interval * 1000)))
            guard from <= last else { return ([], []) }
            var found: (times: [Int], values: [Double]) = ([], [])
            for index in from...last where !values[index].isNaN {
                found.times.append(first.seconds + index * interval)
                found.values.append(values[index])
            }
            return found
        }
    }
}

extension Int {
    fileprivate func quotientRoundedDown(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
