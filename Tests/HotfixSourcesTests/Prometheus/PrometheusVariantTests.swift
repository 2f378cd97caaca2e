import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// What discovery finds, and the queries that must follow.
struct Variant: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var measure: BuiltInMeasure
    var service = "checkout"
    var environment: String? = "production"
    /// The series: their labels, the name among them.
    var found: [[String: String]]
    var query: String
    var events: String?
    var variant: String
}

private func named(_ name: String, _ labels: [String: String] = [:]) -> [String: String] {
    ["__name__": name].merging(labels) { $1 }
}

private let promoted = [
    "service_name": "checkout", "deployment_environment_name": "production", "job": "shop/checkout",
]
private let dotted = ["service.name": "checkout", "deployment.environment": "production"]

private let variants: [Variant] = [
    Variant(
        testDescription: "a native histogram is preferred to classic buckets", measure: .latencyP95,
        found: [
            named("http_server_request_duration_seconds", promoted),
            named("http_server_request_duration_seconds_bucket", promoted.merging(["le": "+Inf"]) { $1 }),
        ],
        query:
            #"histogram_quantile(0.95, sum by (service_name) (rate(http_server_request_duration_seconds{service_name!="",deployment_environment_name="production"}[300s])))"#,
        events:
            #"histogram_count(sum by (service_name) (increase(http_server_request_duration_seconds{service_name!="",deployment_environment_name="production"}[300s])))"#,
        variant:
            "http_server_request_duration_seconds, native histogram, by service_name, environment by deployment_environment_name"
    ),
    Variant(
        testDescription: "VictoriaMetrics' buckets", measure: .latencyP95,
        found: [named("http_server_request_duration_seconds_bucket", promoted)],
        query:
            #"histogram_quantile(0.95, sum by (service_name, vmrange) (increase(http_server_request_duration_seconds_bucket{service_name!="",deployment_environment_name="production",vmrange!=""}[300s])))"#,
        events:
            #"sum by (service_name) (increase(http_server_request_duration_seconds_count{service_name!="",deployment_environment_name="production"}[300s]))"#,
        variant:
            "http_server_request_duration_seconds, vmrange buckets, by service_name, environment by deployment_environment_name"
    ),
    Variant(
        testDescription: "names with dots", measure: .latencyP95,
        found: [named("http.server.request.duration_bucket", dotted.merging(["le": "+Inf"]) { $1 })],
        query:
            #"histogram_quantile(0.95, sum by ("service.name", le) (rate({"http.server.request.duration_bucket","service.name"!="","deployment.environment"="production"}[300s])))"#,
        events:
            #"sum by ("service.name") (increase({"http.server.request.duration_count","service.name"!="","deployment.environment"="production"}[300s]))"#,
        variant: "http.server.request.duration, classic buckets, by service.name, environment by deployment.environment"
    ),
    Variant(
        testDescription: "without unit suffix, by job, the environment in target_info", measure: .requests,
        found: [
            named("http_server_request_duration_count", ["job": "shop/checkout"]),
            named("target_info", ["job": "shop/checkout", "deployment_environment": "production"]),
        ],
        query:
            #"sum by (job) (round(1e6 * increase(http_server_request_duration_count{job!=""}[300s])) and on (job, instance) max_over_time(target_info{job!="",deployment_environment="production"}[300s])) / 1e6"#,
        variant:
            "http_server_request_duration, by job, environment by deployment_environment of target_info"
    ),
    Variant(
        testDescription: "the old convention in milliseconds, no environment anywhere", measure: .latencyP95,
        found: [named("http_server_duration_milliseconds_bucket", ["job": "checkout", "le": "+Inf"])],
        query:
            #"histogram_quantile(0.95, sum by (job, le) (rate(http_server_duration_milliseconds_bucket{job!=""}[300s]))) / 1000"#,
        events: #"sum by (job) (increase(http_server_duration_milliseconds_count{job!=""}[300s]))"#,
        variant: "http_server_duration_milliseconds, classic buckets, by job, no label of the environment"),
    Variant(
        testDescription: "the share of server errors by the old label", measure: .errorShare,
        found: [
            named("http_server_duration_milliseconds_count", promoted),
            named(
                "http_server_duration_milliseconds_count", promoted.merging(["status_label": "http_status_code"]) { $1 }
            ),
        ],
        query:
            #"(sum by (service_name) (increase(http_server_duration_milliseconds_count{service_name!="",deployment_environment_name="production",http_status_code=~"5.."}[300s])) or 0 * sum by (service_name) (increase(http_server_duration_milliseconds_count{service_name!="",deployment_environment_name="production"}[300s]))) / sum by (service_name) (increase(http_server_duration_milliseconds_count{service_name!="",deployment_environment_name="production"}[300s]))"#,
        events:
            #"sum by (service_name) (increase(http_server_duration_milliseconds_count{service_name!="",deployment_environment_name="production"}[300s]))"#,
        variant:
            "http_server_duration_milliseconds, by service_name, environment by deployment_environment_name"
    ),
    Variant(
        testDescription: "CPU as a level, of modes added up", measure: .cpu,
        found: [named("process_cpu_utilization", promoted)],
        query:
            #"sum by (service_name) (round(1e12 * avg by (service_name, instance, service_instance_id, cpu_mode, state) (avg_over_time(process_cpu_utilization{service_name!="",deployment_environment_name="production"}[300s]))) >= 0) / 1e12 / count by (service_name) (count by (service_name, instance, service_instance_id) (avg_over_time(process_cpu_utilization{service_name!="",deployment_environment_name="production"}[300s]) >= 0))"#,
        variant: "process_cpu_utilization, by service_name, environment by deployment_environment_name"),
    Variant(
        testDescription: "a container of the kubelet, in the only namespace", measure: .memory,
        found: [
            named(
                "container_memory_working_set_bytes", ["k8s_container_name": "checkout", "k8s_namespace_name": "shop"])
        ],
        query:
            #"sum by (k8s_container_name) (round(1e3 * avg by (k8s_container_name, k8s_pod_name) (avg_over_time(container_memory_working_set_bytes{k8s_container_name!="",k8s_namespace_name="shop"}[300s]))) >= 0) / 1e3 / count by (k8s_container_name) (count by (k8s_container_name, k8s_pod_name) (avg_over_time(container_memory_working_set_bytes{k8s_container_name!="",k8s_namespace_name="shop"}[300s]) >= 0))"#,
        variant: "container_memory_working_set_bytes, by k8s_container_name, no label of the environment"),
    Variant(
        testDescription: "a container of cAdvisor, by namespace and name", measure: .cpu, service: "shop/checkout",
        found: [
            named("container_cpu_usage_seconds_total", ["container": "checkout", "namespace": "shop"]),
            named("container_cpu_usage_seconds_total", ["container": "checkout", "namespace": "test"]),
        ],
        query:
            #"sum by (container) (rate(container_cpu_usage_seconds_total{container!="",namespace="shop",container!="POD"}[300s])) / count by (container) (count by (container, pod) (rate(container_cpu_usage_seconds_total{container!="",namespace="shop",container!="POD"}[300s])))"#,
        variant: "container_cpu_usage_seconds_total, by container, no label of the environment"),
    Variant(
        testDescription: "a deployment of Kubernetes", measure: .cpu,
        found: [named("k8s_pod_cpu_usage", ["k8s_deployment_name": "checkout", "k8s_namespace_name": "production"])],
        query:
            #"sum by (k8s_deployment_name) (round(1e12 * avg by (k8s_deployment_name, k8s_pod_name) (avg_over_time(k8s_pod_cpu_usage{k8s_deployment_name!="",k8s_namespace_name="production"}[300s]))) >= 0) / 1e12 / count by (k8s_deployment_name) (count by (k8s_deployment_name, k8s_pod_name) (avg_over_time(k8s_pod_cpu_usage{k8s_deployment_name!="",k8s_namespace_name="production"}[300s]) >= 0))"#,
        variant: "k8s_pod_cpu_usage, by k8s_deployment_name, environment as k8s.namespace.name"),
    Variant(
        testDescription: "without an environment to ask for, the only one there is", measure: .requests,
        environment: nil,
        found: [named("http_server_request_duration_seconds_count", promoted)],
        query:
            #"sum by (service_name) (increase(http_server_request_duration_seconds_count{service_name!="",deployment_environment_name="production"}[300s]))"#,
        variant:
            "http_server_request_duration_seconds, by service_name, environment by deployment_environment_name"
    ),
]

