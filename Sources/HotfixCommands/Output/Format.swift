import HotfixConfiguration
import HotfixCore

/// An instant; on a terminal with its distance from now.
func moment(_ instant: Instant?, now: Instant) -> String {
    guard let instant else { return "–" }
    guard Surroundings.current.isTerminal else { return instant.description }
    let distance = instant - now
    return "\(instant) (\(distance < 0 ? "\(hours(-distance)) ago" : "in \(hours(distance))"))"
}

/// Lays out rows in columns; a row has at least one.
func table(_ rows: [[String]]) -> String {
    let rows = rows.filter { !$0.isEmpty }
    guard let columns = rows.map(\.count).max() else { return "" }
    let widths = (0..<columns).map { column in
        rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
        let last = row.lastIndex { !$0.isEmpty } ?? 0
        let line = row[...last].enumerated().map { column, text in
            column == last ? text : text + String(repeating: " ", count: widths[column] - text.count)
        }.joined(separator: "  ")
        return "  " + line
    }.joined(separator: "\n")
}
