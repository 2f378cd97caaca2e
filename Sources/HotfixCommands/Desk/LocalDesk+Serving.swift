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
        let begin = try query.cursor.map { try Place($0, numbers: 2) }
        let generation = try shelf.mark().ledger.generation
        let book = ExportBook(try shelf.snapshot(at: now))
        var rows: [(place: Place, line: JSONValue)] = []
        let from = [span.from, begin.map { Instant($0.numbers[0]) }].compactMap { $0 }.max()
        do {
            try workplace.openLedger(patience: patience).exportRows(from: from, to: span.to, of: pair) { row in
                let place = Place(
                    numbers: [row.window.start.seconds, row.series], generation: begin?.generation ?? generation)
                if let begin, place.numbers.lexicographicallyPrecedes(begin.numbers) { return }
                rows.append((place, book.object(row)))
                if rows.count > query.limit { throw PageIsFull() }
            }
        } catch is PageIsFull {}
        return Page(
            entries: rows.prefix(query.limit).map(\.line),
            next: rows.count > query.limit ? rows.last?.place.description : nil,
            isChanged: begin.map { $0.generation != generation } ?? false)
    }

    /// The episodes in the order in which the ledger first held them.
    func episodes(of service: String?, _ query: PageQuery) throws -> Page {
        if let service { _ = try workplace.selected([service]) }
        let begin = try query.cursor.map { try Place($0, numbers: 1) }
        let generation = try shelf.mark().ledger.generation
        let found = try shelf.episodes(of: service, from: begin?.numbers[0] ?? 0, limit: query.limit + 1)
        let acknowledgements = try shelf.facts().standingAcknowledgements
        let next = found.count > query.limit ? found.last : nil
        return Page(
            entries: found.prefix(query.limit).map { $0.episode.json(acknowledgements.newest(of: $0.episode)) },
            next: next.map { Place(numbers: [$0.place], generation: begin?.generation ?? generation).description },
            isChanged: begin.map { $0.generation != generation } ?? false)
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

/// Where a page begins, and which state of the ledger the first of its pages was of.
private struct Place: CustomStringConvertible {
    /// What entries are ordered by.
    let numbers: [Int]
    let generation: Int

    init(numbers: [Int], generation: Int) {
        self.numbers = numbers
        self.generation = generation
    }

    init(_ text: String, numbers count: Int) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { part in
            part.utf8.first == UInt8(ascii: "+") ? nil : Int(part)
        }
        guard parts.count == count + 1, parts.map(String.init).joined(separator: ".") == text,
            parts.allSatisfy({ (-(1 << 40)...1 << 40).contains($0) })
        else {
            throw CommandError(.wrong, "The cursor is none: give `next` of the page before.")
        }
        self.init(numbers: Array(parts.dropLast()), generation: parts[count])
    }

    var description: String { (numbers + [generation]).map(String.init).joined(separator: ".") }
}