/// Answers discovery, with dotted labels only where they are asked for, as Prometheus does.
private func discovery(_ found: [[String: String]]) -> @Sendable (LoopbackRequest) -> LoopbackAnswer {
    { request in
        let form = Dictionary(request.form) { first, _ in first }
        let asksDotted = form["query"]?.contains("\"service.name\"") == true
        let result = found.map { labels in
            let shown = labels.filter { asksDotted || !$0.key.contains(".") }
            let metric = shown.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
            return "{\"metric\":{\(metric)},\"value\":[\(form["time"] ?? ""),\"1\"]}"
        }
        return .json(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[\(result.joined(separator: ","))]}}"
        )
    }
}

@Suite("Variants of built-in measures")
struct PrometheusVariantTests {
    private func define(
        _ wishes: [SeriesWish], _ found: [[String: String]]
    ) async throws -> (found: [Pair: Result<SeriesDefinition, SourceError>], requests: [LoopbackRequest]) {
        try await withLoopbackServer(discovery(found)) { server in
            try await withClient { client in
                (
                    await PrometheusSource(name: "otel", url: server.url, client: client).define(wishes),
                    server.requests()
                )
            }
        }
    }

    @Test("the query follows from what is found", arguments: variants)
    func variant(_ variant: Variant) async throws {
        let wish = wish(variant.service, .builtIn(variant.measure), environment: variant.environment)
        let (found, requests) = try await define([wish], variant.found)
        let definition = try #require(found[wish.pair]).get()
        #expect(definition.query == variant.query)
        #expect(definition.details["events"] == variant.events)
        #expect(definition.variant == variant.variant)
        #expect(requests.count == (variant.query.contains("\"service.name\"") ? 2 : 1))
        #expect(requests.allSatisfy { $0.path == "/api/v1/query" })
    }

