import Foundation
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// A real and a simulated Prometheus over the same raw series, started once for a suite.
private struct Twins: SuiteTrait, TestScoping {
    @TaskLocal static var real = ""
    @TaskLocal static var simulated = ""

    /// 2024-01-10 00:00 UTC: counters begin anew.
    static let origin = Instant(1_704_844_800)
    static let span = Span(start: origin - 7200, end: origin + 3600, step: 300)

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let series = Self.series()
        var metrics = OpenMetrics()
        for one in series {
            var index = -1
            metrics.add(one.name, one.labels, at: one.times) { _ in
                index += 1
                return one.values[index].isNaN ? nil : one.values[index]
            }
        }
        let simulated = SimulatedPrometheus(series: series)
        try await withRealPrometheus(metrics) { real in
            try await withLoopbackServer {
                simulated.answer($0)
            } _: { server in
                try await Self.$real.withValue(real.url) {
                    try await Self.$simulated.withValue(server.url) { try await function() }
                }
            }
        }
    }

    private static func series() -> [SimulatedPrometheus.Series] {
        let shop = SimulatedShop(
            services: [
                .init(
                    "checkout", instances: 2, requests: 240, errors: 1, cores: 0.4, bytes: 5e8, seed: 1,
                    slow: [origin + 600..<origin + 1500]),
                .init("search", instances: 1, requests: 90, errors: 1, cores: 1.5, bytes: 2e9, seed: 2),
            ], origin: origin, history: origin - 3 * 3600..<origin + 7200)
        return shop.series().map { one in
            var one = one
            switch one.labels["instance"] {
            // Its samples lie on the borders of windows.
            case "search-0": one.first = one.first - 7
            // It misses scrapes, is silent for half an hour, and then ends.
            case "checkout-1":
                for index in one.values.indices where index % 17 == 3 || (50..<80).contains(index) || index > 200 {
                    one.values[index] = .nan
                }
            default: break
            }
            return one
        }
    }
}

private func isNear(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return abs(left - right) <= 1e-12 * max(abs(left), abs(right))
}

