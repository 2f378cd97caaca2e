import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("hotfix doctor of a real Prometheus server", .heavy)
struct DoctorRealPrometheusTests {
    /// Series of a day and a quarter that end now.
    struct Shop {
        // The server's clock is the machine's.
        let now = Instant(Int(Date().timeIntervalSince1970))
        var metrics = OpenMetrics()

        private func times(from age: Seconds, to end: Seconds = 60) -> [Instant] {
            stride(from: (now - age).floored(to: 60).seconds, through: now.seconds - end, by: 60).map(Instant.init)
        }

        /// A histogram of requests, 100 a minute, of which a share lies in each bucket.
        mutating func add(
            _ service: String, _ environment: String = "production", instance: String = "a",
            bounds: [Double] = [0.1, 0.2, 1],
            from age: Seconds = 108_000, to end: Seconds = 60, perMinute: [Double] = [80, 15, 5, 0]
        ) {
            let first = now - age
            metrics.addHistogram(
                "http_server_request_duration_seconds",
                [
                    "service_name": service, "job": service, "instance": instance,
                    "deployment_environment_name": environment,
                ], bounds: bounds, at: times(from: age, to: end)
            ) { time in perMinute.map { $0 * Double((time - first) / 60) } }
        }

        mutating func add(_ name: String, _ labels: [String: String], _ value: @escaping (Instant) -> Double?) {
            metrics.add(name, labels, at: times(from: 108_000), value)
        }
    }

    /// Runs a body with a real server behind a relay whose clock stands still, however long the body takes.
    private func withServer(
        _ metrics: OpenMetrics, at now: Instant, retention: String = "100y", _ body: (String) async throws -> Void
    ) async throws {
        try await withRealPrometheus(metrics, retention: retention) { server in
            let client = HTTPClient()
            let forward: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { request in
                let isPost = request.method == "POST"
                let call = HTTPCall(
                    isPost ? .post : .get, server.url + request.path, body: isPost ? request.body : nil,
                    repeatable: true)
                guard let answer = try? await client.send(call) else { return .reset }
                return .answer(
                    status: answer.status, headers: [("Content-Type", answer.contentType ?? "")], body: answer.body)
            }
            try await withLoopbackServer(forward, date: { .at(Double(now.seconds)) }, { try await body($0.url) })
            await client.shutDown()
        }
    }

    @Test("each fault of the data is found in the series that has it, and none in the others")
    func faults() async throws {
        var shop = Shop()
        let now = shop.now
        shop.add("fine")
        shop.add("twice", "production", instance: "a")
        shop.add("twice", "staging", instance: "b")
        shop.add("full", perMinute: [40, 30, 20, 10])
        shop.add("young", from: 6 * 3600)
        shop.add("gone", to: 3 * 3600)
        shop.add("load", ["service": "fine", "pod": "a"]) { _ in 1 }
        shop.add("load", ["service": "fine", "pod": "b"]) { _ in 1 }
        shop.add("jobs_total", ["service": "fine"]) { Double(($0 - now) / 60 + 100_000) }
        let policies = [
            "p95.yaml": """
            baseline: {lookback: 1d}
            guardrails:
              p95: {source: otel, measure: latency-p95, limit: +20%}
            """,
            "own.yaml": #"""
            baseline: {lookback: 1d}
            guardrails:
              twice: {source: otel, query: 'load{service="{service}"}', limit: +20%}
              raw: {source: otel, query: 'sum(jobs_total{service="{service}"})', limit: +20%}
              none: {source: otel, query: 'sum(nothing{service="{service}"})', limit: +20%}
              nan: {source: otel, query: 'sum(load{service="{service}"}) * 0 / 0', limit: +20%}
              good: {source: otel, query: 'sum(rate(jobs_total{service="{service}"}[{window}]))', limit: +20%}
              memory: {source: otel, measure: memory, limit: +30%}
            """#,
        ]
        try await withServer(shop.metrics, at: now) { url in
            let services = ["fine", "twice", "full", "young", "gone", "fien", "elsewhere"].map { name in
                let environment =
                    name == "twice" ? "" : name == "elsewhere" ? ", environment: test" : ", environment: production"
                let own = name == "elsewhere" ? "fine" : name
                return "  - {name: \(name)\(environment), otel: {service: \(own)}, policy: p95.yaml}"
            }
            let configuration = """
                policy: own.yaml
                sources: {otel: {type: prometheus, url: "\(url)"}}
                services:
                  - {name: own, environment: production, otel: {service: fine}}
                \(services.joined(separator: "\n"))
                """
            try await withCommands(policies.merging(["hotfix.yaml": configuration]) { $1 }, now: now) { commands in
                let (run, report) = try await commands.doctor()
                let found = report.findings.map { "\($0.subject.name ?? $0.subject.kind) \($0.code)" }.sorted()
                #expect(
                    found
                        == [
                            "\(commands.path(".hotfix/ledger.db")) no-ledger",
                            "elsewhere unknown-environment", "fien/p95 unknown-service",
                            "full/p95 limit-beyond-buckets",
                            "gone/p95 data-stopped", "own/memory unknown-service", "own/nan never-had-data",
                            "own/nan not-a-number", "own/none never-had-data", "own/raw raw-counter",
                            "own/twice several-series", "twice several-environments", "young/p95 short-history",
                        ].sorted(), "\(run.output)")
                #expect(run.status == .wrong)
            }
        }
    }

    @Test("a server that keeps less than the look-back is told by its own word")
    func retention() async throws {
        var shop = Shop()
        shop.add("fine")
        let policy = """
            baseline: {lookback: 1d}
            guardrails:
              p95: {source: otel, measure: latency-p95, limit: +20%}
            """
        let metrics = shop.metrics
        let now = shop.now
        try await withServer(metrics, at: now, retention: "12h") { url in
            let configuration = """
                policy: policy.yaml
                sources: {otel: {type: prometheus, url: "\(url)"}}
                services: [{name: fine, environment: production, otel: {service: fine}}]
                """
            try await withCommands(["policy.yaml": policy, "hotfix.yaml": configuration], now: now) { commands in
                let (run, report) = try await commands.doctor()
                #expect(report.codes.contains("short-retention"), "\(run.output)")
                #expect(run.output.contains("It says that it keeps 12 h of data"))
            }
        }
    }
}
