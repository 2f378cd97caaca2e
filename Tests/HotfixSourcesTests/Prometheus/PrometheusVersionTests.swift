import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// 2024-01-10 00:00 UTC, when new versions are rolled out.
private let rollout = Instant(1_704_844_800)
private let span = Span(start: rollout - 600, end: rollout + 900, step: 300)

private func times(from: Instant, to: Instant) -> [Instant] {
    stride(from: from.seconds, through: to.seconds, by: 60).map { Instant($0) }
}

/// Services whose versions stand in different places.
private let metrics: OpenMetrics = {
    var metrics = OpenMetrics()
    let before = times(from: rollout - 3000, to: rollout)
    let after = times(from: rollout + 60, to: rollout + 1800)
    func target(_ job: String, _ version: String?, _ environment: String?, _ times: [Instant], instance: String = "a") {
        var labels = ["job": job, "instance": instance]
        labels["service_version"] = version
        labels["deployment_environment_name"] = environment
        metrics.add("target_info", labels, at: times) { _ in 1 }
    }
    // On target_info, in two environments; one window late an old instance reports once more.
    target("shop/checkout", "1.2.3", "production", before)
    target("shop/checkout", "1.2.4", "production", after)
    target("shop/checkout", "1.2.3", "production", [rollout + 420], instance: "b")
    target("shop/checkout", "9.9.9", "staging", before + after)
    // Promoted to the series themselves, without target_info.
    for (version, times) in [("2.0.0", before), ("2.0.1+7", after)] {
        metrics.add(
            "http_server_request_duration_seconds_count",
            [
                "service_name": "cart", "service_version": version, "deployment_environment_name": "production",
                "http_response_status_code": "200",
            ], at: times
        ) { Double($0 - rollout + 9000) }
    }
    // The environment stands on target_info, the version on the series.
    for (instance, environment, version) in [("p", "production", "3.0.0"), ("s", "staging", "4.0.0")] {
        target("shop/payments", nil, environment, before + after, instance: instance)
        metrics.add(
            "process_cpu_time_seconds_total",
            ["job": "shop/payments", "instance": instance, "service_version": version], at: before + after
        ) { Double($0 - rollout + 9000) }
    }
    // No version, or only elsewhere, or of two jobs.
    target("shop/search", nil, "production", before + after)
    target("shop/mail", "1.0", "staging", before + after)
    target("one/twin", "1.0", "production", before + after)
    target("two/twin", "1.0", "production", before + after)
    return metrics
}()

private func wish(_ service: String, environment: String? = "production", at: Instant = rollout + 900) -> VersionWish {
    VersionWish(
        service: Service(name: service, environment: environment, bindings: ["otel": ["service": service]]),
        window: 300, at: at)
}

private func asking(_ service: String, _ definition: SeriesDefinition, _ span: Span = span) -> VersionAsk {
    VersionAsk(service: service, definition: definition, span: span, isThorough: false)
}

@Suite("Versions at a real Prometheus", .heavy)
struct PrometheusVersionTests {
    @Test("are found on target_info or on the series, and seen in every window that had a sample of them")
    func versions() async throws {
        try await withRealPrometheus(metrics) { server in
            try await withClient { client in
                let source = PrometheusSource(name: "otel", url: server.url, client: client)
                let names = ["checkout", "cart", "payments", "search", "mail", "twin"]
                let found = await source.findVersions(names.map { wish($0) })
                var asks: [VersionAsk] = []
                var unknown: [String: String] = [:]
                var wrong: [String: SourceError] = [:]
                for name in names {
                    switch try #require(found[name]) {
                    case .success(.known(let definition)): asks.append(asking(name, definition))
                    case .success(.unknown(let reason, _)): unknown[name] = reason
                    case .success(.unfinished): Issue.record("unfinished: \(name)")
                    case .failure(let error): wrong[name] = error
                    }
                }
                #expect(asks.map(\.service) == ["checkout", "cart", "payments"])
                #expect(
                    unknown["search"]
                        == "no series of 'search' has the label service_version (service.version of OpenTelemetry)")
                // What is not clear is to be mended, and leaves windows missing.
                #expect(unknown.keys.sorted() == ["search"])
                #expect(wrong["mail"]?.message.contains("of other environments: 'staging'") == true)
                #expect(wrong["twin"]?.message.contains("'one/twin', 'two/twin'") == true)
                #expect(wrong.count == 2 && wrong.values.allSatisfy(\.isConfigurationError))
                let answers = await source.versions(asks)
                let seen = Dictionary(
                    uniqueKeysWithValues: answers.map { answer in
                        (
                            answer.ask.service,
                            span.windows.map { answer.seen[$0.start].map { $0.sorted() } ?? ["not answered"] }
                        )
                    })
                #expect(answers.flatMap { $0.failures.map(\.error.message) } == [])
                // A sample at a window's very end belongs to it, as a value's does.
                #expect(seen["checkout"] == [["1.2.3"], ["1.2.3"], ["1.2.4"], ["1.2.3", "1.2.4"], ["1.2.4"]])
                #expect(seen["cart"] == [["2.0.0"], ["2.0.0"], ["2.0.1+7"], ["2.0.1+7"], ["2.0.1+7"]])
                #expect(seen["payments"] == Array(repeating: ["3.0.0"], count: 5))
                let staging = try #require(
                    await source.findVersions([wish("checkout", environment: "staging")])["checkout"])
                guard case .known(let definition) = try staging.get() else {
                    Issue.record("not found in staging")
                    return
                }
                // Of one service in two environments, asked together.
                let both = await source.versions([asks[0], asking("checkout-staging", definition)])
                #expect(both.map { $0.seen[rollout] ?? [] } == [["1.2.4"], ["9.9.9"]])
                // After the last sample none is seen, which is an answer.
                let late = Span(start: rollout + 3600, end: rollout + 3900, step: 300)
                let empty = await source.versions([asking("checkout", asks[0].definition, late)])
                #expect(empty.map(\.seen) == [[rollout + 3600: []]])
            }
        }
    }
}

