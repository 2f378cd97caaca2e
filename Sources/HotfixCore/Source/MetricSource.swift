/// A place that values are read from.
///
/// A source never compares a value with a limit, never turns missing into zero, and never throws: failures are values.
package protocol MetricSource: Sendable {
    /// The name in the configuration.
    var name: String { get }

    /// How long after its end a window is due, and how long it is asked again.
    var timing: SourceTiming { get }

    /// Finds out, once for each pair, which query answers it here; what is found is pinned in the ledger.
    ///
    /// - Parameter wishes: What guardrails want of services; those of one measure are asked about together.
    /// - Returns: A definition, or why there is none, for every wish.
    func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>]

    /// Asks for the values of windows, bundling what can be asked together.
    ///
    /// - Parameter asks: What is wanted; asks with equal queries and spans cost one request.
    /// - Returns: One answer for each ask, in any order.
    func answer(_ asks: [Ask]) async -> [Answer]
}

/// How a source's data arrives.
package struct SourceTiming: Sendable, Hashable, Codable {
    /// A window is due this many seconds after its end.
    package var settle: Seconds
    /// A window is asked again until it is this many seconds old.
    package var recheck: Seconds

    /// Makes the timing.
    package init(settle: Seconds, recheck: Seconds) {
        self.settle = settle
        self.recheck = recheck
    }

    /// Prometheus: 120 s and 15 min.
    package static let prometheus = SourceTiming(settle: 120, recheck: 900)
    /// Sentry: 120 s and 60 min.
    package static let sentry = SourceTiming(settle: 120, recheck: 3600)
}

/// What a guardrail wants of a service, before it is known which query gives it.
package struct SeriesWish: Sendable, Hashable {
    /// The service.
    package var service: Service
    /// The guardrail.
    package var guardrail: Guardrail
    /// The length of a window in seconds.
    package var window: Seconds
    /// The instant at whose data discovery looks: the end of the newest due window.
    package var at: Instant

    /// Makes a wish.
    package init(service: Service, guardrail: Guardrail, window: Seconds, at: Instant) {
        self.service = service
        self.guardrail = guardrail
        self.window = window
        self.at = at
    }

    /// The names of service and guardrail.
    package var pair: Pair { Pair(service.name, guardrail.name) }
}

/// Which query gives a pair's values: found once, pinned in the ledger, and asked from then on.
package struct SeriesDefinition: Sendable, Hashable, Codable {
    /// The name of the source.
    package var source: String
    /// The query as a person would repeat it.
    package var query: String
    /// What the source needs to ask it; its own business.
    package var details: [String: String]
    /// The variant of a built-in measure that was found, for people.
    package var variant: String?
    /// The unit of the values: `s`, `bytes`, `cores`, `share`, `1/min`, ….
    package var unit: String?

    /// Makes a definition.
    package init(
        source: String, query: String, details: [String: String] = [:], variant: String? = nil, unit: String? = nil
    ) {
        self.source = source
        self.query = query
        self.details = details
        self.variant = variant
        self.unit = unit
    }
}

/// A question to a source: the values of one pair in some windows.
package struct Ask: Sendable, Hashable {
    /// What the windows are wanted for.
    package enum Purpose: String, Sendable, Hashable, Codable {
        /// To be judged: with outcomes where the source has them.
        case judging
        /// As look-back: values and counts only.
        case lookback
    }

    /// Whose values.
    package var pair: Pair
    /// Which query.
    package var definition: SeriesDefinition
    /// The stretch in seconds that ends with each window and over which its value is taken.
    package var over: Seconds
    /// Whether events have to be counted.
    package var countsEvents: Bool
    /// Whether the covered share has to be measured.
    package var measuresSamples: Bool
    /// Which windows.
    package var span: Span
    /// What for.
    package var purpose: Purpose

    /// Makes an ask.
    package init(
        pair: Pair, definition: SeriesDefinition, over: Seconds, countsEvents: Bool, measuresSamples: Bool, span: Span,
        purpose: Purpose
    ) {
        self.pair = pair
        self.definition = definition
        self.over = over
        self.countsEvents = countsEvents
        self.measuresSamples = measuresSamples
        self.span = span
        self.purpose = purpose
    }
}

/// What came of an ask.
///
/// Every window of the ask's span is in exactly one of three: `observations`, `failures`, or neither, where the source says that it is not due yet.
package struct Answer: Sendable {
    /// The ask.
    package var ask: Ask
    /// What was answered, by the start of the window; a window that the source answered without a value is here too.
    package var observations: [Instant: Observation]
    /// Windows that could not be asked, and why.
    package var failures: [(span: Span, error: SourceError)]
    /// The source's clock when it answered (its Date header), nil where it has none.
    package var sourceNow: Instant?
    /// For a look-back of error counts: whether outcomes show anything accepted in it; nil where not asked.
    package var acceptedAnything: Bool?

    /// Makes an answer.
    package init(
        ask: Ask, observations: [Instant: Observation] = [:], failures: [(span: Span, error: SourceError)] = [],
        sourceNow: Instant? = nil, acceptedAnything: Bool? = nil
    ) {
        self.ask = ask
        self.observations = observations
        self.failures = failures
        self.sourceNow = sourceNow
        self.acceptedAnything = acceptedAnything
    }
}
