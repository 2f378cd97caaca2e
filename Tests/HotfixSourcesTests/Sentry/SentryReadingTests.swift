import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

/// A body of a successful answer, and what it says of the windows of 11:55 and 12:00.
struct SentryBody: Sendable, CustomTestStringConvertible {
    var name: String
    var body: String
    var values: [Instant: Double?] = [:]
    var failed: SourceError.Code?

    var testDescription: String { name }

    /// An answer of `events-timeseries/`.
    static func series(
        _ name: String, interval: String = "300000", meta: String = "", _ values: String, gives: [Instant: Double?]
    ) -> SentryBody {
        SentryBody(
            name: name,
            body: """
                {"meta":{"dataset":"errors","start":1.0,"end":2.0},"timeSeries":[{"yAxis":"count()",
                "meta":{"valueType":"integer","valueUnit":null,"interval":\(interval)\(meta)},"values":[\(values)]}]}
                """, values: gives
        )
    }

    static func lost(_ name: String, interval: String = "300000", meta: String = "", _ values: String) -> SentryBody {
        var row = series(name, interval: interval, meta: meta, values, gives: [:])
        row.failed = .partial
        return row
    }

    static func other(_ name: String, _ body: String, _ code: SourceError.Code) -> SentryBody {
        SentryBody(name: name, body: body, failed: code)
    }

    /// A bucket of `events-timeseries/`.
    static func row(_ start: Instant, _ value: String, _ more: String = #","incomplete":false"#) -> String {
        "{\"timestamp\":\(start.seconds * 1000),\"value\":\(value)\(more)}"
    }

    private static let before = row(noon - 300, "30")
    private static let pending = #","incomplete":true,"incompleteReason":"#

    static let timeseries: [SentryBody] = [
        series(
            "the extra bucket at the end is not taken for a window",
            "\(before),\(row(noon, "40")),\(row(noon + 300, "0", pending + #""INCOMPLETE_BUCKET""#))",
            gives: [noon - 300: 6, noon: 8]
        ),
        series(
            "the order of buckets does not matter", "\(row(noon, "40")),\(before)", gives: [noon - 300: 6, noon: 8]
        ),
        series(
            "numbers may be written with a fraction", interval: "300000.0",
            "{\"timestamp\":\((noon - 300).seconds * 1000).0,\"value\":30.0,\"incomplete\":false},\(row(noon, "4e1"))",
            gives: [noon - 300: 6, noon: 8]
        ),
        series("zero is a value", "\(before),\(row(noon, "0"))", gives: [noon - 300: 6, noon: 0]),
        series("null is no value", "\(before),\(row(noon, "null"))", gives: [noon - 300: 6, noon: nil]),
        series(
            "no value at all is none", "\(before),{\"timestamp\":\(noon.seconds * 1000),\"incomplete\":false}",
            gives: [noon - 300: 6, noon: nil]
        ),
        series(
            "ingestion that lags is not due", "\(before),\(row(noon, "4", pending + #""INGESTION_PENDING""#))",
            gives: [noon - 300: 6]
        ),
        series(
            "a reason that nobody knows yet is not due", "\(before),\(row(noon, "4", pending + #""NEW""#))",
            gives: [noon - 300: 6]
        ),
        series(
            "a flag without a reason is not due", "\(before),\(row(noon, "4", #","incomplete":true"#))",
            gives: [noon - 300: 6]
        ),
        series(
            "what is outside retention has no value",
            "\(row(noon - 300, "0", pending + #""OUTSIDE_RETENTION""#)),\(row(noon, "40"))",
            gives: [noon - 300: nil, noon: 8]
        ),
        lost("another interval", interval: "3600000", "\(before),\(row(noon, "40"))"),
        lost("an interval in seconds", interval: "300", "\(before),\(row(noon, "40"))"),
        lost("no interval", interval: "null", "\(before),\(row(noon, "40"))"),
        lost("partial data", meta: #","dataScanned":"partial""#, "\(before),\(row(noon, "40"))"),
        lost("a missing bucket", before),
        lost("buckets off the clock", "\(row(noon - 299, "30")),\(row(noon + 1, "40"))"),
        lost("no buckets", ""),
        other("no project", #"{"timeSeries":[]}"#, .unknownSubject),
        other("no series", #"{"meta":{},"timeSeries":[]}"#, .partial),
        other(
            "two series", #"{"timeSeries":[{"yAxis":"count()","values":[]},{"yAxis":"count()","values":[]}]}"#, .partial
        ),
        other("a bucket twice", series("", "\(before),\(before),\(row(noon, "40"))", gives: [:]).body, .malformed),
        other("a number as a text", series("", "\(before),\(row(noon, #""40""#))", gives: [:]).body, .malformed),
        other(
            "a broken bucket", series("", "\(before),\(row(noon, "40")),{\"timestamp\":1.5}", gives: [:]).body,
            .malformed),
    ]

    static let stats: [SentryBody] = [
        .init(
            name: "two buckets", body: "{\"data\":[\(cell(noon - 300, "30")),\(cell(noon, "40.0"))]}",
            values: [noon - 300: 6, noon: 8]
        ),
        .init(
            name: "a bucket without a cell has no value",
            body: "{\"data\":[\(cell(noon - 300, "30")),[\(noon.seconds),[]]]}",
            values: [noon - 300: 6, noon: nil]
        ),
        .init(
            name: "null has no value", body: "{\"data\":[\(cell(noon - 300, "30")),\(cell(noon, "null"))]}",
            values: [noon - 300: 6, noon: nil]
        ),
        other(
            "another interval", "{\"data\":[\(cell(noon - 3600, "1")),\(cell(noon, "40"))]}", .partial
        ),
        other("a missing bucket", "{\"data\":[\(cell(noon - 600, "20")),\(cell(noon - 300, "30"))]}", .partial),
        other("one bucket, whose length nobody can tell", "{\"data\":[\(cell(noon, "40"))]}", .partial),
        other("no project", #"{"data":[]}"#, .unknownSubject),
        other("an aggregate of another name", "{\"epm()\":{\"data\":[\(cell(noon, "1"))]}}", .partial),
    ]

    private static func cell(_ start: Instant, _ count: String) -> String {
        "[\(start.seconds),[{\"count\":\(count)}]]"
    }
}

@Suite("Reading Sentry's answers")
struct SentryReadingTests {
    @Test("events-timeseries", arguments: SentryBody.timeseries)
    func timeseries(_ row: SentryBody) async throws {
        try await expect(row, "events-timeseries", hasTimeseries: true)
    }

    @Test("events-stats", arguments: SentryBody.stats)
    func stats(_ row: SentryBody) async throws {
        try await expect(row, "events-stats", hasTimeseries: false)
    }

    private func expect(_ row: SentryBody, _ resource: String, hasTimeseries: Bool) async throws {
        var server = SimulatedSentry.Server()
        server.hasTimeseries = hasTimeseries
        try await withSentry([checkout()], server: server, outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor(resource, $0) ? .json(row.body) : nil }
            let ask = lab.ask(definition, from: noon - 300)
            let came = try await lab.answer(ask)
            let failures = row.failed.map { [Came.Failure(span: ask.span, code: $0)] } ?? []
            let expected = Came(
                row.values.mapValues { Observation(value: $0) }, failures: failures,
                sourceNow: row.failed == nil ? noon + 400 : nil
            )
            #expect(came == expected)
        }
    }
}