@Suite("The simulated Prometheus beside the real one", Twins())
struct SimulatedPrometheusTests {
    private static let measures: [Measure] =
        [BuiltInMeasure.latencyP95, .errorShare, .requests, .cpu, .memory].map { .builtIn($0) }
        + [
            .query(OwnQuery(text: #"process_memory_usage_bytes{instance="checkout-1",service_name="{service}"}"#)),
            .query(OwnQuery(text: #"process_cpu_time_seconds_total{cpu_mode=~"us.r"}"#, by: "service_name")),
            .query(
                OwnQuery(
                    text: #"sum by (service_name) (rate(process_cpu_time_seconds_total{cpu_mode!="user"}[{window}]))"#,
                    by: "service_name")),
        ]

    @Test("gives the source the same definitions and the same values", arguments: measures, ["checkout", "search"])
    func values(_ measure: Measure, _ service: String) async throws {
        try await withClient { client in
            let samples: Double? = if case .builtIn = measure { 0.5 } else { nil }
            let wish = wish(service, measure, minimumSamples: samples, at: Twins.span.end)
            let real = PrometheusSource(name: "otel", url: Twins.real, client: client)
            let simulated = PrometheusSource(name: "otel", url: Twins.simulated, client: client)
            let definition = try #require(await real.define([wish])[wish.pair]).get()
            let same = try #require(await simulated.define([wish])[wish.pair]).get()
            #expect(same == definition)

            let asked = ask(wish, definition, Twins.span)
            let expected = try #require(await real.answer([asked]).first)
            let answer = try #require(await simulated.answer([asked]).first)
            // Two instances are two series where a query of one's own does not add them up.
            #expect(answer.failures.map(\.error.code) == expected.failures.map(\.error.code))
            #expect(answer.observations.count == expected.observations.count)
            for (window, seen) in expected.observations {
                let given = answer.observations[window]
                #expect(isNear(given?.value, seen.value), "\(window): \(String(describing: given)), \(seen)")
                #expect(isNear(given?.events, seen.events), "\(window): \(String(describing: given)), \(seen)")
                #expect(isNear(given?.samples, seen.samples), "\(window): \(String(describing: given)), \(seen)")
            }
            if case .builtIn = measure { #expect(expected.observations.values.contains { $0.value != nil }) }
        }
    }

    private static let mistakes: [[(String, String)]] = [
        [("query", "up"), ("start", "x"), ("end", "600"), ("step", "60")],
        [("query", "up"), ("start", "0"), ("end", ""), ("step", "60")],
        [("query", "up"), ("start", "600"), ("end", "0"), ("step", "60")],
        [("query", "up"), ("start", "0"), ("end", "600"), ("step", "0")],
        [("query", "up"), ("start", "0"), ("end", "600"), ("step", "-5")],
        [("query", "up"), ("start", "0"), ("end", "600"), ("step", "often")],
        [("query", "up"), ("start", "0"), ("end", "600000"), ("step", "1")],
        [("query", ""), ("start", "0"), ("end", "600"), ("step", "60")],
    ]

    @Test("refuses a wrong call in the same words", arguments: mistakes)
    func mistake(_ form: [(String, String)]) async throws {
        try await withClient { client in
            func refusal(_ url: String) async throws -> [String] {
                let answer = try await client.send(
                    HTTPCall(
                        .post, "\(url)/api/v1/query_range",
                        headers: [("Content-Type", "application/x-www-form-urlencoded")], body: formEncoded(form)))
                return ["\(answer.status)", String(decoding: answer.body, as: UTF8.self)]
            }
            let expected = try await refusal(Twins.real)
            #expect(try await refusal(Twins.simulated) == expected)
        }
    }

    @Test(
        "refuses what it can't evaluate as Prometheus refuses what it can't read",
        arguments: [
            "((", "up", "sum(up{})", "deriv(x{}[300s])", "sum by (a) (x{a=}) ", "x{a=\"b",
            "sum by (a) (rate(x{}[300s]) and on (job) y{})",
        ])
    func unknown(_ query: String) async throws {
        try await withClient { client in
            let source = PrometheusSource(name: "otel", url: Twins.simulated, client: client)
            let answer = try #require(await source.answer([asking(pinned(query: query))]).first)
            let error = try #require(answer.failures.first).error
            #expect(error.code == .refused)
            #expect(error.message.contains("answered 400 bad_data: 1:1: parse error: "), "\(error.message)")
        }
    }

    private static let faults: [(SimulatedFault, SourceError.Code)] = [
        (.down, .unreachable), (.failing(status: 502), .failed), (.rateLimited(retryAfter: 9), .rateLimited),
        (.slow(.seconds(30)), .timedOut), (.partial, .partial), (.garbage, .malformed), (.clockOff(90), .clock),
        (.clockOff(-90), .clock),
    ]

    @Test("has faults on demand, which make no value", arguments: faults)
    func fault(_ fault: SimulatedFault, _ code: SourceError.Code) async throws {
        let simulated = SimulatedPrometheus(given: [.init { _, _ in 1 }])
        try await withLoopbackServer {
            simulated.answer($0)
        } _: { server in
            try await withClient(HTTPClient(sleep: { _ in })) { client in
                func source(_ timeout: Duration) -> PrometheusSource {
                    PrometheusSource(
                        name: "otel", url: server.url, access: PrometheusAccess(timeout: timeout), client: client)
                }
                let asked = asking(pinned(label: nil))
                simulated.faults.set(fault)
                // Only where the answer comes late by far is there no patience.
                let isLate = code == .timedOut
                let failed = try #require(
                    await source(isLate ? .milliseconds(200) : .seconds(30)).answer([asked]).first)
                #expect(failed.observations.isEmpty)
                #expect(failed.failures.map(\.error.code) == [code])
                simulated.faults.set(nil)
                let mended = try #require(await source(.seconds(30)).answer([asked]).first)
                #expect(mended.failures.isEmpty && mended.observations.count == 3)
            }
        }
    }
}
