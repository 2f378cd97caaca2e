import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

/// A fault of Sentry and what it must lead to.
struct SentryFault: Sendable, CustomTestStringConvertible {
    var name: String
    var answer: LoopbackAnswer
    var code: SourceError.Code
    /// What the message must say.
    var says: [String]

    init(_ name: String, _ answer: LoopbackAnswer, _ code: SourceError.Code, says: String...) {
        self.name = name
        self.answer = answer
        self.code = code
        self.says = says
    }

    var testDescription: String { name }

    private static func detail(_ status: Int, _ text: String) -> LoopbackAnswer {
        .json("{\"detail\":\"\(text)\"}", status: status)
    }

    private static func html(_ status: Int) -> LoopbackAnswer {
        .answer(
            status: status, headers: [("Content-Type", "text/html")],
            body: Array("<!DOCTYPE html>\n<html><body>Sign in</body></html>".utf8)
        )
    }

    static let all: [SentryFault] = [
        .init("400", detail(400, "Invalid field: x"), .refused, says: "Invalid field: x"),
        .init("400 as a list", .json(#"["Comparison is wrong"]"#, status: 400), .refused, says: "Comparison is wrong"),
        .init("400 of a validation", .json(#"{"start":["Bad."]}"#, status: 400), .refused, says: "Bad."),
        .init("400 without a body", .answer(status: 400), .refused),
        .init("query timeout", detail(400, "Query timeout. Please try again."), .timedOut, says: "Query timeout"),
        .init("timeout of spans", detail(400, "Request timed out."), .timedOut),
        .init("401", detail(401, "Token expired"), .credentials, says: "Token expired", "org:read", "project:read"),
        .init("401 as a page", html(401), .credentials, says: "org:read"),
        .init("403", detail(403, "You do not have permission to perform this action."), .credentials, says: "org:read"),
        .init(
            "403 as an object",
            .json(#"{"detail":{"code":"sso-required","message":"Must login via SSO","extra":{}}}"#, status: 403),
            .credentials, says: "sso-required: Must login via SSO"
        ),
        .init("403 as a page", html(403), .credentials, says: "an HTML page", "project:read"),
        .init(
            "404", detail(404, "The requested resource does not exist"), .unknownSubject,
            says: "organization 'acme'", "https://de.sentry.io"
        ),
        .init("404 without a body", .answer(status: 404), .failed, says: "no such endpoint"),
        .init(
            "404 for a slash",
            .answer(status: 404, body: Array("Route not found, did you forget a trailing slash?".utf8)), .failed,
            says: "`url`"
        ),
        .init("404 as a page", html(404), .failed, says: "`url`"),
        .init(
            "410",
            .json(
                #"{"message":"This API no longer exists."}"#, status: 410,
                headers: [("X-Sentry-Replacement-Endpoint", "/api/0/new/")]
            ), .failed, says: "This API no longer exists.", "/api/0/new/"
        ),
        .init("429", detail(429, "You are attempting to use this endpoint too frequently."), .rateLimited),
        .init(
            "500", .json(#"{"detail":"Internal Error","errorId":"ab12"}"#, status: 500), .failed, says: "Internal Error"
        ),
        .init("502 as a page", html(502), .failed, says: "502"),
        .init("503", .answer(status: 503), .failed),
        .init("504 as a page", html(504), .failed),
        .init("a login page", html(200), .malformed, says: "web page"),
        .init("no body", .answer(status: 200), .malformed),
        .init("half a body", .answer(status: 200, body: Array(#"{"timeSeries":[{"val"#.utf8)), .malformed),
        .init("another form", .json(#"{"timeSeries":{},"intervals":7}"#), .malformed),
        .init("a list", .json("[]"), .malformed),
        .init(
            "a truncated answer", .truncated(after: 30, of: .json(#"{"meta":{},"timeSeries":[{"values":[]}]}"#)),
            .partial),
        .init("garbage", .garbage(Array("+++\r\n\r\n".utf8)), .malformed),
        .init("a reset connection", .reset, .unreachable),
        .init("a redirect to http", .answer(status: 301), .refused),
        .init(
            "a clock that is behind",
            .json("{}", headers: [("Date", httpDate(Double(noon.seconds + 400 - 61)))]), .clock, says: "61 s behind"
        ),
        .init(
            "a clock that is ahead",
            .json("{}", status: 500, headers: [("Date", httpDate(Double(noon.seconds + 400 + 62)))]), .clock
        ),
        .init("the token in an answer", detail(400, "bad stub-token here"), .refused, says: "bad (secret) here"),
    ]
}

@Suite("Sentry failures")
struct SentryFailureTests {
    private let span = Span(start: noon - 300, end: noon + 300, step: 300)

    @Test("a failure of the series is a failure of its windows, whatever its form", arguments: SentryFault.all)
    func series(_ row: SentryFault) async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor("events-timeseries", $0) ? row.answer : nil }
            try await expect(
                row, of: lab.ask(definition, from: span.start), lab, "project 'checkout-api'", "'production'")
        }
    }

    @Test("judged windows without outcomes were not asked", arguments: SentryFault.all)
    func outcomes(_ row: SentryFault) async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor("stats_v2", $0) ? row.answer : nil }
            try await expect(row, of: lab.ask(definition, from: span.start), lab, "project 'checkout-api'")
        }
    }

    @Test("a look-back of zeros whose outcomes cannot be had was not asked", arguments: SentryFault.all)
    func acceptance(_ row: SentryFault) async throws {
        try await withSentry([checkout { _ in 0 }]) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor("stats_v2", $0) ? row.answer : nil }
            try await expect(row, of: lab.ask(definition, from: span.start, .lookback), lab)
        }
    }

    @Test("a failure of sessions is a failure of its windows", arguments: SentryFault.all)
    func sessions(_ row: SentryFault) async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish(.sentryCrashFreeSessions))
            await lab.sentry.setFault { isFor("sessions", $0) ? row.answer : nil }
            try await expect(row, of: lab.ask(definition, from: span.start), lab, "project 'checkout-api'")
        }
    }

    @Test(
        "nothing is defined from a failure", arguments: SentryFault.all,
        ["projects", "environments", "events-timeseries"])
    func definition(_ row: SentryFault, resource: String) async throws {
        var project = checkout()
        project.hiddenEnvironments = ["hidden"]
        try await withSentry([project]) { lab in
            let wish = lab.wish(environment: "hidden")
            _ = try await lab.definition(wish)
            await lab.sentry.setFault { request in
                if isFor("events-stats", request) { return .answer(status: 500) }
                return isFor(resource, request) ? row.answer : nil
            }
            let result = try #require(await lab.source.define([wish])[wish.pair])
            #expect(throws: SourceError.self) { try result.get() }
        }
    }

    @Test(
        "an answer that does not come in time is none",
        arguments: [LoopbackAnswer.hang, .slow(eachByte: .seconds(9), then: .json("{}"))])
    func slow(_ answer: LoopbackAnswer) async throws {
        try await withSentry([checkout()], timeout: .milliseconds(500)) { lab in
            let ask = Ask(
                pair: Pair("checkout", "error-rate"),
                definition: SeriesDefinition(
                    source: "sentry", query: "",
                    details: [
                        "project": "101", "slug": "checkout-api", "measure": "error-rate",
                        "endpoint": "events-timeseries",
                    ]
                ), over: 300, countsEvents: false, measuresSamples: false, span: span, purpose: .lookback
            )
            await lab.sentry.setFault { _ in answer }
            let came = try await lab.answer(ask)
            #expect(came == Came([:], failures: [.init(span: span, code: .timedOut)], sourceNow: nil))
        }
    }

    @Test("one project's failure leaves the others alone")
    func isolation() async throws {
        let pay = SimulatedSentry.Project(id: 7, slug: "pay", errors: everyFiveMinutes { _ in 5 })
        try await withSentry([checkout(), pay]) { lab in
            let asks = [
                lab.ask(try await lab.definition(lab.wish())),
                lab.ask(try await lab.definition(lab.wish(project: "pay"))),
            ]
            await lab.sentry.setFault { request in
                request.query.contains { $0 == ("project", "101") } ? .answer(status: 500) : nil
            }
            let came = await lab.source.answer(asks).map(Came.init)
            #expect(came[0] == Came([:], failures: [.init(span: asks[0].span, code: .failed)], sourceNow: nil))
            #expect(came[1].observations.mapValues(\.value) == [noon: 1])
            #expect(came[1].failures == [])
        }
    }

    @Test("a limit on requests without Retry-After is waited out until the reset that Sentry names")
    func rateLimit() async throws {
        let clock = LabClock(noon + 400)
        var server = SimulatedSentry.Server()
        server.requestsPerSecond = 2
        try await withSentry([checkout()], server: server, retry: .standard, clock: clock) { lab in
            let definition = try await lab.definition(lab.wish())
            let came = try await lab.answer(lab.ask(definition))
            #expect(came.observations.mapValues(\.value) == [noon: 10])
            #expect(clock.now > Double(noon.seconds) + 401)
        }
    }

    @Test("an endpoint that is about to be removed is told of once")
    func deprecation() async throws {
        var server = SimulatedSentry.Server()
        server.headers = [("X-Sentry-Deprecation-Date", "2027-01-01T00:00:00Z")]
        try await withSentry([checkout()], server: server, outcomes: false) { lab in
            let ask = lab.ask(try await lab.definition(lab.wish()))
            _ = try await lab.answer(ask)
            _ = try await lab.answer(ask)
            let texts = lab.notices.all
            #expect(texts.count == 2)
            #expect(texts.count { $0.contains("events-timeseries/") && $0.contains("2027-01-01") } == 1)
        }
    }

    private func expect(_ row: SentryFault, of ask: Ask, _ lab: SentryLab, _ names: String...) async throws {
        let answer = try #require(await lab.source.answer([ask]).first)
        #expect(answer.observations == [:])
        #expect(answer.failures.map(\.span) == [span])
        let error = try #require(answer.failures.first?.error)
        #expect(error.code == row.code, "\(error)")
        for text in row.says + (row.code == .clock || isTransport(row.answer) ? [] : names) {
            #expect(error.message.contains(text), "\(error)")
        }
        #expect(!error.message.contains("stub-token"))
    }

    private func isTransport(_ answer: LoopbackAnswer) -> Bool {
        switch answer {
        case .answer, .json: false
        case .truncated, .garbage, .reset, .slow, .hang: true
        }
    }
}
