import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// A fault of the server, and what is found.
struct DoctorPrometheusFault: Sendable, CustomTestStringConvertible {
    var name: String
    var status: HotfixCommands.ExitStatus
    var codes: [String]
    var says: String
    var source: String
    var rule: String
    var answer: @Sendable (LoopbackRequest) -> LoopbackAnswer

    var testDescription: String { name }

    init(
        _ name: String, _ status: HotfixCommands.ExitStatus, _ codes: String..., says: String = "", source: String = "",
        rule: String = loadRule, answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer
    ) {
        self.name = name
        self.status = status
        self.codes = codes.sorted()
        self.says = says
        self.source = source
        self.rule = rule
        self.answer = answer
    }

    /// A fault of every answer.
    init(
        _ name: String, _ status: HotfixCommands.ExitStatus, _ code: String, says: String = "",
        always answer: LoopbackAnswer
    ) {
        self.init(name, status, code, "not-examined", says: says) { _ in answer }
    }
}

extension DoctorPrometheusFault {
    private static let page = Array("<!DOCTYPE html>\n<html><body>Sign in</body></html>".utf8)

    static let steady: [SimulatedPrometheus.GivenSeries] = [.init { _, _ in 10 }]

    private static func error(_ status: Int, _ text: String) -> LoopbackAnswer {
        .answer(status: status, headers: [("Content-Type", "text/plain")], body: Array(text.utf8))
    }

    static let all: [DoctorPrometheusFault] = [
        DoctorPrometheusFault(
            "401", .wrong, "credentials-refused", says: "no credentials", always: error(401, "Unauthorized")),
        DoctorPrometheusFault("403", .wrong, "credentials-refused", always: error(403, "Forbidden")),
        DoctorPrometheusFault(
            "no tenant", .wrong, "tenant-missing", says: "X-Scope-OrgID", always: error(401, "no org id")),
        DoctorPrometheusFault(
            "a redirect to a login", .wrong, "redirect", says: "to https://sso.example,",
            always: .answer(status: 302, headers: [("Location", "https://u:p@sso.example/login?token=canary-redirect")])
        ),
        DoctorPrometheusFault(
            "a login page", .wrong, "not-the-api", says: "a web page", always: .answer(status: 200, body: page)),
        DoctorPrometheusFault("another server", .wrong, "not-the-api", always: .json(#"{"hello":"world"}"#)),
        DoctorPrometheusFault(
            "another path", .wrong, "not-the-api", says: "/prometheus", always: error(404, "404 page not found")),
        DoctorPrometheusFault(
            "a proxy that wants credentials", .wrong, "credentials-refused", says: "proxy", always: error(407, "")),
        DoctorPrometheusFault(
            "a server that starts", .unfinished, "server-failed", always: error(503, "Service Unavailable")),
        DoctorPrometheusFault(
            "a proxy whose server is gone", .unfinished, "server-failed", says: "a web page",
            always: .answer(status: 502, body: page)),
        DoctorPrometheusFault("too many requests", .unfinished, "rate-limited", always: error(429, "slow down")),
        DoctorPrometheusFault("a connection that is reset", .unfinished, "no-connection", always: .reset),
        DoctorPrometheusFault("garbage", .unfinished, "malformed-answer", always: .garbage(Array("+++\r\n\r\n".utf8))),
        DoctorPrometheusFault("silence", .unfinished, "timeout", "not-examined", source: ", timeout: 1s") { _ in .hang
        },
        DoctorPrometheusFault("a part of the data", .unfinished, "partial-answer") { request in
            guard request.path.hasSuffix("/query_range") else { return prometheus(steady)(request) }
            return .json(
                #"{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["a store is down"]}"#)
        },
        DoctorPrometheusFault("a query that is refused", .wrong, "query-refused", says: "parse error") { request in
            guard request.form.contains(where: { $0.1.contains("load") }) else { return prometheus(steady)(request) }
            return .json(#"{"status":"error","errorType":"bad_data","error":"parse error"}"#, status: 400)
        },
        DoctorPrometheusFault(
            "two series", .wrong, "several-series", says: "gives 2 series",
            answer: prometheus([
                .init(["pod": "a"]) { _, _ in 1 }, .init(["pod": "b"]) { _, _ in 1 },
            ])),
        DoctorPrometheusFault(
            "no series", .wrong, "never-had-data", says: #"What was asked: load{service="checkout"}"#,
            answer: prometheus([])),
        DoctorPrometheusFault("NaN", .wrong, "never-had-data", "not-a-number", says: "NaN") { request in
            guard request.path.hasSuffix("/query"), request.form.contains(where: { $0.1.contains("load") }),
                let time = request.form.first(where: { $0.0 == "time" })?.1
            else { return prometheus([.init { _, _ in nil }])(request) }
            return .json(
                #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[\#(time),"NaN"]}]}}"#
            )
        },
        DoctorPrometheusFault(
            "a negative baseline", .wrong, "negative-baseline", answer: prometheus([.init { _, _ in -1 }])),
        DoctorPrometheusFault(
            "a baseline of 0", .done, "zero-baseline", says: "floor", answer: prometheus([.init { _, _ in 0 }])),
        DoctorPrometheusFault(
            "data that stopped", .unfinished, "data-stopped", says: "the window of 2026-11-20T09:55:00Z is the newest",
            answer: prometheus([.init { $1 <= noon - 7200 ? 10 : nil }])),
        DoctorPrometheusFault(
            "data of six hours", .wrong, "short-history", says: "begins at 2026-11-20T06:00:00Z",
            answer: prometheus([.init { $1 > noon - 6 * 3600 ? 10 : nil }])),
        DoctorPrometheusFault(
            "noise", .done, "noisy-limit",
            answer: prometheus([.init { $1.seconds / 300 % 8 == 0 ? 20 : 10 }])),
        DoctorPrometheusFault(
            "a counter as it stands", .done, "raw-counter", says: "'jobs_total'",
            rule: #"query: 'sum(jobs_total{service="{service}"})', limit: +20%"#, answer: prometheus(steady)),
        DoctorPrometheusFault(
            "a service in two environments", .done, "several-environments", says: "'production', 'staging'",
            rule: #"query: 'sum(load{service_name="{service}"})', limit: +20%"#
        ) { request in
            guard request.path.hasSuffix("/query"), request.form.contains(where: { $0.1.contains("__name__") }),
                let time = request.form.first(where: { $0.0 == "time" })?.1
            else { return prometheus(steady)(request) }
            let found = ["production", "staging"].map { environment in
                let labels =
                    #"{"__name__":"load","service_name":"checkout","deployment_environment_name":"\#(environment)"}"#
                return #"{"metric":\#(labels),"value":[\#(time),"1"]}"#
            }
            return .json(
                #"{"status":"success","data":{"resultType":"vector","result":[\#(found.joined(separator: ","))]}}"#)
        },
        DoctorPrometheusFault("a retention shorter than the look-back", .done, "short-retention", says: "keeps 12 h") {
            request in
            guard request.path.hasSuffix("/status/runtimeinfo") else { return prometheus(steady)(request) }
            return .json(#"{"status":"success","data":{"storageRetention":"12h"}}"#)
        },
    ]
}
