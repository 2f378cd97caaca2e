/// The values that a baseline is computed from: those of the windows of one span, without the excluded ones.
package struct Lookback: Sendable {
    /// The windows.
    package let span: Span
    private let values: [Double]
    private let starts: [Instant]

    /// Makes a look-back.
    ///
    /// - Parameters:
    ///   - span: The windows of the look-back.
    ///   - value: The value of the window that starts at an instant; nil where it has none or is excluded.
    package init(span: Span, value: (Instant) -> Double?) {
        self.span = span
        var values: [Double] = []
        var starts: [Instant] = []
        values.reserveCapacity(span.count)
        starts.reserveCapacity(span.count)
        for window in span.windows {
            if let number = value(window.start), number.isFinite {
                values.append(number)
                starts.append(window.start)
            }
        }
        self.values = values
        self.starts = starts
    }

    /// Whether there are values and all of them are 0.
    package var isAllZero: Bool { !values.isEmpty && values.allSatisfy { $0 == 0 } }

    /// The arithmetic mean of all values, with a relative error of at most two roundings.
    package func mean() -> BaselineValue {
        guard !values.isEmpty else { return BaselineValue(number: nil, windowsUsed: 0, windowsPossible: span.count) }
        var sum = ExactSum(largest: values.reduce(0) { max($0, abs($1)) })
        for value in values { sum.add(value) }
        return BaselineValue(
            number: sum.mean(of: values.count), windowsUsed: values.count, windowsPossible: span.count)
    }

    /// The median of all values; of an even number the mean of the middle two.
    package func median() -> BaselineValue {
        BaselineValue(number: Self.median(of: values), windowsUsed: values.count, windowsPossible: span.count)
    }

    /// The median of the windows at the time of day of a window and of one neighbour either side.
    ///
    /// A neighbour outside the look-back is left out. For seven days that is 21 windows.
    package func seasonal(at start: Instant) -> BaselineValue {
        let day = 86_400
        let days = (span.end - span.start) / day
        var picked: [Double] = []
        var centre = span.start + positiveRemainder(start - span.start, day)
        while centre < span.end {
            for neighbour in [centre - span.step, centre, centre + span.step] where span.contains(neighbour) {
                if let value = value(at: neighbour) { picked.append(value) }
            }
            centre = centre + day
        }
        return BaselineValue(number: Self.median(of: picked), windowsUsed: picked.count, windowsPossible: days * 3)
    }

    /// The statistic that a rule asks for, as it holds for the window that starts at an instant.
    package func value(of statistic: BaselineRule.Statistic, at start: Instant) -> BaselineValue {
        switch statistic {
        case .mean: mean()
        case .median: median()
        case .seasonal: seasonal(at: start)
        }
    }

    /// How many windows lie over the limit that the look-back's own median would give.
    ///
    /// - Parameter limit: A relative limit; it is taken over the median, whatever the guardrail's statistic.
    /// - Returns: The number of windows, 0 where none has a value.
    package func windowsBreaching(_ limit: Limit) -> Int {
        guard let number = limit.number(baseline: Self.median(of: values)) else { return 0 }
        return values.count { limit.isUpper ? $0 > number * (1 + limitTolerance) : $0 < number * (1 - limitTolerance) }
    }

    private func value(at start: Instant) -> Double? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < start { low = middle + 1 } else { high = middle }
        }
        return low < starts.count && starts[low] == start ? values[low] : nil
    }

    private static func median(of values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        guard sorted.count.isMultiple(of: 2) else { return sorted[middle] }
        // Halved before they are added, so that two huge values do not overflow; exact unless subnormal.
        return sorted[middle - 1] / 2 + sorted[middle] / 2
    }
}

/// The remainder of a division by a positive number, never negative.
package func positiveRemainder(_ number: Int, _ divisor: Int) -> Int {
    let remainder = number % divisor
    return remainder < 0 ? remainder + divisor : remainder
}
