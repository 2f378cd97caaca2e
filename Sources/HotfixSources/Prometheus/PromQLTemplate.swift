import HotfixCore

/// The user's own PromQL with its placeholders filled in.
struct PromQLTemplate {
    /// What the placeholders stand for.
    struct Values {
        /// `{service}`: what the source calls the service.
        var service: String
        /// `{environment}`: nil where the service has none.
        var environment: String?
        /// `{window}`, in seconds.
        var window: Seconds
    }

    /// The placeholders that the text names, for example `service`.
    private(set) var names: Set<String> = []
    /// The query.
    private(set) var query = ""

    private enum Place: Equatable {
        case expression, comment
        case literal(quote: Unicode.Scalar, isPattern: Bool)
    }

    /// Fills in a query.
    ///
    /// In a literal a placeholder becomes its string, escaped; in one behind `=~` or `!~` it matches that string alone.
    ///
    /// - Throws: ``SourceError/Code/refused`` where a string would stand outside quotes, or nothing is known to put there.
    init(_ text: String, _ values: Values) throws(SourceError) {
        var place = Place.expression
        var rest = Substring(text).unicodeScalars
        var result = "".unicodeScalars
        var comparison = "".unicodeScalars
        while let scalar = rest.first {
            if place != .comment, let name = Self.placeholder(at: rest) {
                names.insert(name)
                result += try Self.filling(name, values, in: place, of: text).unicodeScalars
                rest = rest.dropFirst(name.count + 2)
                continue
            }
            result.append(scalar)
            rest = rest.dropFirst()
            switch place {
            case .comment: if scalar == "\n" { place = .expression }
            case .literal(let quote, _):
                if scalar == "\\", quote != "`", let next = rest.first {
                    result.append(next)
                    rest = rest.dropFirst()
                } else if scalar == quote {
                    place = .expression
                }
            case .expression:
                switch scalar {
                case "#": place = .comment
                case "\"", "'", "`":
                    let operatorText = String(comparison.suffix(2))
                    place = .literal(quote: scalar, isPattern: operatorText == "=~" || operatorText == "!~")
                default: if !scalar.properties.isWhitespace { comparison.append(scalar) }
                }
            }
        }
        query = trimmed(String(result))
    }

    private static func placeholder(at text: Substring.UnicodeScalarView) -> String? {
        ["service", "environment", "window"].first { text.starts(with: "{\($0)}".unicodeScalars) }
    }

    private static func filling(
        _ name: String, _ values: Values, in place: Place, of text: String
    ) throws(SourceError) -> String {
        if name == "window" { return "\(values.window)s" }
        guard let value = name == "service" ? values.service : values.environment else {
            throw SourceError(
                .refused,
                "The query '\(text)' names {environment}, but the service '\(values.service)' has none."
                    + " Give the service an environment, or leave the placeholder out."
            )
        }
        guard case .literal(let quote, let isPattern) = place else {
            throw SourceError(
                .refused,
                "The query '\(text)' names {\(name)} outside quotes. Write it as a string, for example"
                    + " service_name=\"{\(name)}\"."
            )
        }
        let literal = isPattern ? regexLiteral(value) : value
        guard quote == "`" else { return escaped(literal, within: quote) }
        guard !literal.contains("`") else {
            throw SourceError(
                .refused,
                "The query '\(text)' names {\(name)} in backquotes, which can't hold '\(value)'. Use double quotes."
            )
        }
        return literal
    }
}

/// A query without the blanks around it, which a block of YAML adds.
func trimmed(_ query: String) -> String {
    var rest = query.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
}
