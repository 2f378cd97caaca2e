import HotfixCore
import HotfixPlot

/// What Slack is sent of a message: text for whoever hears or glances at it, and a coloured attachment with the figures.
struct SlackMessage {
    /// Slack takes 40,000 characters of text for a new message, and 4,000 for one that is changed later.
    private static let longestText = 3900
    /// An announcement is never changed later; what stands behind its end would be lost.
    private static let longestAnnouncement = 39_000
    /// Slack refuses more text than about 13,200 characters in all blocks together.
    private static let mostInBlocks = 12_000

    /// What is always said, in Slack's notation.
    var text: String
    /// The same for a reply to what has the figures.
    var brief: String
    /// All that is said, as text alone: for where Slack refuses the rest.
    var plainText: String
    /// The attachment with the figures; nil where there are none.
    var attachment: JSONValue?
    /// Whether Slack would take no more than a part of it.
    var isTooLong = false

    /// Words a delivery for Slack.
    init(_ delivery: Delivery) {
        let message = MessageText(delivery.message, tense: delivery.tense)
        let repeated = delivery.mayBeRepeat ? [Self.repeated] : []
        if message.isAsWritten {
            text = SlackMarkup.escaped(
                ([message.headline] + repeated).joined(separator: "\n\n"), units: .max)
            (brief, plainText) = (text, text)
            isTooLong = text.utf16.count > Self.longestAnnouncement
            return
        }
        text = SlackMarkup.escaped(message.headline, units: Self.longestText)
        brief = SlackMarkup.escaped(([message.headline] + repeated).joined(separator: "\n"), units: Self.longestText)
        let lines = message.lines.map { "\($0.label): \($0.value)" }
        plainText = SlackMarkup.escaped(
            ([message.headline] + lines + repeated).joined(separator: "\n"), units: Self.longestText)
        attachment = .object([
            "color": .init(Self.color(message.tone)), "fallback": .init(text),
            "blocks": .array(Self.fitting(Self.blocks(delivery, message, repeated))),
        ])
    }

    private static let repeated = "This may have been told before: an earlier attempt had no answer."

    private static func color(_ tone: MessageText.Tone) -> String {
        switch tone {
        case .bad: "danger"
        case .warning: "warning"
        case .good: "good"
        case .neutral: "#9E9E9E"
        }
    }

    private struct Block {
        var value: JSONValue
        /// How much text it holds, in UTF-16 units.
        var size: Int
    }

    /// As many blocks as Slack takes: what does not fit is left out.
    private static func fitting(_ blocks: [Block]) -> [JSONValue] {
        var room = mostInBlocks
        return blocks.prefix(50).filter { block in
            guard block.size <= room else { return false }
            room -= block.size
            return true
        }.map(\.value)
    }

    private static func blocks(_ delivery: Delivery, _ message: MessageText, _ repeated: [String]) -> [Block] {
        let apart = ["Next", "Episode"]
        var blocks = fields(message.lines.filter { !apart.contains($0.label) })
        blocks += message.lines.filter { $0.label == "Next" }.map { section(plain: "Next: \($0.value)") }
        if let bars = delivery.message.facts.plot?.bars(columns: 72), !bars.isEmpty {
            blocks.append(section(marked: "```\n\(bars)\n```"))
        }
        var links: [String] = []
        for link in message.webLinks(longest: 2000).map(SlackMarkup.link)
        where links.reduce(link.utf16.count, { $0 + $1.utf16.count + 5 }) <= 2900 {
            links.append(link)
        }
        if !links.isEmpty { blocks.append(section(marked: links.joined(separator: "  ·  "))) }
        let notes = message.lines.filter { $0.label == "Episode" }.map { "Episode \($0.value)" } + repeated
        if !notes.isEmpty {
            let elements = notes.prefix(10).map { SlackMarkup.plain($0, units: 1000) }
            blocks.append(
                Block(
                    value: .object(["type": .init("context"), "elements": .array(elements)]),
                    size: notes.reduce(0) { $0 + min(1000, $1.utf16.count) }))
        }
        // An attachment without blocks would be refused.
        return blocks.isEmpty ? [section(plain: message.sentence)] : blocks
    }

    private static func fields(_ lines: [MessageText.Line]) -> [Block] {
        stride(from: 0, to: lines.count, by: 10).map { start in
            let texts = lines[start..<min(lines.count, start + 10)].map { "\($0.label): \($0.value)" }
            return Block(
                value: .object([
                    "type": .init("section"), "fields": .array(texts.map { SlackMarkup.plain($0, units: 700) }),
                ]), size: texts.reduce(0) { $0 + min(700, $1.utf16.count) })
        }
    }

    private static func section(plain text: String) -> Block {
        Block(
            value: .object(["type": .init("section"), "text": SlackMarkup.plain(text, units: 3000)]),
            size: min(3000, text.utf16.count))
    }

    private static func section(marked text: String) -> Block {
        Block(
            value: .object(["type": .init("section"), "text": SlackMarkup.marked(text)]), size: text.utf16.count)
    }
}

extension SlackMessage {
    /// How much of a message is sent.
    enum Form {
        /// Text and figures.
        case whole
        /// Both as text alone.
        case plain
        /// The text without the figures.
        case brief
    }

    /// The body of a request.
    ///
    /// - Parameters:
    ///   - form: How much of it.
    ///   - members: What else is said: the channel, the thread.
    /// - Returns: JSON, an object.
    func body(_ form: Form, _ members: JSONObject) -> JSONValue {
        var body = members
        body["text"] = .init(form == .whole ? text : form == .plain ? plainText : brief)
        // An empty list takes away what an earlier version of the message had.
        body["attachments"] = .array(form == .whole ? [attachment].compactMap(\.self) : [])
        // Names must not be formatted, and addresses in them not be opened by Slack.
        body["mrkdwn"] = .boolean(false)
        body["unfurl_links"] = .boolean(false)
        body["unfurl_media"] = .boolean(false)
        return .object(body)
    }
}
