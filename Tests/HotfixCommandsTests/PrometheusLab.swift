import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport

/// A command line whose service is asked about at a server that answers as Prometheus does.
struct PrometheusLab: Sendable {
    let commands: CommandLab
    let server: LoopbackServer
}

/// A series that a simulated Prometheus answers every range query with.
struct SimulatedSeries: Sendable {
    /// The labels as JSON.
    var labels: String
    /// Its value at an instant; nil where it has none.
    var value: @Sendable (Instant) -> Double?

    init(_ labels: String = "{}", _ value: @escaping @Sendable (Instant) -> Double?) {
        self.labels = labels
        self.value = value
    }
}

/// Answers as Prometheus does: range queries with these series, whatever was asked, and instant queries with nothing.
func prometheus(_ series: [SimulatedSeries]) -> @Sendable (LoopbackRequest) -> LoopbackAnswer {
    { request in
        guard request.path.hasSuffix("/query_range") else {
            return .json(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
        }
        let pairs = request.form + request.query
        func number(_ name: String) -> Int { pairs.first { $0.0 == name }.flatMap { Int($0.1) } ?? 0 }
        let steps = stride(from: number("start"), through: number("end"), by: max(1, number("step")))
        let results = series.map { one in
            let values = steps.compactMap { time in one.value(Instant(time)).map { "[\(time),\"\($0)\"]" } }
            return #"{"metric":\#(one.labels),"values":[\#(values.joined(separator: ","))]}"#
        }
        return .json(
            #"{"status":"success","data":{"resultType":"matrix","result":[\#(results.joined(separator: ","))]}}"#)
    }
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
