import HotfixCore

/// A metric that answers a measure; every other is received and left alone.
///
/// Names, rules and their order are those by which the Prometheus source finds its series, so that a service has the same values by
/// either way.
struct WatchedMetric: Hashable, Sendable {
    /// What tells the services of a metric apart.
    enum Scope: String, Hashable, Sendable {
        /// An SDK in the service itself.
        case application
        /// The Collector's kubelet receiver: a container of that name.
        case kubelet
        /// cAdvisor: a container of that name.
        case cAdvisor = "cadvisor"
        /// The Collector's kubelet receiver with Kubernetes attributes: a deployment of that name.
        case deployment
        /// The Collector's host receiver: a host of that name.
        case host

        /// The attribute that names the service.
        var nameKey: String {
            switch self {
            case .application: "service.name"
            case .kubelet: "k8s.container.name"
            case .cAdvisor: "container"
            case .deployment: "k8s.deployment.name"
            case .host: "host.name"
            }
        }

        /// The attribute of the namespace that the name is unique in.
        var namespaceKey: String? {
            switch self {
            case .application: "service.namespace"
            case .kubelet, .deployment: "k8s.namespace.name"
            case .cAdvisor: "namespace"
            case .host: nil
            }
        }

        /// The attributes that tell the instances of a service apart.
        var instanceKeys: [String] {
            switch self {
            case .application: ["service.instance.id", "instance"]
            case .kubelet, .deployment: ["k8s.pod.name"]
            case .cAdvisor: ["pod"]
            case .host: []
            }
        }
    }

    /// How a value is reached.
    enum Shape: Hashable, Sendable {
        /// A histogram of durations; a value is divided by `divisor` to give seconds.
        case durations(divisor: Int)
        /// A counter: what an instance's series grew by in a second.
        case counter
        /// A level: averaged over time, then added up over the parts of an instance, which these attributes tell apart.
        case level(parts: [String])
        /// CPU time by state: the share that is not idle.
        case busyShare
    }

    /// The name as OpenTelemetry spells it.
    var name: String
    /// What tells its services apart.
    var scope: Scope
    /// How a value is reached.
    var shape: Shape
    /// The unit of the value.
    var unit: String
    /// What translators to Prometheus append to the name.
    var suffix = ""
    /// Points are kept where each of these attributes has its value, or is missing.
    var kept: [String: String] = [:]

    /// The metrics that answer a measure, the best first.
    static func answering(_ measure: BuiltInMeasure) -> [WatchedMetric] {
        switch measure {
        case .latencyP95, .errorShare, .requests: durations
        case .cpu: processors
        case .memory: memories
        case .sentryErrorRate, .sentryFailureRate, .sentryCrashFreeSessions: []
        }
    }

    private static let durations = [
        WatchedMetric(
            name: "http.server.request.duration", scope: .application, shape: .durations(divisor: 1), unit: "s",
            suffix: "_seconds"),
        WatchedMetric(
            name: "http.server.duration", scope: .application, shape: .durations(divisor: 1000), unit: "s",
            suffix: "_milliseconds"),
    ]

    private static let processors = [
        WatchedMetric(
            name: "process.cpu.time", scope: .application, shape: .counter, unit: "cores", suffix: "_seconds_total"),
        WatchedMetric(
            name: "process.cpu.utilization", scope: .application, shape: .level(parts: ["cpu.mode", "state"]),
            unit: "share", suffix: "_ratio"),
        WatchedMetric(
            name: "jvm.cpu.recent_utilization", scope: .application, shape: .level(parts: []), unit: "share",
            suffix: "_ratio"),
        WatchedMetric(name: "process_cpu_seconds_total", scope: .application, shape: .counter, unit: "cores"),
        WatchedMetric(
            name: "container.cpu.time", scope: .kubelet, shape: .counter, unit: "cores", suffix: "_seconds_total"),
        WatchedMetric(name: "container.cpu.usage", scope: .kubelet, shape: .level(parts: []), unit: "cores"),
        WatchedMetric(name: "container_cpu_usage_seconds_total", scope: .cAdvisor, shape: .counter, unit: "cores"),
        WatchedMetric(name: "k8s.pod.cpu.usage", scope: .deployment, shape: .level(parts: []), unit: "cores"),
        WatchedMetric(
            name: "system.cpu.time", scope: .host, shape: .busyShare, unit: "share", suffix: "_seconds_total",
            kept: ["state": "idle", "cpu.mode": "idle"]),
    ]

    private static let memories = [
        WatchedMetric(
            name: "process.memory.usage", scope: .application, shape: .level(parts: []), unit: "bytes",
            suffix: "_bytes"),
        WatchedMetric(
            name: "jvm.memory.used", scope: .application,
            shape: .level(parts: ["jvm.memory.type", "jvm.memory.pool.name", "type", "pool"]), unit: "bytes",
            suffix: "_bytes"),
        WatchedMetric(
            name: "process_resident_memory_bytes", scope: .application, shape: .level(parts: []), unit: "bytes"),
        WatchedMetric(
            name: "container.memory.working_set", scope: .kubelet, shape: .level(parts: []), unit: "bytes",
            suffix: "_bytes"),
        WatchedMetric(
            name: "container_memory_working_set_bytes", scope: .cAdvisor, shape: .level(parts: []), unit: "bytes"),
        WatchedMetric(
            name: "k8s.pod.memory.working_set", scope: .deployment, shape: .level(parts: []), unit: "bytes",
            suffix: "_bytes"),
        WatchedMetric(
            name: "system.memory.usage", scope: .host, shape: .level(parts: ["state", "system.memory.state"]),
            unit: "bytes", suffix: "_bytes", kept: ["state": "used", "system.memory.state": "used"]),
    ]

    /// Every watched metric by its name.
    static let byName = Dictionary(
        (durations + processors + memories).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The metrics of services themselves.
    static let ofApplications = byName.values.filter { $0.scope == .application }.sorted { $0.name < $1.name }

    /// The metrics that a name in text form may stand for, by name; histograms without their suffixes.
    static let byTextName: [String: [WatchedMetric]] = {
        var found: [String: [WatchedMetric]] = [:]
        for metric in durations + processors + memories {
            let plain = underscored(metric.name)
            for name in Set([plain + metric.suffix, plain, metric.name + metric.suffix, metric.name]) {
                found[name, default: []].append(metric)
            }
        }
        return found
    }()
}

extension WatchedMetric {
    /// The metrics that a name may stand for: OpenTelemetry's own, or what a Collector that scrapes pages passes on.
    static func named(_ name: String) -> [WatchedMetric] { known[name] ?? [] }

    private static let known = byTextName.merging(byName.mapValues { [$0] }) { $1 }
}

/// A name of OpenTelemetry as Prometheus spelled it before it took dots.
func underscored(_ name: String) -> String { name.replacing(".", with: "_") }
