import HotfixCore

/// The fewest requests that answer some asks, and how answers are made of what they came to.
struct FetchPlan: Sendable {
    /// What may be fetched with one request: a query over a stretch, for all services that want it.
    private struct Fetch: Hashable, Sendable {
        var query: String
        var label: String?
        var anchor: String?
        var span: Span
    }

    /// What an ask wants besides its values.
    private enum Part: CaseIterable {
        case values, events, samples
    }

    /// At most this many windows go into one request, and at most a day.
    static let mostWindows = 288

    private let asks: [Ask]
    private var fetches: [Fetch] = []
    /// The requests to make.
    private(set) var jobs: [FetchJob] = []

    /// Plans the requests; asks that share a query and a span share requests.
    init(_ asks: [Ask]) {
        self.asks = asks
        var wanted: [Fetch: Set<String>] = [:]
        for ask in asks where Self.refusal(of: ask) == nil {
            for part in Part.allCases {
                for fetch in Self.fetches(part, of: ask) {
                    if wanted[fetch] == nil { fetches.append(fetch) }
                    wanted[fetch, default: []].insert(ask.definition.details[DetailKey.value] ?? "")
                }
            }
        }
        jobs = fetches.map { fetch in
            guard let label = fetch.label, let anchor = fetch.anchor else {
                return FetchJob(query: fetch.query, label: fetch.label, span: fetch.span)
            }
            let query = narrowed(fetch.query, anchor: anchor, label: label, to: wanted[fetch, default: []])
            return FetchJob(query: query, label: label, span: fetch.span)
        }
    }

    /// Makes the answers.
    ///
    /// - Parameters:
    ///   - outcomes: What the jobs came to, in their order.
    ///   - settle: How long after its end a window is due, in seconds.
    /// - Returns: One answer for each ask, in their order.
    func answers(_ outcomes: [[FetchedPiece]], settle: Seconds) -> [Answer] {
        let pieces = Dictionary(zip(fetches, outcomes)) { first, _ in first }
        return asks.map { ask in
            if let refusal = Self.refusal(of: ask) {
                return Answer(ask: ask, failures: ask.span.isEmpty ? [] : [(ask.span, refusal)])
            }
            return answer(ask, pieces, settle)
        }
    }

    private func answer(_ ask: Ask, _ pieces: [Fetch: [FetchedPiece]], _ settle: Seconds) -> Answer {
        let name = ask.definition.details[DetailKey.value] ?? ""
        let columns = Part.allCases.map { part in
            FetchedColumn(
                Self.fetches(part, of: ask).flatMap { pieces[$0, default: []] }, of: name, over: ask.span)
        }
        var answer = Answer(ask: ask, sourceNow: columns.compactMap(\.clock).min())
        // The source's own clock says which windows are not due yet.
        let due = answer.sourceNow.map { ($0 - ask.span.start - settle) / ask.span.step } ?? ask.span.count
        var failing: (start: Int, error: SourceError)?
        func fail(until end: Int) {
            guard let (start, error) = failing else { return }
            let origin = ask.span.start
            let span = Span(
                start: origin + start * ask.span.step, end: origin + end * ask.span.step, step: ask.span.step)
            answer.failures.append((span, error))
        }
        for index in 0..<ask.span.count {
            let error = columns.lazy.compactMap { $0.errors[index] }.first
            if error != failing?.error {
                fail(until: index)
                failing = error.map { (index, $0) }
            }
            guard error == nil, index < due else { continue }
            answer.observations[ask.span.start + index * ask.span.step] = Observation(
                value: columns[0].values[index], events: columns[1].values[index], samples: columns[2].values[index])
        }
        fail(until: ask.span.count)
        return answer
    }

    private static func query(_ part: Part, of ask: Ask) -> String? {
        switch part {
        case .values: ask.definition.query
        case .events: ask.countsEvents ? ask.definition.details[DetailKey.events] : nil
        case .samples: ask.measuresSamples ? ask.definition.details[DetailKey.samples] : nil
        }
    }

    private static func fetches(_ part: Part, of ask: Ask) -> [Fetch] {
        guard let query = query(part, of: ask) else { return [] }
        let details = ask.definition.details
        return chunks(of: ask.span).map {
            Fetch(query: query, label: details[DetailKey.label], anchor: details[DetailKey.anchor], span: $0)
        }
    }

    /// Cuts a span into stretches of a day, so that no request is too large for the server.
    static func chunks(of span: Span) -> [Span] {
        let length = max(1, min(mostWindows, 86_400 / span.step)) * span.step
        return stride(from: span.start.seconds, to: span.end.seconds, by: length).map {
            Span(start: Instant($0), end: min(Instant($0 + length), span.end), step: span.step)
        }
    }

    private static func refusal(of ask: Ask) -> SourceError? {
        let definition = ask.definition
        let missing: String? =
            if ask.countsEvents, definition.details[DetailKey.events] == nil {
                "a query of its events"
            } else if ask.measuresSamples, definition.details[DetailKey.samples] == nil {
                "a query of its samples"
            } else if definition.details[DetailKey.over] != "\(ask.over)" {
                "a stretch of \(ask.over) s"
            } else {
                nil
            }
        return missing.map {
            SourceError(
                .refused,
                "\(definition.source): what is pinned for \(ask.pair) lacks \($0). Have the guardrail defined again."
            )
        }
    }
}
