/// Goes through a line of the text format.
struct LineCursor {
    /// That the line is not what the format says.
    struct Malformed: Error {}

    private var rest: Substring.UTF8View

    init(_ line: Substring.UTF8View) {
        rest = line
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    }

    /// The next byte; nil at the end.
    var peek: UInt8? { rest.first }

    mutating func skipBlanks() {
        while let byte = rest.first, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { rest.removeFirst() }
    }

    /// Takes a character, if it is the next.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes a name without quotes; nil where none is next.
    mutating func name() -> String? {
        let word = rest.prefix {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard !word.isEmpty else { return nil }
        rest = rest[word.endIndex...]
        return String(Substring(word))
    }

    /// Takes labels up to the brace that closes them.
    ///
    /// - Parameter labels: Where they go.
    /// - Returns: The metric's name, where it stands among them.
    /// - Throws: ``Malformed`` where there are none.
    mutating func labels(into labels: inout [String: String]) throws(Malformed) -> String? {
        var metric: String?
        while true {
            skipBlanks()
            if take("}") { return metric }
            let isQuoted = peek == UInt8(ascii: "\"")
            guard let label = isQuoted ? try quoted() : name() else { throw Malformed() }
            skipBlanks()
            if take("=") {
                skipBlanks()
                guard labels.updateValue(try quoted(), forKey: label) == nil else { throw Malformed() }
            } else {
                guard isQuoted, metric == nil else { throw Malformed() }
                metric = label
            }
            skipBlanks()
            guard take(",") || peek == UInt8(ascii: "}") else { throw Malformed() }
        }
    }

    /// Takes a text in quotes.
    private mutating func quoted() throws(Malformed) -> String {
        guard take("\"") else { throw Malformed() }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                switch rest.popFirst() {
                case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
                default: throw Malformed()
                }
            default: bytes.append(byte)
            }
        }
        throw Malformed()
    }

    /// Takes a number as Go spells it; nil where none is next.
    mutating func number() -> Double? {
        let word = rest.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        let text = String(Substring(word))
        let value: Double? =
            switch text.lowercased() {
            case "+inf", "inf", "+infinity", "infinity": .infinity
            case "-inf", "-infinity": -.infinity
            case "nan": .nan
            default: text.contains { $0 == "p" || $0 == "x" || $0 == "P" || $0 == "X" } ? nil : Double(text)
            }
        if value != nil { rest = rest[word.endIndex...] }
        return value
    }
}
