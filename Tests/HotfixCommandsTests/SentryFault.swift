import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// A fault of Sentry, and what a check must come to while it lasts.
struct SentryFault: Sendable, CustomTestStringConvertible {
    var name: String
    /// The resource whose requests fail.
    var resource: String
    var answer: @Sendable (LoopbackRequest) -> LoopbackAnswer
    var status: HotfixCommands.ExitStatus
    /// What standard error must say.
    var says: [String]
    /// What the windows of the faulty time are; nil for missing.
    var verdict: String?
    /// Whether the source is given a second only.
    var isImpatient = false

    /// The same, of a source that is given a second only.
    var inASecond: SentryFault {
        var fault = self
        fault.isImpatient = true
        return fault
    }

    var testDescription: String { "\(name) of \(resource)" }

    init(
        _ name: String, of resource: String = "events-timeseries", _ status: HotfixCommands.ExitStatus,
        says: [String], verdict: String? = nil, _ answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer
    ) {
        self.name = name
        self.resource = resource
        self.answer = answer
        self.status = status
        self.says = says
        self.verdict = verdict
    }

    /// Faults that any request may meet, once for the series and once for the outcomes.
    static let all: [SentryFault] = ["events-timeseries", "stats_v2"].flatMap(general) + forged

    private static func general(_ resource: String) -> [SentryFault] {
        func fault(
            _ name: String, _ status: HotfixCommands.ExitStatus, says: String..., answer: LoopbackAnswer
        ) -> SentryFault {
            SentryFault(name, of: resource, status, says: says) { _ in answer }
        }
        let page = Array("<!DOCTYPE html>\n<html><body>Sign in</body></html>".utf8)
        let zeros = #"{"meta":{},"timeSeries":[],"intervals":[],"groups":[]}"#
        // Each of these costs seconds, so that it is shown once.
        let late =
            resource == "stats_v2"
            ? fault("silence", .unfinished, says: "no full answer within the deadline", answer: .hang)
            : fault(
                "a slow answer", .unfinished, says: "no full answer within the deadline",
                answer: .slow(eachByte: .seconds(5), then: .json(zeros)))
        return [
            late.inASecond,
            fault(
                "401", .unfinished, says: "answered 401: Invalid token", "org:read",
                answer: detail(401, "Invalid token")),
            fault("403", .unfinished, says: "answered 403", "project:read", answer: detail(403, "No permission")),
            fault("403 as a page", .unfinished, says: "an HTML page", answer: .answer(status: 403, body: page)),
            fault(
                "404", .wrong, says: "The requested resource does not exist", "https://de.sentry.io",
                answer: detail(404, "The requested resource does not exist")),
            fault("404 without a body", .unfinished, says: "no such endpoint", answer: .answer(status: 404)),
            fault(
                "410", .unfinished, says: "being removed",
                answer: .json(#"{"message":"This API no longer exists."}"#, status: 410)),
            fault(
                "429 without Retry-After", .unfinished, says: "answered 429", "the next check asks again",
                answer: detail(429, "You are attempting to use this endpoint too frequently.")),
            fault(
                "400 Query timeout", .unfinished, says: "overloaded; the next check asks again",
                answer: detail(400, "Query timeout. Please try again.")),
            fault("400", .wrong, says: "Sentry refuses the query", answer: detail(400, "Invalid field: x")),
            fault("500", .unfinished, says: "answered 500: Internal Error", answer: detail(500, "Internal Error")),
            fault("502 as a page", .unfinished, says: "answered 502", answer: .answer(status: 502, body: page)),
            fault("a login page", .unfinished, says: "a web page came", answer: .answer(status: 200, body: page)),
            fault("garbage", .unfinished, says: "sentry: ", answer: .garbage(Array("+++\r\n\r\n".utf8))),
            fault("no JSON", .unfinished, says: "cannot be read", answer: .answer(status: 200, body: [1, 2, 3])),
            fault("an empty answer", .unfinished, says: "cannot be read", answer: .answer(status: 200)),
            fault("a truncated answer", .unfinished, says: "sentry: ", answer: .truncated(after: 9, of: .json(zeros))),
            fault("a reset connection", .unfinished, says: "sentry: ", answer: .reset),
            fault(
                "a redirect", .unfinished, says: "sentry: ",
                answer: .answer(status: 302, headers: [("Location", "/auth/login/")], body: page)),
        ]
    }

    private static func detail(_ status: Int, _ text: String) -> LoopbackAnswer {
        .json("{\"detail\":\"\(text)\"}", status: status)
    }

    /// Answers that look well, and say that there were no errors.
    private static let forged: [SentryFault] = [
        SentryFault("another interval", .unfinished, says: ["interval of 3600 s in place of 300 s"]) {
            zeros($0, interval: 3600)
        },
        SentryFault("the last bucket alone", .unfinished, says: ["is missing in the answer"]) {
            zeros($0) { start, end in start == end }
        },
        SentryFault("one bucket less", .unfinished, says: ["the bucket of 2026-11-20T12:10:00Z is missing"]) {
            zeros($0) { start, _ in start != noon + 600 }
        },
        SentryFault("a part of the data", .unfinished, says: ["dataScanned: partial"]) {
            zeros($0, meta: #","dataScanned":"partial""#)
        },
        SentryFault("no series", .unfinished, says: ["0 series of count(), not one"]) { _ in
            .json(#"{"meta":{"dataset":"errors"},"timeSeries":[]}"#)
        },
        SentryFault("no project", .wrong, says: ["checkout-api"]) { _ in .json(#"{"timeSeries":[]}"#) },
        SentryFault("incomplete buckets", .done, says: []) { zeros($0, row: #","incomplete":true"#) },
        SentryFault("a clock ten minutes behind", .unfinished, says: ["behind the clock here", "NTP"]) {
            zeros($0, headers: [("Date", httpDate(Double(noon.seconds + 1030 - 600)))])
        },
        SentryFault("a clock ten minutes ahead", .unfinished, says: ["ahead of the clock here", "NTP"]) {
            zeros($0, headers: [("Date", httpDate(Double(noon.seconds + 1030 + 600)))])
        },
        SentryFault("buckets twice", .unfinished, says: ["comes twice"]) { zeros($0, times: 2) },
        SentryFault("another form", .unfinished, says: ["cannot be read"]) { _ in
            .json(#"{"timeSeries":{"values":0}}"#)
        },
        SentryFault("nulls", .done, says: [], verdict: "unproven no-data") { zeros($0, value: "null") },
        SentryFault("negative counts", .done, says: [], verdict: "unproven invalid-value") { zeros($0, value: "-5") },
    ]

    /// An answer of `events-timeseries/` as Sentry forms it.
    private static func zeros(
        _ request: LoopbackRequest, interval: Int = 300, value: String = "0", row: String = "", meta: String = "",
        times: Int = 1, headers: [(String, String)] = [],
        has isThere: (_ start: Instant, _ end: Instant) -> Bool = { _, _ in true }
    ) -> LoopbackAnswer {
        func instant(_ name: String) -> Instant {
            request.query.first { $0.0 == name }.flatMap { Instant(text: $0.1) } ?? noon
        }
        let end = instant("end")
        let rows = stride(from: instant("start").seconds, through: end.seconds, by: interval).filter {
            isThere(Instant($0), end)
        }.flatMap { start in
            repeatElement(#"{"timestamp":\#(start * 1000),"value":\#(value)\#(row)}"#, count: times)
        }
        return .json(
            """
            {"meta":{"dataset":"errors"},"timeSeries":[{"yAxis":"count()","meta":{"interval":\(interval * 1000)\(meta)},
            "values":[\(rows.joined(separator: ","))]}]}
            """, headers: headers)
    }
}