@Suite("Questions for versions", .heavy)
struct PrometheusVersionWireTests {
    private func withSource(
        _ answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer,
        _ body: (PrometheusSource, LoopbackServer) async throws -> Void
    ) async throws {
        try await withLoopbackServer({ answer($0) }) { server in
            try await withClient(HTTPClient(sleep: { _ in })) { client in
                try await body(PrometheusSource(name: "otel", url: server.url, client: client), server)
            }
        }
    }

    private func definition(
        _ value: String, _ query: String = "count by (job, service_version) (x{job!=\"\"})"
    ) -> SeriesDefinition {
        SeriesDefinition(
            source: "otel", query: query,
            details: ["label": "job", "value": value, "anchor": "job!=\"\"", "version label": "service_version"])
    }

    @Test("of many services in two environments and of different stretches are one request a day of windows")
    func oneRequest() async throws {
        let staging = "count by (job, service_version) (x{job!=\"\",env=\"s\"})"
        try await withSource({ _ in .json(matrixText("")) }) { source, server in
            var asks = (0..<100).map { asking("s\($0)", definition("s\($0)")) }
            asks += (0..<100).map { asking("t\($0)", definition("t\($0)", staging)) }
            asks.append(
                asking("u", definition("u"), Span(start: span.start - 86_400, end: span.start, step: 300)))
            let answers = await source.versions(asks)
            #expect(answers.allSatisfy { $0.seen.count == $0.ask.span.count && $0.failures.isEmpty })
            #expect(server.requests().count == 2)
        }
    }

    @Test(
        "that are not answered whole fail every window",
        arguments: [
            (LoopbackAnswer.json("{}", status: 500), SourceError.Code.failed),
            (.json(matrixText("", extra: ",\"warnings\":[\"a store is down\"]")), .partial),
            (.json("<html>", status: 200), .malformed), (queryError(400, "bad_data", "no"), .refused),
        ])
    func failures(_ reply: LoopbackAnswer, _ code: SourceError.Code) async throws {
        try await withSource({ _ in reply }) { source, _ in
            let answer = try #require(await source.versions([asking("checkout", definition("checkout"))]).first)
            #expect(answer.seen.isEmpty)
            #expect(answer.failures.map(\.span) == [span])
            #expect(answer.failures.map(\.error.code) == [code])
            let found = await source.findVersions([wish("checkout")])
            #expect(throws: SourceError.self) { try found["checkout"]?.get() }
        }
    }

    @Test("of names with dots are asked with dots, once the server is known to store them")
    func dotted() async throws {
        try await withSource({ request in
            let query = request.form.first { $0.0 == "query" }?.1 ?? ""
            let metric =
                query.contains("\"service.version\"")
                ? #"{"__name__":"http.server.request.duration_count","service.name":"checkout"}"#
                : #"{"__name__":"http.server.request.duration_count"}"#
            return .json(
                #"{"status":"success","data":{"resultType":"vector","result":[{"metric":\#(metric),"value":[0,"1"]}]}}"#
                    .replacing("[0,", with: "[\((rollout + 900).seconds),"))
        }) { source, server in
            let found = try #require(await source.findVersions([wish("checkout")])["checkout"]).get()
            guard case .known(let definition) = found else {
                Issue.record("not found: \(found)")
                return
            }
            #expect(
                definition.query
                    == #"count by ("service.name", "service.version") (count_over_time({"http.server.request.duration_count","service.name"!="","service.version"!=""}[299999ms]))"#
            )
            #expect(server.requests().count == 2)
        }
    }
}
