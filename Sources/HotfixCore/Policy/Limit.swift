/// The number that a value is held against, or the rule that gives it.
package enum Limit: Sendable, Hashable, Codable {
    /// Relative to the baseline, as a signed share: `0.25` breaches above `baseline * 1.25`, `-0.2` below `baseline * 0.8`.
    case relative(Double)
    /// Absolute, in the measure's unit: a value above it breaches.
    case above(Double)
    /// Absolute, in the measure's unit: a value below it breaches.
    case below(Double)

    /// Whether a baseline is needed.
    package var isRelative: Bool {
        if case .relative = self { true } else { false }
    }

    /// Whether values above the limit breach it, rather than values below.
    package var isUpper: Bool {
        switch self {
        case .relative(let change): change >= 0
        case .above: true
        case .below: false
        }
    }

    /// The number a value is held against, in the measure's unit.
    ///
    /// - Parameter baseline: The baseline; an absolute limit does without.
    /// - Returns: nil for a relative limit without a baseline.
    package func number(baseline: Double?) -> Double? {
        switch self {
        case .above(let number), .below(let number): number
        case .relative(let change): baseline.map { $0 * (1 + change) }
        }
    }
}

extension Limit: CustomStringConvertible {
    /// As it is written in a policy: `+25%`, `above 1.2`.
    package var description: String {
        switch self {
        case .relative(let change): "\(change < 0 ? "" : "+")\(shortNumber(change * 100))%"
        case .above(let number): "above \(shortNumber(number))"
        case .below(let number): "below \(shortNumber(number))"
        }
    }
}

/// A number without the digits that its binary form adds: at most 12 significant digits, no trailing `.0`.
package func shortNumber(_ number: Double) -> String {
    guard number.isFinite else { return "\(number)" }
    if number == number.rounded(), abs(number) < 1e15 { return String(Int(number)) }
    let text = "\(number)"
    let digits = text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }.count
    guard digits > 12, abs(number) > 1e-6, abs(number) < 1e9 else { return text }
    var scale = 1.0
    while abs(number) * scale < 1e11 { scale *= 10 }
    return "\((number * scale).rounded() / scale)"
}
