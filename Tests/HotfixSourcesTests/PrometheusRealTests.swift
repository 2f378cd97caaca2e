import Foundation
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

@testable import HotfixSources

/// What a measure must come to, reached from the made-up series by plain arithmetic.
struct Expectation: Sendable, CustomTestStringConvertible {
    var service: String
    var measure: BuiltInMeasure
    var environment: String? = "production"
    var variant: String
    var unit: String
    /// By the end of the window; nil for no value.
    var value: @Sendable (Instant) -> Double?
    var events: (@Sendable (Instant) -> Double)?

    var testDescription: String { "\(service) \(measure.name)" }
}

/// How much a counter grew in the window that ends here, over a restart too.
private func growth(_ end: Instant, _ counter: (Instant) -> Double) -> Double {
    let values = stride(from: end.seconds - 300, through: end.seconds, by: 60).map { counter(Instant($0)) }
    return zip(values, values.dropFirst()).reduce(0) { $0 + ($1.1 < $1.0 ? $1.1 : $1.1 - $1.0) }
}

private func growths(_ end: Instant, _ counters: [@Sendable (Instant) -> [Double]]) -> [Double] {
    (0...PrometheusWorld.bounds.count).map { bucket in
        counters.reduce(0) { sum, counter in sum + growth(end) { counter($0)[bucket] } }
    }
}

private func quantile(_ counts: [Double]) -> Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    var below = 0.0
    for (index, count) in counts.enumerated() {
        if below + count >= total * 0.95 {
            guard index < PrometheusWorld.bounds.count else { return PrometheusWorld.bounds[index - 1] }
            let low = index == 0 ? 0 : PrometheusWorld.bounds[index - 1]
            return low + (PrometheusWorld.bounds[index] - low) * (total * 0.95 - below) / count
        }
        below += count
    }
    return nil
}

private func buckets(_ paces: [Double]) -> [@Sendable (Instant) -> [Double]] {
    paces.map { PrometheusWorld.buckets($0) }
}
private func requests(_ end: Instant, _ paces: [Double]) -> Double { growths(end, buckets(paces)).reduce(0, +) }
private let idle = [PrometheusWorld.buckets(1, idle: 90..<110)]

