import HotfixCore

/// In what a measure's values are, as far as that is certain before a source was asked.
enum MeasureScale {
    /// From 0 to 1.
    case share
    /// Never negative, and no share; what the values are, for messages.
    case amount(String)
    /// Never negative.
    case nonNegative
    /// Anything.
    case any

    init(_ measure: Measure) {
        switch measure {
        case .query: self = .any
        case .builtIn(.errorShare), .builtIn(.sentryFailureRate), .builtIn(.sentryCrashFreeSessions): self = .share
        case .builtIn(.latencyP95): self = .amount("seconds")
        case .builtIn(.requests): self = .amount("requests")
        case .builtIn(.sentryErrorRate): self = .amount("errors per minute")
        case .builtIn(.cpu), .builtIn(.memory): self = .nonNegative
        }
    }
}

/// Reads the limits of a guardrail on values of a scale.
struct LimitReader {
    var scale: MeasureScale

    func limits(_ field: Field) -> [Limit]? {
        guard field.isList else { return limit(field).map { [$0] } }
        guard let elements = field.elements() else { return nil }
        if elements.isEmpty { field.report("names no limit.", "Write one such as +25% or {above: 1.2}.") }
        let limits = elements.compactMap(limit)
        guard !elements.isEmpty, limits.count == elements.count else { return nil }
        for (index, limit) in limits.enumerated() where limits[..<index].contains(limit) {
            elements[index].report("'\(limit)' is given twice.", "Keep one.")
        }
        let above = limits.compactMap { if case .above(let number) = $0 { number } else { nil } }.min()
        let below = limits.compactMap { if case .below(let number) = $0 { number } else { nil } }.max()
        if let above, let below, above < below {
            field.report(
                "every value is above \(shortNumber(above)) or below \(shortNumber(below)).", "Mend the limits.")
        }
        return limits
    }

    private func limit(_ field: Field) -> Limit? {
        if field.isMapping { return absolute(field) }
        guard let text = field.scalar("a limit such as +25% or {above: 1.2}")?.text else { return nil }
        if let limit = parseLimit(text) { return limit }
        let number = parseNumber(text)
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? String(text.dropFirst()) : text
        if number == nil {
            field.report("'\(text)' is not a limit.", "Write +25%, -20%, {above: 1.2} or {below: 98%}.")
        } else if digits != text, text.hasSuffix("%") {
            field.report("no value can cross '\(text)'.", "A limit below the baseline lies between 0% and -100%.")
        } else if text.hasSuffix("%") {
            field.report(
                "'\(text)' has no sign.",
                "Write +\(text) or -\(text) of the baseline, or {above: \(text)} or {below: \(text)} for the value itself."
            )
        } else if digits != text {
            field.report(
                "'\(text)' has no percent sign.", "Write \(text)%, or {above: \(digits)} or {below: \(digits)}.")
        } else {
            field.report("'\(text)' does not say on which side.", "Write {above: \(text)} or {below: \(text)}.")
        }
        return nil
    }

    private func absolute(_ field: Field) -> Limit? {
        guard let keys = field.keyed(LimitKey.self) else { return nil }
        switch (keys[.above], keys[.below]) {
        case (let above?, nil): return number(above, isAbove: true).map(Limit.above)
        case (nil, let below?): return number(below, isAbove: false).map(Limit.below)
        case (nil, nil): field.report("neither 'above' nor 'below' is given.", "Write {above: 1.2} or {below: 98%}.")
        case (_?, _?):
            field.report("'above' and 'below' are both given.", "Write a list: [{above: 1.2}, {below: 0.5}].")
        }
        return nil
    }

    /// A number in the unit of the measure.
    ///
    /// - Parameters:
    ///   - field: The number.
    ///   - isAbove: For a limit, its side: one that no value can cross would watch nothing. nil for other numbers.
    /// - Returns: nil where the number is wrong, which is then reported.
    func number(_ field: Field, isAbove: Bool? = nil) -> Double? {
        guard let number = field.number(), let text = field.scalar("a number")?.text else { return nil }
        if case .amount(let unit) = scale, text.hasSuffix("%") {
            field.report("the values are \(unit), not shares.", "Write a number such as 1.2.")
            return nil
        }
        if case .share = scale, !(0...1).contains(number) {
            let remedy = (0...100).contains(number) ? "Write \(shortNumber(number))% if percent are meant." : ""
            field.report("the values are shares, from 0 to 1.", remedy)
            return nil
        }
        guard let isAbove else { return number }
        let isIdle =
            switch scale {
            case .share: isAbove ? number == 1 : number == 0
            case .amount, .nonNegative: !isAbove && number <= 0
            case .any: false
            }
        if isIdle {
            let remedy = text == "1" ? "Write 1% if percent are meant." : "This limit would watch nothing."
            field.report("no value can be \(isAbove ? "above" : "below") \(text).", remedy)
            return nil
        }
        if case .any = scale { return number }
        if number < 0 {
            field.report("the values are never negative.", "Every value is above \(text).")
            return nil
        }
        return number
    }
}
