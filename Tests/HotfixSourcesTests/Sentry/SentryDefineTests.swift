import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

/// A wish that has no definition, and why.
struct SentryRefusedWish: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: SourceError.Code
    var says: [String]
    var organization = "acme"
    var token = "stub-token"
    var change: @Sendable (inout SeriesWish) -> Void

    init(
        _ name: String, _ code: SourceError.Code, says: [String], organization: String = "acme",
        token: String = "stub-token", change: @escaping @Sendable (inout SeriesWish) -> Void = { _ in }
    ) {
        testDescription = name
        self.code = code
        self.says = says
        self.organization = organization
        self.token = token
        self.change = change
    }

    static let all: [SentryRefusedWish] = [
        .init("an own query", .refused, says: ["is:unresolved", "error-rate", "crash-free-sessions"]) {
            $0.guardrail.measure = .query(OwnQuery(text: "is:unresolved"))
        },
        .init("a measure of another source", .refused, says: ["prometheus/cpu"]) {
            $0.guardrail.measure = .builtIn(.cpu)
        },
        .init("a service without a project", .refused, says: ["'checkout'", "project:"]) { $0.service.bindings = [:] },
        .init("an over that is no multiple of the window", .refused, says: ["`over`", "400 s", "300 s"]) {
            $0.guardrail.over = 400
        },
        .init("a window that spans cannot have", .refused, says: ["failure-rate", "420 s"]) {
            $0.window = 420
            $0.guardrail.measure = .builtIn(.sentryFailureRate)
        },
        .init("an unknown project", .unknownSubject, says: ["'chekout-api'", "did you mean 'checkout-api'?", "'pay'"]) {
            $0.service.bindings = ["sentry": ["project": "chekout-api"]]
        },
        .init("an unknown id", .unknownSubject, says: ["'102'"]) {
            $0.service.bindings = ["sentry": ["project": "102"]]
        },
        .init(
            "an unknown environment", .unknownSubject,
            says: ["'prod'", "'checkout-api'", "organization 'acme'", "'canary'", "'production'", "'staging'"]
        ) { $0.service.environment = "prod" },
        .init("a misspelt environment", .unknownSubject, says: ["did you mean 'production'?"]) {
            $0.service.environment = "Prodution"
        },
        .init("another project's environment", .unknownSubject, says: ["'eu'"]) { $0.service.environment = "eu" },
        .init(
            "an unknown organization", .unknownSubject, says: ["'acne'", "https://us.sentry.io"], organization: "acne"),
        .init(
            "a wrong token", .credentials, says: ["Invalid token", "org:read", "project:read"], token: "wrong-token"),
        .init(
            "an organization token", .credentials, says: ["sntrys_)", "Custom Integrations"], token: "sntrys_abcdef"),
    ]
}

@Suite("Defining Sentry series")
struct SentryDefineTests {
    private let details = [
        "project": "101", "slug": "checkout-api", "environment": "production", "measure": "error-rate",
        "endpoint": "events-timeseries", "first_event": "2024-01-01T00:00:00Z",
    ]

