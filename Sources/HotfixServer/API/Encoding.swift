/// Decodes percent-encoding; nil where an escape is broken or the bytes are not UTF-8.
func decoded(_ text: Substring) -> String? {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
            return nil
        }
        bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// The host of a `Host` header, without its port; nil where that is more, or something else, than a host and a port.
func hostName(_ authority: String) -> String? {
    let end: String.Index
    if authority.hasPrefix("[") {
        guard let bracket = authority.firstIndex(of: "]") else { return nil }
        end = authority.index(after: bracket)
        guard authority[..<bracket].dropFirst().allSatisfy({ $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." })
        else { return nil }
    } else {
        end = authority.firstIndex(of: ":") ?? authority.endIndex
        let isName = authority[..<end].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
        guard isName, end > authority.startIndex else { return nil }
    }
    let port = authority[end...]
    guard port.isEmpty || (port.first == ":" && port.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }) else {
        return nil
    }
    return String(authority[..<end])
}

/// Whether the name of a host is an address rather than a name.
func isAddress(_ host: String) -> Bool {
    if host.hasPrefix("[") { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
}
