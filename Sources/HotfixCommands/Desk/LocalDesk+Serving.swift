import HotfixConfiguration
import HotfixCore
import HotfixServer
import HotfixStore

extension LocalDesk {
    /// Which state the ledger is in.
    func mark() throws -> DeskMark { try shelf.mark() }

    /// What is watched.
    func services() throws -> [JSONValue] {
        workplace.settings.services.map { entry in
            .object([
                "name": JSONValue(entry.service.name), "environment": JSONValue(entry.service.environment),
                "window_seconds": JSONValue(entry.policy.window),
                "guardrails": .array(
                    entry.policy.guardrails.filter { entry.service.bindings[$0.source] != nil }.map(json)),
                "not_watched": .array(entry.notWatched.map { JSONValue($0.guardrail) }),
            ])
        }
    }

    /// The verdicts of a guardrail, oldest first.
    func verdicts(of pair: Pair, _ query: PageQuery) throws -> Page {
        _ = try workplace.selected([pair.service])
        let facts = try shelf.facts()
        let isKnown =
            workplace.settings.pairs.contains(pair) || facts.series.contains { $0.pair == pair }
        guard isKnown else {
            let known = workplace.settings.service(pair.service)?.pairs.map(\.guardrail).joined(separator: ", ") ?? ""
            throw CommandError(
                .wrong, "'\(pair.guardrail)' is no guardrail of '\(pair.service)'. It has: \(known).",
                concern: .unknown)
        }
        let span = try span(from: query.from, to: query.to)
        let begin = try query.cursor.map(Place.init)
        let book = ExportBook(try shelf.snapshot(at: now))
        var rows: [(place: Place, line: JSONValue)] = []
        let from = [span.from, begin?.start].compactMap { $0 }.max()
        do {
            try workplace.openLedger(patience: patience).exportRows(from: from, to: span.to, of: pair) { row in
                let place = Place(start: row.window.start, series: row.series)
                if let begin, place < begin { return }
                rows.append((place, book.object(row)))
                if rows.count > query.limit { throw PageIsFull() }
            }
        } catch is PageIsFull {}
        return Page(
            entries: rows.prefix(query.limit).map(\.line),
            next: rows.count > query.limit ? rows.last?.place.description : nil)
    }

    /// The episodes in the order opened.
    func episodes(of service: String?, _ query: PageQuery) throws -> Page {
        if let service { _ = try workplace.selected([service]) }
        let facts = try shelf.facts()
        let all = facts.episodes.filter { service == nil || $0.pair.service == service }
        var begin = 0
        if let cursor = query.cursor {
            guard let index = all.firstIndex(where: { $0.id == cursor }) else { throw Place.unknown }
            begin = index
        }
        let page = all[begin...].prefix(query.limit)
        let next = all.indices.contains(page.endIndex) ? all[page.endIndex].id : nil
        let acknowledgements = facts.standingAcknowledgements
        return Page(entries: page.map { $0.json(acknowledgements.newest(of: $0)) }, next: next)
    }

    private func json(_ guardrail: Guardrail) -> JSONValue {
        .object([
            "name": JSONValue(guardrail.name), "source": JSONValue(guardrail.source),
            "limits": .array(guardrail.limits.map { JSONValue($0.description) }), "unit": JSONValue(guardrail.unit),
            "link": JSONValue(guardrail.link),
        ])
    }
}

/// Ends a reading when a page is full.
private struct PageIsFull: Error {}

/// Where a row stands among those of a guardrail.
private struct Place: Comparable, CustomStringConvertible {
    let start: Instant
    let series: Int

    init(start: Instant, series: Int) {
        self.start = start
        self.series = series
    }

    init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let seconds = parts[0], let series = parts[1],
            (-(1 << 40)...1 << 40).contains(seconds)
        else {
            throw Self.unknown
        }
        self.init(start: Instant(seconds), series: series)
    }

    var description: String { "\(start.seconds).\(series)" }

    static let unknown = CommandError(.wrong, "The cursor is none: give `next` of the page before.")

    static func < (left: Place, right: Place) -> Bool { (left.start, left.series) < (right.start, right.series) }
}
