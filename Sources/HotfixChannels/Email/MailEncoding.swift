import Foundation
import HotfixCore

/// A text in quoted-printable: lines of at most 76 bytes, each ended by CR LF.
func quotedPrintable(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        var length = 0
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            // A space at the end of a line is lost on the way.
            let isPlain = byte == 0x20 ? index + 1 < bytes.count : (0x21...0x7E).contains(byte) && byte != 0x3D
            let encoded = isPlain ? [byte] : [0x3D, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            if length + encoded.count > 75 {
                result += [0x3D, 0x0D, 0x0A]
                length = 0
            }
            result += encoded
            length += encoded.count
        }
        result += [0x0D, 0x0A]
    }
    // The text's last line has its end already.
    if text.last?.isNewline == true { result.removeLast(2) }
    return String(decoding: result, as: UTF8.self)
}

/// The value of a header: as it is where it is short and plain, else in encoded words (RFC 2047) on lines of at most 76 bytes.
func encodedHeader(_ text: String) -> String {
    let text = oneLine(text)
    let isPlain = text.utf8.count <= 60 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    if isPlain, !text.contains("=?"), !text.contains("  "), !text.hasPrefix(" "), !text.hasSuffix(" ") { return text }
    var words = [""]
    for scalar in text.unicodeScalars {
        // 52 characters of base64, which fit behind `Subject: =?utf-8?B?`.
        if words[words.count - 1].utf8.count + UTF8.width(scalar) > 39 { words.append("") }
        words[words.count - 1].unicodeScalars.append(scalar)
    }
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
}

/// What may stand in a header beside an address: nothing that ends a line, an address or a header.
func headerSafe(_ text: String) -> String {
    String(
        decoding: text.utf8.filter { (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E }.prefix(254), as: UTF8.self
    )
}

/// A date as mails have it, in UTC: `Sun, 22 Nov 2026 00:12:00 +0000`.
func mailDate(_ instant: Instant) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    // 1970-01-01 was a Thursday.
    let day = (instant.floored(to: 86_400).seconds / 86_400 + 4) % 7
    let text = instant.description
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return text }
    return "\(days[(day + 7) % 7]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(text.dropFirst(11).prefix(8)) +0000"
}

extension UTF8 {
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { UTF8.encode(scalar)?.count ?? 3 }
}