    @Test("all wishes of a check share one request")
    func oneRequest() async throws {
        let wishes = (0..<200).flatMap { index in
            [BuiltInMeasure.cpu, .memory, .latencyP95, .requests].map { measure in
                var wish = wish("s\(index)", .builtIn(measure))
                wish.guardrail.name = measure.name
                return wish
            }
        }
        let series = (0..<200).map { named("process_cpu_time_seconds_total", ["service_name": "s\($0)"]) }
        let (found, requests) = try await define(wishes, series)
        #expect(requests.count == 1)
        #expect(found.count == 800)
        #expect(found.values.compactMap { try? $0.get() }.count == 200)
    }

    @Test(
        "what can't be told apart is refused, with the way out",
        arguments: [
            ([promoted, promoted.merging(["job": "billing/checkout"]) { $1 }], "'billing/checkout', 'shop/checkout'"),
            ([["job": "shop/checkout"], ["job": "billing/checkout"]], "'billing/checkout', 'shop/checkout'"),
        ])
    func ambiguous(_ labels: [[String: String]], _ says: String) async throws {
        let wish = wish("checkout", .builtIn(.cpu))
        let (found, _) = try await define([wish], labels.map { named("process_cpu_time_seconds_total", $0) })
        let error = try #require(throws: SourceError.self) { try found[wish.pair]?.get() }
        #expect(error.code == .ambiguous)
        #expect(error.message.contains(says))
    }

