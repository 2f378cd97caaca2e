/// What a guardrail asks of its source.
package enum Measure: Sendable, Hashable, Codable {
    /// A built-in measure of the source, for example `latency-p95`.
    case builtIn(BuiltInMeasure)
    /// An own query in the source's language.
    case query(OwnQuery)

    /// What judging has to know of the measure's values.
    package var traits: MeasureTraits {
        switch self {
        case .builtIn(let measure): measure.traits
        case .query(let query): MeasureTraits(countsEvents: query.events != nil, isNonNegative: false)
        }
    }

    /// The name or the text of the query, for people.
    package var text: String {
        switch self {
        case .builtIn(let measure): measure.rawValue
        case .query(let query): query.text
        }
    }
}

/// The user's own query.
package struct OwnQuery: Sendable, Hashable, Codable {
    /// The query; `{service}`, `{environment}` and `{window}` stand for what their names say.
    package var text: String
    /// The label that tells services apart where the query is asked once for all of them; nil where it names `{service}`.
    package var by: String?
    /// A query that counts the events behind the value, with the same placeholders.
    package var events: String?

    /// Makes a query.
    package init(text: String, by: String? = nil, events: String? = nil) {
        self.text = text
        self.by = by
        self.events = events
    }
}

/// The measures that sources know by name.
///
/// A raw value is unique over all sources; `name` is what a policy writes.
package enum BuiltInMeasure: String, Sendable, Hashable, Codable, CaseIterable {
    case latencyP95 = "prometheus/latency-p95"
    case cpu = "prometheus/cpu"
    case memory = "prometheus/memory"
    case errorShare = "prometheus/error-rate"
    case requests = "prometheus/requests"
    case sentryErrorRate = "sentry/error-rate"
    case sentryFailureRate = "sentry/failure-rate"
    case sentryCrashFreeSessions = "sentry/crash-free-sessions"

    /// The type of source that knows the measure: `prometheus` or `sentry`.
    package var sourceType: String { String(rawValue.prefix { $0 != "/" }) }

    /// The name in a policy, unique for a type of source.
    package var name: String { String(rawValue.drop { $0 != "/" }.dropFirst()) }

    /// Finds the measure that a policy names, nil where that type of source has none of this name.
    package init?(name: String, sourceType: String) {
        self.init(rawValue: "\(Self.owner(of: sourceType))/\(name)")
    }

    /// The measures that a type of source knows.
    package static func known(to sourceType: String) -> [BuiltInMeasure] {
        allCases.filter { $0.sourceType == owner(of: sourceType) }
    }

    /// Received points give the values that Prometheus would give, so their measures are the same.
    private static func owner(of sourceType: String) -> String { sourceType == "otlp" ? "prometheus" : sourceType }

    /// What judging has to know of its values.
    package var traits: MeasureTraits {
        switch self {
        case .latencyP95, .errorShare, .sentryFailureRate, .sentryCrashFreeSessions:
            MeasureTraits(countsEvents: true, isNonNegative: true)
        case .cpu, .memory: MeasureTraits(isNonNegative: true)
        case .requests: MeasureTraits(isCount: true, isNonNegative: true)
        case .sentryErrorRate: MeasureTraits(isCount: true, isNonNegative: true, isErrorCount: true)
        }
    }
}

/// What judging has to know of a measure's values.
package struct MeasureTraits: Sendable, Hashable, Codable {
    /// Whether each value comes with the number of events behind it.
    package var countsEvents: Bool
    /// Whether the value is itself a count or a rate of one: never idle.
    package var isCount: Bool
    /// Whether a value below 0 is invalid.
    package var isNonNegative: Bool
    /// Whether the value is Sentry's errors per minute, whose 0 may be silence.
    package var isErrorCount: Bool

    /// Makes the traits of a plain gauge, unless told otherwise.
    package init(
        countsEvents: Bool = false, isCount: Bool = false, isNonNegative: Bool = false, isErrorCount: Bool = false
    ) {
        self.countsEvents = countsEvents
        self.isCount = isCount
        self.isNonNegative = isNonNegative
        self.isErrorCount = isErrorCount
    }
}
