import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// A value with its unit as a person reads it: five significant digits.
func figure(_ value: Double?, unit: String?) -> String {
    guard let value else { return "–" }
    let text =
        switch unit {
        case "bytes": bytes(value)
        case "share": "\(significant(value * 100))%"
        case let unit?: "\(significant(value)) \(unit)"
        case nil: significant(value)
        }
    return text
}

/// Five significant digits, without trailing zeros.
func significant(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 10_000 { scale *= 10 }
    while abs(value) * scale >= 100_000 { scale /= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : "\(rounded)"
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
func percent(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return "\(rounded >= 0 ? "+" : "")\(rounded)%"
}

/// Hours and minutes, `30 h 40 min`.
func hours(_ seconds: Seconds) -> String {
    let minutes = seconds / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
}

/// An instant; on a terminal with its distance from now.
func moment(_ instant: Instant?, now: Instant) -> String {
    guard let instant else { return "–" }
    guard Surroundings.current.isTerminal else { return instant.description }
    let distance = instant - now
    return "\(instant) (\(distance < 0 ? "\(hours(-distance)) ago" : "in \(hours(distance))"))"
}

/// Text from outside as one line: control characters are shown, not obeyed.
func oneLine(_ text: String) -> String {
    String(
        text.unicodeScalars.map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
            default: Character(scalar)
            }
        })
}

/// Lays out rows in columns.
func table(_ rows: [[String]]) -> String {
    guard let count = rows.map(\.count).max() else { return "" }
    let widths = (0..<count).map { column in rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        let line = row.enumerated().map { column, text in
            column == row.count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count)
        }.joined(separator: "  ")
        return "  " + line
    }.joined(separator: "\n")
}

extension JSONValue {
    /// An instant as ISO 8601, or null.
    init(_ instant: Instant?) { self.init(instant?.description) }
}
