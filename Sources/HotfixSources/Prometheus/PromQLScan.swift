/// What can be told of a PromQL text without understanding it: the metrics that it names, and within which functions.
struct PromQLScan: Sendable {
    /// A metric that a query names.
    struct Metric: Hashable, Sendable {
        /// Its name, as it stands before braces or alone.
        var name: String
        /// The functions and aggregations around it, the outermost first.
        var functions: [String]

        /// Whether it is a counter whose value is taken as it stands, which means nothing but when the process started.
        var isRawCounter: Bool {
            guard ["_total", "_count", "_sum", "_bucket"].contains(where: name.hasSuffix), !name.contains(":") else {
                return false
            }
            return !functions.contains { function in
                ["rate", "increase", "delta", "deriv"].contains(where: function.contains)
                    || Self.indifferent.contains(function)
            }
        }

        /// Functions to which a counter's level does not matter.
        private static let indifferent: Set<String> = [
            "absent", "absent_over_time", "changes", "count", "count_over_time", "group", "present_over_time", "resets",
            "timestamp",
        ]
    }

    /// The metrics in the order of the text.
    private(set) var metrics: [Metric] = []
    /// The labels that are named in braces.
    private(set) var labels: Set<String> = []

    private static let labelLists: Set<String> = ["by", "without", "on", "ignoring", "group_left", "group_right"]
    private static let words: Set<String> = [
        "and", "or", "unless", "bool", "offset", "start", "end", "inf", "nan", "atan2",
    ]

    /// Scans a text; one that does not parse is scanned as far as it makes sense.
    init(_ text: String) {
        var stack: [String] = []
        var isInBraces = false
        var listDepth: Int?
        var rest = Substring(text)
        while let character = rest.first {
            switch character {
            case "#": rest = rest.drop { !$0.isNewline }
            case "\"", "'", "`": rest = Self.afterLiteral(rest)
            case "{": (isInBraces, rest) = (true, rest.dropFirst())
            case "}": (isInBraces, rest) = (false, rest.dropFirst())
            case "[": rest = rest.drop { $0 != "]" }
            case "(": (stack, rest) = (stack + [""], rest.dropFirst())
            case ")":
                if listDepth == stack.count { listDepth = nil }
                _ = stack.popLast()
                rest = rest.dropFirst()
            case _ where Self.begins(character):
                let name = String(rest.prefix { Self.begins($0) || $0.isNumber })
                rest = rest.dropFirst(name.count)
                let next = rest.drop(while: \.isWhitespace)
                if isInBraces {
                    labels.insert(name)
                } else if Self.labelLists.contains(name.lowercased()) {
                    if next.first == "(" { listDepth = stack.count + 1 }
                } else if next.first == "(" {
                    stack.append(name.lowercased())
                    rest = next.dropFirst()
                } else if listDepth == nil, !Self.words.contains(name.lowercased()), !Self.isAggregation(name, next) {
                    metrics.append(Metric(name: name, functions: stack.filter { !$0.isEmpty }))
                }
            case _ where character.isNumber:
                // A duration or an exponent has letters that are no name.
                rest = rest.drop { $0.isNumber || $0.isLetter || $0 == "." }
            default: rest = rest.dropFirst()
            }
        }
    }

    /// `sum by (le) (…)`: the name is followed by its labels, and what it aggregates comes after them.
    private static func isAggregation(_ name: String, _ next: Substring) -> Bool {
        let word = next.prefix(while: \.isLetter).lowercased()
        return word == "by" || word == "without"
    }

    private static func begins(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character == "_" || character == ":")
    }

    private static func afterLiteral(_ text: Substring) -> Substring {
        guard let quote = text.first else { return text }
        var rest = text.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == quote { return rest }
            if character == "\\", quote != "`" { rest = rest.dropFirst() }
        }
        return rest
    }
}
