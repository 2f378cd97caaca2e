import HotfixCore

/// A string as a PromQL literal in double quotes.
func quoted(_ text: String) -> String { "\"\(escaped(text, within: "\""))\"" }

/// A string as it stands between quotes of a PromQL literal.
func escaped(_ text: String, within quote: Unicode.Scalar) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": result += "\\\\"
        case quote: result += "\\\(quote)"
        case "\n": result += "\\n"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// A string as a regular expression that matches it and nothing else.
func regexLiteral(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { result += "\\" }
        result.unicodeScalars.append(scalar)
    }
    return result
}

/// Whether a name needs no quotes in PromQL; one with dots does.
func isPlainName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39,
            UInt8(ascii: "_"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

/// The name of a label as PromQL writes it; one with dots is quoted, which Prometheus 3 and VictoriaMetrics read.
func labelName(_ name: String) -> String { isPlainName(name) ? name : quoted(name) }

/// A condition on a label.
struct LabelMatcher: Hashable, Sendable {
    /// The ways to compare.
    enum Comparison: String, Sendable {
        case equal = "="
        case unequal = "!="
        case matches = "=~"
        case fails = "!~"
    }

    /// The label.
    var label: String
    /// How it is compared.
    var comparison: Comparison
    /// What it is compared with.
    var value: String

    /// Makes a condition.
    init(_ label: String, _ comparison: Comparison, _ value: String) {
        self.label = label
        self.comparison = comparison
        self.value = value
    }

    /// Makes the condition that a label has a value.
    init(_ label: String, _ value: String) {
        self.init(label, .equal, value)
    }

    /// As PromQL writes it.
    var text: String { "\(labelName(label))\(comparison.rawValue)\(quoted(value))" }
}

/// The series of one metric that satisfy conditions, as PromQL writes them.
func selector(_ metric: String, _ matchers: [LabelMatcher]) -> String {
    let conditions = matchers.map(\.text)
    if isPlainName(metric) { return "\(metric){\(conditions.joined(separator: ","))}" }
    return "{\(([quoted(metric)] + conditions).joined(separator: ","))}"
}

/// Narrows a built-in query to some services, where they are few enough for the query to stay short.
///
/// - Parameters:
///   - query: A query in which every selector holds the text of `anchor`.
///   - anchor: A condition that every service satisfies, for example `service_name!=""`.
///   - label: The label of that condition.
///   - values: The services that are wanted.
/// - Returns: The narrower query, or the same one.
func narrowed(_ query: String, anchor: String, label: String, to values: Set<String>) -> String {
    guard !values.isEmpty, values.count <= 50 else { return query }
    let matcher =
        if values.count == 1, let only = values.first {
            LabelMatcher(label, only)
        } else {
            LabelMatcher(label, .matches, values.sorted().map(regexLiteral).joined(separator: "|"))
        }
    // The anchor can't stand in a literal: its quotes would be escaped there.
    let narrow = query.replacing(anchor, with: matcher.text)
    return narrow.utf8.count <= 8192 ? narrow : query
}
