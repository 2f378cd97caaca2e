package import HotfixCore
import HotfixStore

extension LocalDesk {
    /// Hands over every verdict as a text of CSV or JSON, many rows at a time.
    package func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) throws {
        let span = try span(from: query.from, to: query.to)
        // A connection of its own: a reader that is slow holds up nobody.
        let ledger = try workplace.openLedger(patience: patience)
        let book = ExportBook(try workplace.snapshot(ledger, at: now))
        let isJSON = query.format == .json
        var isFirst = true
        // Rows go out as they are read, many in one write.
        var waiting = isJSON ? "[" : ExportBook.columns.joined(separator: ",") + "\n"
        try ledger.exportRows(from: span.from, to: span.to) { row in
            let line = book.line(row)
            waiting += isJSON ? (isFirst ? "\n" : ",\n") + ExportBook.json(line) : ExportBook.csv(line) + "\n"
            isFirst = false
            guard waiting.utf8.count >= 1 << 16 else { return }
            try write(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
        if isJSON { waiting += isFirst ? "]\n" : "\n]\n" }
        try write(waiting)
    }

    /// Reads the ends of a span of windows.
    func span(from: String?, to: String?) throws -> (from: Instant?, to: Instant?) {
        let from = try from.map { try HotfixCommand.instant($0, "--from") }
        let to = try to.map { try HotfixCommand.instant($0, "--to") }
        if let from, let to, to <= from { throw CommandError(.wrong, "--to \(to) is not after --from \(from).") }
        return (from, to)
    }
}
