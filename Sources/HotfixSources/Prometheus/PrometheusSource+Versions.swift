package import HotfixCore

/// Versions by `service.version`, which OpenTelemetry keeps on `target_info` or, where it is promoted, on every series.
extension PrometheusSource: VersionSource {
    package func findVersions(_ wishes: [VersionWish]) async -> [String: Result<VersionFinding, SourceError>] {
        var found: [String: Result<VersionFinding, SourceError>] = [:]
        for (instant, wishes) in Dictionary(grouping: wishes, by: \.at) {
            do throws(PrometheusAPI.Failure) {
                let discovery = try await discoverVersions(at: instant)
                for wish in wishes { found[wish.service.name] = finding(wish, discovery) }
            } catch {
                for wish in wishes { found[wish.service.name] = .failure(error.error) }
            }
        }
        return found
    }

    package func versions(_ asks: [VersionAsk]) async -> [VersionAnswer] {
        let jobs = VersionJob.jobs(for: asks, source: name)
        let pieces = await inParallel(jobs, limit: Self.concurrency) { await $0.run(by: api) }
        return asks.map { ask in
            guard ask.span.isEmpty || VersionQuery(ask.definition) != nil else {
                let error = SourceError(
                    .refused, "\(name): the stored query of the version of '\(ask.service)' is not one of PromQL.")
                return VersionAnswer(ask: ask, failures: [(ask.span, error)])
            }
            return pieces.reduce(into: VersionAnswer(ask: ask)) { $1.add(to: &$0) }
        }
    }

    private func discoverVersions(at instant: Instant) async throws(PrometheusAPI.Failure) -> Discovery {
        var discovery = Discovery()
        let plain = try await api.instant(VersionQuery.discovery(isDotted: false), at: instant)
        discovery.add(VersionQuery.marked(plain.series, isDotted: false), isDotted: false)
        // Only a server that stores names with dots can read labels with dots.
        guard !discovery.dottedNames.isEmpty else { return discovery }
        let dotted = try await api.instant(VersionQuery.discovery(isDotted: true), at: instant)
        discovery.add(VersionQuery.marked(dotted.series, isDotted: true), isDotted: true)
        return discovery
    }

    private func finding(_ wish: VersionWish, _ discovery: Discovery) -> Result<VersionFinding, SourceError> {
        guard let service = wish.service.bindings[name]?["service"] else {
            return .success(.unknown(unbound(wish.service, name).message))
        }
        var obstacle: SourceError?
        for metric in VersionQuery.metrics(discovery) {
            switch SeriesIdentity.find(
                service, in: wish.service.environment, of: metric, .application, among: discovery)
            {
            case .found(let identity):
                let query = VersionQuery(metric, identity, over: wish.window)
                return .success(.known(query.definition(source: name, of: identity)))
            case .absent: continue
            case .elsewhere(let environments):
                obstacle = SourceError(
                    .unknownSubject,
                    "\(name): the version of '\(wish.service.name)': series of '\(service)' with service_version are of"
                        + " other environments: \(list(environments)). Name the right one as `environment`, or record the"
                        + " deployment without --version.")
            case .ambiguous(let why):
                obstacle = SourceError(
                    .ambiguous,
                    "\(name): the version of '\(wish.service.name)': \(why). Until it is clear which series are meant, or"
                        + " the deployment is recorded without --version, its windows are missing.")
            }
        }
        if let obstacle { return .failure(obstacle) }
        return .success(
            .unknown("no series of '\(service)' has the label service_version (service.version of OpenTelemetry)"))
    }
}

/// A query of the versions of services, by service and version.
struct VersionQuery: Hashable, Sendable {
    /// The query, of all services.
    var text: String
    /// The label that tells services apart.
    var label: String
    /// The label of the version.
    var versionLabel: String
    /// The condition that may be narrowed to some services.
    var anchor: String

    private static let versionKey = "version label"

