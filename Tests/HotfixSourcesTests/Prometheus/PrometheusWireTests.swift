import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// Answers one ask from a server that always says the same; waits between attempts are not waited.
private func answer(
    _ reply: LoopbackAnswer, to ask: Ask = asking(pinned()), date: LoopbackDate = .now,
    access: PrometheusAccess = .init(),
    wallClock: @escaping @Sendable () -> Double = systemWallClock
) async throws -> (answer: Answer, requests: [LoopbackRequest]) {
    try await withLoopbackServer({ _ in reply }, date: { date }) { server in
        try await withClient(HTTPClient(wallClock: wallClock, sleep: { _ in })) { client in
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
            .json(matrixText("")), to: asking(pinned(query: query)),
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
            .json(matrixText("")), access: PrometheusAccess(credentials: .basic(user: "1234", password: "glc_pass"))
        ).requests
        #expect(requests.first?.header("Authorization") == "Basic MTIzNDpnbGNfcGFzcw==")
    }

    static let failures: [(LoopbackAnswer, SourceError.Code, String)] = [
        (
            queryError(400, "bad_data", "invalid parameter \\\"query\\\": 1:5: parse error: unexpected"), .refused,
            "parse error: unexpected. Mend the query. The query: x"
        ),
        (plainPage(400, "Client sent an HTTP request to an HTTPS server.\n"), .refused, "HTTPS server"),
        (
            plainPage(401, "Unauthorized\n", "text/plain", [("WWW-Authenticate", "Basic")]), .credentials,
            "Check the credentials"
        ),
        (plainPage(403, "no"), .credentials, "read access"),
        (plainPage(302, "<a href>", "text/html", [("Location", "/login")]), .refused, "login page"),
        (plainPage(404, "404 page not found\n"), .refused, "check the url"),
        (plainPage(405, ""), .refused, "check the url"),
        (queryError(422, "execution", "found duplicate series for the match group"), .refused, "duplicate series"),
        (queryError(422, "execution", "expanding series: context deadline exceeded"), .timedOut, "--query.timeout"),
        (queryError(422, "execution", "expanding series: rpc error: unavailable"), .failed, "storage"),
        (
            queryError(422, "execution", "query processing would load too many samples into memory in query execution"),
            .refused, "--query.max-samples"
        ),
        (queryError(422, "422", "error when parsing query=\\\"x{\\\": unexpected end"), .refused, "unexpected end"),
        (plainPage(429, "slow down", "text/plain", [("Retry-After", "1")]), .rateLimited, "429"),
        (queryError(429, "too_many_requests", "quota"), .rateLimited, "429"),
        (queryError(499, "canceled", "query was canceled"), .failed, "canceled"),
        (queryError(503, "timeout", "query timed out in expression evaluation"), .timedOut, "timed out"),
        (plainPage(503, "Service Unavailable"), .failed, "Service Unavailable"),
        (plainPage(502, "<html>\u{1B}[31mBad Gateway</html>", "text/html"), .failed, "\\u{1B}[31mBad Gateway"),
        (queryError(500, "internal", "boom"), .failed, "boom"),
        (plainPage(200, "<html>Log in</html>", "text/html"), .malformed, "login page"),
        (plainPage(200, "<html>Log in</html>", "application/json"), .malformed, "login page"),
        (plainPage(200, matrixText(""), "text/html"), .malformed, "login page"),
        (
            .json("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["), .malformed,
            "can't be read"
        ),
        (
            .json("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}"), .malformed,
            "vector in place of matrix"
        ),
        (.json("{}"), .malformed, "neither success"),
        (queryError(200, "bad_data", "odd"), .refused, "odd"),
        (
            .json(matrixText(seriesText("1"), extra: ",\"warnings\":[\"Store 3 is unreachable\"]")), .partial,
            "Store 3 is unreachable"
        ),
        (
            .json(
                matrixText(
                    seriesText("1"),
                    extra:
                        ",\"warnings\":[\"PromQL info: metric might not be a counter\",\"results truncated due to limit\"]"
                )), .partial, "truncated"
        ),
        (.json(matrixText(seriesText("1"), extra: ",\"isPartial\":true")), .partial, "isPartial"),
        (.json(matrixText(seriesText("1", points: [300, 450]))), .malformed, "not asked for"),
        (.json(matrixText(seriesText("1", points: [300, 300]))), .malformed, "a second sample"),
        (
            .json(matrixText(seriesText("1") + "," + seriesText("2", more: ",\"route\":\"/\""))), .ambiguous,
            "route=\"/\""
        ),
        (
            .json(
                matrixText(
                    "{\"metric\":{\"service_name\":\"checkout\"},\"histograms\":[[1704845100,{\"count\":\"1\"}]]}")),
            .refused, "histogram_quantile"
        ),
        (.truncated(after: 20, of: .json(matrixText(seriesText("1")))), .partial, ""),
        (.garbage(Array("SSH-2.0-OpenSSH\r\n".utf8)), .malformed, ""),
        (.reset, .unreachable, ""),
    ]

    @Test("what goes wrong is named, and nothing is observed", arguments: failures.indices)
    func failure(_ index: Int) async throws {
        let (reply, code, says) = Self.failures[index]
        let answer = try await answer(reply).answer
        #expect(answer.observations.isEmpty)
        // What is too much for the server is asked in parts, and every part is told.
        #expect(
            answer.failures.first?.span.start == threeWindows.start
                && answer.failures.last?.span.end == threeWindows.end)
        let error = try #require(answer.failures.first?.error)
        #expect(error.code == code, "\(error)")
        #expect(error.message.hasPrefix("otel: "))
        #expect(error.message.contains(says), "\(error)")
    }

    static let values: [(String, [Observation])] = [
        (
            matrixText(seriesText("0.23186639118457306")),
            [0.23186639118457306, 0.23186639118457306, 0.23186639118457306].map { Observation(value: $0) }
        ),
        (matrixText(seriesText("1e-07", points: [900])), [nil, nil, 1e-7].map { Observation(value: $0) }),
        (
            matrixText(seriesText("NaN") + "," + seriesText("5", service: "other")),
            [nil, nil, nil].map { Observation(value: $0) }
        ),
        (matrixText(seriesText("+Inf")), [nil, nil, nil].map { Observation(value: $0) }),
        (matrixText(seriesText("-Inf")), [nil, nil, nil].map { Observation(value: $0) }),
        (
            matrixText("{\"metric\":{},\"values\":[[1704845100,\"1\"]]}"),
            [nil, nil, nil].map { Observation(value: $0) }
        ),
        (matrixText(""), [nil, nil, nil].map { Observation(value: $0) }),
        (
            matrixText(
                seriesText("-3"),
                extra:
                    ",\"warnings\":[\"PromQL warning: x\",\"PromQL info: y\"],\"infos\":[\"PromQL info: z\"],\"stats\":{\"seriesFetched\":\"15\"},\"isPartial\":false"
            ), [-3, -3, -3].map { Observation(value: $0) }
        ),
        (
            matrixText(seriesText("2").replacing("checkout", with: "che\\u0063kout")),
            [2, 2, 2].map { Observation(value: $0) }
        ),
    ]

    @Test("what is answered is observed, a missing value as none", arguments: values.indices)
    func value(_ index: Int) async throws {
        let answer = try await answer(.json(Self.values[index].0)).answer
        #expect(answer.failures.isEmpty)
        #expect(threeWindows.windows.map { answer.observations[$0.start] } == Self.values[index].1)
    }

    @Test(
        "VictoriaMetrics' own type of JSON and no type at all are read",
        arguments: ["application/stream+json; charset=utf-8", ""])
    func contentTypes(_ type: String) async throws {
        let headers = type.isEmpty ? [] : [("Content-Type", type)]
        let answer = try await answer(
            .answer(status: 200, headers: headers, body: Array(matrixText(seriesText("1")).utf8))
        )
        .answer
        #expect(answer.observations.count == 3)
    }

    @Test("a clock more than a minute off is told, and nothing of its answer is taken", arguments: [-90.0, 90])
    func clock(_ offset: Double) async throws {
        let now = systemWallClock()
        let wrong = try await answer(.json(matrixText(seriesText("1"))), date: .at(now + offset), wallClock: { now })
            .answer
        #expect(wrong.failures.map(\.error.code) == [.clock])
        #expect(wrong.observations.isEmpty)
        #expect(wrong.failures.first?.error.message.contains(offset < 0 ? "behind" : "ahead") == true)
        let right = try await answer(
            .json(matrixText(seriesText("1"))), date: .at(now + offset / 3), wallClock: { now }
        )
        .answer
        #expect(right.failures.isEmpty)
        #expect(right.sourceNow == Instant(Int((now + offset / 3).rounded(.down))))
        let none = try await answer(.json(matrixText(seriesText("1"))), date: .omitted).answer
        #expect(none.sourceNow == nil && none.observations.count == 3)
    }

    @Test("windows that by the source's clock are not due are left out")
    func notDue() async throws {
        let now = Instant(Int(systemWallClock()))
        let start = (now - 120).floored(to: 300) - 600
        let late = Span(start: start, end: start + 1200, step: 300)
        let answer = try await answer(.json(matrixText("")), to: asking(pinned(), late)).answer
        let clock = try #require(answer.sourceNow)
        #expect(Set(answer.observations.keys) == Set(late.windows.filter { $0.end + 120 <= clock }.map(\.start)))
        #expect(answer.failures.isEmpty)
    }

    @Test(
        "what may pass is tried three times, a query that is too slow is asked in parts at once",
        arguments: [
            (plainPage(503, "Service Unavailable"), 3), (plainPage(502, ""), 3),
            (queryError(503, "timeout", "query timed out"), 5),
            (queryError(400, "bad_data", "no"), 1), (plainPage(401, ""), 1), (.json(matrixText("")), 1),
        ])
    func attempts(_ reply: LoopbackAnswer, _ expected: Int) async throws {
        #expect(try await answer(reply).requests.count == expected)
    }

    @Test("a secret that the server repeats is not told")
    func secrets() async throws {
        let access = PrometheusAccess(
            credentials: .bearer("sesame-open"), headers: [.init("X-Key", Secret("header-secret"))])
        for reply in [
            plainPage(401, "bad token sesame-open and header-secret"),
            queryError(400, "bad_data", "sesame-open header-secret"),
            plainPage(200, "<html>sesame-open", "text/html"),
            .json(matrixText("", extra: ",\"warnings\":[\"sesame-open\"]")),
        ] {
            let error = try #require(try await answer(reply, access: access).answer.failures.first?.error)
            #expect(!error.message.contains("sesame-open") && !error.message.contains("header-secret"))
            #expect(error.message.contains("(secret)"))
        }
    }
}
