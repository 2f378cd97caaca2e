import Foundation
import HotfixCore
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// A real Prometheus over the series of a few made-up services, started once for a suite.
struct PrometheusWorld: SuiteTrait, TestScoping {
    @TaskLocal static var url = ""

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withRealPrometheus(Self.metrics) { server in
            try await Self.$url.withValue(server.url) { try await function() }
        }
    }

    /// 2024-01-10 00:00 UTC.
    static let start = Instant(1_704_844_800)
    /// The end of the last window; samples go on for five minutes more.
    static let end = start + 3 * 3600
    static let times = Array(stride(from: start.seconds, through: end.seconds + 300, by: 60)).map { Instant($0) }
    static let span = Span(start: end - 7200, end: end, step: 300)

    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// The minutes since the start.
    static func minute(_ time: Instant) -> Double { Double(time - start) / 60 }

    /// Requests so far by bucket, growing unevenly; by instance and environment they differ in pace.
    static func buckets(_ pace: Double, idle: Range<Double> = 0..<0) -> @Sendable (Instant) -> [Double] {
        { time in
            var minute = minute(time)
            if minute > idle.lowerBound { minute = max(idle.lowerBound, minute - (idle.upperBound - idle.lowerBound)) }
            return (0..<bounds.count + 1).map { bucket in
                (minute * minute * pace * Double(bucket + 1) / 40 + minute * Double((bucket * 7) % 5)).rounded()
            }
        }
    }

    /// Seconds of CPU so far; instance b starts anew at minute 100.
    static func cpu(_ rate: Double, reset: Double = .infinity) -> @Sendable (Instant) -> Double {
        { time in
            let minute = minute(time) >= reset ? minute(time) - reset : minute(time)
            return minute * minute * rate / 8 + minute * rate
        }
    }

    static let metrics: OpenMetrics = {
        var metrics = OpenMetrics()
        checkout(&metrics)
        payments(&metrics)
        legacy(&metrics)
        infrastructure(&metrics)
        crowd(&metrics)
        return metrics
    }()

    private static func checkout(_ metrics: inout OpenMetrics) {
        for (environment, factor) in [("production", 1.0), ("staging", 5.0)] {
            for (instance, pace) in [("a", 1.0), ("b", 2.0)] {
                let labels = [
                    "service_name": "checkout", "deployment_environment_name": environment, "job": "shop/checkout",
                    "instance": "\(environment)-\(instance)",
                ]
                for (status, share) in [("200", 8.0), ("503", 1.0)] {
                    metrics.addHistogram(
                        "http_server_request_duration_seconds",
                        labels.merging(["http_response_status_code": status]) { $1 }, bounds: bounds, at: times,
                        buckets(pace * factor * share))
                }
                let isRestarted = instance == "b"
                for (mode, rate) in [("user", 3.0), ("system", 1.0)] {
                    metrics.add(
                        "process_cpu_time_seconds_total", labels.merging(["cpu_mode": mode]) { $1 }, at: times,
                        cpu(rate * pace * factor, reset: isRestarted ? 100 : .infinity))
                }
                // A gap from minute 121 to 133 in both instances, and one that reports nonsense at times.
                metrics.add("process_memory_usage_bytes", labels, at: times) { time in
                    let minute = minute(time)
                    if minute > 120, minute < 134 { return nil }
                    if instance == "b", minute == 152 { return .nan }
                    return 1e8 * pace * factor + minute * 4096
                }
            }
        }
        // Nobody asks it anything between minute 90 and 110, and it never fails.
        metrics.addHistogram(
            "http_server_request_duration_seconds",
            [
                "service_name": "search", "deployment_environment_name": "production", "job": "shop/search",
                "instance": "s", "http_response_status_code": "200",
            ], bounds: bounds, at: times, buckets(1, idle: 90..<110))
    }

    private static func payments(_ metrics: inout OpenMetrics) {
        for (instance, environment, pace) in [
            ("p1", "production", 1.0), ("p2", "production", 3.0), ("p3", "staging", 9.0),
        ] {
            let labels = ["job": "shop/payments", "instance": instance]
            metrics.addHistogram(
                "http_server_request_duration_seconds", labels.merging(["http_response_status_code": "200"]) { $1 },
                bounds: bounds, at: times, buckets(pace))
            metrics.add("process_cpu_time_seconds_total", labels, at: times, cpu(pace))
            metrics.add("process_memory_usage_bytes", labels, at: times) { _ in 5e7 * pace }
            // Two descriptions of one target, as after a deployment of a new version.
            for version in ["1", "2"] {
                metrics.add(
                    "target_info",
                    labels.merging(["deployment_environment_name": environment, "service_version": version]) { $1 },
                    at: times
                ) { _ in 1 }
            }
        }
    }

    private static func legacy(_ metrics: inout OpenMetrics) {
        metrics.addHistogram(
            "http_server_duration_milliseconds", ["job": "legacy", "instance": "l", "http_status_code": "200"],
            bounds: bounds.map { $0 * 1000 }, at: times, buckets(2))
    }

    /// Many instances of awkward numbers, whose sums differ in the last bit by the order of adding.
    private static func crowd(_ metrics: inout OpenMetrics) {
        for index in 0..<9 {
            let pace = 0.1 + 0.37 * Double(index)
            let direct = [
                "service_name": "crowd", "deployment_environment_name": "production", "instance": "crowd-\(index)",
            ]
            let described = ["job": "mob", "instance": "mob-\(index)"]
            metrics.add("target_info", described.merging(["deployment_environment": "production"]) { $1 }, at: times) {
                _ in 1
            }
            for labels in [direct, described] {
                metrics.addHistogram(
                    "http_server_request_duration_seconds", labels.merging(["http_response_status_code": "500"]) { $1 },
                    bounds: bounds, at: times.filter { ($0 - start) % 7 != index % 7 }, buckets(pace))
                for mode in ["user", "system"] {
                    metrics.add(
                        "process_cpu_time_seconds_total", labels.merging(["cpu_mode": mode]) { $1 }, at: times,
                        cpu(pace / 3))
                }
                metrics.add("process_memory_usage_bytes", labels, at: times) { time in
                    index == 4 && minute(time) == 100 ? .nan : 1e8 * pace / 3 + minute(time) / 7
                }
            }
        }
    }

    private static func infrastructure(_ metrics: inout OpenMetrics) {
        for (container, rate) in [("", 3.0), ("POD", 1.0), ("ledger", 2.0)] {
            for pod in ["ledger-1", "ledger-2"] {
                let labels = ["namespace": "production", "pod": pod, "container": container]
                metrics.add("container_cpu_usage_seconds_total", labels, at: times, cpu(rate))
                metrics.add("container_memory_working_set_bytes", labels, at: times) { _ in 1e6 * rate }
            }
        }
        for (state, rate) in [("idle", 2.0), ("user", 1.0)] {
            metrics.add(
                "system_cpu_time_seconds_total", ["host_name": "web-1", "cpu": "0", "state": state], at: times,
                { minute($0) * rate * 15 })
            metrics.add(
                "system_memory_usage_bytes", ["host_name": "web-1", "state": state == "user" ? "used" : "free"],
                at: times
            ) {
                _ in rate * 1e9
            }
        }
    }
}

