package import HotfixCore

/// Reads a finite decimal number; with a percent sign it is a share: `98%` is 0.98.
///
/// - Returns: nil where the text is something else: `.inf`, `1e400`, `0x10` and `1_000` are.
package func parseNumber(_ text: String) -> Double? {
    guard text.hasSuffix("%") else { return decimal(text[...]) }
    return decimal(text.dropLast()).map { $0 / 100 }
}

/// Reads a share from 0 to 1, written as `50%` or `0.5`.
package func parseShare(_ text: String) -> Double? {
    parseNumber(text).flatMap { (0...1).contains($0) ? $0 : nil }
}

/// Reads a relative limit: `+25%`, `-20%`.
///
/// - Returns: nil where sign or percent sign lack, and for what no value can cross: `-100%` and below, `-0%`.
package func parseLimit(_ text: String) -> Limit? {
    guard let sign = text.first, sign == "+" || sign == "-", text.hasSuffix("%"), let change = parseNumber(text),
        change > -1, sign == "+" || change < 0
    else { return nil }
    return .relative(change)
}

private func decimal(_ text: Substring) -> Double? {
    var rest = text.utf8[...]
    func skipSign() { if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() } }
    func skipDigits() -> Int {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        rest = rest.dropFirst(digits)
        return digits
    }
    skipSign()
    var digits = skipDigits()
    if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        digits += skipDigits()
    }
    guard digits > 0 else { return nil }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
        rest.removeFirst()
        skipSign()
        guard skipDigits() > 0 else { return nil }
    }
    guard rest.isEmpty, let number = Double(text), number.isFinite else { return nil }
    return number
}