/// The mean level of the six samples that a window and both its ends hold.
private func level(_ end: Instant, _ value: (Double) -> Double?) -> Double? {
    let values = stride(from: end.seconds - 300, through: end.seconds, by: 60)
        .compactMap { value(PrometheusWorld.minute(Instant($0))) }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

private let expectations: [Expectation] = [
    Expectation(
        service: "checkout", measure: .latencyP95,
        variant:
            "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
        unit: "s", value: { quantile(growths($0, buckets([8, 16, 1, 2]))) }, events: { requests($0, [8, 16, 1, 2]) }),
    Expectation(
        service: "checkout", measure: .requests,
        variant:
            "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
        unit: "requests", value: { requests($0, [8, 16, 1, 2]) }),
    Expectation(
        service: "checkout", measure: .errorShare,
        variant:
            "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
        unit: "share", value: { requests($0, [1, 2]) / requests($0, [8, 16, 1, 2]) },
        events: { requests($0, [8, 16, 1, 2]) }),
    Expectation(
        service: "checkout", measure: .cpu,
        variant: "process_cpu_time_seconds_total, by service_name, environment by deployment_environment_name",
        unit: "cores",
        value: { end in
            let counters: [@Sendable (Instant) -> Double] = [
                PrometheusWorld.cpu(3), PrometheusWorld.cpu(1), PrometheusWorld.cpu(6, reset: 100),
                PrometheusWorld.cpu(2, reset: 100),
            ]
            return counters.reduce(0) { $0 + growth(end, $1) } / 300 / 2
        }),
    Expectation(
        service: "checkout", measure: .memory,
        variant: "process_memory_usage_bytes, by service_name, environment by deployment_environment_name",
        unit: "bytes",
        value: { end in
            let a = level(end) { (121..<134).contains($0) ? nil : 1e8 + $0 * 4096 }
            let b = level(end) { $0 == 152 ? .nan : (121..<134).contains($0) ? nil : 2e8 + $0 * 4096 }
            guard let a, let b else { return nil }
            return b.isNaN ? a : (a + b) / 2
        }),
    Expectation(
        service: "search", measure: .latencyP95,
        variant:
            "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
        unit: "s", value: { quantile(growths($0, idle)) }, events: { growths($0, idle).reduce(0, +) }),
    Expectation(
        service: "search", measure: .errorShare,
        variant:
            "http_server_request_duration_seconds, classic buckets, by service_name, environment by deployment_environment_name",
        unit: "share", value: { growths($0, idle).reduce(0, +) > 0 ? 0 : nil },
        events: { growths($0, idle).reduce(0, +) }),
    Expectation(
        service: "payments", measure: .latencyP95,
        variant:
            "http_server_request_duration_seconds, classic buckets, by job, environment by deployment_environment_name of target_info",
        unit: "s", value: { quantile(growths($0, buckets([1, 3]))) }, events: { requests($0, [1, 3]) }),
    Expectation(
        service: "payments", measure: .cpu, environment: "staging",
        variant: "process_cpu_time_seconds_total, by job, environment by deployment_environment_name of target_info",
        unit: "cores", value: { growth($0, PrometheusWorld.cpu(9)) / 300 }),
    Expectation(
        service: "payments", measure: .memory,
        variant: "process_memory_usage_bytes, by job, environment by deployment_environment_name of target_info",
        unit: "bytes", value: { _ in 1e8 }),
    Expectation(
        service: "legacy", measure: .latencyP95,
        variant: "http_server_duration_milliseconds, classic buckets, by job, no label of the environment",
        unit: "s", value: { quantile(growths($0, buckets([2]))) }, events: { requests($0, [2]) }),
    Expectation(
        service: "legacy", measure: .errorShare,
        variant: "http_server_duration_milliseconds, classic buckets, by job, no label of the environment",
        unit: "share", value: { _ in 0 }, events: { requests($0, [2]) }),
    Expectation(
        service: "ledger", measure: .cpu,
        variant: "container_cpu_usage_seconds_total, by container, environment as namespace", unit: "cores",
        value: { growth($0, PrometheusWorld.cpu(2)) / 300 }),
    Expectation(
        service: "ledger", measure: .memory,
        variant: "container_memory_working_set_bytes, by container, environment as namespace", unit: "bytes",
        value: { _ in 2e6 }),
    Expectation(
        service: "web-1", measure: .cpu, environment: nil,
        variant: "system_cpu_time_seconds_total, by host_name, no label of the environment", unit: "share",
        value: { _ in 0.5 }),
    Expectation(
        service: "web-1", measure: .memory, environment: nil,
        variant: "system_memory_usage_bytes, by host_name, no label of the environment", unit: "bytes",
        value: { _ in 1e9 }),
]

private func isNear(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right), 1e-9)
}

@Suite("Against a real Prometheus", PrometheusWorld())
struct PrometheusRealTests {
    private func source(_ client: HTTPClient) -> PrometheusSource {
        PrometheusSource(name: "otel", url: PrometheusWorld.url, client: client)
    }

    private func defined(_ wish: SeriesWish, by source: PrometheusSource) async throws -> SeriesDefinition {
        try #require(await source.define([wish])[wish.pair]).get()
    }