    @Test("a definition pins everything that asking needs, by slug or by id", arguments: ["checkout-api", "101"])
    func definition(project: String) async throws {
        try await withSentry(projects) { lab in
            let wish = lab.wish(project: project)
            let definition = try await lab.definition(wish)
            #expect(
                definition
                    == SeriesDefinition(
                        source: "sentry",
                        query: "GET \(lab.server.url)/api/0/organizations/acme/events-timeseries/?dataset=errors"
                            + "&yAxis=count()&interval=5m&project=101&environment=production",
                        details: details, variant: "events-timeseries", unit: "1/min"
                    )
            )
            let again = try await lab.definition(wish)
            #expect(again == definition)
        }
    }

    @Test("a hidden environment is known, and none at all means all", arguments: ["canary", nil])
    func environments(_ environment: String?) async throws {
        try await withSentry(projects) { lab in
            let definition = try await lab.definition(lab.wish(environment: environment))
            #expect(definition.details["environment"] == environment)
            let asked = lab.server.requests().contains { $0.path == "/api/0/projects/acme/checkout-api/environments/" }
            #expect(asked == (environment != nil))
        }
    }

    @Test("a wish that cannot be met says what to do", arguments: SentryRefusedWish.all)
    func refused(_ row: SentryRefusedWish) async throws {
        try await withSentry(projects, organization: row.organization, token: row.token) { lab in
            await lab.sentry.setFault { request in
                guard request.header("Authorization")?.contains("sntrys_") == true else { return nil }
                return .json(#"{"detail":"You do not have permission to perform this action."}"#, status: 403)
            }
            var wish = lab.wish()
            row.change(&wish)
            var good = lab.wish()
            good.service.name = "good"
            let results = await lab.source.define([wish, good])
            guard case .failure(let error) = try #require(results[wish.pair]) else {
                Issue.record("\(wish) got a definition")
                return
            }
            #expect(error.code == row.code, "\(error)")
            for text in row.says { #expect(error.message.contains(text), "\(error)") }
            #expect(!error.message.contains(row.token))
            let isOfProject = row.organization == "acme" && row.token == "stub-token"
            #expect((try? #require(results[good.pair]).get().details) == (isOfProject ? details : nil))
        }
    }

    @Test("all pages of projects are read, from the configured server")
    func pages() async throws {
        var server = SimulatedSentry.Server()
        server.pageSize = 2
        let many = (1...5).map { SimulatedSentry.Project(id: $0, slug: "service-\($0)") }
        try await withSentry(many, server: server) { lab in
            let definition = try await lab.definition(lab.wish(project: "service-5"))
            #expect(definition.details["project"] == "5")
            let cursors = lab.requests(to: "projects").map { $0.query.first { $0.0 == "cursor" }?.1 }
            #expect(cursors == [nil, "2:1:0", "2:2:0"])
        }
    }

    @Test("pages that go round in a circle end in an error")
    func circle() async throws {
        let link =
            #"<https://x/>; rel="previous"; results="false"; cursor="a", <https://x/>; rel="next"; results="true"; cursor="b""#
        try await withSentry(projects, fault: { isFor("projects", $0) ? .json("[]", headers: [("Link", link)]) : nil })
        { lab in
            let wish = lab.wish()
            let result = try #require(await lab.source.define([wish])[wish.pair])
            #expect(result.code == .malformed)
        }
    }

    @Test(
        "the older endpoint is taken where the newer one is missing or being removed, and for nothing else",
        arguments: [
            (LoopbackAnswer.answer(status: 404), "events-stats"),
            (.json(#"{"message":"This API no longer exists."}"#, status: 410), "events-stats"),
            (.json(#"{"detail":"The requested resource does not exist"}"#, status: 404), nil),
            (.answer(status: 500), nil),
        ] as [(LoopbackAnswer, String?)]
    )
    func endpoint(_ answer: LoopbackAnswer, _ endpoint: String?) async throws {
        try await withSentry(projects, fault: { isFor("events-timeseries", $0) ? answer : nil }) { lab in
            let wish = lab.wish()
            let result = try #require(await lab.source.define([wish])[wish.pair])
            #expect((try? result.get().variant) == endpoint)
        }
    }

    @Test("a stored series stays with its endpoint")
    func pinned() async throws {
        var server = SimulatedSentry.Server()
        server.hasTimeseries = false
        try await withSentry(projects, server: server, outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.change { _, server in server.hasTimeseries = true }
            _ = try await lab.answer(lab.ask(definition))
            #expect(lab.requests(to: "events-timeseries").count == 1)
            #expect(lab.requests(to: "events-stats").count == 2)
        }
    }

    @Test("the endpoint of a server is looked for once, a project of its own fault apart")
    func oneProbe() async throws {
        let many = (1...3).map { SimulatedSentry.Project(id: $0, slug: "service-\($0)") }
        let forbidden = LoopbackAnswer.json(
            #"{"detail":"You do not have permission to perform this action."}"#, status: 403)
        try await withSentry(
            many,
            fault: { request in
                let isFirst = request.query.contains { $0 == ("project", "1") }
                return isFirst ? forbidden : nil
            }
        ) { lab in
            let wishes = many.map { project in
                var wish = lab.wish(project: project.slug)
                wish.service.name = project.slug
                return wish
            }
            let results = await lab.source.define(wishes)
            #expect(wishes.map { results[$0.pair]?.code } == [.credentials, nil, nil])
            #expect(lab.requests(to: "events-timeseries").count == 2)
        }
    }

    @Test(
        "a stored series that is not this source's is refused without a request",
        arguments: [
            [:], ["project": "101"],
            [
                "project": "101", "slug": "s", "measure": "error-rate", "endpoint": "events-timeseries",
                "region": "https://us.sentry.io",
            ],
        ]
    )
    func foreign(_ details: [String: String]) async throws {
        try await withSentry(projects) { lab in
            let ask = lab.ask(SeriesDefinition(source: "sentry", query: "", details: details))
            let came = try await lab.answer(ask)
            #expect(came == Came([:], failures: [.init(span: ask.span, code: .refused)], sourceNow: nil))
            #expect(lab.server.requests().isEmpty)
        }
    }

    private var projects: [SimulatedSentry.Project] {
        var checkout = checkout()
        checkout.environments = ["production", "staging"]
        checkout.hiddenEnvironments = ["canary"]
        return [checkout, SimulatedSentry.Project(id: 7, slug: "pay", environments: ["eu"])]
    }
}

extension Result where Failure == SourceError {
    /// The code of the failure, nil where there is none.
    var code: SourceError.Code? {
        if case .failure(let error) = self { error.code } else { nil }
    }
}
