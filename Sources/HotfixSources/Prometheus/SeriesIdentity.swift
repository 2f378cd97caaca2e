import HotfixCore

/// How the series of one service in one environment are told from all others.
struct SeriesIdentity: Hashable, Sendable {
    /// The label that names the service, as it is stored.
    var label: String
    /// Its value for the service.
    var value: String
    /// Conditions on environment and namespace, as they are stored.
    var matchers: [LabelMatcher] = []
    /// The condition on `target_info` where the environment stands only there.
    var joined: LabelMatcher?
    /// How the environment was told, for people.
    var environment: String

    /// How it is said that nothing tells the environment.
    static let noEnvironment = "no label of the environment"

    /// What came of looking for a service.
    enum Finding {
        case found(SeriesIdentity)
        /// No series bears its name.
        case absent
        /// Its series are of these environments.
        case elsewhere([String])
        /// Its series can't be told apart, and why.
        case ambiguous(String)
    }

    /// Looks for a service among the series of a metric.
    ///
    /// - Parameters:
    ///   - service: The name, or namespace and name with a slash between.
    ///   - environment: The environment, nil where the service has none.
    ///   - metric: The metric.
    ///   - scope: Where its series come from.
    ///   - discovery: What there is.
    /// - Returns: How to tell the service, or why it can't be told.
    static func find(
        _ service: String, in environment: String?, of metric: Discovery.Metric, _ scope: MetricScope,
        among discovery: Discovery
    ) -> Finding {
        scope == .application
            ? application(service, environment, metric, discovery)
            : infrastructure(service, environment, metric, scope, discovery)
    }

    private static func application(
        _ service: String, _ environment: String?, _ metric: Discovery.Metric, _ discovery: Discovery
    ) -> Finding {
        let named = discovery.series(metric, where: "service.name", is: service)
        if !named.isEmpty {
            let finding = narrowed(named, environment, label: "service.name", service, metric, discovery)
            guard case .found(let identity) = finding else { return finding }
            // A job is namespace/name only where a translator of OpenTelemetry made it.
            let spaces = Set(
                named.filter { series in identity.matchers.allSatisfy { series[underscored($0.label)] == $0.value } }
                    .compactMap { $0["job"] }.filter { $0 == service || $0.hasSuffix("/\(service)") })
            guard spaces.count <= 1 else {
                return .ambiguous(
                    "the name '\(service)' stands for several services: \(list(spaces.sorted())). Name the one that is"
                        + " meant with its namespace, as these are written")
            }
            return finding
        }
        let jobs = discovery.jobs(metric, of: service)
        guard let job = jobs.first else { return .absent }
        guard jobs.count == 1 else {
            return .ambiguous(
                "the name '\(service)' stands for several jobs: \(list(jobs.sorted())). Name the one that is meant")
        }
        let found = discovery.series(metric, where: "job", is: job)
        return narrowed(found, environment, label: "job", job, metric, discovery)
    }

    private static func infrastructure(
        _ service: String, _ environment: String?, _ metric: Discovery.Metric, _ scope: MetricScope,
        _ discovery: Discovery
    ) -> Finding {
        guard let label = scope.identityLabels.first else { return .absent }
        let namespaceLabel = scope.namespaceLabel
        var found = discovery.series(metric, where: label, is: service)
        var name = service
        var namespace: String?
        if found.isEmpty, namespaceLabel != nil, let slash = service.firstIndex(of: "/") {
            namespace = String(service[..<slash])
            name = String(service[service.index(after: slash)...])
            found = discovery.series(metric, where: label, is: name)
        }
        guard !found.isEmpty else { return .absent }
        guard let namespaceLabel else { return narrowed(found, environment, label: label, name, metric, discovery) }

        let key = underscored(namespaceLabel)
        let namespaces = Set(found.compactMap { $0[key] })
        if namespace == nil, let environment, namespaces.contains(environment) { namespace = environment }
        let isEnvironment = namespace == environment && namespace != nil
        if namespace == nil, namespaces.count > 1 {
            return .ambiguous(
                "'\(service)' is in several namespaces: \(list(namespaces.sorted())). Name the one that is meant, as"
                    + " namespace/name")
        }
        if let namespace, !namespaces.contains(namespace) { return .absent }
        let chosen = namespace ?? namespaces.first
        let here = found.filter { $0[key] == chosen }
        let finding = narrowed(here, isEnvironment ? nil : environment, label: label, name, metric, discovery)
        guard case .found(var identity) = finding, let chosen else { return finding }
        identity.matchers.append(LabelMatcher(spelled(namespaceLabel, metric), chosen))
        if isEnvironment { identity.environment = "environment as \(namespaceLabel)" }
        return .found(identity)
    }

    /// Narrows series of one name to one environment.
    private static func narrowed(
        _ found: [Discovery.Found], _ environment: String?, label: String, _ value: String, _ metric: Discovery.Metric,
        _ discovery: Discovery
    ) -> Finding {
        let identity = SeriesIdentity(
            label: spelled(label, metric), value: value, environment: noEnvironment)
        switch telling(environment, among: found) {
        case .by(let label, let value):
            var own = identity
            own.matchers = [LabelMatcher(spelled(label, metric), value)]
            own.environment = "environment by \(own.matchers[0].label)"
            return .found(own)
        case .elsewhere(let others): return .elsewhere(others)
        case .several(let several): return .ambiguous(severalEnvironments(value, several))
        case .unlabelled: break
        }
        let info = Discovery.targets(isDotted: metric.isDotted)
        let targets = Set(found.compactMap { $0["job"] }).flatMap { discovery.series(info, where: "job", is: $0) }
        switch telling(environment, among: targets) {
        case .by(let label, let value):
            var own = identity
            own.joined = LabelMatcher(spelled(label, metric), value)
            own.environment = "environment by \(spelled(label, metric)) of target_info"
            return .found(own)
        case .elsewhere(let others): return .elsewhere(others)
        case .several(let several): return .ambiguous(severalEnvironments(value, several))
        case .unlabelled: return .found(identity)
        }
    }

    private enum Telling {
        case by(label: String, value: String)
        case elsewhere([String])
        case several([String])
        case unlabelled
    }

    private static func telling(_ environment: String?, among found: [Discovery.Found]) -> Telling {
        let labels = Discovery.environmentLabels
        let values = { (label: String) in Set(found.compactMap { $0[underscored(label)] }.filter { !$0.isEmpty }) }
        let all = labels.reduce(into: Set<String>()) { $0.formUnion(values($1)) }
        guard !all.isEmpty else { return .unlabelled }
        if let environment {
            for label in labels where values(label).contains(environment) {
                return .by(label: label, value: environment)
            }
            return .elsewhere(all.sorted())
        }
        // Without a name for it, the only environment there is gets pinned, lest a second one be added to it later.
        guard all.count == 1, let only = all.first, let label = labels.first(where: { values($0).contains(only) })
        else {
            return .several(all.sorted())
        }
        return .by(label: label, value: only)
    }

    private static func severalEnvironments(_ value: String, _ environments: [String]) -> String {
        "'\(value)' runs in several environments: \(list(environments)). Give the service the environment that is meant"
    }

    private static func spelled(_ label: String, _ metric: Discovery.Metric) -> String {
        metric.isDotted ? label : underscored(label)
    }
}

/// Names in quotes, at most 8 of them.
func list(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
}
