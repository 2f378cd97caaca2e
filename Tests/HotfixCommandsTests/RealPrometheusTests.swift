import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("hotfix check of a Prometheus server", .heavy)
struct RealPrometheusTests {
    @Test("what it refuses, gives twice or does not know judges nothing; the guardrail beside it is judged")
    func mistakes() async throws {
        // The server's clock is the machine's.
        let now = Instant(Int(Date().timeIntervalSince1970))
        let end = (now - 130).floored(to: 300)
        var metrics = OpenMetrics()
        let times = stride(from: end.seconds - 600, through: end.seconds, by: 60).map(Instant.init)
        for pod in ["a", "b"] { metrics.add("load", ["service": "checkout", "pod": pod], at: times) { _ in 1 } }
        let policy = #"""
            guardrails:
              refused: {source: otel, query: 'sum(load{service="{service}"}', limit: {above: 5}}
              twice: {source: otel, query: 'load{service="{service}"}', limit: {above: 5}}
              unknown: {source: otel, measure: latency-p95, limit: {above: 5}}
              good: {source: otel, query: 'sum(load{service="{service}"})', limit: {above: 5}}
            """#
        try await withRealPrometheus(metrics) { server in
            let configuration = """
                policy: policy.yaml
                sources: {otel: {type: prometheus, url: "\(server.url)"}}
                services: [{name: checkout, otel: {service: checkout}}]
                """
            let files = ["hotfix.yaml": configuration, "policy.yaml": policy]
            try await withCommands(files, now: now) { commands in
                let run = await commands.run("check")
                #expect(run.status == .wrong)
                for text in [
                    "checkout/refused", "parse error", "checkout/twice", "gives 2 series for one service",
                    "checkout/unknown: otel: no latency-p95 of 'checkout' (service 'checkout')",
                ] { #expect(run.errors.contains(text), "\(run.errors)") }
                let rows = await commands.rows()
                #expect(rows.map { $0["guardrail"] } == ["good"])
                #expect(rows.map { $0["value"] } == ["2"])
                #expect(rows.map { $0["verdict"] } == ["clean"])
            }
        }
    }
}
