import HotfixCore

/// One selector of a query, such as `rate(requests_total{service_name="checkout"}[300s])`.
struct SimulatedSelector {
    private enum Condition {
        case text(String, isEqual: Bool)
        case pattern(Regex<AnyRegexOutput>, isEqual: Bool)

        func holds(for value: String) -> Bool {
            switch self {
            case .text(let text, let isEqual): (value == text) == isEqual
            case .pattern(let pattern, let isEqual): (value.wholeMatch(of: pattern) != nil) == isEqual
            }
        }
    }

    /// The function that it is the argument of.
    private(set) var function: String?
    /// The length of its range; nil where it has none.
    private(set) var milliseconds: Int?
    /// Where it stands in the query, its range included and its function left out.
    private(set) var range: Range<String.Index>
    private var conditions: [(label: String, condition: Condition)] = []

    /// Whether a series is one of those that are meant.
    func matches(_ series: SimulatedPrometheus.Series) -> Bool {
        conditions.allSatisfy { $0.condition.holds(for: series.label($0.label)) }
    }

    /// Finds the selectors of a query; those without braces are not known.
    ///
    /// - Returns: nil where a selector can't be read.
    static func all(in query: String) -> [SimulatedSelector]? {
        var selectors: [SimulatedSelector] = []
        var index = query.startIndex
        while index < query.endIndex {
            switch query[index] {
            case "\"":
                guard let (_, end) = literal(in: query, at: index) else { return nil }
                index = end
            case "{":
                guard let selector = SimulatedSelector(in: query, brace: index) else { return nil }
                selectors.append(selector)
                index = selector.range.upperBound
            default: index = query.index(after: index)
            }
        }
        return selectors
    }

    private init?(in query: String, brace: String.Index) {
        let isOfName = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "_:".contains(character))
        }
        let name = query[..<brace].reversed().prefix(while: isOfName).count
        let start = query.index(brace, offsetBy: -name)
        if name > 0 {
            conditions.append(("__name__", .text(String(query[start..<brace]), isEqual: true)))
        }
        if start > query.startIndex, query[query.index(before: start)] == "(" {
            let before = query[..<query.index(before: start)]
            function = String(String(before.reversed().prefix(while: isOfName)).reversed())
        }
        var index = query.index(after: brace)
        while index < query.endIndex, query[index] != "}" {
            if query[index] == "," {
                index = query.index(after: index)
                continue
            }
            guard let (label, condition, end) = Self.condition(in: query, at: index) else { return nil }
            conditions.append((label, condition))
            index = end
        }
        guard index < query.endIndex else { return nil }
        index = query.index(after: index)
        if index < query.endIndex, query[index] == "[" {
            guard let close = query[index...].firstIndex(of: "]"),
                let length = Self.milliseconds(query[query.index(after: index)..<close])
            else { return nil }
            milliseconds = length
            index = query.index(after: close)
        }
        range = start..<index
    }

    private static func condition(in query: String, at start: String.Index)
        -> (label: String, condition: Condition, end: String.Index)?
    {
        guard let quote = query[start...].firstIndex(of: "\""), let (value, end) = literal(in: query, at: quote) else {
            return nil
        }
        let head = query[start..<quote]
        // In Prometheus 3 a metric's name may stand in quotes among the conditions.
        guard !head.isEmpty else { return ("__name__", .text(value, isEqual: true), end) }
        for comparison in ["=~", "!~", "!=", "="] where head.hasSuffix(comparison) {
            let label = String(head.dropLast(comparison.count))
            let isEqual = comparison.first == "="
            guard comparison.last == "~" else { return (label, .text(value, isEqual: isEqual), end) }
            guard let pattern = try? Regex(value) else { return nil }
            return (label, .pattern(pattern, isEqual: isEqual), end)
        }
        return nil
    }

    /// Reads a string in double quotes.
    private static func literal(in query: String, at quote: String.Index) -> (text: String, end: String.Index)? {
        var text = ""
        var index = query.index(after: quote)
        while index < query.endIndex {
            switch query[index] {
            case "\"": return (text, query.index(after: index))
            case "\\":
                index = query.index(after: index)
                guard index < query.endIndex else { return nil }
                text.append(query[index] == "n" ? "\n" : query[index])
            default: text.append(query[index])
            }
            index = query.index(after: index)
        }
        return nil
    }

    private static func milliseconds(_ text: Substring) -> Int? {
        if text.hasSuffix("ms") { return Int(text.dropLast(2)) }
        return sentryPeriod(String(text)).map { $0 * 1000 }
    }
}
