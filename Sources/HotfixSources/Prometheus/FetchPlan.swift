import HotfixCore

/// The fewest requests that answer some asks, and how answers are made of what they came to.
struct FetchPlan: Sendable {
    /// A query, and how it tells services apart.
    private struct Question: Hashable, Sendable {
        var query: String
        var label: String?
        var anchor: String?
        var step: Seconds
    }

    /// What is fetched with one request: a query over a stretch, for all services that want it.
    private struct Fetch: Hashable, Sendable {
        var question: Question
        var span: Span
    }

    /// What an ask wants besides its values.
    private enum Part: CaseIterable {
        case values, events, samples
    }

    private let asks: [Ask]
    private var stretches: [Question: Stretches] = [:]
    private var fetches: [Fetch] = []
    /// The requests to make.
    private(set) var jobs: [FetchJob] = []

    /// Plans the requests; asks that share a query and a span share requests.
    init(_ asks: [Ask]) {
        self.asks = asks
        var questions: [Question] = []
        for ask in asks where Self.refusal(of: ask) == nil {
            for question in Part.allCases.compactMap({ Self.question($0, of: ask) }) {
                if stretches[question] == nil { questions.append(question) }
                stretches[question, default: Stretches()].add(ask.span, for: Self.name(ask))
            }
        }
        for question in questions {
            stretches[question]?.gather()
            for span in stretches[question]?.spans ?? [] { fetches.append(Fetch(question: question, span: span)) }
        }
        jobs = fetches.map { [stretches] fetch in
            let question = fetch.question
            guard let label = question.label, let anchor = question.anchor else {
                return FetchJob(query: question.query, label: question.label, span: fetch.span)
            }
            let services = stretches[question]?.services(of: fetch.span) ?? []
            let query = narrowed(question.query, anchor: anchor, label: label, to: services)
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
        let name = Self.name(ask)
        let columns = Part.allCases.map { part in
            FetchedColumn(fetches(part, of: ask).flatMap { pieces[$0, default: []] }, of: name, over: ask.span)
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

    private static func question(_ part: Part, of ask: Ask) -> Question? {
        let details = ask.definition.details
        return query(part, of: ask).map {
            Question(
                query: $0, label: details[DetailKey.label], anchor: details[DetailKey.anchor], step: ask.span.step)
        }
    }

    private static func name(_ ask: Ask) -> String { ask.definition.details[DetailKey.value] ?? "" }

    private func fetches(_ part: Part, of ask: Ask) -> [Fetch] {
        guard let question = Self.question(part, of: ask), let all = stretches[question] else { return [] }
        return all.covering(ask.span, for: Self.name(ask)).map { Fetch(question: question, span: $0) }
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
