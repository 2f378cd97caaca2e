import HotfixCore

/// Finds the queries that answer built-in measures: one discovery for all wishes of one instant.
struct PrometheusDefiner: Sendable {
    /// The source's name in the configuration.
    let source: String
    /// What is asked.
    let api: PrometheusAPI

    /// Defines what is wished.
    func define(_ wishes: [SeriesWish], at instant: Instant) async -> [Pair: Result<SeriesDefinition, SourceError>] {
        var results: [Pair: Result<SeriesDefinition, SourceError>] = [:]
        var asked: [(wish: SeriesWish, measure: BuiltInMeasure)] = []
        for wish in wishes {
            if case .builtIn(let measure) = wish.guardrail.measure, !MetricFamily.answering(measure).isEmpty {
                asked.append((wish, measure))
            } else {
                results[wish.pair] = .failure(unknownMeasure(wish))
            }
        }
        let discovery: Discovery
        do {
            discovery = try await discover(Set(asked.map(\.measure)), at: instant)
        } catch {
            for (wish, _) in asked { results[wish.pair] = .failure(error) }
            return results
        }
        let choice = SeriesChoice(source: source, discovery: discovery)
        var chosen: [(wish: SeriesWish, query: MeasureQuery)] = []
        for (wish, measure) in asked {
            let over = wish.guardrail.over ?? wish.window
            switch choice.query(measure, of: wish.service, over: over, at: instant) {
            case .success(let query): chosen.append((wish, query))
            case .failure(let error): results[wish.pair] = .failure(error)
            }
        }
        let densities = await densities(chosen.filter { $0.wish.guardrail.minimumSamples != nil }.map(\.query), instant)
        for (wish, query) in chosen {
            results[wish.pair] = Result { () throws(SourceError) in
                var definition = definition(query)
                if wish.guardrail.minimumSamples != nil {
                    let interval = try interval(densities[query.densest], query, wish)
                    definition.details[DetailKey.samples] = query.samples(interval: interval)
                    definition.details[DetailKey.interval] = shortNumber(interval)
                }
                return definition
            }
        }
        return results
    }

    /// Finds out which of the metrics that answer some measures there are, and under which labels.
    ///
    /// - Parameters:
    ///   - measures: The measures.
    ///   - others: Further metrics to look for.
    ///   - instant: When.
    /// - Returns: What there is.
    /// - Throws: Why it could not be asked.
    func discover(
        _ measures: Set<BuiltInMeasure>, and others: Set<String> = [], at instant: Instant
    ) async throws(SourceError) -> Discovery {
        var discovery = Discovery()
        guard !measures.isEmpty || !others.isEmpty else { return discovery }
        var (names, status) = SeriesChoice.wanted(measures)
        names.formUnion(others)
        let scopes = Set(measures.flatMap { MetricFamily.answering($0) }.map(\.scope))
        do {
            let plain = Discovery.query(names: names, statusNames: status, scopes: scopes, isDotted: false)
            discovery.add(try await api.instant(plain, at: instant).series, isDotted: false)
            let dotted = discovery.dottedNames
            guard !dotted.isEmpty else { return discovery }
            // Only a server that stores names with dots can read labels with dots.
            let again = Discovery.query(
                names: dotted.union([Discovery.targets(isDotted: false).name]),
                statusNames: status.intersection(dotted), scopes: scopes, isDotted: true)
            discovery.add(try await api.instant(again, at: instant).series, isDotted: true)
            return discovery
        } catch {
            throw error.error
        }
    }

    private func definition(_ query: MeasureQuery) -> SeriesDefinition {
        let identity = query.identity
        var details = [
            DetailKey.label: identity.label, DetailKey.value: identity.value, DetailKey.anchor: query.anchor,
            DetailKey.over: "\(query.over)",
        ]
        details[DetailKey.events] = query.events
        var variant = query.name
        if query.question == .quantile || query.buckets == .native { variant += ", \(query.buckets.rawValue)" }
        return SeriesDefinition(
            source: source, query: query.value, details: details,
            variant: "\(variant), by \(identity.label), \(identity.environment)", unit: query.family.unit)
    }

    /// The most samples that half an hour held, by query and service.
    private func densities(
        _ queries: [MeasureQuery], _ instant: Instant
    ) async -> [String: Result<[String: Double], SourceError>] {
        let labels = Dictionary(queries.map { ($0.densest, $0.identity.label) }) { first, _ in first }
        let jobs = labels.sorted { $0.key < $1.key }
        let outcomes = await inParallel(jobs, limit: PrometheusSource.concurrency) { job in
            await self.density(job.key, by: job.value, at: instant)
        }
        return Dictionary(zip(jobs.map(\.key), outcomes)) { first, _ in first }
    }

    private func density(
        _ query: String, by label: String, at instant: Instant
    ) async -> Result<[String: Double], SourceError> {
        do {
            let reply = try await api.instant(query, at: instant)
            let pairs = reply.series.compactMap { one in
                one.labels[label].flatMap { name in one.values.first.map { (name, $0) } }
            }
            return .success(Dictionary(pairs) { first, _ in first })
        } catch {
            return .failure(error.error)
        }
    }

    private func interval(
        _ densities: Result<[String: Double], SourceError>?, _ query: MeasureQuery, _ wish: SeriesWish
    ) throws(SourceError) -> Double {
        let most = try densities?.get()[query.identity.value] ?? 0
        guard most >= 6 else {
            throw SourceError(
                .unknownSubject,
                "\(source): minimum_samples of \(wish.pair) needs the interval of its samples, and half an hour held"
                    + " \(shortNumber(most)) of them at most. Ask again once there is more data, or leave it out."
            )
        }
        let measured = Double(MeasureQuery.density) / most
        // A sample that comes a little early makes half an hour hold one more.
        return Self.usualIntervals.first { abs($0 - measured) <= 0.04 * $0 } ?? measured
    }

    private static let usualIntervals: [Double] = [1, 5, 10, 15, 20, 30, 60, 120, 300]

    private func unknownMeasure(_ wish: SeriesWish) -> SourceError {
        let known = BuiltInMeasure.allCases.filter { $0.sourceType == "prometheus" }.map(\.name)
        return SourceError(
            .refused,
            "\(source): \(wish.pair) asks for '\(wish.guardrail.measure.text)', which is no measure of Prometheus."
                + " It knows \(list(known)); anything else is a query of your own."
        )
    }
}
