/// A guardrail of the policies below, in the terms of the law.
struct HandRule: Sendable {
    enum Limit: Sendable {
        case relative(Double)
        case above(Double)
    }

    enum Statistic: Sendable {
        case mean, median, seasonal
    }

    var name: String
    var measure: HandMeasure
    var limits: [Limit]
    var minimumEvents: Double?
    var statistic = Statistic.mean
    var isRolling = false
    var confirm = (breaching: 1, of: 1)

    var isRelative: Bool {
        limits.contains { if case .relative = $0 { true } else { false } }
    }
}

/// A policy, as its file says it and as the law reads it.
struct HandPolicy: Sendable {
    var yaml: String
    var rules: [HandRule]

    static let all: [String: HandPolicy] = [
        "main": main, "quiet": quiet, "statistics": statistics, "own": own, "early": early,
    ]

    private static let main = HandPolicy(
        yaml: """
            guardrails:
              latency-p95: {source: otel, measure: latency-p95, limit: +20%}
              error-rate: {source: otel, measure: error-rate, limit: +25%}
              requests: {source: otel, measure: requests, limit: -50%}
              cpu: {source: otel, measure: cpu, limit: +30%}
              memory: {source: otel, measure: memory, limit: +30%}
            """,
        rules: [
            HandRule(name: "latency-p95", measure: .latencyP95, limits: [.relative(0.2)]),
            HandRule(name: "error-rate", measure: .errorShare, limits: [.relative(0.25)]),
            HandRule(name: "requests", measure: .requests, limits: [.relative(-0.5)]),
            HandRule(name: "cpu", measure: .cpu, limits: [.relative(0.3)]),
            HandRule(name: "memory", measure: .memory, limits: [.relative(0.3)]),
        ])

    private static let quiet = HandPolicy(
        yaml: """
            guardrails:
              latency-p95: {source: otel, measure: latency-p95, limit: +20%, minimum_events: 100}
              error-rate: {source: otel, measure: error-rate, limit: [+25%, {above: 50%}], minimum_events: 100}
              cpu: {source: otel, measure: cpu, limit: +30%}
            """,
        rules: [
            HandRule(name: "latency-p95", measure: .latencyP95, limits: [.relative(0.2)], minimumEvents: 100),
            HandRule(
                name: "error-rate", measure: .errorShare, limits: [.relative(0.25), .above(0.5)], minimumEvents: 100),
            HandRule(name: "cpu", measure: .cpu, limits: [.relative(0.3)]),
        ])

    private static let statistics = HandPolicy(
        yaml: """
            guardrails:
              latency-p95: {source: otel, measure: latency-p95, limit: +20%, baseline: {anchor: rolling}}
              requests: {source: otel, measure: requests, limit: -50%, baseline: {statistic: seasonal}}
              cpu:
                source: otel
                measure: cpu
                limit: +30%
                baseline: {statistic: median}
                confirm: {breaching: 2, of: 3}
              memory: {source: otel, measure: memory, limit: +30%, baseline: {statistic: seasonal}}
            """,
        rules: [
            HandRule(name: "latency-p95", measure: .latencyP95, limits: [.relative(0.2)], isRolling: true),
            HandRule(name: "requests", measure: .requests, limits: [.relative(-0.5)], statistic: .seasonal),
            HandRule(
                name: "cpu", measure: .cpu, limits: [.relative(0.3)], statistic: .median,
                confirm: (breaching: 2, of: 3)),
            HandRule(name: "memory", measure: .memory, limits: [.relative(0.3)], statistic: .seasonal),
        ])

    private static let own = HandPolicy(
        yaml: """
            guardrails:
              level:
                source: otel
                query: max(queue_level{service_name="{service}"})
                limit: [+25%, {above: 0.75}]
              jobs:
                source: otel
                query: sum by (service_name) (rate(jobs_total[{window}]))
                by: service_name
                limit: -20%
              retried:
                source: otel
                query: >-
                  sum by (service_name) (increase(retries_total[{window}]))
                  / sum by (service_name) (increase(jobs_total[{window}]))
                by: service_name
                events: sum by (service_name) (increase(jobs_total[{window}]))
                minimum_events: 50
                limit: {above: 0.5}
            """,
        rules: [
            HandRule(name: "level", measure: .level, limits: [.relative(0.25), .above(0.75)]),
            HandRule(name: "jobs", measure: .jobs, limits: [.relative(-0.2)]),
            HandRule(name: "retried", measure: .retried, limits: [.above(0.5)], minimumEvents: 50),
        ])

    private static let early = HandPolicy(
        yaml: """
            guardrails:
              cpu: {source: otel, measure: cpu, limit: +30%}
              memory: {source: otel, measure: memory, limit: +30%, baseline: {statistic: median}}
            """,
        rules: [
            HandRule(name: "cpu", measure: .cpu, limits: [.relative(0.3)]),
            HandRule(name: "memory", measure: .memory, limits: [.relative(0.3)], statistic: .median),
        ])
}
