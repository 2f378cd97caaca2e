/// The sum of doubles, kept without any rounding until it is read.
///
/// Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates" (1997): the sum is a list of
/// non-overlapping doubles. What it holds does not depend on the order in which values were added, so a restart gives the same bits.
package struct ExactSum: Sendable {
    private var partials: [Double] = []
    private let scale: Double

    /// Makes an empty sum.
    ///
    /// - Parameter largest: The largest magnitude that will be added; sums of huge values are kept scaled, so that none overflows.
    package init(largest: Double = 0) {
        scale = largest > 0x1p960 ? 0x1p-64 : 1
    }

    /// Adds a finite value.
    package mutating func add(_ value: Double) {
        var carry = value * scale
        var kept = 0
        for partial in partials {
            let (large, small) = abs(carry) < abs(partial) ? (partial, carry) : (carry, partial)
            let high = large + small
            let low = small - (high - large)
            if low != 0 {
                partials[kept] = low
                kept += 1
            }
            carry = high
        }
        partials.removeSubrange(kept...)
        partials.append(carry)
    }

    /// The sum divided by a count, within one rounding of the sum and one of the division.
    package func mean(of count: Int) -> Double {
        (rounded / Double(count)) / scale
    }

    /// The partials added from the largest down, with the last bit corrected for ties (as in CPython's `math.fsum`).
    private var rounded: Double {
        guard var high = partials.last else { return 0 }
        var index = partials.count - 1
        var low = 0.0
        while index > 0 {
            let before = high
            index -= 1
            let next = partials[index]
            high = before + next
            low = next - (high - before)
            if low != 0 { break }
        }
        if index > 0, (low < 0) == (partials[index - 1] < 0), partials[index - 1] != 0 {
            let twice = low * 2
            let corrected = high + twice
            if twice == corrected - high { high = corrected }
        }
        return high
    }
}
