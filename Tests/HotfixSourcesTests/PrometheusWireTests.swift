import HotfixCore
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// Three windows, the last of them ending at 2024-01-10 00:15.
private let span = Span(start: Instant(1_704_844_800), end: Instant(1_704_845_700), step: 300)

private func definition(label: String? = "service_name", query: String = "x", events: String? = nil) -> SeriesDefinition
{
    var details = ["over": "300", "value": "checkout"]
    details["label"] = label
    details["events"] = events
    return SeriesDefinition(source: "otel", query: query, details: details)
}

private func asking(_ definition: SeriesDefinition, _ span: Span = span, service: String = "checkout") -> Ask {
    var definition = definition
    definition.details["value"] = service
    return Ask(
        pair: Pair(service, "g"), definition: definition, over: 300, countsEvents: definition.details["events"] != nil,
        measuresSamples: false, span: span, purpose: .judging)
}

private func matrix(_ series: String, extra: String = "") -> String {
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[\(series)]}\(extra)}"
}

private func series(_ value: String, service: String = "checkout", more: String = "", points: [Int] = [300, 600, 900])
    -> String
{
    let points = points.map { "[\(1_704_844_800 + $0),\"\(value)\"]" }.joined(separator: ",")
    return "{\"metric\":{\"service_name\":\"\(service)\"\(more)},\"values\":[\(points)]}"
}

private func problem(_ status: Int, _ type: String, _ text: String) -> StubAnswer {
    .json("{\"status\":\"error\",\"errorType\":\"\(type)\",\"error\":\"\(text)\"}", status: status)
}

private func page(_ status: Int, _ text: String, _ type: String = "text/plain", _ more: [(String, String)] = [])
    -> StubAnswer
{
    .answer(status: status, headers: [("Content-Type", type)] + more, body: Array(text.utf8))
}

