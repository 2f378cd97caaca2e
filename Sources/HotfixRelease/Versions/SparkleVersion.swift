/// A version as Sparkle's standard comparator reads it: runs of digits, of letters, and separators one by one.
///
/// What follows a dash does not count, so that `1.0.1-hotfix1` is the same as `1.0.1`; `1.0` is the same as `1.0.0`.
package struct SparkleVersion: Sendable, Equatable, Comparable {
    private enum Part: Equatable {
        /// Digits without leading zeros.
        case number([UInt8])
        case period, separator
        case word(String)
        /// A dash at the beginning, with what follows it in the same run.
        case dash

        var isSeparator: Bool { self == .period || self == .separator }
        var isWord: Bool { if case .word = self { true } else { false } }
        var isNumber: Bool { if case .number = self { true } else { false } }
        var startsNumbers: Bool { isNumber || self == .period }
    }

    private let parts: [Part]

    /// Reads a version; every text is one.
    package init(_ text: String) {
        var parts: [Part] = []
        for (index, character) in text.unicodeScalars.enumerated() {
            if character == "-" {
                guard index == 0 else { break }
                parts.append(.dash)
                continue
            }
            switch (Self.kind(of: character), parts.last) {
            case (.digit, .number(let digits)?): parts[parts.count - 1] = .number(digits + digit(character))
            case (.digit, _): parts.append(.number(digit(character)))
            case (.letter, .word(let word)?): parts[parts.count - 1] = .word(word + String(character))
            case (.letter, _): parts.append(.word(String(character)))
            case (.period, _): parts.append(.period)
            case (.separator, _): parts.append(.separator)
            }
        }
        self.parts = parts.map { part in
            guard case .number(let digits) = part else { return part }
            return .number(Array(digits.drop { $0 == 0 }))
        }
    }

    /// Whether the comparator takes both for the same version.
    package static func == (left: SparkleVersion, right: SparkleVersion) -> Bool { order(left, right) == 0 }

    /// Whether the comparator takes the left one for the older.
    package static func < (left: SparkleVersion, right: SparkleVersion) -> Bool { order(left, right) < 0 }

    private static func order(_ left: SparkleVersion, _ right: SparkleVersion) -> Int {
        let (left, right) = balanced(left.parts, right.parts)
        for (one, other) in zip(left, right) {
            let order = order(one, other)
            if order != 0 { return order }
        }
        guard left.count != right.count else { return 0 }
        let isLeftLonger = left.count > right.count
        let next = isLeftLonger ? left[right.count] : right[left.count]
        // Letters behind make a version older, anything else makes it newer: 1.0b < 1.0 < 1.0.1.
        return next.isWord == isLeftLonger ? -1 : 1
    }

    private static func order(_ one: Part, _ other: Part) -> Int {
        switch (one, other) {
        case (.number(let left), .number(let right)):
            if left == right { return 0 }
            let isLess = left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
            return isLess ? -1 : 1
        case (.word(let left), .word(let right)):
            return left == right ? 0 : left.utf16.lexicographicallyPrecedes(right.utf16) ? -1 : 1
        case (.word, _): return -1
        case (_, .word): return 1
        case (.dash, .dash): return 0
        default:
            if one.isSeparator && other.isSeparator { return 0 }
            return one.isNumber ? 1 : -1
        }
    }

    /// Fills the shorter of the numbers at the beginning, so that `1.1` and `1.0.0` have as many.
    private static func balanced(_ left: [Part], _ right: [Part]) -> ([Part], [Part]) {
        let leftCount = left.prefix(while: \.startsNumbers).count
        let rightCount = right.prefix(while: \.startsNumbers).count
        func filled(_ parts: [Part], _ count: Int, like model: [Part], _ modelCount: Int) -> [Part] {
            guard count < modelCount else { return parts }
            let filling = model[count..<modelCount].map { $0.isNumber ? Part.number([]) : .period }
            return parts[..<count] + filling + parts[count...]
        }
        return (filled(left, leftCount, like: right, rightCount), filled(right, rightCount, like: left, leftCount))
    }

    private enum Kind { case digit, letter, period, separator }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        if scalar == "." { return .period }
        switch scalar.properties.generalCategory {
        case .decimalNumber: return .digit
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .connectorPunctuation, .dashPunctuation,
            .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation:
            return .separator
        default: return .letter
        }
    }
}

/// The value of a decimal digit of any script, as the only element.
private func digit(_ scalar: Unicode.Scalar) -> [UInt8] { [UInt8(scalar.properties.numericValue ?? 0)] }
