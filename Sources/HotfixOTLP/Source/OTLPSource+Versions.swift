package import HotfixCore

/// Versions by `service.version`, which every point of a service itself carries.
extension OTLPSource: VersionSource {
    /// How far back a version is looked for, in seconds.
    private static let reach: Seconds = 3600

    package func findVersions(_ wishes: [VersionWish]) async -> [String: Result<VersionFinding, SourceError>] {
        var found: [String: Result<VersionFinding, SourceError>] = [:]
        let subjects = subjects()
        for wish in wishes {
            found[wish.service.name] = Result { () throws(SourceError) in try finding(wish, try subjects.get()) }
        }
        return found
    }

    private func finding(_ wish: VersionWish, _ subjects: [StoredSubject]) throws(SourceError) -> VersionFinding {
        guard let service = wish.service.bindings[name]?["service"] else {
            return .unknown("the service '\(wish.service.name)' has no name at \(name)")
        }
        let found = try SubjectChoice(source: name, subjects: subjects).applications(service, wish.service)
        let span = Span(start: wish.at - Self.reach, end: wish.at, step: wish.window)
        guard let subject = found.first, !(try versions(of: found, in: span)).values.allSatisfy(\.isEmpty) else {
            return .unknown("no point of '\(oneLine(service))' has the resource attribute service.version")
        }
        return .known(VersionSubject(subject).definition(source: name))
    }

    package func versions(_ asks: [VersionAsk]) async -> [VersionAnswer] {
        asks.map { ask in
            var answer = VersionAnswer(ask: ask)
            guard !ask.span.isEmpty else { return answer }
            do throws(SourceError) {
                guard let subject = VersionSubject(ask.definition) else {
                    throw SourceError(
                        .refused,
                        "\(name): the stored query of the version of '\(ask.service)' is none of received points.")
                }
                answer.seen = try versions(of: subject.metrics(origin: origin), in: ask.span)
            } catch {
                answer.failures = [(ask.span, error)]
            }
            return answer
        }
    }

    /// The versions that ran in each window, of all metrics of a service.
    private func versions(
        of subjects: [PointSubject], in span: Span
    ) throws(SourceError) -> [Instant: Set<String>] {
        do {
            let store = try open()
            var seen = Dictionary(uniqueKeysWithValues: span.windows.map { ($0.start, Set<String>()) })
            for subject in subjects {
                for cell in try store.pointCells(of: subject, from: span.start, to: span.end) {
                    let window = span.start + (cell.start - span.start) / span.step * span.step
                    seen[window]?.formUnion(try CellSum(packed: cell.content).versions)
                }
            }
            return seen
        } catch {
            throw unreadable(error)
        }
    }
}

/// Whose versions are asked.
private struct VersionSubject {
    private static let key = "version of"
    private let name: String
    private let namespace: String
    private let environment: String?

    init(_ subject: PointSubject) {
        (name, namespace, environment) = (subject.name, subject.namespace, subject.environment)
    }

    /// Reads a definition; nil where it is no other's.
    init?(_ definition: SeriesDefinition) {
        guard let name = definition.details[Self.key] else { return nil }
        self.name = name
        namespace = definition.details["namespace"] ?? ""
        environment = definition.details["environment"]
    }

    func definition(source: String) -> SeriesDefinition {
        var details = [Self.key: name]
        details["namespace"] = namespace.isEmpty ? nil : namespace
        details["environment"] = environment
        let space = namespace.isEmpty ? "" : "\(namespace)/"
        let place = environment.map { "environment \($0)" } ?? "no environment"
        return SeriesDefinition(
            source: source, query: "service.version of the points of \(space)\(name), \(place)", details: details,
            variant: "service.version, by service.name, \(environment == nil ? "no environment" : "by environment")")
    }

    /// Every metric that may carry the version.
    func metrics(origin: String) -> [PointSubject] {
        WatchedMetric.ofApplications.map { metric in
            PointSubject(
                origin: origin, scope: metric.scope.rawValue, namespace: namespace, name: name,
                environment: environment,
                metric: metric.name)
        }
    }
}
