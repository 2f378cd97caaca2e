import HotfixCore

/// Finds the received points that answer a measure of a service.
struct SubjectChoice {
    /// The source's name in the configuration.
    let source: String
    let subjects: [StoredSubject]

    /// What is asked and pinned.
    ///
    /// - Throws: `SourceError` where no points answer, or those of several services or environments do.
    func definition(of measure: BuiltInMeasure, for wish: SeriesWish) throws(SourceError) -> SeriesDefinition {
        let query = try query(of: measure, for: wish.service, at: wish.at)
        let environment = query.subject.environment == nil ? "no environment" : "by environment"
        return SeriesDefinition(
            source: source, query: query.text, details: query.details,
            variant: "\(query.metric.name), by \(query.metric.scope.nameKey), \(environment)", unit: unit(query))
    }

    private func unit(_ query: StoredQuery) -> String {
        switch query.measure {
        case .errorShare: "share"
        case .requests: "requests"
        default: query.metric.unit
        }
    }

    private func query(
        of measure: BuiltInMeasure, for service: Service, at instant: Instant
    ) throws(SourceError) -> StoredQuery {
        guard let name = service.bindings[source]?["service"] else {
            throw SourceError(
                .refused,
                "\(source): the service '\(service.name)' has no name there. Add '\(source): {service: …}' to it.")
        }
        var elsewhere: Set<String> = []
        let metrics = WatchedMetric.answering(measure)
        // What has points now goes before what only once had.
        for isCurrent in [true, false] {
            for metric in metrics {
                let named = named(name, service.environment, metric).filter { !isCurrent || $0.newest > instant - 900 }
                guard !named.isEmpty else { continue }
                switch try narrowed(named, service, measure.name) {
                case .found(let subject): return StoredQuery(subject: subject, metric: metric, measure: measure)
                case .elsewhere(let environments): elsewhere.formUnion(environments)
                }
            }
        }
        throw unknown(measure, service, name, metrics, elsewhere)
    }

    /// The metrics of a service itself of which points were received.
    ///
    /// - Throws: `SourceError` where they are of several services, or of other environments alone.
    func applications(_ name: String, _ service: Service) throws(SourceError) -> [PointSubject] {
        var found: [PointSubject] = []
        var elsewhere: Set<String> = []
        for metric in WatchedMetric.ofApplications {
            let named = named(name, service.environment, metric)
            guard !named.isEmpty else { continue }
            switch try narrowed(named, service, "the version") {
            case .found(let subject): found.append(subject)
            case .elsewhere(let environments): elsewhere.formUnion(environments)
            }
        }
        guard found.isEmpty, !elsewhere.isEmpty else { return found }
        throw SourceError(
            .unknownSubject,
            "\(source): the version of '\(service.name)': points of '\(oneLine(name))' are of other environments: \(list(elsewhere))."
                + " Name the right one as `environment`, or record the deployment without --version.")
    }

    /// The subjects of a metric that bear a name, with its namespace or without.
    private func named(_ name: String, _ environment: String?, _ metric: WatchedMetric) -> [StoredSubject] {
        let all = subjects.filter {
            $0.subject.metric == metric.name && $0.subject.scope == metric.scope.rawValue
        }
        let plain = all.filter { $0.subject.name == name }
        if !plain.isEmpty {
            // A namespace of Kubernetes may be the environment.
            let own = plain.filter { metric.scope != .application && $0.subject.namespace == environment }
            return own.isEmpty ? plain : own
        }
        return all.filter { !$0.subject.namespace.isEmpty && "\($0.subject.namespace)/\($0.subject.name)" == name }
    }

    private enum Narrowed {
        case found(PointSubject)
        case elsewhere(Set<String>)
    }

    private func narrowed(
        _ named: [StoredSubject], _ service: Service, _ wanted: String
    ) throws(SourceError) -> Narrowed {
        let environments = Set(named.compactMap(\.subject.environment))
        var here = named
        if !environments.isEmpty {
            if let environment = service.environment {
                here = named.filter { $0.subject.environment == environment }
                if here.isEmpty {
                    // A namespace of Kubernetes that is the environment needs no other name for it.
                    here = named.filter { $0.subject.namespace == environment }
                }
                if here.isEmpty { return .elsewhere(environments) }
            } else {
                guard environments.count == 1 else {
                    throw ambiguous(
                        wanted, service, "it runs in several environments: \(list(environments))",
                        "Give the service the environment that is meant")
                }
                here = named.filter { $0.subject.environment != nil }
            }
        }
        let spaces = Set(here.map(\.subject.namespace))
        guard spaces.count == 1, let subject = here.first?.subject else {
            throw ambiguous(
                wanted, service, "the name stands for several services, of the namespaces \(list(spaces))",
                "Name the one that is meant, as namespace/name")
        }
        return .found(subject)
    }

    private func ambiguous(
        _ wanted: String, _ service: Service, _ what: String, _ remedy: String
    ) -> SourceError {
        SourceError(.ambiguous, "\(source): \(wanted) of '\(service.name)': \(what). \(remedy).")
    }

    private func unknown(
        _ measure: BuiltInMeasure, _ service: Service, _ name: String, _ metrics: [WatchedMetric],
        _ elsewhere: Set<String>
    ) -> SourceError {
        let what =
            "\(source): no points for \(measure.name) of '\(service.name)' (service '\(oneLine(name))'"
            + (service.environment.map { ", environment '\($0)'" } ?? "") + ") were received."
        if !elsewhere.isEmpty {
            return SourceError(
                .unknownSubject,
                "\(what) Those that were are of other environments: \(list(elsewhere)). Name one of these, or set"
                    + " deployment.environment.name where the service runs.")
        }
        let wanted = Set(metrics.map(\.name))
        let known = Set(subjects.filter { wanted.contains($0.subject.metric) }.map(\.subject.name))
        let near =
            known.isEmpty
            ? "None were of any service: see that `hotfix serve` runs with --otlp, and that a Collector or SDK sends it"
                + " '\(metrics.first?.name ?? "")'."
            : "Those that were are of \(list(known)). Correct `service` of this source's entry at the service."
        return SourceError(.unknownSubject, "\(what) \(near)")
    }
}

/// Names in quotes, at most 8 of them, fit for a terminal.
func list(_ names: Set<String>) -> String {
    let sorted = names.sorted()
    let shown = sorted.prefix(8).map { "'\(oneLine($0))'" }.joined(separator: ", ")
    return sorted.count > 8 ? "\(shown) and \(sorted.count - 8) more" : shown
}
