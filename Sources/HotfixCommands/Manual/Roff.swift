/// A page of the manual being written, in the macros of man(7).
struct Roff {
    /// The lines, with the end of the last.
    private(set) var text: String

    /// Begins a page of section 1.
    init(title: String, version: String) {
        text = ".TH \(Self.quoted(title.uppercased())) 1 \"\" \(Self.quoted(version)) \"User Commands\"\n"
        // Options and addresses are neither broken nor stretched.
        text += ".nh\n.ad l\n"
    }

    /// A heading of the page.
    mutating func section(_ name: String) { text += ".SH \(Self.quoted(name))\n" }

    /// A heading below one of the page.
    mutating func subsection(_ name: String) { text += ".SS \(Self.quoted(name))\n" }

    /// Paragraphs, parted by empty lines.
    mutating func paragraphs(_ paragraphs: String) {
        for paragraph in Self.parted(paragraphs) { text += ".PP\n\(Self.escaped(paragraph))\n" }
    }

    /// A line of its own, as a command is called.
    mutating func synopsis(_ bold: String, _ rest: String) {
        text += ".PP\n.B \(Self.escaped(bold))\n\(Self.escaped(rest))\n"
    }

    /// A term with what it means; of that, paragraphs are parted by empty lines.
    mutating func item(_ term: String, _ meaning: String) {
        text += ".TP\n.B \(Self.escaped(term))\n"
        for (index, paragraph) in Self.parted(meaning).enumerated() {
            text += index == 0 ? "\(Self.escaped(paragraph))\n" : ".IP\n\(Self.escaped(paragraph))\n"
        }
        if meaning.isEmpty { text += "\\&\n" }
    }

    /// Other pages, in the order given.
    mutating func references(_ pages: [String]) {
        text += pages.enumerated().map { index, page in
            ".BR \(Self.escaped(page)) (1)\(index == pages.count - 1 ? "" : ",")\n"
        }.joined()
    }

    private static func parted(_ paragraphs: String) -> [String] {
        paragraphs.split(separator: "\n\n").map(String.init)
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Text of which the typesetter obeys nothing, and whose hyphens can be copied.
    static func escaped(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map { line in
            let body = line.unicodeScalars.map { scalar -> String in
                switch scalar {
                case "\\": "\\e"
                case "-": "\\-"
                case "'": "\\(aq"
                case "\"": "\\(dq"
                case "`": "\\(ga"
                case "^": "\\(ha"
                case "~": "\\(ti"
                case let scalar where scalar.isASCII: String(scalar)
                default: "\\[u\(hexadecimal(scalar))]"
                }
            }.joined()
            return body.hasPrefix(".") ? "\\&\(body)" : body
        }
        return lines.joined(separator: "\n")
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
