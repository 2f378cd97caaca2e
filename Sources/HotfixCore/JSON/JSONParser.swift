/// What is wrong with a text that ought to be JSON, and where.
package struct JSONSyntaxError: Error, Sendable, Hashable {
    /// The line, from 1.
    package var line: Int
    /// The column, from 1, in Unicode scalars.
    package var column: Int
    /// What is wrong, a sentence.
    package var message: String

    /// Makes an error.
    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }
}

/// Reads JSON as RFC 8259 has it, without extensions; a key that stands twice in an object is an error.
package struct JSONParser {
    /// How deep arrays and objects may nest.
    package static let depthLimit = 128

    private let bytes: [UInt8]
    private var position = 0

    /// Reads a value from the whole of a text.
    ///
    /// - Parameter bytes: UTF-8.
    /// - Returns: The value.
    /// - Throws: ``JSONSyntaxError`` at the first byte that cannot be read.
    package static func value(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        try parser.checkEncoding()
        parser.skipSpace()
        guard parser.next != nil else { throw parser.error("there is no value here") }
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.next == nil else { throw parser.error("\(parser.found) after the end of the value") }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return .number(try number())
        default: return try word()
        }
    }

    private mutating func word() throws(JSONSyntaxError) -> JSONValue {
        let words: [(String, JSONValue)] = [("null", .null), ("true", .boolean(true)), ("false", .boolean(false))]
        for (word, value) in words where bytes[position...].starts(with: word.utf8) {
            position += word.utf8.count
            return value
        }
        throw error("\(found) where a value was expected")
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        try open(depth)
        var members: [JSONObject.Member] = []
        var keys: Set<JSONString> = []
        guard !skip("}") else { return JSONObject() }
        while true {
            let start = position
            guard next == UInt8(ascii: "\"") else { throw error("\(found) where a key in quotes was expected") }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw error("the key \(key.literal) stands twice in one object", at: start)
            }
            skipSpace()
            guard skip(":") else { throw error("\(found) where ':' was expected") }
            skipSpace()
            members.append(.init(key: key, value: try value(depth: depth)))
            skipSpace()
            if skip("}") { return JSONObject(members: members) }
            guard skip(",") else { throw error("\(found) where ',' or '}' was expected") }
            skipSpace()
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        try open(depth)
        var elements: [JSONValue] = []
        guard !skip("]") else { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if skip("]") { return elements }
            guard skip(",") else { throw error("\(found) where ',' or ']' was expected") }
            skipSpace()
        }
    }

    private mutating func open(_ depth: Int) throws(JSONSyntaxError) {
        guard depth <= Self.depthLimit else {
            throw error("arrays and objects nest deeper than \(Self.depthLimit) levels")
        }
        position += 1
        skipSpace()
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        if let byte = next, isDigit(byte) { throw error("a number with a leading 0", at: start) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        guard let byte = next, isDigit(byte) else { throw error("\(found) where a digit was expected") }
        while let byte = next, isDigit(byte) { position += 1 }
    }

    private mutating func string() throws(JSONSyntaxError) -> JSONString {
        let start = position
        position += 1
        var units: [UInt16] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return JSONString(units: units)
            case UInt8(ascii: "\\"): units.append(try escape())
            case ..<0x20: throw error("\(found) inside a string; it has to be escaped")
            default:
                let plain = bytes[position...].prefix { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
                units += String(decoding: plain, as: UTF8.self).utf16
                position += plain.count
            }
        }
        throw error("a string that does not end", at: start)
    }

    private mutating func escape() throws(JSONSyntaxError) -> UInt16 {
        let start = position
        position += 1
        let escapes: [UInt8: UInt16] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
            UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        ]
        if let byte = next, let unit = escapes[byte] {
            position += 1
            return unit
        }
        guard skip("u") else { throw error("an escape that JSON does not have", at: start) }
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy(isHexadecimalDigit),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("'\\u' without 4 hexadecimal digits", at: start) }
        position += 4
        return unit
    }
}

extension JSONParser {
    private func checkEncoding() throws(JSONSyntaxError) {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw error("a byte order mark, which JSON does not allow: save the text without one", at: 0)
        }
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var good = 0
        while case .scalarValue(let scalar) = decoder.decode(&rest) { good += UTF8.width(scalar) }
        throw error("a byte that is not UTF-8", at: good)
    }

    /// What stands at the position, for messages.
    private var found: String {
        guard let byte = next else { return "the end of the file" }
        guard byte >= 0x20, byte != 0x7F else { return "a control character" }
        let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        return rest.unicodeScalars.first.map { "'\($0)'" } ?? "nothing"
    }

    private func error(_ message: String, at place: Int? = nil) -> JSONSyntaxError {
        let before = bytes[..<(place ?? position)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.reversed().prefix { $0 != 0x0A }.count { $0 & 0xC0 != 0x80 } + 1
        return JSONSyntaxError(line: line, column: column, message: message)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
}