/// Answers one ask from a stub that always says the same; waits between attempts are not waited.
private func answer(
    _ reply: StubAnswer, to ask: Ask = asking(definition()), date: StubDate = .now, access: PrometheusAccess = .init()
) async throws -> (answer: Answer, requests: [StubRequest]) {
    try await withStubServer({ _ in reply }, date: { date }) { server in
        try await withClient(HTTPClient(sleep: { _ in })) { client in
            let source = PrometheusSource(name: "otel", url: "\(server.url)/base/", access: access, client: client)
            return (try #require(await source.answer([ask]).first), server.requests())
        }
    }
}

@Suite("The query API's answers")
struct PrometheusWireTests {
    @Test("a request is a form with explicit, aligned instants, under the path of the url")
    func request() async throws {
        let query = "x{a=\"+Inf;&=%é\"}"
        let requests = try await answer(
            .json(matrix("")), to: asking(definition(query: query)),
            access: PrometheusAccess(
                credentials: .bearer("sesame-open"), headers: [.init("X-Scope-OrgID", Secret("tenant-1"))])
        ).requests
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.method == "POST" && request.path == "/base/api/v1/query_range")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        #expect(request.header("Authorization") == "Bearer sesame-open")
        #expect(request.header("X-Scope-OrgID") == "tenant-1")
        #expect(
            request.form.map { "\($0.0)=\($0.1)" } == [
                "query=\(query)", "start=1704845100", "end=1704845700", "step=300", "partial_response=false",
                "dedup=true", "max_source_resolution=0s",
            ])
    }

    @Test("basic credentials are sent as such")
    func basic() async throws {
        let requests = try await answer(
            .json(matrix("")), access: PrometheusAccess(credentials: .basic(user: "1234", password: "glc_pass"))
        ).requests
        #expect(requests.first?.header("Authorization") == "Basic MTIzNDpnbGNfcGFzcw==")
    }

    static let failures: [(StubAnswer, SourceError.Code, String)] = [
        (
            problem(400, "bad_data", "invalid parameter \\\"query\\\": 1:5: parse error: unexpected"), .refused,
            "parse error: unexpected. Mend the query. The query: x"
        ),
        (page(400, "Client sent an HTTP request to an HTTPS server.\n"), .refused, "HTTPS server"),
        (
            page(401, "Unauthorized\n", "text/plain", [("WWW-Authenticate", "Basic")]), .credentials,
            "Check the credentials"
        ),
        (page(403, "no"), .credentials, "read access"),
        (page(302, "<a href>", "text/html", [("Location", "/login")]), .refused, "login page"),
        (page(404, "404 page not found\n"), .refused, "check the url"),
        (page(405, ""), .refused, "check the url"),
        (problem(422, "execution", "found duplicate series for the match group"), .refused, "duplicate series"),
        (problem(422, "execution", "expanding series: context deadline exceeded"), .timedOut, "--query.timeout"),
        (problem(422, "execution", "expanding series: rpc error: unavailable"), .failed, "storage"),
        (
            problem(422, "execution", "query processing would load too many samples into memory in query execution"),
            .refused, "--query.max-samples"
        ),
        (problem(422, "422", "error when parsing query=\\\"x{\\\": unexpected end"), .refused, "unexpected end"),
        (page(429, "slow down", "text/plain", [("Retry-After", "1")]), .rateLimited, "429"),
        (problem(429, "too_many_requests", "quota"), .rateLimited, "429"),
        (problem(499, "canceled", "query was canceled"), .failed, "canceled"),
        (problem(503, "timeout", "query timed out in expression evaluation"), .timedOut, "timed out"),
        (page(503, "Service Unavailable"), .failed, "Service Unavailable"),
        (page(502, "<html>\u{1B}[31mBad Gateway</html>", "text/html"), .failed, "\\u{1B}[31mBad Gateway"),
        (problem(500, "internal", "boom"), .failed, "boom"),
        (page(200, "<html>Log in</html>", "text/html"), .malformed, "login page"),
        (page(200, "<html>Log in</html>", "application/json"), .malformed, "login page"),
        (page(200, matrix(""), "text/html"), .malformed, "login page"),
        (
            .json("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["), .malformed,
            "can't be read"
        ),
        (
            .json("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"), .malformed,
            "vector in place of matrix"
        ),
        (.json("{}"), .malformed, "neither success"),
        (problem(200, "bad_data", "odd"), .refused, "odd"),
        (
            .json(matrix(series("1"), extra: ",\"warnings\":[\"Store 3 is unreachable\"]")), .partial,
            "Store 3 is unreachable"
        ),
        (
            .json(
                matrix(
                    series("1"),
                    extra:
                        ",\"warnings\":[\"PromQL info: metric might not be a counter\",\"results truncated due to limit\"]"
                )), .partial, "truncated"
        ),
        (.json(matrix(series("1"), extra: ",\"isPartial\":true")), .partial, "isPartial"),
        (.json(matrix(series("1", points: [300, 450]))), .malformed, "not asked for"),
        (.json(matrix(series("1", points: [300, 300]))), .malformed, "a second sample"),
        (.json(matrix(series("1") + "," + series("2", more: ",\"route\":\"/\""))), .ambiguous, "route=\"/\""),
        (
            .json(
                matrix("{\"metric\":{\"service_name\":\"checkout\"},\"histograms\":[[1704845100,{\"count\":\"1\"}]]}")),
            .refused, "histogram_quantile"
        ),
        (.truncated(after: 20, of: .json(matrix(series("1")))), .partial, ""),
        (.garbage(Array("SSH-2.0-OpenSSH\r\n".utf8)), .malformed, ""),
        (.reset, .unreachable, ""),
    ]

    @Test("what goes wrong is named, and nothing is observed", arguments: failures.indices)
    func failure(_ index: Int) async throws {
        let (reply, code, says) = Self.failures[index]
        let answer = try await answer(reply).answer
        #expect(answer.observations.isEmpty)
        // What is too much for the server is asked in parts, and every part is told.
        #expect(answer.failures.first?.span.start == span.start && answer.failures.last?.span.end == span.end)
        let error = try #require(answer.failures.first?.error)
        #expect(error.code == code, "\(error)")
        #expect(error.message.hasPrefix("otel: "))
        #expect(error.message.contains(says), "\(error)")
    }

    static let values: [(String, [Observation])] = [
        (
            matrix(series("0.23186639118457306")),
            [0.23186639118457306, 0.23186639118457306, 0.23186639118457306].map { Observation(value: $0) }
        ),
        (matrix(series("1e-07", points: [900])), [nil, nil, 1e-7].map { Observation(value: $0) }),
        (matrix(series("NaN") + "," + series("5", service: "other")), [nil, nil, nil].map { Observation(value: $0) }),
        (matrix(series("+Inf")), [nil, nil, nil].map { Observation(value: $0) }),
        (matrix(series("-Inf")), [nil, nil, nil].map { Observation(value: $0) }),
        (matrix("{\"metric\":{},\"values\":[[1704845100,\"1\"]]}"), [nil, nil, nil].map { Observation(value: $0) }),
        (matrix(""), [nil, nil, nil].map { Observation(value: $0) }),
        (
            matrix(
                series("-3"),
                extra:
                    ",\"warnings\":[\"PromQL warning: x\",\"PromQL info: y\"],\"infos\":[\"PromQL info: z\"],\"stats\":{\"seriesFetched\":\"15\"},\"isPartial\":false"
            ), [-3, -3, -3].map { Observation(value: $0) }
        ),
        (matrix(series("2").replacing("checkout", with: "che\\u0063kout")), [2, 2, 2].map { Observation(value: $0) }),
    ]

    @Test("what is answered is observed, a missing value as none", arguments: values.indices)
    func value(_ index: Int) async throws {
        let answer = try await answer(.json(Self.values[index].0)).answer
        #expect(answer.failures.isEmpty)
        #expect(span.windows.map { answer.observations[$0.start] } == Self.values[index].1)
    }

    @Test(
        "VictoriaMetrics' own type of JSON and no type at all are read",
        arguments: ["application/stream+json; charset=utf-8", ""])
    func contentTypes(_ type: String) async throws {
        let headers = type.isEmpty ? [] : [("Content-Type", type)]
        let answer = try await answer(.answer(status: 200, headers: headers, body: Array(matrix(series("1")).utf8)))
            .answer
        #expect(answer.observations.count == 3)
    }

    @Test("a clock more than a minute off is told, and nothing of its answer is taken", arguments: [-90.0, 90])
    func clock(_ offset: Double) async throws {
        let now = systemWallClock()
        let wrong = try await answer(.json(matrix(series("1"))), date: .at(now + offset)).answer
        #expect(wrong.failures.map(\.error.code) == [.clock])
        #expect(wrong.observations.isEmpty)
        #expect(wrong.failures.first?.error.message.contains(offset < 0 ? "behind" : "ahead") == true)
        let right = try await answer(.json(matrix(series("1"))), date: .at(now + offset / 3)).answer
        #expect(right.failures.isEmpty)
        #expect(right.sourceNow == Instant(Int((now + offset / 3).rounded(.down))))
        let none = try await answer(.json(matrix(series("1"))), date: .omitted).answer
        #expect(none.sourceNow == nil && none.observations.count == 3)
    }

    @Test("windows that by the source's clock are not due are left out")
    func notDue() async throws {
        let now = Instant(Int(systemWallClock()))
        let start = (now - 120).floored(to: 300) - 600
        let late = Span(start: start, end: start + 1200, step: 300)
        let answer = try await answer(.json(matrix("")), to: asking(definition(), late)).answer
        let clock = try #require(answer.sourceNow)
        #expect(Set(answer.observations.keys) == Set(late.windows.filter { $0.end + 120 <= clock }.map(\.start)))
        #expect(answer.failures.isEmpty)
    }

    @Test(
        "what may pass is tried three times, a query that is too slow is asked in parts at once",
        arguments: [
            (page(503, "Service Unavailable"), 3), (page(502, ""), 3), (problem(503, "timeout", "query timed out"), 5),
            (problem(400, "bad_data", "no"), 1), (page(401, ""), 1), (.json(matrix("")), 1),
        ])
    func attempts(_ reply: StubAnswer, _ expected: Int) async throws {
        #expect(try await answer(reply).requests.count == expected)
    }

    @Test("a secret that the server repeats is not told")
    func secrets() async throws {
        let access = PrometheusAccess(
            credentials: .bearer("sesame-open"), headers: [.init("X-Key", Secret("header-secret"))])
        for reply in [
            page(401, "bad token sesame-open and header-secret"), problem(400, "bad_data", "sesame-open header-secret"),
            page(200, "<html>sesame-open", "text/html"),
            .json(matrix("", extra: ",\"warnings\":[\"sesame-open\"]")),
        ] {
            let error = try #require(try await answer(reply, access: access).answer.failures.first?.error)
            #expect(!error.message.contains("sesame-open") && !error.message.contains("header-secret"))
            #expect(error.message.contains("(secret)"))
        }
    }
}

