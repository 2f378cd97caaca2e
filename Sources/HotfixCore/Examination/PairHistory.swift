/// The values of one guardrail of one service, as they were asked for an examination.
package struct PairHistory: Sendable {
    /// Whose values.
    package var pair: Pair
    /// The guardrail.
    package var guardrail: Guardrail
    /// The policy's window and streak.
    package var policy: Policy
    /// The unit of the values.
    package var unit: String?
    /// The look-back that ends with the newest due window.
    package var lookback: Answer
    /// The newest due windows, asked as for judging; they are part of the look-back.
    package var newest: Answer
    /// The highest value that the guardrail's histogram can show.
    package var highestValue: Double?
    /// What the source says of how far back its data reaches.
    package var hint: String?

    /// Makes a history.
    package init(
        pair: Pair, guardrail: Guardrail, policy: Policy, unit: String? = nil, lookback: Answer, newest: Answer,
        highestValue: Double? = nil, hint: String? = nil
    ) {
        self.pair = pair
        self.guardrail = guardrail
        self.policy = policy
        self.unit = unit
        self.lookback = lookback
        self.newest = newest
        self.highestValue = highestValue
        self.hint = hint
    }

    /// The observations of all windows that were asked.
    var observations: [Instant: Observation] { lookback.observations.merging(newest.observations) { $1 } }

    /// The windows of the look-back.
    var span: Span { lookback.ask.span }

    /// The stretch in seconds that a value is taken over.
    var over: Seconds { guardrail.over ?? policy.window }
}

/// A value with its unit: four significant digits, shares as a percentage.
func amount(_ value: Double, _ unit: String?) -> String {
    switch unit {
    case "share": "\(fourDigits(value * 100)) %"
    case let unit? where unit.hasPrefix("1/"): fourDigits(value) + unit.dropFirst()
    case "bytes" where abs(value) >= 1_048_576: "\(fourDigits(value / 1_048_576)) MiB"
    case let unit?: "\(fourDigits(value)) \(unit)"
    case nil: fourDigits(value)
    }
}

/// A number with four significant digits.
func fourDigits(_ value: Double) -> String {
    guard value != 0, value.isFinite, abs(value) > 1e-12, abs(value) < 1e15 else { return shortNumber(value) }
    var scale = 1.0
    while abs(value) * scale < 1000 { scale *= 10 }
    return shortNumber((value * scale).rounded() / scale)
}

/// A share as a percentage without a fraction, but never 0 % or 100 % for what is neither.
func wholePercent(_ share: Double) -> String {
    if share > 0, share < 0.01 { return "under 1 %" }
    if share < 1, share >= 0.995 { return "over 99 %" }
    return "\(Int((share * 100).rounded())) %"
}

/// A length of time in its two largest units: `6 d 4 h`.
package func spelledDuration(_ seconds: Seconds) -> String {
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
    let shown = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
    return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
}