    /// Makes the query of a metric that carries the version.
    ///
    /// A range is a millisecond short, since it holds its left end in Prometheus 2 and does not in 3.
    init(_ metric: Discovery.Metric, _ identity: SeriesIdentity, over: Seconds) {
        let range = "[\(over * 1000 - 1)ms]"
        let isDotted = metric.isDotted
        label = identity.label
        versionLabel = Self.versionLabel(isDotted: isDotted)
        anchor = LabelMatcher(label, .unequal, "").text
        let isTarget = metric.name == Self.carrier(isDotted: isDotted).name
        let name = isTarget ? Discovery.targets(isDotted: false).name : metric.name
        let matchers =
            [LabelMatcher(label, .unequal, "")] + identity.matchers + [LabelMatcher(versionLabel, .unequal, "")]
        var series = "count_over_time(\(selector(name, matchers))\(range))"
        if let joined = identity.joined {
            let target = selector("target_info", [LabelMatcher("job", .unequal, ""), joined])
            series += " and on (job, instance) max_over_time(\(target)\(range))"
        }
        text = "count by (\(labelName(label)), \(labelName(versionLabel))) (\(series))"
    }

    /// Reads a stored query; nil where it is none.
    init?(_ definition: SeriesDefinition) {
        let details = definition.details
        guard let label = details[DetailKey.label], let anchor = details[DetailKey.anchor],
            let versionLabel = details[Self.versionKey], details[DetailKey.value] != nil
        else { return nil }
        text = definition.query
        self.label = label
        self.versionLabel = versionLabel
        self.anchor = anchor
    }

    /// The query as the ledger keeps it for a service.
    func definition(source: String, of identity: SeriesIdentity) -> SeriesDefinition {
        SeriesDefinition(
            source: source, query: text,
            details: [
                DetailKey.label: label, DetailKey.value: identity.value, DetailKey.anchor: anchor,
                Self.versionKey: versionLabel,
            ],
            variant: "\(versionLabel), by \(label), \(identity.environment)")
    }

    /// The metrics that may carry the version and were found, `target_info` first.
    static func metrics(_ discovery: Discovery) -> [Discovery.Metric] {
        let names = Self.names.subtracting([Discovery.targets(isDotted: false).name])
        let dotted = names.filter { $0.contains(".") }.sorted()
        let targets = [carrier(isDotted: false), carrier(isDotted: true)]
        return targets + (names.filter { !$0.contains(".") }.sorted() + dotted).map { Discovery.Metric(name: $0) }
    }

    /// The query that finds what carries versions: what did in the last hour, at the cost of one instant.
    static func discovery(isDotted: Bool) -> String {
        let spelled = { (label: String) in labelName(isDotted ? label : underscored(label)) }
        let labels = ["__name__", "job", "service.name"] + Discovery.environmentLabels
        let versionLabel = versionLabel(isDotted: isDotted)
        let version = LabelMatcher(versionLabel, .unequal, "")
        let target = Discovery.targets(isDotted: false).name
        let dotted = names.filter { $0.contains(".") }
        func matching(_ names: Set<String>) -> LabelMatcher {
            LabelMatcher("__name__", .matches, names.sorted().map(regexLiteral).joined(separator: "|"))
        }
        let wanted = matching(isDotted ? dotted.union([target]) : names.subtracting(dotted))
        let grouping = labels.map(spelled).joined(separator: ", ")
        // What has a version is told by that label from the targets, which are asked for their environments.
        let carriers =
            "count by (\(grouping), \(labelName(versionLabel))) (last_over_time({\(wanted.text),\(version.text)}[3600s]))"
            + " or count by (\(grouping)) (last_over_time(\(target)[3600s]))"
        guard !isDotted, !dotted.isEmpty else { return carriers }
        return "\(carriers) or count by (__name__) ({\(matching(dotted).text)})"
    }

    /// Gives targets with a version a name of their own, beside the one under which their environments are looked up.
    static func marked(_ reply: [ReplySeries], isDotted: Bool) -> [ReplySeries] {
        reply.map { series in
            guard series.labels[versionLabel(isDotted: isDotted)] != nil else { return series }
            var series = series
            series.labels[versionLabel(isDotted: isDotted)] = nil
            if series.labels["__name__"] == Discovery.targets(isDotted: false).name {
                series.labels["__name__"] = carrier(isDotted: isDotted).name
            }
            return series
        }
    }

    private static func carrier(isDotted: Bool) -> Discovery.Metric {
        // No metric has a blank in its name.
        Discovery.Metric(name: isDotted ? "target_info of versions." : "target_info of versions")
    }

    private static func versionLabel(isDotted: Bool) -> String {
        isDotted ? "service.version" : underscored("service.version")
    }

