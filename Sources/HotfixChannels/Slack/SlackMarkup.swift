import HotfixCore

/// Slack's notation for text from outside.
enum SlackMarkup {
    /// A text with what Slack would take for mentions, links and entities written as text.
    ///
    /// - Parameters:
    ///   - text: The text, as it should be read.
    ///   - units: The most UTF-16 units that it has once escaped, 8 or more; it is cut between characters and ends with `…` where it was cut.
    /// - Returns: The text in Slack's notation.
    static func escaped(_ text: String, units: Int) -> String {
        let whole = escaped(text)
        guard whole.utf16.count > units else { return whole }
        var result = ""
        var used = 1
        for character in text {
            let piece = escaped(String(character))
            used += piece.utf16.count
            guard used <= units else { break }
            result += piece
        }
        return result + "…"
    }

    private static func escaped(_ text: String) -> String {
        escaping(text, ["&": "&amp;", "<": "&lt;", ">": "&gt;"])
    }

    /// A link, with its address and label such that they cannot end it early.
    static func link(_ link: MessageLink) -> String {
        let label = clipped(link.label.replacing("|", with: "/").replacing(">", with: ""), units: 80)
        return "<\(escaped(link.url))|\(escaped(label, units: 400))>"
    }

    /// A text object that formats nothing.
    static func plain(_ text: String, units: Int) -> JSONValue {
        // An empty one would be refused.
        .object([
            "type": .init("plain_text"), "text": .init(text.isEmpty ? "–" : clipped(text, units: units)),
            "emoji": .boolean(false),
        ])
    }

    /// A text object in Slack's notation; nothing in it is linked that is not written as a link.
    static func marked(_ text: String) -> JSONValue {
        .object(["type": .init("mrkdwn"), "text": .init(text), "verbatim": .boolean(true)])
    }
}
