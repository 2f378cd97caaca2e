package import HotfixCore
package import HotfixHTTP

/// Values by PromQL, from Prometheus or whatever speaks its query API.
package struct PrometheusSource: MetricSource {
    /// How many requests are under way at once.
    static let concurrency = 4

    package let name: String
    package let timing: SourceTiming
    let api: PrometheusAPI

    /// Makes a source; nothing is asked before its first wish.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration, under which services are bound.
    ///   - url: The address that `/api/v1` is under, its path included.
    ///   - timing: When windows are due.
    ///   - access: How the API is called.
    ///   - client: What makes the calls.
    package init(
        name: String, url: String, timing: SourceTiming = .prometheus, access: PrometheusAccess = .init(),
        client: HTTPClient
    ) {
        self.name = name
        self.timing = timing
        var base = Substring(url)
        while base.hasSuffix("/") { base = base.dropLast() }
        api = PrometheusAPI(source: name, base: String(base), access: access, client: client)
    }

    package func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] {
        var found: [Pair: Result<SeriesDefinition, SourceError>] = [:]
        var builtIn: [SeriesWish] = []
        for wish in wishes {
            switch wish.guardrail.measure {
            case .query(let query): found[wish.pair] = Result { () throws(SourceError) in try own(query, wish) }
            case .builtIn: builtIn.append(wish)
            }
        }
        for (instant, wishes) in Dictionary(grouping: builtIn, by: \.at) {
            found.merge(await PrometheusDefiner(source: name, api: api).define(wishes, at: instant)) { $1 }
        }
        return found
    }

    package func answer(_ asks: [Ask]) async -> [Answer] {
        let plan = FetchPlan(asks)
        let outcomes = await inParallel(plan.jobs, limit: Self.concurrency) { await $0.run(by: api) }
        return plan.answers(outcomes, settle: timing.settle)
    }

    private func own(_ query: OwnQuery, _ wish: SeriesWish) throws(SourceError) -> SeriesDefinition {
        guard let service = wish.service.bindings[name]?["service"] else { throw unbound(wish.service, name) }
        let guardrail = wish.guardrail
        guard guardrail.minimumSamples == nil else {
            throw SourceError(
                .refused,
                "\(name): minimum_samples of \(guardrail.name) can't be told for a query of your own."
                    + " Take it out, or let the query give no value where samples are few."
            )
        }
        let over = guardrail.over ?? wish.window
        let values = PromQLTemplate.Values(service: service, environment: wish.service.environment, window: over)
        func filled(_ text: String) throws(SourceError) -> String {
            let template = try PromQLTemplate(text, values)
            if template.names.contains("service") == (query.by == nil) { return template.query }
            throw SourceError(
                .refused,
                query.by == nil
                    ? "\(name): the query '\(text)' of \(guardrail.name) does not say which service is meant."
                        + " Name {service} in a string, or give the label that tells services apart with `by`."
                    : "\(name): the query '\(text)' of \(guardrail.name) names {service} and has `by` too."
                        + " Leave one of them out."
            )
        }
        var details = [DetailKey.over: "\(over)"]
        if let label = query.by {
            details[DetailKey.label] = label
            details[DetailKey.value] = service
        }
        if let events = query.events { details[DetailKey.events] = try filled(events) }
        return SeriesDefinition(
            source: name, query: try filled(query.text), details: details, variant: nil, unit: guardrail.unit)
    }
}

/// What a definition's details are called.
enum DetailKey {
    /// The label that tells services apart; without it the query is of one service alone.
    static let label = "label"
    /// The label's value for the service.
    static let value = "value"
    /// The condition in the queries that may be narrowed to some services.
    static let anchor = "anchor"
    /// The query of the events.
    static let events = "events"
    /// The query of the covered share.
    static let samples = "samples"
    /// The seconds between two samples.
    static let interval = "scrape interval"
    /// The stretch that the queries look over, in seconds.
    static let over = "over"
}