    /// The names of what a service itself exports, buckets left out.
    private static let names: Set<String> = {
        let families = BuiltInMeasure.allCases.flatMap { measure in
            MetricFamily.answering(measure).contains { $0.scope == .application } ? [measure] : []
        }
        return SeriesChoice.wanted(Set(families)).names.filter { !$0.hasSuffix("_bucket") }
    }()
}

/// One range query of the versions of all services in windows of a stretch.
struct VersionJob: Sendable {
    /// The most windows in one request.
    static let mostWindows = 288

    private var source: String
    private var span: Span
    private var queries: [VersionQuery]
    private var services: [VersionQuery: Set<String>]

    /// The fewest requests that answer asks: one for all of them, unless windows differ in length or are more than a day's.
    static func jobs(for asks: [VersionAsk], source: String) -> [VersionJob] {
        let readable = asks.compactMap { ask in
            ask.span.isEmpty ? nil : VersionQuery(ask.definition).map { (ask: ask, query: $0) }
        }
        return Dictionary(grouping: readable, by: \.ask.span.step).sorted { $0.key < $1.key }.flatMap { step, entries in
            var services: [VersionQuery: Set<String>] = [:]
            for (ask, query) in entries { services[query, default: []].formUnion([value(ask)]) }
            let start = entries.map(\.ask.span.start).min() ?? Instant(0)
            let end = entries.map(\.ask.span.end).max() ?? start
            return stride(from: start.seconds, to: end.seconds, by: mostWindows * step).map { from in
                VersionJob(
                    source: source,
                    span: Span(
                        start: Instant(from), end: min(Instant(from + mostWindows * step), end), step: step),
                    queries: services.keys.sorted { $0.text < $1.text }, services: services)
            }
        }
    }

    /// What one request came to.
    struct Piece: Sendable {
        fileprivate var span: Span
        fileprivate var result: Result<(seen: [VersionQuery: [String: [Set<String>]]], clock: Instant?), SourceError>

        /// Adds what it says of an ask's windows to the answer.
        func add(to answer: inout VersionAnswer) {
            let ask = answer.ask
            let shared = Span(
                start: max(span.start, ask.span.start), end: min(span.end, ask.span.end), step: span.step)
            guard span.step == ask.span.step, !shared.isEmpty, let query = VersionQuery(ask.definition) else { return }
            switch result {
            case .failure(let error): answer.failures.append((shared, error))
            case .success(let table):
                answer.sourceNow = [answer.sourceNow, table.clock].compactMap(\.self).min()
                let column = table.seen[query]?[VersionJob.value(ask)]
                for window in shared.windows {
                    answer.seen[window.start] = column?[(window.start - span.start) / span.step] ?? []
                }
            }
        }
    }

    /// Asks.
    func run(by api: PrometheusAPI) async -> Piece {
        do throws(PrometheusAPI.Failure) {
            let reply = try await api.range(text, on: TimeGrid(endsOf: span))
            return Piece(span: span, result: .success((table(reply), reply.clock)))
        } catch {
            return Piece(span: span, result: .failure(error.error))
        }
    }

    private static let mark = "hotfix_query"

    /// The queries as one; where there are several, a label tells what each gave.
    private var text: String {
        let narrow = queries.map {
            narrowed($0.text, anchor: $0.anchor, label: $0.label, to: services[$0, default: []])
        }
        guard narrow.count > 1 else { return narrow.first ?? "" }
        return narrow.enumerated().map { index, query in
            "label_replace(\(query), \(quoted(Self.mark)), \(quoted("\(index)")), \"__name__\", \".*\")"
        }.joined(separator: " or ")
    }

    private func table(_ reply: PrometheusAPI.Reply) -> [VersionQuery: [String: [Set<String>]]] {
        var table: [VersionQuery: [String: [Set<String>]]] = [:]
        for series in reply.series {
            let index = series.labels[Self.mark].flatMap { Int($0) } ?? 0
            guard queries.indices.contains(index) else { continue }
            let query = queries[index]
            guard let service = series.labels[query.label], let version = series.labels[query.versionLabel],
                !version.isEmpty
            else { continue }
            let empty = [Set<String>](repeating: [], count: span.count)
            for (position, value) in series.values.enumerated() where !value.isNaN {
                table[query, default: [:]][service, default: empty][position].insert(version)
            }
        }
        return table
    }

    private static func value(_ ask: VersionAsk) -> String { ask.definition.details[DetailKey.value] ?? "" }
}
