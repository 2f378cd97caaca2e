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
