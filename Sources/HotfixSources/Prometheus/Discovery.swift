import HotfixCore

/// What one discovery query found: which metrics there are, and under which labels.
struct Discovery: Sendable {
    /// Series that agree in all labels that matter; labels with dots are spelled with `_`.
    typealias Found = [String: String]

    /// A metric as it is stored.
    struct Metric: Hashable, Sendable {
        /// The whole name.
        var name: String
        /// Whether it is buckets by VictoriaMetrics' `vmrange`, which have no `le`.
        var isByRange = false

        /// Whether it is spelled with dots, and its labels so too.
        var isDotted: Bool { name.contains(".") }
    }

    private struct Key: Hashable {
        var metric: Metric
        var label: String
        var value: String
    }

    private var series: [Key: [Found]] = [:]
    private var statusLabels: [Key: Set<String>] = [:]
    private var identities: [String: Set<String>] = [:]

    /// The names with dots that were found.
    private(set) var dottedNames: Set<String> = []

    /// The series of a metric whose label has a value.
    func series(_ metric: Metric, where label: String, is value: String) -> [Found] {
        series[Key(metric: metric, label: underscored(label), value: value), default: []]
    }

    /// The values of `job` that a service goes by: its name itself, or the name behind a namespace and a slash.
    func jobs(_ metric: Metric, of service: String) -> Set<String> {
        let exact = series(metric, where: "job", is: service)
        if !exact.isEmpty { return [service] }
        return Set(series(metric, where: Self.jobName, is: service).compactMap { $0["job"] })
    }

    /// The label of the status code that a metric carries for a service, of the new convention first.
    func statusLabel(_ metric: Metric, where label: String, is value: String) -> String? {
        let labels = statusLabels[Key(metric: metric, label: underscored(label), value: value), default: []]
        return Self.statusLabelNames.first { labels.contains(underscored($0)) }
    }

    /// The environments that the series of a service bear, or its targets; of all metrics, or of some.
    func environments(of service: String, on metrics: Set<String>? = nil) -> Set<String> {
        var found: Set<String> = []
        for (key, all) in series where metrics?.contains(key.metric.name) ?? true {
            guard ["service_name", "job", Self.jobName].contains(key.label), key.value == service else { continue }
            for one in all {
                found.formUnion(Self.environmentLabels.compactMap { one[underscored($0)] }.filter { !$0.isEmpty })
            }
        }
        return found
    }

    /// Whether a name exists under one of the labels, on whatever metric that was looked for.
    func knows(_ name: String, under labels: [String]) -> Bool {
        labels.contains { identities[underscored($0), default: []].contains(name) }
    }

    /// The names that exist under a label, the nearest to a wanted one first.
    func names(nearest wanted: String, under labels: [String]) -> [String] {
        let all = labels.reduce(into: Set<String>()) { $0.formUnion(identities[underscored($1), default: []]) }
        return all.map { (editDistance(wanted, $0), $0) }.sorted { $0 < $1 }.map(\.1)
    }

    /// Takes the answer of a discovery query.
    ///
    /// - Parameters:
    ///   - reply: The answer.
    ///   - isDotted: Whether it was asked with the dotted spelling of labels; otherwise dotted metrics are only noted.
    mutating func add(_ reply: [ReplySeries], isDotted: Bool) {
        for one in reply {
            guard var name = one.labels["__name__"] else { continue }
            if name == Self.targets(isDotted: false).name { name = Self.targets(isDotted: isDotted).name }
            if name.contains("."), !isDotted {
                dottedNames.insert(name)
                continue
            }
            var found: Found = [:]
            for (label, value) in one.labels where label != "__name__" { found[underscored(label)] = value }
            let isByRange = name.hasSuffix("_bucket") && found["le"] == nil
            let metric = Metric(name: name, isByRange: isByRange)
            let status = found.removeValue(forKey: Self.statusMark)
            found["le"] = nil
            for (label, value) in found {
                let key = Key(metric: metric, label: label, value: value)
                if let status {
                    statusLabels[key, default: []].insert(underscored(status))
                } else {
                    series[key, default: []].append(found)
                    identities[label, default: []].insert(value)
                }
            }
            if status == nil, let job = found["job"], let slash = job.lastIndex(of: "/") {
                let name = String(job[job.index(after: slash)...])
                series[Key(metric: metric, label: Self.jobName, value: name), default: []].append(found)
            }
        }
    }

    /// The query that finds metrics by their names, at the cost of one instant.
    ///
    /// - Parameters:
    ///   - names: The names that are looked for.
    ///   - statusNames: Those of them that may carry a status code.
    ///   - scopes: Where the metrics come from.
    ///   - isDotted: Whether labels are spelled with dots, which Prometheus 2 does not read.
    /// - Returns: A query whose answer ``add(_:isDotted:)`` takes.
    static func query(
        names: Set<String>, statusNames: Set<String>, scopes: Set<MetricScope>, isDotted: Bool
    ) -> String {
        let spelled = { (label: String) in labelName(isDotted ? label : underscored(label)) }
        var labels = ["__name__", "le", "service.name", "job"] + environmentLabels
        for scope in scopes {
            labels += scope.identityLabels + [scope.namespaceLabel].compactMap { $0 }
        }
        let grouping = Set(labels).map(spelled).sorted().joined(separator: ", ")
        func counted(_ names: Set<String>, _ matchers: [LabelMatcher]) -> String {
            let pattern = names.sorted().map(regexLiteral).joined(separator: "|")
            let all = [LabelMatcher("__name__", .matches, pattern)] + matchers
            return "count by (\(grouping)) ({\(all.map(\.text).joined(separator: ","))})"
        }
        // One bucket stands for all; a summary's quantiles bear the name of a native histogram.
        var query = counted(
            names, [LabelMatcher("le", .matches, "|[+]Inf"), LabelMatcher("quantile", .equal, "")])
        guard !statusNames.isEmpty else { return query }
        for label in statusLabelNames.map({ isDotted ? $0 : underscored($0) }) {
            let marked = counted(statusNames, [LabelMatcher(label, .unequal, "")])
            query +=
                " or label_replace(\(marked), \(quoted(statusMark)), \(quoted(label)), \"__name__\", \".*\")"
        }
        return query
    }

    /// Where the attributes of a target stand that its series do not carry; stored by one name in either spelling.
    static func targets(isDotted: Bool) -> Metric { Metric(name: isDotted ? "target_info." : "target_info") }

    /// The labels of the environment, the new convention first.
    static let environmentLabels = ["deployment.environment.name", "deployment.environment"]

    private static let statusLabelNames = ["http.response.status_code", "http.status_code"]
    private static let statusMark = "status_label"
    // No label has a slash in the underscored spelling of discovery.
    private static let jobName = "job/"
}
