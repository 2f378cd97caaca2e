/// A value with its unit as a person reads it: five significant digits.
package func figure(_ value: Double?, unit: String?) -> String {
    guard let value else { return "–" }
    let text =
        switch unit {
        case "bytes": bytes(value)
        case "share": "\(significant(value * 100))%"
        case let unit? where unit.hasPrefix("1/"): significant(value) + oneLine(String(unit.dropFirst()))
        case let unit?: "\(significant(value)) \(oneLine(unit))"
        case nil: significant(value)
        }
    return text
}

/// Five significant digits, without trailing zeros.
package func significant(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    // Powers of ten are exact up to 22; beyond them nobody reads digits.
    guard abs(value) >= 1e-15, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    var divisor = 1.0
    while abs(value) * scale < 10_000 { scale *= 10 }
    while abs(value) / divisor >= 100_000 { divisor *= 10 }
    let rounded = (value * scale / divisor).rounded() * divisor / scale
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
}

private func bytes(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var scaled = value
    var index = 0
    while abs(scaled) >= 1024, index < units.count - 1 {
        scaled /= 1024
        index += 1
    }
    return "\(significant(scaled)) \(units[index])"
}

/// A signed percentage with one digit.
package func percent(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    // What rounds to nothing from below would else be "-0.0".
    return "\(rounded >= 0 ? "+" : "")\(rounded == 0 ? 0 : rounded)%"
}

/// A number of things: `1 window`, `2 windows`.
package func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

/// Hours and minutes, `30 h 40 min`.
package func hours(_ seconds: Seconds) -> String {
    let minutes = seconds / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
}

/// Text from outside as one line: control characters are shown, not obeyed.
package func oneLine(_ text: String) -> String {
    String(
        text.unicodeScalars.map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
            default: Character(scalar)
            }
        })
}

/// A text with some of its characters written otherwise.
///
/// Each is found wherever it is, also where a mark that combines with it follows.
package func escaping(_ text: String, _ escapes: [Unicode.Scalar: String]) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
        if let escape = escapes[scalar] { result += escape } else { result.unicodeScalars.append(scalar) }
    }
}

/// A word as a shell reads it: as it is, or in quotes.
package func quotedForShell(_ word: String) -> String {
    let isPlain =
        !word.isEmpty
        && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+@%:".contains($0)) }
    return isPlain ? word : "'\(oneLine(word).replacing("'", with: #"'\''"#))'"
}
