import Foundation
import HotfixCore

@testable import HotfixOTLP

/// Makes exports as an SDK does.
struct Sender {
    var service = "checkout"
    var instance = "a"
    var environment: String? = "production"
    var namespace: String?
    var version: String?

    /// Times are in seconds since this instant, the start of a window.
    static let origin = Instant(1_800_000_000)

    static func nanos(_ seconds: Double) -> UInt64 {
        UInt64(Int64(origin.seconds) * 1_000_000_000 + Int64(seconds * 1e9))
    }

    static func attribute(_ key: String, _ value: String) -> Opentelemetry_Proto_Common_V1_KeyValue {
        var attribute = Opentelemetry_Proto_Common_V1_KeyValue()
        attribute.key = key
        attribute.value.stringValue = value
        return attribute
    }

    func export(_ metrics: [Opentelemetry_Proto_Metrics_V1_Metric]) -> ExportRequest {
        var resource = Opentelemetry_Proto_Metrics_V1_ResourceMetrics()
        resource.resource.attributes = [
            Self.attribute("service.name", service), Self.attribute("service.instance.id", instance),
        ]
        if let environment {
            resource.resource.attributes.append(Self.attribute("deployment.environment.name", environment))
        }
        if let namespace { resource.resource.attributes.append(Self.attribute("service.namespace", namespace)) }
        if let version { resource.resource.attributes.append(Self.attribute("service.version", version)) }
        var scope = Opentelemetry_Proto_Metrics_V1_ScopeMetrics()
        scope.metrics = metrics
        resource.scopeMetrics = [scope]
        var export = ExportRequest()
        export.resourceMetrics = [resource]
        return export
    }

    /// A histogram's point: times in seconds since the origin.
    func histogram(
        _ counts: [UInt64], bounds: [Double] = [0.1, 0.2, 0.5], start: Double, time: Double, isDelta: Bool = false,
        status: String = "200", flags: UInt32 = 0
    ) -> ExportRequest {
        var point = Opentelemetry_Proto_Metrics_V1_HistogramDataPoint()
        point.bucketCounts = counts
        point.explicitBounds = bounds
        point.count = counts.reduce(0, &+)
        point.startTimeUnixNano = Self.nanos(start)
        point.timeUnixNano = Self.nanos(time)
        point.attributes = [Self.attribute("http.response.status_code", status)]
        point.flags = flags
        var metric = Opentelemetry_Proto_Metrics_V1_Metric()
        metric.name = "http.server.request.duration"
        metric.unit = "s"
        metric.histogram.aggregationTemporality = isDelta ? .delta : .cumulative
        metric.histogram.dataPoints = [point]
        return export([metric])
    }

    /// An exponential histogram's point.
    func exponential(
        _ counts: [UInt64], offset: Int32, scale: Int32, start: Double, time: Double, isDelta: Bool = false
    ) -> ExportRequest {
        var point = Opentelemetry_Proto_Metrics_V1_ExponentialHistogramDataPoint()
        point.positive.bucketCounts = counts
        point.positive.offset = offset
        point.scale = scale
        point.count = counts.reduce(0, &+)
        point.startTimeUnixNano = Self.nanos(start)
        point.timeUnixNano = Self.nanos(time)
        var metric = Opentelemetry_Proto_Metrics_V1_Metric()
        metric.name = "http.server.request.duration"
        metric.unit = "s"
        metric.exponentialHistogram.aggregationTemporality = isDelta ? .delta : .cumulative
        metric.exponentialHistogram.dataPoints = [point]
        return export([metric])
    }

    /// Seconds of CPU time in two modes.
    func cpu(user: Double, system: Double, start: Double, time: Double, isDelta: Bool = false) -> ExportRequest {
        var metric = Opentelemetry_Proto_Metrics_V1_Metric()
        metric.name = "process.cpu.time"
        metric.sum.isMonotonic = true
        metric.sum.aggregationTemporality = isDelta ? .delta : .cumulative
        for (mode, seconds) in [("user", user), ("system", system)] {
            var point = Opentelemetry_Proto_Metrics_V1_NumberDataPoint()
            point.attributes = [Self.attribute("cpu.mode", mode)]
            point.asDouble = seconds
            point.startTimeUnixNano = Self.nanos(start)
            point.timeUnixNano = Self.nanos(time)
            metric.sum.dataPoints.append(point)
        }
        return export([metric])
    }

    /// Bytes of memory.
    func memory(_ bytes: Int64, time: Double) -> ExportRequest {
        var point = Opentelemetry_Proto_Metrics_V1_NumberDataPoint()
        point.asInt = bytes
        point.timeUnixNano = Self.nanos(time)
        var metric = Opentelemetry_Proto_Metrics_V1_Metric()
        metric.name = "process.memory.usage"
        metric.sum.aggregationTemporality = .cumulative
        metric.sum.dataPoints = [point]
        return export([metric])
    }
}

/// Keeps what an accumulator hands out, as a store does.
struct Windows {
    var accumulator: OTLPAccumulator
    var cells: [PointSubject: [Instant: CellSum]] = [:]
    var log: [PointLogEntry] = []

    init(limits: OTLPLimits = .init()) { accumulator = OTLPAccumulator(limits: limits) }

    /// Takes exports at a time in seconds since the origin, and stores what changed.
    @discardableResult
    mutating func take(_ exports: [ExportRequest], at time: Double) throws -> Intake {
        let intake = accumulator.accept(
            exports.flatMap { $0.incoming(accumulator.limits) }, at: Sender.origin + Int(time))
        try store()
        return intake
    }

    mutating func store() throws {
        let batch = accumulator.takeChanges()
        for (subject, cell) in batch.cells {
            cells[subject, default: [:]][cell.start] = try CellSum(packed: cell.content)
        }
        log += batch.log
    }

    /// Goes on with an accumulator that knows the log alone.
    mutating func restart() throws {
        accumulator = OTLPAccumulator(limits: accumulator.limits)
        try accumulator.replay(log)
    }

    /// The sum of the only subject with a metric in a window, counted from the origin.
    func sum(_ metric: String, window: Int = 0) -> CellSum? {
        let subject = cells.keys.first { $0.metric == metric }
        return subject.flatMap { cells[$0]?[Sender.origin + 300 * window] }
    }

    func value(_ measure: BuiltInMeasure, _ metric: String, window: Int = 0) -> Double? {
        WatchedMetric.byName[metric].flatMap { sum(metric, window: window)?.value(of: measure, $0.shape) }
    }
}

let durations = "http.server.request.duration"