@Suite("What is asked of the query API together")
struct PrometheusBatchTests {
    /// Answers every service's window with the number of its first request.
    private func run(
        _ asks: [Ask], reply: @escaping @Sendable (StubRequest) -> StubAnswer
    ) async throws -> (answers: [Answer], requests: [StubRequest]) {
        try await withStubServer(reply) { server in
            try await withClient(HTTPClient(sleep: { _ in })) { client in
                let source = PrometheusSource(name: "otel", url: server.url, client: client)
                return (await source.answer(asks), server.requests())
            }
        }
    }

    private func value(_ name: String, in request: StubRequest) -> String {
        request.form.first { $0.0 == name }?.1 ?? ""
    }

    @Test("a guardrail costs one request however many services, one more where events are counted")
    func requests() async throws {
        let services = (0..<60).map { "s\($0)" }
        let asks = services.map { asking(definition(events: "e"), service: $0) }
        let (answers, requests) = try await run(asks) { request in
            let value = request.form.first { $0.0 == "query" }?.1 == "e" ? "7" : "3"
            return .json(matrix(services.map { series(value, service: $0) }.joined(separator: ",")))
        }
        #expect(requests.count == 2)
        #expect(answers.count == 60)
        #expect(
            answers.allSatisfy {
                $0.observations.count == 3
                    && $0.observations.values.allSatisfy { $0 == Observation(value: 3, events: 7) }
            })
    }

    @Test("a week is asked day by day, and a day that fails takes no other with it")
    func days() async throws {
        let week = Span(start: span.start, end: span.start + 7 * 86_400, step: 300)
        let third = span.start + 2 * 86_400
        let (answers, requests) = try await run([asking(definition(), week)]) { request in
            request.form.contains { $0.0 == "start" && $0.1 == "\(third.seconds + 300)" }
                ? problem(400, "bad_data", "no") : .json(matrix(""))
        }
        let ranges = requests.map { (Int(value("start", in: $0)) ?? 0, Int(value("end", in: $0)) ?? 0) }.sorted {
            $0 < $1
        }
        #expect(ranges.map(\.0) == (0..<7).map { span.start.seconds + $0 * 86_400 + 300 })
        #expect(ranges.map(\.1) == (0..<7).map { span.start.seconds + ($0 + 1) * 86_400 })
        let answer = try #require(answers.first)
        #expect(answer.failures.map(\.span) == [Span(start: third, end: third + 86_400, step: 300)])
        #expect(answer.observations.count == 6 * 288)
        #expect(answer.observations[third] == nil && answer.observations[third - 300] != nil)
    }

    @Test("what is too much for the server is asked in halves, twice")
    func halves() async throws {
        let day = Span(start: span.start, end: span.start + 86_400, step: 300)
        let bad = span.start.seconds + 300
        let (answers, requests) = try await run([asking(definition(), day)]) { request in
            let start = Int(request.form.first { $0.0 == "start" }?.1 ?? "") ?? 0
            let end = Int(request.form.first { $0.0 == "end" }?.1 ?? "") ?? 0
            return start == bad || end - start > 50_000
                ? problem(422, "execution", "query processing would load too many samples into memory")
                : .json(matrix(""))
        }
        #expect(requests.count == 5)
        let answer = try #require(answers.first)
        #expect(answer.failures.map(\.span) == [Span(start: span.start, end: span.start + 21_600, step: 300)])
        #expect(answer.observations.count == 288 - 72)
    }

    @Test("no more than four requests are under way at once")
    func concurrency() async throws {
        let gauge = Gauge()
        let month = Span(start: span.start, end: span.start + 20 * 86_400, step: 300)
        try await withStubServer({ _ in
            await gauge.enter()
            await Task.yield()
            await gauge.leave()
            return .json(matrix(""))
        }) { server in
            try await withClient { client in
                let source = PrometheusSource(name: "otel", url: server.url, client: client)
                let answer = try #require(await source.answer([asking(definition(), month)]).first)
                #expect(answer.observations.count == 20 * 288)
                #expect(server.requests().count == 20)
                #expect(await gauge.most <= 4)
            }
        }
    }

    @Test("an ask that its pinned definition can't answer is refused without a request")
    func unanswerable() async throws {
        var events = asking(definition())
        events.countsEvents = true
        var samples = asking(definition())
        samples.measuresSamples = true
        var over = asking(definition())
        over.over = 600
        let empty = asking(definition(), Span(start: span.start, end: span.start, step: 300))
        let (answers, requests) = try await run([events, samples, over, empty]) { _ in .json(matrix("")) }
        #expect(requests.isEmpty)
        #expect(answers.map { $0.failures.map(\.error.code) } == [[.refused], [.refused], [.refused], []])
    }

    @Test("events that can't be had take the value with them")
    func eventsFail() async throws {
        let (answers, _) = try await run([asking(definition(events: "e"))]) { request in
            request.form.first { $0.0 == "query" }?.1 == "e"
                ? problem(400, "bad_data", "no") : .json(matrix(series("1")))
        }
        #expect(answers.map { $0.failures.map(\.span) } == [[span]])
        #expect(answers.map(\.observations) == [[:]])
    }
}

private actor Gauge {
    private(set) var most = 0
    private var now = 0

    func enter() {
        now += 1
        most = max(most, now)
    }

    func leave() { now -= 1 }
}
