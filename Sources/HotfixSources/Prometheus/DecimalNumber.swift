/// Reads a decimal, `-12.5e-3` for example, to the nearest double.
///
/// - Returns: nil where the bytes are anything else, hexadecimals and names such as `inf` included.
func decimalNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Double? {
    var position = range.lowerBound
    var isNegative = false
    if position < range.upperBound, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
        isNegative = bytes[position] == UInt8(ascii: "-")
        position += 1
    }

    // 18 digits fit; a further one makes the number one for the slow way, unless it is a leading zero.
    var mantissa: UInt64 = 0
    var digits = 0
    var scale = 0
    var hasDigit = false
    var hasPoint = false
    while position < range.upperBound {
        let byte = bytes[position]
        if byte == UInt8(ascii: "."), !hasPoint {
            hasPoint = true
        } else if case UInt8(ascii: "0")...UInt8(ascii: "9") = byte {
            hasDigit = true
            if digits > 0 || byte != UInt8(ascii: "0") { digits += 1 }
            if digits <= 18 { mantissa = mantissa * 10 + UInt64(byte - UInt8(ascii: "0")) }
            if hasPoint { scale -= 1 }
        } else {
            break
        }
        position += 1
    }
    guard hasDigit else { return nil }
    if position < range.upperBound {
        guard let exponent = decimalExponent(bytes, position..<range.upperBound) else { return nil }
        scale += exponent
    }

    // Clinger: both operands are exact, so that one operation rounds once.
    if digits <= 18, mantissa <= 1 << 53, abs(scale) <= 22 {
        let number = scale < 0 ? Double(mantissa) / powersOfTen[-scale] : Double(mantissa) * powersOfTen[scale]
        return isNegative ? -number : number
    }
    return Double(String(decoding: bytes[range], as: UTF8.self))
}

private func decimalExponent(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    guard bytes[range.lowerBound] | 0x20 == UInt8(ascii: "e") else { return nil }
    var position = range.lowerBound + 1
    var isNegative = false
    if position < range.upperBound, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
        isNegative = bytes[position] == UInt8(ascii: "-")
        position += 1
    }
    guard position < range.upperBound else { return nil }
    var exponent = 0
    for byte in bytes[position..<range.upperBound] {
        guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
        exponent = min(exponent * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
    }
    return isNegative ? -exponent : exponent
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]