    @Test("containers of one name in several namespaces are refused")
    func namespaces() async throws {
        let wish = wish("checkout", .builtIn(.cpu))
        let (found, _) = try await define(
            [wish],
            ["a", "b"].map { named("container_cpu_usage_seconds_total", ["container": "checkout", "namespace": $0]) })
        let error = try #require(throws: SourceError.self) { try found[wish.pair]?.get() }
        #expect(error.code == .ambiguous && error.message.contains("namespace/name"))
    }

    @Test("requests without a status code have no share of errors")
    func noStatus() async throws {
        let wish = wish("checkout", .builtIn(.errorShare))
        let (found, _) = try await define([wish], [named("http_server_request_duration_seconds_count", promoted)])
        let error = try #require(throws: SourceError.self) { try found[wish.pair]?.get() }
        #expect(error.code == .unknownSubject && error.message.contains("no status code"))
    }

    @Test("a name that does not exist is told with the nearest that do")
    func nearest() async throws {
        let wish = wish("chekcout", .builtIn(.cpu))
        let names = ["search", "checkout", "checkin", "a", "b", "c", "d", "e"]
        let (found, _) = try await define(
            [wish], names.map { named("process_cpu_time_seconds_total", ["service_name": $0]) })
        let error = try #require(throws: SourceError.self) { try found[wish.pair]?.get() }
        #expect(error.code == .unknownSubject)
        #expect(error.message.contains("nearest to it: 'checkout', 'checkin'"), "\(error)")
    }

    @Test("a service that is there without the metric is told so")
    func otherMetrics() async throws {
        let wish = wish("checkout", .builtIn(.memory))
        var cpu = wish
        cpu.guardrail.name = "cpu"
        cpu.guardrail.measure = .builtIn(.cpu)
        let (found, _) = try await define([wish, cpu], [named("process_cpu_time_seconds_total", promoted)])
        let error = try #require(throws: SourceError.self) { try found[wish.pair]?.get() }
        #expect(error.code == .unknownSubject)
        #expect(error.message.contains("The name is there, but on none of the metrics: 'process_memory_usage_bytes'"))
    }

    @Test("own queries are defined without a request, or refused")
    func ownQueries() async throws {
        let wishes: [(String, SeriesWish)] = [
            (
                "by",
                wish(
                    "checkout", .query(OwnQuery(text: "sum by (app) (x[{window}])", by: "app")), name: "co", over: 1800)
            ),
            (
                "service",
                wish("checkout", .query(OwnQuery(text: "sum(x{s=\"{service}\"})", events: "sum(y{s=\"{service}\"})")))
            ),
            ("neither", wish("checkout", .query(OwnQuery(text: "sum(x)")))),
            ("both", wish("checkout", .query(OwnQuery(text: "sum(x{s=\"{service}\"})", by: "s")))),
            ("events", wish("checkout", .query(OwnQuery(text: "sum(x{s=\"{service}\"})", events: "sum(y)")))),
            ("samples", wish("checkout", .query(OwnQuery(text: "sum(x{s=\"{service}\"})")), minimumSamples: 0.8)),
        ].map { name, wish in
            var wish = wish
            wish.guardrail.name = name
            return (name, wish)
        }
        let (found, requests) = try await define(wishes.map(\.1), [])
        #expect(requests.isEmpty)
        #expect(
            try found[Pair("checkout", "by")]?.get()
                == SeriesDefinition(
                    source: "otel", query: "sum by (app) (x[1800s])",
                    details: ["over": "1800", "label": "app", "value": "co"]))
        #expect(
            try found[Pair("checkout", "service")]?.get()
                == SeriesDefinition(
                    source: "otel", query: "sum(x{s=\"checkout\"})",
                    details: ["over": "300", "events": "sum(y{s=\"checkout\"})"]))
        for name in ["neither", "both", "events", "samples"] {
            let error = try #require(throws: SourceError.self) { try found[Pair("checkout", name)]?.get() }
            #expect(error.code == .refused, "\(name)")
        }
    }
}
