/// Encodes all bytes but the unreserved ones of RFC 3986: letters, digits, `-`, `.`, `_` and `~`.
package func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Encodes pairs as `application/x-www-form-urlencoded`, in order; a space becomes `%20`.
package func formEncoded(_ pairs: [(String, String)]) -> [UInt8] {
    Array(pairs.map { "\(percentEncoded($0))=\(percentEncoded($1))" }.joined(separator: "&").utf8)
}
