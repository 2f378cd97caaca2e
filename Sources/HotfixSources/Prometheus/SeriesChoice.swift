import HotfixCore

/// Chooses, from what discovery found, the query that answers a built-in measure for a service.
struct SeriesChoice: Sendable {
    /// The source's name in the configuration.
    let source: String
    /// What was found.
    let discovery: Discovery

    /// Chooses the best variant that has data.
    ///
    /// - Returns: ``SourceError/Code/unknownSubject`` where none has, ``SourceError/Code/ambiguous`` where the best one mixes services.
    func query(
        _ measure: BuiltInMeasure, of service: Service, over: Seconds, at instant: Instant
    ) -> Result<MeasureQuery, SourceError> {
        guard let name = service.bindings[source]?["service"] else { return .failure(unbound(service, source)) }
        let families = MetricFamily.answering(measure)
        var elsewhere: Set<String> = []
        var lacksStatus = false
        for family in families {
            for metric in family.names {
                for buckets in Self.storages(of: family, for: measure) {
                    let stored = Self.stored(metric, buckets, for: measure, family)
                    switch SeriesIdentity.find(
                        name, in: service.environment, of: stored, family.scope, among: discovery)
                    {
                    case .absent: continue
                    case .elsewhere(let environments): elsewhere.formUnion(environments)
                    case .ambiguous(let reason):
                        return .failure(
                            SourceError(
                                .ambiguous, "\(source): \(measure.name) of '\(service.name)' in \(metric): \(reason)."))
                    case .found(let identity):
                        guard let question = question(measure, stored, identity) else {
                            lacksStatus = true
                            continue
                        }
                        return .success(
                            MeasureQuery(
                                question: question, name: metric, family: family, buckets: buckets, identity: identity,
                                over: over))
                    }
                }
            }
        }
        return .failure(unknown(measure, service, name, families, elsewhere.sorted(), lacksStatus, instant))
    }

    /// The names that discovery has to look for, and those of them whose status code matters.
    static func wanted(_ measures: Set<BuiltInMeasure>) -> (names: Set<String>, status: Set<String>) {
        var names: Set<String> = [Discovery.targets(isDotted: false).name]
        var status: Set<String> = []
        for measure in measures {
            for family in MetricFamily.answering(measure) {
                for metric in family.names {
                    let stored = Self.storages(of: family, for: measure)
                        .map { Self.stored(metric, $0, for: measure, family).name }
                    names.formUnion(stored)
                    if measure == .errorShare { status.formUnion(stored) }
                }
            }
        }
        return (names, status)
    }

    private static func storages(of family: MetricFamily, for measure: BuiltInMeasure) -> [MeasureQuery.Buckets] {
        guard case .histogram = family.shape else { return [.classic] }
        return measure == .latencyP95 ? [.native, .classic, .ranges] : [.native, .classic]
    }

    private static func stored(
        _ metric: String, _ buckets: MeasureQuery.Buckets, for measure: BuiltInMeasure, _ family: MetricFamily
    ) -> Discovery.Metric {
        guard case .histogram = family.shape, buckets != .native else { return Discovery.Metric(name: metric) }
        guard measure == .latencyP95 else { return Discovery.Metric(name: "\(metric)_count") }
        return Discovery.Metric(name: "\(metric)_bucket", isByRange: buckets == .ranges)
    }

    private func question(
        _ measure: BuiltInMeasure, _ stored: Discovery.Metric, _ identity: SeriesIdentity
    ) -> MeasureQuery.Question? {
        switch measure {
        case .latencyP95: return .quantile
        case .requests: return .count
        case .errorShare:
            let label = discovery.statusLabel(stored, where: identity.label, is: identity.value)
            return label.map { .failedShare(statusLabel: stored.isDotted ? $0 : underscored($0)) }
        case .cpu, .memory, .sentryErrorRate, .sentryFailureRate, .sentryCrashFreeSessions: return .usage
        }
    }

    private func unknown(
        _ measure: BuiltInMeasure, _ service: Service, _ name: String, _ families: [MetricFamily],
        _ elsewhere: [String], _ lacksStatus: Bool, _ instant: Instant
    ) -> SourceError {
        let what =
            "\(source): no \(measure.name) of '\(service.name)' (service '\(name)'"
            + (service.environment.map { ", environment '\($0)'" } ?? "") + ") at \(instant)."
        if !elsewhere.isEmpty {
            return SourceError(
                .unknownSubject,
                "\(what) Its series are of other environments: \(list(elsewhere)). Name one of these, or set"
                    + " deployment.environment.name where the service runs."
            )
        }
        if lacksStatus {
            return SourceError(
                .unknownSubject,
                "\(what) Its requests carry no status code, neither http.response.status_code nor http.status_code."
                    + " Have it exported, or use a query of your own."
            )
        }
        let labels = families.flatMap(\.scope.identityLabels).reduce(into: [String]()) { all, label in
            if !all.contains(label) { all.append(label) }
        }
        let looked = list(families.compactMap(\.names.first))
        let near: String
        if discovery.knows(name, under: labels) {
            near = "The name is there, but on none of the metrics: \(looked). See that it exports one of them"
        } else {
            let known = Array(discovery.names(nearest: name, under: labels).prefix(5))
            near =
                known.isEmpty
                ? "None of the metrics exists: \(looked). See that the service exports one of them"
                : "Looked in \(looked) by \(list(labels)); names nearest to it: \(list(known))."
                    + " Correct `service` of this source's entry at the service, or see that it exports one of these"
        }
        return SourceError(.unknownSubject, "\(what) \(near), or use a query of your own.")
    }
}

/// What is wrong with a service that a guardrail asks this source about.
func unbound(_ service: Service, _ source: String) -> SourceError {
    SourceError(
        .refused,
        "\(source): the service '\(service.name)' has no name there. Add '\(source): {service: …}' to it."
    )
}
