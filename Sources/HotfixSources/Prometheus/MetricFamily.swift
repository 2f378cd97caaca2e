import HotfixCore

/// Where the series of a metric come from, which decides the labels that tell services apart.
enum MetricScope: Sendable, Hashable {
    /// An SDK in the service itself.
    case application
    /// The Collector's kubelet receiver: a container of that name.
    case kubelet
    /// cAdvisor: a container of that name.
    case cAdvisor
    /// The Collector's kubelet receiver with Kubernetes attributes: a deployment of that name.
    case deployment
    /// The Collector's host receiver: a host of that name.
    case host

    /// The labels that may name the service, in order of preference.
    var identityLabels: [String] {
        switch self {
        case .application: ["service.name", "job"]
        case .kubelet: ["k8s.container.name"]
        case .cAdvisor: ["container"]
        case .deployment: ["k8s.deployment.name"]
        case .host: ["host.name"]
        }
    }

    /// The label of the namespace that the name is unique in.
    var namespaceLabel: String? {
        switch self {
        case .application, .host: nil
        case .kubelet, .deployment: "k8s.namespace.name"
        case .cAdvisor: "namespace"
        }
    }

    /// The labels that tell the instances of a service apart.
    var instanceLabels: [String] {
        switch self {
        case .application: ["instance", "service.instance.id"]
        case .kubelet, .deployment: ["k8s.pod.name"]
        case .cAdvisor: ["pod"]
        case .host: []
        }
    }
}

/// A metric that answers a measure, under the names that exporters and servers store it by.
struct MetricFamily: Sendable, Hashable {
    /// What the metric is, and so how a value is reached from it.
    enum Shape: Sendable, Hashable {
        /// A histogram of durations; a value is divided by `scale` to give seconds.
        case histogram(scale: Int)
        /// A counter; its rate, added up over an instance's series.
        case counter
        /// A level; averaged over time, then added up over the parts of an instance, which these labels tell apart.
        case level(parts: [String])
        /// CPU time by state: the share that is not idle.
        case busyShare
    }

    /// The names, in order of preference; histograms without `_bucket` and `_count`.
    var names: [String]
    /// How a value is reached.
    var shape: Shape
    /// Where the series come from.
    var scope: MetricScope
    /// Conditions that keep out what would be counted twice.
    var matchers: [LabelMatcher]
    /// The unit of the measure when it is reached from this metric.
    var unit: String

    init(_ names: [String], _ shape: Shape, _ scope: MetricScope, unit: String, matchers: [LabelMatcher] = []) {
        self.names = names
        self.shape = shape
        self.scope = scope
        self.unit = unit
        self.matchers = matchers
    }

    /// The families that answer a measure, the best first.
    static func answering(_ measure: BuiltInMeasure) -> [MetricFamily] {
        switch measure {
        case .latencyP95: durations(unit: "s")
        case .errorShare: durations(unit: "share")
        case .requests: durations(unit: "requests")
        case .cpu: processors
        case .memory: memories
        case .sentryErrorRate, .sentryFailureRate, .sentryCrashFreeSessions: []
        }
    }

    private static func durations(unit: String) -> [MetricFamily] {
        [
            MetricFamily(
                spellings("http.server.request.duration", unit: "seconds"), .histogram(scale: 1), .application,
                unit: unit),
            MetricFamily(
                spellings("http.server.duration", unit: "milliseconds"), .histogram(scale: 1000), .application,
                unit: unit),
        ]
    }

    private static let kubeletOnly = [LabelMatcher("k8s.container.name", .unequal, "")]
    private static let containersOnly = [
        LabelMatcher("container", .unequal, ""), LabelMatcher("container", .unequal, "POD"),
    ]

    private static let processors: [MetricFamily] = [
        MetricFamily(
            spellings("process.cpu.time", unit: "seconds", isTotal: true), .counter, .application, unit: "cores"),
        MetricFamily(
            spellings("process.cpu.utilization", unit: "ratio"), .level(parts: ["cpu.mode", "state"]), .application,
            unit: "share"),
        MetricFamily(
            spellings("jvm.cpu.recent_utilization", unit: "ratio"), .level(parts: []), .application, unit: "share"),
        MetricFamily(["process_cpu_seconds_total"], .counter, .application, unit: "cores"),
        MetricFamily(
            spellings("container.cpu.time", unit: "seconds", isTotal: true), .counter, .kubelet, unit: "cores",
            matchers: kubeletOnly),
        MetricFamily(
            spellings("container.cpu.usage"), .level(parts: []), .kubelet, unit: "cores", matchers: kubeletOnly),
        MetricFamily(
            ["container_cpu_usage_seconds_total"], .counter, .cAdvisor, unit: "cores", matchers: containersOnly),
        MetricFamily(spellings("k8s.pod.cpu.usage"), .level(parts: []), .deployment, unit: "cores"),
        MetricFamily(
            spellings("system.cpu.time", unit: "seconds", isTotal: true), .busyShare, .host, unit: "share",
            matchers: [LabelMatcher("state", .matches, "idle|"), LabelMatcher("cpu.mode", .matches, "idle|")]),
    ]

    private static let memories: [MetricFamily] = [
        MetricFamily(spellings("process.memory.usage", unit: "bytes"), .level(parts: []), .application, unit: "bytes"),
        MetricFamily(
            spellings("jvm.memory.used", unit: "bytes"),
            .level(parts: ["jvm.memory.type", "jvm.memory.pool.name", "type", "pool"]), .application, unit: "bytes"),
        MetricFamily(["process_resident_memory_bytes"], .level(parts: []), .application, unit: "bytes"),
        MetricFamily(
            spellings("container.memory.working_set", unit: "bytes"), .level(parts: []), .kubelet, unit: "bytes",
            matchers: kubeletOnly),
        MetricFamily(
            ["container_memory_working_set_bytes"], .level(parts: []), .cAdvisor, unit: "bytes",
            matchers: containersOnly),
        MetricFamily(
            spellings("k8s.pod.memory.working_set", unit: "bytes"), .level(parts: []), .deployment, unit: "bytes"),
        MetricFamily(
            spellings("system.memory.usage", unit: "bytes"), .level(parts: ["state", "system.memory.state"]), .host,
            unit: "bytes",
            matchers: [
                LabelMatcher("state", .matches, "used|"), LabelMatcher("system.memory.state", .matches, "used|"),
            ]
        ),
    ]

    /// The four names that translators give a metric of OpenTelemetry: with and without unit, with `_` and with dots.
    private static func spellings(_ name: String, unit: String? = nil, isTotal: Bool = false) -> [String] {
        let suffix = (unit.map { "_\($0)" } ?? "") + (isTotal ? "_total" : "")
        let plain = underscored(name)
        return suffix.isEmpty ? [plain, name] : [plain + suffix, plain, name + suffix, name]
    }
}

/// A name of OpenTelemetry as Prometheus spelled it before it took dots.
func underscored(_ name: String) -> String { name.replacing(".", with: "_") }
