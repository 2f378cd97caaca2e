/// Encodes a segment of a path: all bytes but the unreserved ones of RFC 3986.
package func encodedSegment(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        let character = Character(Unicode.Scalar(byte))
        if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
            encoded.append(character)
        } else {
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    // A client may take a segment of dots alone for a step upwards.
    return encoded == "." || encoded == ".." ? encoded.replacing(".", with: "%2E") : encoded
}
