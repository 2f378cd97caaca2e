import Crypto
import Foundation
import HotfixCore

/// A message as a mail to one recipient: the same bytes, whenever it is made.
struct Mail {
    /// The most bytes of a mail; where a picture would make it larger, it goes without.
    static let mostBytes = 100_000

    /// The Message-ID, with its brackets: the same in every attempt, so that a reader's program may fold what arrived twice.
    let id: String
    /// Headers and body, every line ended by CR LF.
    let bytes: [UInt8]

    init(
        _ delivery: Delivery, from: String, to: String, picture: (Plot) -> [UInt8]? = { _ in nil },
        bars: (Plot) -> String = { _ in "" }
    ) {
        let message = delivery.message
        let names = MailNames(message, from: from, to: to)
        id = names.id(message.id)
        let headers = Self.headers(delivery, names, from: from, to: to)
        let plot = message.facts.plot
        let text = MessageText(message, tense: delivery.tense)
        let words = Self.part("text/plain", mailText(text, bars: plot.map(bars) ?? ""))
        func whole(_ image: [UInt8]?) -> String {
            let shown = image == nil ? nil : plot.map { (cid: names.picture, alternative: pictureWords($0)) }
            let page = Self.part("text/html", mailPage(text, picture: shown))
            let both = Self.multipart("alternative", "\(names.boundary)a", [words, page])
            guard let image else { return headers + both }
            return headers
                + Self.multipart(
                    "related", "\(names.boundary)r", [both, Self.image(image, cid: names.picture)],
                    parameters: "; type=\"multipart/alternative\"")
        }
        let pictured = Array(whole(plot.flatMap(picture)).utf8)
        bytes = pictured.count <= Self.mostBytes ? pictured : Array(whole(nil).utf8)
    }

    private static func headers(_ delivery: Delivery, _ names: MailNames, from: String, to: String) -> String {
        let message = delivery.message
        // A root that no mail has keeps the thread together also where its first mail was lost.
        let told = delivery.opening == nil ? nil : message.opening.map(names.id)
        return [
            "Date: \(mailDate(message.createdAt))",
            "From: hotfix <\(headerSafe(from))>",
            "To: <\(headerSafe(to))>",
            "Subject: \(encodedHeader(subject(message)))",
            "Message-ID: \(names.id(message.id))",
            "In-Reply-To: \(told ?? names.root)",
            "References: \(([names.root] + [told].compactMap(\.self)).joined(separator: "\r\n "))",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "MIME-Version: 1.0",
        ].map { $0 + "\r\n" }.joined()
    }

    /// What the thread opened with, the same in all its messages, and in front of it how it ended: mail programs look past brackets.
    static func subject(_ message: Message) -> String {
        var opening = message
        opening.kind = message.kind.opening ?? message.kind
        let title = MessageText(opening).title
        let ending: String? =
            switch message.kind {
            case .recovered, .sighted, .corrected: "Resolved"
            case .withdrawn: "Withdrawn"
            case .excused: "Excused"
            case .lost: "No longer ready"
            default: nil
            }
        return (ending.map { "[\($0)] " } ?? "") + title
    }

    private static func part(_ type: String, _ text: String) -> String {
        "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + quotedPrintable(text)
    }

    private static func image(_ bytes: [UInt8], cid: String) -> String {
        let lines = Data(bytes).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return """
            Content-Type: image/png; name="plot.png"\r
            Content-Transfer-Encoding: base64\r
            Content-ID: <\(cid)>\r
            Content-Disposition: inline; filename="plot.png"\r
            \r
            \(lines)\r\n
            """
    }

    private static func multipart(
        _ type: String, _ boundary: String, _ parts: [String], parameters: String = ""
    ) -> String {
        "Content-Type: multipart/\(type)\(parameters);\r\n boundary=\"\(boundary)\"\r\n\r\n"
            + parts.map { "--\(boundary)\r\n\($0)" }.joined(separator: "\r\n") + "\r\n--\(boundary)--\r\n"
    }
}

/// What a mail and its parts are called: derived from the message and the recipient alone.
private struct MailNames {
    private let key: String
    private let recipient: String
    private let domain: String
    private let message: Int

    init(_ message: Message, from: String, to: String) {
        key = String(message.key.split(separator: ":").last ?? "")
        recipient = String(hexadecimal(SHA256.hash(data: Array(to.utf8))).prefix(16))
        domain = headerSafe(String(from.drop { $0 != "@" }.dropFirst()))
        self.message = message.id
    }

    /// The root of the thread, which no mail has.
    var root: String { "<hotfix.\(key).\(recipient).root@\(domain)>" }

    /// The mail of a message of the thread.
    func id(_ message: Int) -> String { "<hotfix.\(key).\(recipient).\(message)@\(domain)>" }

    var picture: String { "plot.\(key).\(message)@\(domain)" }

    /// What neither encoding of a part can hold: there an `=` is followed by anything but an underscore.
    var boundary: String { "=_hotfix_\(key.prefix(16))_\(message)_" }
}
