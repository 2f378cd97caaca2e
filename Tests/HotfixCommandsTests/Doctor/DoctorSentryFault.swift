import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// A fault of Sentry or of its project, and what is found.
struct DoctorSentryFault: Sendable, CustomTestStringConvertible {
    var name: String
    var status: HotfixCommands.ExitStatus
    var codes: [String]
    var says: String
    var token = canary
    var project: SimulatedSentry.Project
    var answer: @Sendable (LoopbackRequest) -> LoopbackAnswer?

    var testDescription: String { name }

    init(
        _ name: String, _ status: HotfixCommands.ExitStatus, _ codes: String..., says: String = "",
        token: String = canary,
        project: SimulatedSentry.Project = DoctorSentryFault.busy,
        answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil }
    ) {
        self.name = name
        self.status = status
        self.codes = codes.sorted()
        self.says = says
        self.token = token
        self.project = project
        self.answer = answer
    }
}

extension DoctorSentryFault {
    private static let page = Array("<!DOCTYPE html>\n<html><body>Sign in</body></html>".utf8)

    static let busy = HotfixCommandsTests.project { _ in 200 }

    private static func project(
        environments: [String] = ["production"], slug: String = "checkout-api",
        firstEvent: String? = "2024-01-01T00:00:00.123456Z",
        errors: @escaping @Sendable (Instant) -> Int = { _ in 200 },
        outcomes: (@Sendable (Instant) -> [SimulatedSentry.Project.Outcome])? = nil
    ) -> SimulatedSentry.Project {
        SimulatedSentry.Project(
            id: 101, slug: slug, environments: environments, firstEvent: firstEvent, errors: everyFiveMinutes(errors),
            outcomes: outcomes)
    }

    private static func detail(_ status: Int, _ text: String) -> LoopbackAnswer {
        .json("{\"detail\":\"\(text)\"}", status: status)
    }

    static let all: [DoctorSentryFault] = [
        DoctorSentryFault("401", .wrong, "credentials-refused", "not-examined", says: "Custom Integrations") { _ in
            detail(401, "Invalid token")
        },
        DoctorSentryFault("403 everywhere", .wrong, "scope-missing", "not-examined", says: "org:read") { _ in
            detail(403, "No permission")
        },
        DoctorSentryFault(
            "an organization token", .wrong, "organization-token", "not-examined", says: "sntrys_",
            token: "sntrys_canary-7f3a"
        ) { _ in detail(403, "No permission") },
        DoctorSentryFault("403 of outcomes", .wrong, "scope-missing", "not-examined", says: "'stats_v2'") {
            isFor("stats_v2", $0) ? detail(403, "No permission") : nil
        },
        DoctorSentryFault("403 of the series", .wrong, "scope-missing", "not-examined", says: "'events-timeseries'") {
            isFor("events-timeseries", $0) ? detail(403, "No permission") : nil
        },
        DoctorSentryFault("403 of releases", .done, "scope-missing", says: "Guardrails do without") {
            isFor("releases", $0) ? detail(403, "No permission") : nil
        },
        DoctorSentryFault("no such organization", .wrong, "unknown-organization", "not-examined", says: "the region's")
        { _ in
            detail(404, "The requested resource does not exist")
        },
        DoctorSentryFault("a login page", .wrong, "not-the-api", "not-examined") { _ in .answer(status: 200, body: page)
        },
        DoctorSentryFault("a firewall's page", .wrong, "not-the-api", "not-examined") { _ in
            .answer(status: 403, body: page)
        },
        DoctorSentryFault("502", .unfinished, "server-failed", "not-examined") { _ in .answer(status: 502, body: page)
        },
        DoctorSentryFault("429", .unfinished, "rate-limited", "not-examined") { _ in detail(429, "too frequently") },
        DoctorSentryFault("reset", .unfinished, "no-connection", "not-examined") { _ in .reset },
        DoctorSentryFault(
            "an unknown project", .wrong, "unknown-project", says: "did you mean 'checkout-apj'",
            project: project(slug: "checkout-apj")),
        DoctorSentryFault(
            "an unknown environment", .wrong, "unknown-environment", says: "'prod'",
            project: project(environments: ["prod"])),
        DoctorSentryFault(
            "a project of six hours", .wrong, "short-history", says: "first error event at 2026-11-20T06:00:01Z",
            project: project(firstEvent: "2026-11-20T06:00:01.5Z")),
        DoctorSentryFault(
            "few errors", .done, "too-few-events", says: "about 64 events", project: project(errors: { _ in 12 })),
        DoctorSentryFault(
            "a project that never sent anything", .unfinished, "silent", "zero-baseline", says: "silence, not health",
            project: project(errors: { _ in 0 }, outcomes: { _ in [] })),
        DoctorSentryFault(
            "a project that fell silent", .unfinished, "silent", says: "silence, not health",
            project: project(
                errors: { $0 < noon - 3600 ? 200 : 0 },
                outcomes: { $0 < noon - 7200 ? [.init("error", "accepted", 9)] : [] })),
        DoctorSentryFault(
            "a quota that is used up", .unfinished, "dropped-events", says: "quota",
            project: project(outcomes: { _ in [.init("error", "accepted", 40), .init("error", "rate_limited", 40)] })),
        DoctorSentryFault("a web page in place of values", .unfinished, "malformed-answer") {
            isFor("events-timeseries", $0) ? .answer(status: 200, body: page) : nil
        },
    ]
}
