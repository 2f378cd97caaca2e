import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport

/// A command line whose service is asked about at a server that answers as Prometheus does.
struct PrometheusLab: Sendable {
    let commands: CommandLab
    let server: LoopbackServer
}

/// Answers as Prometheus does: with these series, whatever was asked.
func prometheus(_ series: [SimulatedPrometheus.GivenSeries]) -> @Sendable (LoopbackRequest) -> LoopbackAnswer {
    let server = SimulatedPrometheus(given: series)
    return { server.answer($0) }
}

/// A policy with one guardrail, `load`, of a look-back of a day.
func loadPolicy(_ guardrail: String) -> String {
    "baseline: {lookback: 1d}\nstreak: {required: 30m}\nguardrails:\n  load: {source: otel, \(guardrail)}\n"
}

/// A query of one's own, with a limit of 20 % above the baseline.
let loadRule = #"query: 'load{service="{service}"}', limit: +20%, unit: req/s"#

/// Runs a body with a configuration whose source is a simulated Prometheus.
func withPrometheus(
    policy: String = loadPolicy(loadRule), source: String = "", environment: [String: String] = [:],
    _ answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer, _ body: (PrometheusLab) async throws -> Void
) async throws {
    try await withCommands(["policy.yaml": policy], environment: environment, now: noon) { commands in
        try await withLoopbackServer(
            { answer($0) }, date: { .at(commands.clock) },
            { server in
                try commands.write(
                    """
                    policy: policy.yaml
                    sources:
                      otel: {type: prometheus, url: "\(server.url)", recheck: 10m\(source)}
                    services:
                      - {name: checkout, environment: production, otel: {service: checkout}}
                    """, to: "hotfix.yaml")
                try await body(PrometheusLab(commands: commands, server: server))
            })
    }
}
