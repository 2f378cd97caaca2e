extension JSONValue {
    /// The text as `JSON.stringify(value, null, 2)` writes it, without a newline at the end.
    package var text: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .boolean(let boolean): text += boolean ? "true" : "false"
        case .number(let spelling): text += spelling
        case .string(let string): text += string.literal
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &text, indent: indent) { element, text, inner in
                element.write(to: &text, indent: inner)
            }
        case .object(let object):
            Self.write(object.members, between: "{", "}", to: &text, indent: indent) { member, text, inner in
                text += member.key.literal + ": "
                member.value.write(to: &text, indent: inner)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between opening: String, _ closing: String, to text: inout String, indent: String,
        each: (Element, inout String, String) -> Void
    ) {
        text += opening
        let inner = indent + "  "
        for (index, element) in elements.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + inner
            each(element, &text, inner)
        }
        text += (elements.isEmpty ? "" : "\n" + indent) + closing
    }
}

extension JSONValue {
    /// The text on one line, without a space that need not be there.
    package var line: String {
        switch self {
        case .null: "null"
        case .boolean(let boolean): boolean ? "true" : "false"
        case .number(let spelling): spelling
        case .string(let string): string.literal
        case .array(let elements): "[" + elements.map(\.line).joined(separator: ",") + "]"
        case .object(let object):
            "{" + object.members.map { "\($0.key.literal):\($0.value.line)" }.joined(separator: ",") + "}"
        }
    }

    /// An instant as ISO 8601, or null.
    package init(_ instant: Instant?) { self.init(instant?.description) }
}
