/// Says whether a text may be handed to the parser of YAML: what is harmless there takes too much of memory or stack here.
///
/// What is counted is counted too often rather than too rarely; electron-builder writes none of it.
struct FeedYAML {
    private let text: String

    init(_ text: String) { self.text = text }

    /// Why it is not handed to the parser, as the end of a sentence; nil where it may be.
    var objection: String? {
        if text.drop(while: \.isWhitespace).hasPrefix("<") { return "it is a page of HTML or XML" }
        let lines = structure
        if isDeep(lines) { return "it nests too deep" }
        let marks = lines.reduce(into: (anchors: 0, aliases: 0)) { marks, line in
            marks.anchors += Self.marks(UInt8(ascii: "&"), in: line)
            marks.aliases += Self.marks(UInt8(ascii: "*"), in: line)
        }
        return marks.anchors > 0 && marks.aliases > 32 ? "it has more than 32 aliases" : nil
    }

    /// The lines without those of block scalars, such as release notes.
    private var structure: [Substring.UTF8View] {
        var lines: [Substring.UTF8View] = []
        var scalarIndent: Int?
        var hasFlow = false
        let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
        for line in text.unicodeScalars.split(whereSeparator: breaks.contains).map({ Substring($0).utf8 }) {
            let indent = line.prefix { $0 == 0x20 }.count
            if let scalar = scalarIndent, indent > scalar || indent == line.count { continue }
            lines.append(line)
            // Within braces the next lines may be anything, whatever this one looks like.
            hasFlow = hasFlow || line.contains { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
            scalarIndent = !hasFlow && Self.beginsScalar(line) ? indent : nil
        }
        return lines
    }

    /// Whether a line is a bare key whose value is the lines below it: `releaseNotes: |`.
    private static func beginsScalar(_ line: Substring.UTF8View) -> Bool {
        guard line.count <= 200, let text = Substring(line).wholeMatch(of: /\ *[A-Za-z0-9_]+:\ +[|>][0-9+\-]{0,2}\ */)
        else { return false }
        return !text.output.isEmpty
    }

    private func isDeep(_ lines: [Substring.UTF8View]) -> Bool {
        var depth = 0
        for line in lines {
            let indents = line.prefix { [0x20, 0x2D, 0x3F].contains($0) }
            if indents.count > 1000 || indents.count(where: { $0 != 0x20 }) > 100 { return true }
            for byte in line {
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth = max(0, depth - 1) }
                if depth > 100 { return true }
            }
        }
        return false
    }

    /// How often a mark begins a word, whatever follows it.
    private static func marks(_ mark: UInt8, in line: Substring.UTF8View) -> Int {
        let before = Set("\t []{},:-?\"'".utf8)
        var count = 0
        var previous = UInt8(ascii: " ")
        for byte in line {
            // A blank behind it makes it no alias but, say, an item of a list.
            if previous == mark, byte > 0x20 { count += 1 }
            previous = byte == mark && !before.contains(previous) ? 0 : byte
        }
        return count
    }
}