/// Runs a body with a client that is shut down afterwards.
func withClient<T>(_ client: HTTPClient = HTTPClient(), _ body: (HTTPClient) async throws -> T) async throws -> T {
    do {
        let value = try await body(client)
        await client.shutDown()
        return value
    } catch {
        await client.shutDown()
        throw error
    }
}

/// What a guardrail wants of a service that goes by its own name, unless told otherwise.
func wish(
    _ service: String, _ measure: Measure, environment: String? = "production", name: String? = nil,
    minimumSamples: Double? = nil, over: Seconds? = nil, at: Instant = PrometheusWorld.end
) -> SeriesWish {
    SeriesWish(
        service: Service(
            name: service, environment: environment, bindings: ["otel": ["service": name ?? service]]),
        guardrail: Guardrail(
            name: "guardrail", source: "otel", measure: measure, limits: [.relative(0.2)], over: over,
            minimumSamples: minimumSamples), window: 300, at: at)
}

/// The ask that follows from a wish and its definition.
func ask(
    _ wish: SeriesWish, _ definition: SeriesDefinition, _ span: Span = PrometheusWorld.span, events: Bool? = nil
) -> Ask {
    Ask(
        pair: wish.pair, definition: definition, over: wish.guardrail.over ?? wish.window,
        countsEvents: events ?? wish.guardrail.measure.traits.countsEvents,
        measuresSamples: wish.guardrail.minimumSamples != nil, span: span, purpose: .judging)
}
