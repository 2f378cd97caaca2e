/// A pair's pinned query in the ledger.
///
/// A query that changes makes a new series: values of two queries are never mixed in one baseline.
package struct SeriesState: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// Whose values.
    package var pair: Pair
    /// Which query gives them.
    package var definition: SeriesDefinition
    /// The part of the guardrail that decides which values they are: a change of it makes a new series.
    package var wish: ValueWish
    /// The length of a window in seconds.
    package var window: Seconds
    /// The first window that is judged; windows before it are look-back only.
    package var judgedFrom: Instant
    /// Stretches of look-back in which outcomes showed that the project accepted something.
    package var activity: [Span]
    /// When it was pinned.
    package var createdAt: Instant

    /// Makes a series.
    package init(
        id: Int, pair: Pair, definition: SeriesDefinition, wish: ValueWish, window: Seconds, judgedFrom: Instant,
        activity: [Span] = [], createdAt: Instant
    ) {
        self.id = id
        self.pair = pair
        self.definition = definition
        self.wish = wish
        self.window = window
        self.judgedFrom = judgedFrom
        self.activity = activity
        self.createdAt = createdAt
    }
}

/// What decides which values a pair has: equal wishes share a series, others never do.
package struct ValueWish: Sendable, Hashable, Codable {
    /// The source.
    package var source: String
    /// The measure.
    package var measure: Measure
    /// The stretch in seconds over which a value is taken.
    package var over: Seconds
    /// Whether the covered share is measured.
    package var measuresSamples: Bool
    /// What the service is called at the source.
    package var binding: [String: String]
    /// The environment.
    package var environment: String?

    /// The wish of a guardrail for a service.
    package init(_ guardrail: Guardrail, of service: Service, window: Seconds) {
        source = guardrail.source
        measure = guardrail.measure
        over = guardrail.over ?? window
        measuresSamples = guardrail.minimumSamples != nil
        binding = service.bindings[guardrail.source] ?? [:]
        environment = service.environment
    }

    /// Whether these are the values that a guardrail asks for, whatever the service is called at the source.
    package func isWish(of guardrail: Guardrail, window: Seconds) -> Bool {
        source == guardrail.source && measure == guardrail.measure && over == guardrail.over ?? window
            && measuresSamples == (guardrail.minimumSamples != nil)
    }
}
