/// A JSON value that keeps the order of its keys.
enum JSONText {
    typealias Member = (key: String, value: JSONText)

    case string(String)
    case number(Int)
    case boolean(Bool)
    case array([JSONText])
    case members(keys: [String], values: [JSONText])

    /// A mapping, in this order.
    static func object(_ members: [Member]) -> JSONText {
        .members(keys: members.map(\.key), values: members.map(\.value))
    }

    /// The text, indented by two spaces.
    func text(indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .string(let text): return quoted(text)
        case .number(let number): return "\(number)"
        case .boolean(let boolean): return "\(boolean)"
        case .array(let elements):
            return "[" + elements.map { $0.text(indent: indent) }.joined(separator: ", ") + "]"
        case .members(let keys, let values):
            guard !keys.isEmpty else { return "{}" }
            let lines = zip(keys, values).map { "\(inner)\(quoted($0)): \($1.text(indent: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        }
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
