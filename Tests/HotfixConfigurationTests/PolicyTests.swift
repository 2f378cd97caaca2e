import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct PolicyTests {
    @Test func theRunbookIsReadAsItStands() throws {
        let policy = try parsePolicy(
            text: repositoryText("thresholds/runbook.yaml"), file: "runbook.yaml", sourceTypes: bothSources)
        let baseline = BaselineRule(
            lookback: 604_800, statistic: .mean, anchor: .deployment, minimumCoverage: 0.5, exclude: [])
        #expect(
            policy
                == Policy(
                    window: 300, streak: .init(required: 172_800, longestGap: 3600, warmUp: 0),
                    guardrails: [
                        Guardrail(
                            name: "error-rate", source: "sentry", measure: .builtIn(.sentryErrorRate),
                            limits: [.relative(0.25)], baseline: baseline),
                        Guardrail(
                            name: "latency-p95", source: "otel", measure: .builtIn(.latencyP95),
                            limits: [.relative(0.2)], baseline: baseline),
                        Guardrail(
                            name: "cpu", source: "otel", measure: .builtIn(.cpu), limits: [.relative(0.3)],
                            baseline: baseline),
                        Guardrail(
                            name: "memory", source: "otel", measure: .builtIn(.memory), limits: [.relative(0.3)],
                            baseline: baseline),
                    ]))
    }

    @Test func theRunbookBuiltInIsTheOneShipped() throws {
        #expect(try runbookPolicyText == repositoryText("thresholds/runbook.yaml"))
    }

    @Test func theSteadyPolicyHoldsTheSamePercentages() throws {
        let steady = try parsePolicy(
            text: repositoryText("thresholds/steady.yaml"), file: "steady.yaml", sourceTypes: bothSources)
        let runbook = try parsePolicy(text: runbookPolicyText, file: "runbook.yaml", sourceTypes: bothSources)
        #expect(steady.guardrails.map(\.name) == runbook.guardrails.map(\.name))
        #expect(steady.guardrails.map(\.limits) == runbook.guardrails.map(\.limits))
        #expect(steady.guardrails.map(\.confirm) == Array(repeating: .init(breaching: 2, of: 3), count: 4))
        #expect(steady.guardrails.map(\.baseline.statistic) == Array(repeating: .seasonal, count: 4))
        #expect(steady.guardrails.map(\.minimumEvents) == [nil, 200, nil, nil])
        #expect(steady.guardrails.map(\.floor) == [12.8, 0.05, 0.05, 134_217_728])
    }

    @Test func aThirdPolicyThatUsersAskForIsExpressible() throws {
        let text = """
            guardrails:
              error-rate: {source: otel, measure: error-rate, limit: {above: 1%}}
              latency-p95: {source: otel, measure: latency-p95, limit: {above: 1.2}, confirm: {breaching: 3, of: 3}}
              crash-free-sessions: {source: sentry, measure: crash-free-sessions, limit: {below: 98%}, over: 30m}
            """
        #expect(
            try parsePolicy(text: text, file: "p.yaml", sourceTypes: bothSources).guardrails == [
                Guardrail(
                    name: "error-rate", source: "otel", measure: .builtIn(.errorShare), limits: [.above(0.01)]),
                Guardrail(
                    name: "latency-p95", source: "otel", measure: .builtIn(.latencyP95), limits: [.above(1.2)],
                    confirm: .init(breaching: 3, of: 3)),
                Guardrail(
                    name: "crash-free-sessions", source: "sentry", measure: .builtIn(.sentryCrashFreeSessions),
                    limits: [.below(0.98)], over: 1800),
            ])
    }

    @Test func everyKeyOfAGuardrailIsRead() throws {
        let text = """
            window: 10m
            baseline: {lookback: 14d, statistic: median, anchor: rolling, minimum_coverage: 0.25, exclude: [deployments]}
            streak: {required: 24h, longest_gap: 0, warm_up: 15m}
            guardrails:
              queue:
                source: otel
                query: |
                  # the service's depth
                  max by (queue) (depth{service="{service}", env="{environment}"}[{window}])
                events: sum(increase(jobs{service="{service}"}[{window}]))
                limit: [+25%, {above: 1000}]
                over: 20m
                minimum_events: 64
                minimum_samples: 0.8
                floor: 10
                confirm: {breaching: 2, of: 3}
                severe: 1.5
                no_data: breach
                recover_after: 3
                baseline: {statistic: seasonal}
                severity: warning
                unit: jobs
                link: "https://wiki.example.com/queue?a=b#c"
              saturation: {source: otel, query: max by (service_name) (saturation), by: service_name, limit: {below: -1}}
              errors: {source: sentry, measure: error-rate, limit: -20%, quiet: expected}
            """
        let query =
            "# the service's depth\nmax by (queue) (depth{service=\"{service}\", env=\"{environment}\"}[{window}])\n"
        let baseline = BaselineRule(
            lookback: 14 * 86_400, statistic: .median, anchor: .rolling, minimumCoverage: 0.25, exclude: [.deployments])
        var own = baseline
        own.statistic = .seasonal
        let events = "sum(increase(jobs{service=\"{service}\"}[{window}]))"
        let policy = try parsePolicy(text: text, file: "p.yaml", sourceTypes: bothSources)
        #expect(
            policy
                == Policy(
                    window: 600, streak: .init(required: 86_400, longestGap: 0, warmUp: 900),
                    guardrails: [
                        Guardrail(
                            name: "queue", source: "otel", measure: .query(OwnQuery(text: query, events: events)),
                            limits: [.relative(0.25), .above(1000)], over: 1200, minimumEvents: 64, minimumSamples: 0.8,
                            floor: 10, confirm: .init(breaching: 2, of: 3), severe: 1.5, noData: .breach,
                            recoverAfter: 3,
                            baseline: own, severity: .warning, unit: "jobs",
                            link: "https://wiki.example.com/queue?a=b#c"),
                        Guardrail(
                            name: "saturation", source: "otel",
                            measure: .query(
                                OwnQuery(text: "max by (service_name) (saturation)", by: "service_name")),
                            limits: [.below(-1)], baseline: baseline),
                        Guardrail(
                            name: "errors", source: "sentry", measure: .builtIn(.sentryErrorRate),
                            limits: [.relative(-0.2)], quiet: .expected, baseline: baseline),
                    ]))
    }

    @Test func anchorsAndAliasesStandForTheirValues() throws {
        let text = """
            guardrails:
              cpu: {source: otel, measure: cpu, limit: +30%, confirm: &twice {breaching: 2, of: 3}}
              memory: {source: otel, measure: memory, limit: +30%, confirm: *twice}
            """
        let policy = try parsePolicy(text: text, file: "p.yaml", sourceTypes: bothSources)
        #expect(policy.guardrails.map(\.confirm) == [.init(breaching: 2, of: 3), .init(breaching: 2, of: 3)])
    }
}
