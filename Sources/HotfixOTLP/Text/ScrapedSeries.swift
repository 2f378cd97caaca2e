import Foundation

/// Gathers the samples of a page to series with resources.
struct ScrapedSeries {
    private struct Key: Hashable {
        var metric: String
        var unit: String
        var resource: [String: String]
        var attributes: [String: String]
        var time: Int64
    }

    private struct Histogram {
        /// Observations up to each bound.
        var buckets: [Double: Double] = [:]
        var count: Double?
    }

    /// When the page was asked for, in nanoseconds since the epoch.
    let time: Int64
    private var targets: [[String]: [String: String]] = [:]
    private var numbers: [(key: Key, metric: WatchedMetric, value: Double)] = []
    private var histograms: [Key: Histogram] = [:]
    private var order: [Key] = []

    init(time: Int64) {
        self.time = time
    }

    /// Labels that tell whose a series is, rather than which of them.
    private static let identityLabels: Set<String> = {
        let scopes: [WatchedMetric.Scope] = [.application, .kubelet, .cAdvisor, .deployment, .host]
        let keys = scopes.flatMap { [$0.nameKey, $0.namespaceKey].compactMap { $0 } + $0.instanceKeys }
        let environment = ["deployment.environment.name", "deployment.environment"]
        return Set((keys + environment + ["job"]).map(underscored))
    }()

    /// Notes what is said of a target.
    mutating func describe(_ labels: [String: String]) {
        targets[[labels["job"] ?? "", labels["instance"] ?? ""], default: [:]].merge(labels) { old, _ in old }
    }

    /// Adds a sample.
    mutating func add(_ sample: ExpositionSample, _ name: ScrapedName) throws(ScrapeError) {
        let resource = resource(of: sample.labels)
        // A container's own series; the sum of its pod and the pause container would count it twice.
        guard let metric = name.metrics.first(where: { resource[underscored($0.scope.nameKey)] != nil }),
            metric.scope != .cAdvisor || resource["container"] != "POD"
        else { return }
        var attributes = sample.labels.filter { !Self.identityLabels.contains(underscored($0.key)) }
        let bound = attributes.removeValue(forKey: "le")
        let key = Key(
            metric: metric.name, unit: name.isMilliseconds ? "ms" : "", resource: resource, attributes: attributes,
            time: sample.time ?? time)
        switch name.role {
        case .value: numbers.append((key, metric, sample.value))
        case .count:
            remember(key)
            histograms[key, default: Histogram()].count = sample.value
        case .bucket:
            guard let bound, let number = bound == "+Inf" ? .infinity : Double(bound), !number.isNaN else {
                throw ScrapeError("a bucket of \(sample.name) has no bound")
            }
            remember(key)
            histograms[key, default: Histogram()].buckets[number] = sample.value
        }
    }

    private mutating func remember(_ key: Key) {
        if histograms[key] == nil { order.append(key) }
    }

    private func resource(of labels: [String: String]) -> [String: String] {
        var resource: [String: String] = [:]
        for (label, value) in targets[[labels["job"] ?? "", labels["instance"] ?? ""]] ?? [:] {
            resource[underscored(label)] = value
        }
        for (label, value) in labels where Self.identityLabels.contains(underscored(label)) {
            resource[underscored(label)] = value
        }
        if resource["service_name"] == nil, let job = labels["job"] {
            // Translators of OpenTelemetry make a job of namespace and name.
            let parts = job.split(separator: "/")
            resource["service_name"] = parts.count == 2 ? String(parts[1]) : job
            if parts.count == 2 { resource["service_namespace"] = String(parts[0]) }
        }
        resource = resource.filter { !$0.value.isEmpty }
        return resource
    }

    /// The export that holds the samples.
    func export() throws(ScrapeError) -> ExportRequest {
        var export = ExportRequest()
        for (key, metric, value) in numbers {
            var point = Opentelemetry_Proto_Metrics_V1_NumberDataPoint()
            point.attributes = Self.attributes(key.attributes)
            point.timeUnixNano = UInt64(max(0, key.time))
            point.asDouble = value
            var result = Opentelemetry_Proto_Metrics_V1_Metric()
            if case .level = metric.shape {
                result.gauge.dataPoints = [point]
            } else {
                result.sum.isMonotonic = true
                result.sum.aggregationTemporality = .cumulative
                result.sum.dataPoints = [point]
            }
            Self.append(result, key, to: &export)
        }
        for key in order {
            guard let histogram = histograms[key] else { continue }
            var result = Opentelemetry_Proto_Metrics_V1_Metric()
            result.histogram.aggregationTemporality = .cumulative
            result.histogram.dataPoints = [try Self.point(histogram, key)]
            Self.append(result, key, to: &export)
        }
        return export
    }

    private static func point(
        _ histogram: Histogram, _ key: Key
    ) throws(ScrapeError) -> Opentelemetry_Proto_Metrics_V1_HistogramDataPoint {
        var point = Opentelemetry_Proto_Metrics_V1_HistogramDataPoint()
        point.attributes = attributes(key.attributes)
        point.timeUnixNano = UInt64(max(0, key.time))
        let bounds = histogram.buckets.keys.filter(\.isFinite).sorted()
        let all = histogram.buckets[.infinity] ?? histogram.count
        guard let total = all.flatMap({ UInt64(exactly: $0) }) else {
            throw ScrapeError("\(key.metric) has no whole count")
        }
        point.count = total
        guard !bounds.isEmpty else { return point }
        var counts: [UInt64] = []
        var before: UInt64 = 0
        for bound in bounds + [.infinity] {
            let upTo = bound.isFinite ? histogram.buckets[bound].flatMap { UInt64(exactly: $0) } : total
            guard let upTo, upTo >= before else { throw ScrapeError("the buckets of \(key.metric) are not cumulative") }
            counts.append(upTo - before)
            before = upTo
        }
        point.explicitBounds = bounds
        point.bucketCounts = counts
        return point
    }

    private static func append(
        _ metric: Opentelemetry_Proto_Metrics_V1_Metric, _ key: Key, to export: inout ExportRequest
    ) {
        var metric = metric
        metric.name = key.metric
        metric.unit = key.unit
        var scope = Opentelemetry_Proto_Metrics_V1_ScopeMetrics()
        scope.metrics = [metric]
        var resource = Opentelemetry_Proto_Metrics_V1_ResourceMetrics()
        resource.resource.attributes = attributes(key.resource)
        resource.scopeMetrics = [scope]
        export.resourceMetrics.append(resource)
    }

    private static func attributes(_ labels: [String: String]) -> [Opentelemetry_Proto_Common_V1_KeyValue] {
        labels.sorted { $0.key < $1.key }.map { label, value in
            var attribute = Opentelemetry_Proto_Common_V1_KeyValue()
            attribute.key = label
            attribute.value.stringValue = value
            return attribute
        }
    }
}
