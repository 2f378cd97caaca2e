/// A string of JSON: UTF-16 code units, as JavaScript has them.
///
/// A script may cut a character in two and leave half a surrogate pair behind, which no Swift string can hold, and
/// Swift takes two spellings of an accented letter for the same key, which no script does.
package struct JSONString: Sendable, Hashable {
    /// The code units, of which a surrogate may stand alone.
    package var units: [UInt16]

    /// Makes a string of code units.
    package init(units: [UInt16]) {
        self.units = units
    }

    /// Makes a string.
    package init(_ text: String) {
        units = Array(text.utf16)
    }

    /// The text, with a replacement character for each surrogate that stands alone.
    package var text: String { String(decoding: units, as: UTF16.self) }
}

extension JSONString: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self.init(value)
    }
}

extension JSONString {
    /// The string in quotes, escaped as `JSON.stringify` does: no more than has to be, and surrogates that stand alone.
    package var literal: String {
        if units.allSatisfy(Self.isPlain) { return plainLiteral }
        var plain: [UInt16] = []
        var literal = "\""
        func flush() {
            literal += String(decoding: plain, as: UTF16.self)
            plain.removeAll(keepingCapacity: true)
        }
        for (index, unit) in units.enumerated() {
            if let escape = escape(unit, at: index) {
                flush()
                literal += escape
            } else {
                plain.append(unit)
            }
        }
        flush()
        return literal + "\""
    }

    /// Whether a unit is written as it is, and is one byte.
    private static func isPlain(_ unit: UInt16) -> Bool { (0x20..<0x7F).contains(unit) && unit != 0x22 && unit != 0x5C }

    /// The literal of plain units: nearly all are, and an answer about thousands of services has a hundred thousand of them.
    private var plainLiteral: String {
        String(unsafeUninitializedCapacity: units.count + 2) { buffer in
            buffer[0] = 0x22
            for (index, unit) in units.enumerated() { buffer[index + 1] = UInt8(truncatingIfNeeded: unit) }
            buffer[units.count + 1] = 0x22
            return units.count + 2
        }
    }

    private func escape(_ unit: UInt16, at index: Int) -> String? {
        switch unit {
        case 0x22: return "\\\""
        case 0x5C: return "\\\\"
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0C: return "\\f"
        case 0x0D: return "\\r"
        case 0xD800...0xDBFF:
            let isPaired = index + 1 < units.count && UTF16.isTrailSurrogate(units[index + 1])
            return isPaired ? nil : hexadecimal(unit)
        case 0xDC00...0xDFFF:
            let isPaired = index > 0 && UTF16.isLeadSurrogate(units[index - 1])
            return isPaired ? nil : hexadecimal(unit)
        default: return unit < 0x20 ? hexadecimal(unit) : nil
        }
    }

    private func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
