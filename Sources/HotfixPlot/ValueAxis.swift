import Foundation

/// Which values the rows of a plot stand for, in a unit that people read.
struct ValueAxis {
    /// What the labels count: `ms`, `MiB`, `%`; nil where the values have no unit.
    let unit: String?
    /// How many rows there are, 2 or more.
    let rows: Int
    private let factor: Double
    private let low: Double
    private let high: Double
    private let tick: Double
    private let rowsPerTick: Int

    /// The least distance that is told apart: of smaller numbers so few are left that ticks cannot be made of them.
    private static let least = 1e-300

    /// Makes the axis for some values; nil where none of them is finite, or where they are too far apart for a number.
    init?(_ values: [Double], unit: String?) {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return nil }
        (self.unit, factor) = Self.scale(unit, largest: max(abs(least), abs(most)))
        var bottom = least * factor
        var top = most * factor
        // Zero is shown where it is near: a bar of 2 above one of 1 then looks like twice as much.
        if bottom > 0, bottom < top / 2 { bottom = 0 }
        // What numbers of this size can hardly tell apart is one value.
        if top - bottom <= max(max(abs(top), abs(bottom)) * 1e-12, Self.least) {
            let margin = max(abs(top) / 10, abs(top) <= Self.least ? 1 : 0)
            top += margin
            bottom -= bottom >= 0 ? min(bottom, margin) : margin
        }
        guard top.isFinite, bottom.isFinite, (top - bottom).isFinite, top > bottom else { return nil }
        let step = Self.tick(for: (top - bottom) / 5)
        let (low, high) = ((bottom / step).rounded(.down) * step, (top / step).rounded(.up) * step)
        guard (high - low).isFinite, high > low else { return nil }
        (self.low, self.high, tick) = (low, high, step)
        let ticks = max(1, Int(((high - low) / step).rounded()))
        rowsPerTick = max(2, 12 / ticks)
        rows = ticks * rowsPerTick + 1
    }

    /// How far down a value is, from 0 at the top to 1 at the bottom; nil for one that is no number.
    func share(_ value: Double) -> Double? {
        guard value.isFinite else { return nil }
        return min(1, max(0, (high - value * factor) / (high - low)))
    }

    /// The row of a value, 0 the topmost; nil for one that is no number.
    func row(_ value: Double) -> Int? {
        share(value).map { Int(($0 * Double(rows - 1)).rounded()) }
    }

    /// The labels from the top to the bottom, with how far down they are, from 0 to 1.
    var ticks: [(share: Double, label: String)] {
        (0..<rows).compactMap { row in label(row).map { (Double(row) / Double(rows - 1), $0) } }
    }

    /// What stands beside a row; nil where nothing does.
    func label(_ row: Int) -> String? {
        guard row % rowsPerTick == 0 else { return nil }
        let number = high - Double(row / rowsPerTick) * tick
        // What subtracting leaves of a tick at zero.
        return text(abs(number) < tick / 1000 ? 0 : number)
    }

    /// The smallest of 1, 2 and 5 times a power of ten that is no smaller than a distance.
    static func tick(for distance: Double) -> Double {
        let power = pow(10, log10(distance).rounded(.down))
        guard power > 0, power.isFinite else { return distance }
        let step = [1.0, 2, 5, 10].first { $0 * power >= distance * (1 - 1e-9) } ?? 10
        return step * power
    }

    private static func scale(_ unit: String?, largest: Double) -> (String?, Double) {
        switch unit {
        case "s": return largest < 1 ? ("ms", 1000) : ("s", 1)
        case "share": return ("%", 100)
        case "bytes":
            let units = ["B", "KiB", "MiB", "GiB", "TiB"]
            var index = 0
            var size = largest
            while size >= 1024, index < units.count - 1 {
                size /= 1024
                index += 1
            }
            return (units[index], 1 / pow(1024, Double(index)))
        case let unit? where unit.hasPrefix("1/"): return (String(unit.dropFirst()), 1)
        default: return (unit, 1)
        }
    }

    /// A label: as many digits after the point as tell ticks apart, large numbers in thousands of thousands.
    private func text(_ number: Double) -> String {
        let largest = max(abs(low), abs(high))
        let (divisor, suffix) =
            [(1e12, "T"), (1e9, "G"), (1e6, "M")].first { largest >= $0.0 && largest < $0.0 * 1000 } ?? (1, "")
        let digits = max(0, -Int(log10(tick / divisor).rounded(.down)))
        guard largest < 1e15, digits <= 6 else {
            let significant = min(17, max(1, Int(log10(largest / tick).rounded(.up)) + 1))
            return String(format: "%.\(significant)g", number)
        }
        return String(format: "%.\(digits)f", number / divisor) + suffix
    }
}
