private let day = 86_400
private let units: [(letter: Character, seconds: Seconds)] = [
    ("w", 7 * day), ("d", day), ("h", 3600), ("m", 60), ("s", 1),
]

/// Durations longer than ten years are mistakes, and keep clear of overflow.
private let longestDuration = 3650 * day

/// Reads a length of time: numbers with the units `w d h m s`, larger ones first, such as `5m`, `48h`, `1h30m`.
///
/// - Parameter text: The duration; `0` is the only one that needs no unit.
/// - Returns: nil where the text is no duration, or one of more than ten years.
package func parseDuration(_ text: String) -> Seconds? {
    if text == "0" { return 0 }
    var rest = Substring(text)
    var open = units[...]
    var total = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 9, let number = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        guard let letter = rest.popFirst(), let index = open.firstIndex(where: { $0.letter == letter }) else {
            return nil
        }
        total += number * open[index].seconds
        guard total <= longestDuration else { return nil }
        open = open[(index + 1)...]
    }
    return total
}

/// Writes a length of time as `parseDuration` reads it: `5m`, `48h`, `7d`.
///
/// - Parameter seconds: The length, not negative.
/// - Returns: The shortest text that people use: `48h` rather than `2d`.
package func formatDuration(_ seconds: Seconds) -> String {
    // People say 48 hours and 7 days.
    if seconds >= 3 * day, seconds.isMultiple(of: day) { return "\(seconds / day)d" }
    var rest = seconds
    var text = ""
    for unit in units.suffix(3) where rest >= unit.seconds {
        text += "\(rest / unit.seconds)\(unit.letter)"
        rest %= unit.seconds
    }
    return text.isEmpty ? "0s" : text
}
