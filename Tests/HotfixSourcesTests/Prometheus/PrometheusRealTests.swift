import Foundation
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

@testable import HotfixSources

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

    @Test("a built-in measure agrees with arithmetic in every window", arguments: Expectation.all)
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
        "history and the newest window give the same bits, however often they are asked",
        arguments: ["crowd", "mob"], [BuiltInMeasure.latencyP95, .cpu, .memory, .errorShare, .requests])
    func sameBits(_ service: String, _ measure: BuiltInMeasure) async throws {
        try await withClient { client in
            let source = source(client)
            let wish = wish(service, .builtIn(measure))
            let definition = try await defined(wish, by: source)
            let single = await source.answer(
                PrometheusWorld.span.windows.map {
                    ask(wish, definition, Span(start: $0.start, end: $0.end, step: 300))
                })
            let joined = single.reduce(into: [Instant: Observation]()) { $0.merge($1.observations) { $1 } }
            #expect(joined.values.compactMap(\.value).count == 24)
            for _ in 0..<8 {
                let whole = try #require(await source.answer([ask(wish, definition)]).first)
                #expect(joined == whole.observations)
            }
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
        "the queries of every variant without dots are PromQL to this server",
        arguments: MeasureQuery.Buckets.allCases)
    func syntax(_ buckets: MeasureQuery.Buckets) async throws {
        try await withClient { client in
            let api = source(client).api
            var asked: Set<String> = []
            for measure in BuiltInMeasure.allCases {
                for family in MetricFamily.answering(measure) {
                    let question: MeasureQuery.Question =
                        switch measure {
                        case .latencyP95: .quantile
                        case .errorShare: .failedShare(statusLabel: "http_response_status_code")
                        case .requests: .count
                        default: .usage
                        }
                    for joined in [nil, LabelMatcher("deployment_environment", "production")] {
                        let identity = SeriesIdentity(
                            label: underscored(family.scope.identityLabels[0]), value: "x", joined: joined,
                            environment: "")
                        let query = MeasureQuery(
                            question: question, name: family.names[0], family: family, buckets: buckets,
                            identity: identity, over: 1800)
                        asked.formUnion([query.value, query.samples(interval: 60), query.densest])
                        if let events = query.events { asked.insert(events) }
                    }
                }
            }
            #expect(asked.count > 60)
            for query in asked.sorted() {
                await #expect(throws: Never.self, "\(query)") {
                    _ = try await api.instant(query, at: PrometheusWorld.end)
                }
            }
        }
    }

    @Test("a real answer is read as JSONDecoder and strtod read it")
    func differential() async throws {
        try await withClient { client in
            let query =
                "rate({__name__=~\"http.*_bucket|process.*_total\"}[5m])"
                + " or label_replace(vector(0)/0, \"x\", \"\\\"\\\\\\n\", \"\", \"\")"
            let span = PrometheusWorld.span
            let form = formEncoded([
                ("query", query), ("start", "\(span.start.seconds + 300)"), ("end", "\(span.end.seconds)"),
                ("step", "300"),
            ])
            let answer = try await client.send(
                HTTPCall(
                    .post, "\(PrometheusWorld.url)/api/v1/query_range",
                    headers: [("Content-Type", "application/x-www-form-urlencoded")], body: form))
            let grid = TimeGrid(endsOf: span)
            let reply = try PrometheusReply(answer.body, on: grid)
            let expected = try JSONDecoder().decode(DecodedMatrix.self, from: Data(answer.body)).series(on: grid)
            #expect(reply.series.count > 100)
            #expect(reply.series.contains { $0.labels["x"] == "\"\\\n" })
            #expect(reply.series.map(\.labels) == expected.map(\.labels))
            #expect(bits(reply.series) == bits(expected))
            for length in stride(from: 0, to: answer.body.count, by: 9973) {
                #expect(throws: JSONScanner.Failure.self) {
                    try PrometheusReply(Array(answer.body[..<length]), on: grid)
                }
            }
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