    @Test("a built-in measure agrees with arithmetic in every window", arguments: expectations)
    func measure(_ expected: Expectation) async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish(expected.service, .builtIn(expected.measure), environment: expected.environment)
            let definition = try await defined(wish, by: source)
            #expect(definition.variant == expected.variant)
            #expect(definition.unit == expected.unit)
            let answer = try #require(await source.answer([ask(wish, definition)]).first)
            #expect(answer.failures.map(\.error) == [])
            #expect(answer.observations.count == PrometheusWorld.span.count)
            for window in PrometheusWorld.span.windows {
                let seen = answer.observations[window.start]
                #expect(
                    isNear(seen?.value, expected.value(window.end)),
                    "\(window.start): \(String(describing: seen?.value)), expected \(String(describing: expected.value(window.end)))"
                )
                #expect(
                    isNear(seen?.events, expected.events?(window.end)),
                    "\(window.start): \(String(describing: seen?.events)) events")
            }
        }
    }

    @Test(
        "history and the newest window give the same bits", arguments: [BuiltInMeasure.latencyP95, .cpu, .errorShare])
    func sameBits(_ measure: BuiltInMeasure) async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish("checkout", .builtIn(measure))
            let definition = try await defined(wish, by: source)
            let whole = try #require(await source.answer([ask(wish, definition)]).first)
            let single = await source.answer(
                PrometheusWorld.span.windows.map {
                    ask(wish, definition, Span(start: $0.start, end: $0.end, step: 300))
                })
            let joined = single.reduce(into: [Instant: Observation]()) { $0.merge($1.observations) { $1 } }
            #expect(joined.count == 24)
            #expect(joined == whole.observations)
        }
    }

    @Test("a query of all services and one narrowed to a few give the same bits")
    func narrowedBits() async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish("checkout", .builtIn(.latencyP95))
            var definition = try await defined(wish, by: source)
            let narrow = try #require(await source.answer([ask(wish, definition)]).first)
            definition.details["anchor"] = nil
            let wide = try #require(await source.answer([ask(wish, definition)]).first)
            #expect(wide.observations == narrow.observations)
        }
    }

    @Test("definitions do not depend on what else is wished, or in which order")
    func stableDefinitions() async {
        await #expect(throws: Never.self) {
            try await withClient { client in
                let source = source(client)
                let wishes = [
                    wish("checkout", .builtIn(.cpu)), wish("payments", .builtIn(.cpu)), wish("ledger", .builtIn(.cpu)),
                ]
                let together = await source.define(wishes)
                #expect(await source.define(wishes.reversed()) == together)
                for wish in wishes { #expect(await source.define([wish])[wish.pair] == together[wish.pair]) }
            }
        }
    }

    @Test("what can't be told or isn't there is said, not summed")
    func refusals() async throws {
        try await withClient { client in
            let source = source(client)
            let wishes = [
                wish("checkout", .builtIn(.cpu), environment: nil), wish("payments", .builtIn(.cpu), environment: nil),
                wish("chekout", .builtIn(.cpu)), wish("search", .builtIn(.latencyP95), environment: "test"),
                wish("payments", .builtIn(.latencyP95), environment: "test"),
                wish("checkout", .builtIn(.sentryErrorRate), environment: "other"),
            ]
            let errors = await withTaskGroup(of: (Int, SourceError?).self) { group in
                for (index, wish) in wishes.enumerated() {
                    group.addTask {
                        guard case .failure(let error) = await source.define([wish])[wish.pair] else {
                            return (index, nil)
                        }
                        return (index, error)
                    }
                }
                var errors = [SourceError?](repeating: nil, count: wishes.count)
                for await (index, error) in group { errors[index] = error }
                return errors
            }
            #expect(
                errors.map { $0?.code } == [
                    .ambiguous, .ambiguous, .unknownSubject, .unknownSubject, .unknownSubject, .refused,
                ])
            #expect(errors[0]?.message.contains("'production', 'staging'") == true)
            #expect(errors[1]?.message.contains("'production', 'staging'") == true)
            #expect(errors[2]?.message.contains("'checkout'") == true)
            #expect(errors[3]?.message.contains("other environments: 'production'") == true)
            #expect(errors[4]?.message.contains("other environments: 'production', 'staging'") == true)
        }
    }

    @Test("the covered share falls with the samples")
    func samples() async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish(
                "checkout", .builtIn(.memory), minimumSamples: 0.8, at: PrometheusWorld.start + 110 * 60)
            let definition = try await defined(wish, by: source)
            #expect(definition.details["scrape interval"] == "60")
            let span = Span(
                start: PrometheusWorld.start + 110 * 60, end: PrometheusWorld.start + 145 * 60, step: 300)
            let answer = try #require(await source.answer([ask(wish, definition, span)]).first)
            // Samples are missing from minute 121 to 133; a minute belongs to the window that ends with it or after it.
            let shares = span.windows.map { answer.observations[$0.start]?.samples }
            #expect(shares == [1, 1, nil, nil, 0.4, 1, 1])
        }
    }

    @Test("own queries: by label, by name, and with events")
    func ownQueries() async throws {
        try await withClient { client in
            let source = source(client)
            let byLabel = OwnQuery(
                text: """
                    sum by (service_name) (increase(http_server_request_duration_seconds_count{
                        deployment_environment_name="{environment}", http_response_status_code=~"5.."}[{window}]))
                    """, by: "service_name",
                events:
                    "sum by (service_name) (increase(http_server_request_duration_seconds_count{deployment_environment_name=\"{environment}\"}[{window}]))"
            )
            let byName = OwnQuery(
                text: "sum(increase(http_server_request_duration_seconds_count{job='shop/{service}'}[{window}]))")
            let wishes = [wish("checkout", .query(byLabel)), wish("payments", .query(byName), over: 600)]
            let definitions = await source.define(wishes)
            let asks = try wishes.map { ask($0, try #require(definitions[$0.pair]).get()) }
            let answers = await source.answer(asks)
            #expect(answers.flatMap(\.failures).map(\.error) == [])
            for window in PrometheusWorld.span.windows {
                let first = answers.first { $0.ask == asks[0] }?.observations[window.start]
                #expect(isNear(first?.value, requests(window.end, [1, 2])))
                #expect(isNear(first?.events, requests(window.end, [8, 16, 1, 2])))
                let second = answers.first { $0.ask == asks[1] }?.observations[window.start]
                #expect(
                    isNear(second?.value, requests(window.end, [1, 3, 9]) + requests(window.end - 300, [1, 3, 9])))
                #expect(second?.events == nil)
            }
        }
    }

    @Test(
        "own queries that can't be used fail with a reason",
        arguments: [
            ("sum(increase(x{job=\"{service}\"}", nil, SourceError.Code.refused, "parse error"),
            (
                "http_server_request_duration_seconds_count{job=\"shop/{service}\"}", nil, .ambiguous,
                "Aggregate to one series"
            ),
            (
                "sum by (service_name, job, instance) (process_memory_usage_bytes)", "service_name", .ambiguous,
                "Aggregate by (service_name)"
            ),
            (
                "process_cpu_time_seconds_total{job=\"shop/{service}\"} * on (job) target_info", nil, .refused,
                "duplicate series"
            ),
            ("process_memory_usage_bytes{job=\"shop/{service}\"}[5m]", nil, .refused, "range vector"),
        ] as [(String, String?, SourceError.Code, String)])
    func unusable(_ text: String, _ label: String?, _ code: SourceError.Code, _ says: String) async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish("payments", .query(OwnQuery(text: text, by: label)), name: label == nil ? nil : "checkout")
            let definition = try await defined(wish, by: source)
            let answer = try #require(await source.answer([ask(wish, definition)]).first)
            #expect(answer.observations.isEmpty)
            #expect(answer.failures.map(\.span) == [PrometheusWorld.span])
            let error = try #require(answer.failures.first?.error)
            #expect(error.code == code)
            #expect(error.message.contains(says), "\(error)")
            #expect(error.message.contains(definition.query.prefix(20)))
        }
    }

    @Test("a window without data is answered without a value, also where the metric does not exist")
    func nothing() async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish(
                "checkout", .query(OwnQuery(text: "sum by (service_name) (no_such_metric)", by: "service_name")))
            let definition = try await defined(wish, by: source)
            let answer = try #require(await source.answer([ask(wish, definition)]).first)
            #expect(answer.failures.isEmpty)
            #expect(
                answer.observations
                    == Dictionary(
                        uniqueKeysWithValues: PrometheusWorld.span.windows.map { ($0.start, Observation(value: nil)) }))
        }
    }

    @Test(
        "a name may hold anything",
        arguments: ["a\"} or vector(1) or {a=\"", "back\\slash", "new\nline", "ünï`'", "{service}", "\u{301}"])
    func names(_ name: String) async throws {
        try await withClient { client in
            let source = source(client)
            for text in [
                "label_replace(vector(1), \"name\", \"{service}\", \"\", \".*\") unless {name=~\"{service}\"}",
                "count({name='{service}'}) or vector(2)",
            ] {
                let wish = wish("any", .query(OwnQuery(text: text)), name: name)
                let definition = try await defined(wish, by: source)
                let answer = try #require(await source.answer([ask(wish, definition)]).first)
                #expect(answer.failures.map(\.error) == [])
                #expect(answer.observations.count == 24)
            }
            let found = wish(name, .builtIn(.cpu))
            let result = try #require(await source.define([found])[found.pair])
            #expect(throws: SourceError.self) { try result.get() }
        }
    }
}
