import HotfixCore

/// What Slack refuses of a message, and what it shows of one.
enum SlackRules {
    /// Slack's word for why.
    struct Refusal: Error, ExpressibleByStringLiteral {
        var word: String
        init(stringLiteral word: String) { self.word = word }
    }

    /// The most UTF-16 units in all blocks together.
    static let mostInBlocks = 13_200

    /// Why a message is refused; nil where it is taken.
    static func refusal(of body: JSONObject, isUpdate: Bool = false) -> Refusal? {
        let text = body["text"]?.words ?? ""
        if isUpdate, text.utf16.count > 4000 { return "msg_too_long" }
        var attachments: [JSONValue] = []
        if let value = body["attachments"] {
            guard case .array(let all) = value else { return "invalid_attachments" }
            attachments = all
        }
        if attachments.count > 100 { return "too_many_attachments" }
        if text.isEmpty, attachments.isEmpty, body["blocks"] == nil { return "no_text" }
        var size = 0
        for list in [body["blocks"]] + attachments.map({ $0["blocks"] }) {
            guard let list else { continue }
            guard case .array(let blocks) = list, (1...50).contains(blocks.count) else {
                return "invalid_blocks_format"
            }
            for block in blocks {
                guard let units = units(of: block) else { return "invalid_blocks" }
                size += units
            }
        }
        for color in attachments.compactMap({ $0["color"]?.words }) {
            let isHex = color.utf8.count == 7 && color.hasPrefix("#") && color.dropFirst().allSatisfy(\.isHexDigit)
            guard isHex || ["good", "warning", "danger"].contains(color) else { return "invalid_attachments" }
        }
        return size > mostInBlocks ? "msg_blocks_too_long" : nil
    }

    /// How much text a block holds, in UTF-16 units; nil where it is not valid.
    private static func units(of block: JSONValue) -> Int? {
        switch block["type"]?.words {
        case "section":
            guard block["text"] != nil || block["fields"] != nil else { return nil }
            var sum = 0
            if let text = block["text"] {
                guard let units = units(ofText: text, most: 3000) else { return nil }
                sum += units
            }
            if let fields = block["fields"] {
                guard let units = units(ofList: fields, most: 2000) else { return nil }
                sum += units
            }
            return sum
        case "context": return block["elements"].flatMap { units(ofList: $0, most: 3000) }
        case "header":
            guard let text = block["text"], text["type"]?.words == "plain_text" else { return nil }
            return units(ofText: text, most: 150)
        case "divider": return 0
        default: return nil
        }
    }

    private static func units(ofList list: JSONValue, most: Int) -> Int? {
        guard case .array(let texts) = list, (1...10).contains(texts.count) else { return nil }
        var sum = 0
        for text in texts {
            guard let units = units(ofText: text, most: most) else { return nil }
            sum += units
        }
        return sum
    }

    private static func units(ofText text: JSONValue, most: Int) -> Int? {
        let kind = text["type"]?.words ?? ""
        // Each kind of text has a switch that the other does not know.
        let strange = kind == "plain_text" ? text["verbatim"] : text["emoji"]
        guard ["plain_text", "mrkdwn"].contains(kind), strange == nil, let words = text["text"]?.words,
            (1...most).contains(words.utf16.count)
        else { return nil }
        return words.utf16.count
    }
}

/// What a person reads of a message.
package struct SlackView: Sendable, Hashable {
    /// The text above, which is also what a phone shows.
    package var text = ""
    /// The colour of the bar beside the figures; nil where there are none.
    package var color: String?
    /// The figures.
    package var lines: [String] = []
    /// Who is called: `!channel`, `@U…`.
    package var mentions: [String] = []
    /// Where a click leads, by label.
    package var links: [String: String] = [:]

    init(_ sent: JSONObject) {
        text = read(sent["text"]?.words ?? "")
        guard case .array(let attachments)? = sent["attachments"] else { return }
        color = attachments.first?["color"]?.words
        for attachment in attachments {
            guard case .array(let blocks)? = attachment["blocks"] else { continue }
            for block in blocks {
                var texts = [block["text"]].compactMap(\.self)
                for list in [block["fields"], block["elements"]] {
                    if case .array(let all)? = list { texts += all }
                }
                for text in texts {
                    let words = text["text"]?.words ?? ""
                    lines.append(text["type"]?.words == "mrkdwn" ? read(words) : words)
                }
            }
        }
    }

    /// Reads Slack's notation: what stands between `<` and `>` is a mention or a link.
    private mutating func read(_ text: String) -> String {
        var shown = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            shown += rest[..<start]
            let inner = rest[rest.index(after: start)..<end]
            if let first = inner.first, "!@#".contains(first) {
                mentions.append(String(inner))
            } else {
                let parts = inner.split(separator: "|", maxSplits: 1)
                let label = parts.last ?? ""
                links[Self.decoded(String(label))] = Self.decoded(String(parts.first ?? ""))
                shown += label
            }
            rest = rest[rest.index(after: end)...]
        }
        return Self.decoded(shown + rest)
    }

    private static func decoded(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}

extension JSONValue {
    /// The text, nil where it is no text.
    fileprivate var words: String? { if case .string(let text) = self { text.text } else { nil } }

    fileprivate subscript(key: JSONString) -> JSONValue? { object?[key] }
}
