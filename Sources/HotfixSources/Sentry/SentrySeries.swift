import HotfixCore

/// One series of a Sentry project: everything that asking for it needs, except the range.
struct SentrySeries: Sendable, Hashable {
    /// The resource below `organizations/{organization}/` that gives the series.
    enum Endpoint: String, Sendable, Hashable {
        /// Buckets with a flag for incomplete ones; the default.
        case timeseries = "events-timeseries"
        /// The older form, for servers without the other. The two count differently: a baseline uses one of them.
        case stats = "events-stats"
        /// Release health.
        case sessions
    }

    /// What is measured.
    enum Quantity: String, Sendable, Hashable {
        case errors = "error-rate"
        case failures = "failure-rate"
        case crashFreeSessions = "crash-free-sessions"

        init?(_ measure: BuiltInMeasure) {
            switch measure {
            case .sentryErrorRate: self = .errors
            case .sentryFailureRate: self = .failures
            case .sentryCrashFreeSessions: self = .crashFreeSessions
            case .latencyP95, .cpu, .memory, .errorShare, .requests: return nil
            }
        }

        /// The endpoints that may give it, the preferred one first.
        var endpoints: [Endpoint] {
            switch self {
            case .errors, .failures: [.timeseries, .stats]
            case .crashFreeSessions: [.sessions]
            }
        }

        /// The aggregate that is the value.
        var valueField: String {
            switch self {
            case .errors: "count()"
            case .failures: "failure_rate()"
            case .crashFreeSessions: "crash_free_rate(session)"
            }
        }

        /// The aggregate that counts the events behind a share; nil for a count.
        var weightField: String? {
            switch self {
            case .errors: nil
            case .failures: "count()"
            case .crashFreeSessions: "sum(session)"
            }
        }

        /// The fields that are asked for.
        var fields: [String] { [valueField] + (weightField.map { [$0] } ?? []) }

        /// The unit of the values.
        var unit: String { self == .errors ? "1/min" : "share" }

        /// The largest number of buckets that one request may span.
        ///
        /// Errors: 10,000, beyond which Sentry silently takes a coarser interval. Spans: 2,016 on older servers.
        /// Sessions: 1,000, less the widening to whole intervals.
        var longestRange: Int {
            switch self {
            case .errors: 5000
            case .failures: 2016
            case .crashFreeSessions: 996
            }
        }
    }

    /// The server of the organization's region where it is not the one in the configuration.
    var region: String?
    /// The numeric id, as text.
    var project: String
    /// The project's name in addresses, for people.
    var slug: String
    /// The environment; nil for all.
    var environment: String?
    /// What is measured.
    var quantity: Quantity
    /// Where it is asked.
    var endpoint: Endpoint

    /// The address that gives the buckets of a range.
    func address(base: String, organization: String, range: Span) -> SentryAddress {
        var address = address(base: base, organization: organization, interval: range.step)
        address.query.append(.init("start", range.start.description))
        address.query.append(.init("end", range.end.description))
        return address
    }

    private func address(base: String, organization: String, interval: Seconds) -> SentryAddress {
        var query: [SentryAddress.Parameter] = []
        switch quantity {
        case .errors: query.append(.init("dataset", "errors"))
        case .failures:
            query.append(.init("dataset", "spans"))
            query.append(.init("query", "is_transaction:true"))
        case .crashFreeSessions: break
        }
        query += quantity.fields.map { .init(endpoint == .sessions ? "field" : "yAxis", $0) }
        query.append(.init("interval", intervalText(interval)))
        query.append(.init("project", project))
        if let environment { query.append(.init("environment", environment)) }
        let server = region ?? base
        return SentryAddress(base: server, path: ["organizations", organization, endpoint.rawValue], query: query)
    }
}

extension SentrySeries {
    /// Pins the series in a definition.
    func definition(source: String, base: String, organization: String, window: Seconds, firstEvent: Instant?)
        -> SeriesDefinition
    {
        var details = [
            "project": project, "slug": slug, "measure": quantity.rawValue, "endpoint": endpoint.rawValue,
        ]
        details["environment"] = environment
        details["region"] = region
        details["first_event"] = firstEvent?.description
        return SeriesDefinition(
            source: source,
            query: "GET " + address(base: base, organization: organization, interval: window).readable,
            details: details, variant: endpoint.rawValue, unit: quantity.unit
        )
    }

    /// Reads a pinned series; nil where the definition is not one of Sentry's.
    init?(_ definition: SeriesDefinition) {
        let details = definition.details
        guard let project = details["project"], let slug = details["slug"],
            let quantity = details["measure"].flatMap(Quantity.init(rawValue:)),
            let endpoint = details["endpoint"].flatMap(Endpoint.init(rawValue:)),
            quantity.endpoints.contains(endpoint)
        else { return nil }
        self.init(
            region: details["region"], project: project, slug: slug, environment: details["environment"],
            quantity: quantity, endpoint: endpoint
        )
    }
}

/// A length of time as Sentry reads it: `5m`, `90s`.
func intervalText(_ seconds: Seconds) -> String {
    seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
}
