/// The counts of a histogram with bounds of its own.
struct ExplicitCounts: Hashable, Sendable {
    /// Upper bounds, ascending, inclusive; the last bucket has none.
    var bounds: [Double]
    /// One more than bounds.
    var counts: [UInt64]

    /// The number of observations.
    var total: UInt64 { counts.reduce(0, &+) }

    /// Adds the counts of another histogram with the same bounds.
    mutating func add(_ other: [UInt64]) {
        for index in counts.indices { counts[index] &+= other[index] }
    }

    /// A quantile, interpolated in its bucket; nil where there is no observation, or no bound.
    ///
    /// - Parameter share: The quantile, 0...1.
    /// - Returns: The quantile in the unit of the bounds.
    func quantile(_ share: Double) -> Double? {
        let total = total
        guard total > 0, let last = bounds.last else { return nil }
        let rank = share * Double(total)
        var before: UInt64 = 0
        for (index, count) in counts.enumerated() {
            guard Double(before &+ count) >= rank, count > 0 else {
                before &+= count
                continue
            }
            guard index < bounds.count else { return last }
            let upper = bounds[index]
            if index == 0, upper <= 0 { return upper }
            let lower = index == 0 ? 0 : bounds[index - 1]
            return lower + (upper - lower) * (rank - Double(before)) / Double(count)
        }
        return last
    }
}
