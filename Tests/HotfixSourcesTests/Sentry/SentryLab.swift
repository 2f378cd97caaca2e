import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Synchronization
import Testing

/// The instant that tests of Sentry take place at: the window of 12:00 is complete, the one of 12:05 runs.
let noon = Instant(1_795_176_000)

/// A source and the simulated Sentry that it asks.
struct SentryLab: Sendable {
    let sentry: SimulatedSentry
    let server: LoopbackServer
    let source: SentrySource
    let notices: Notices

    /// What a service named `checkout` wants in production.
    func wish(
        _ measure: BuiltInMeasure = .sentryErrorRate, project: String = "checkout-api",
        environment: String? = "production", over: Seconds? = nil
    ) -> SeriesWish {
        SeriesWish(
            service: Service(
                name: "checkout", environment: environment, bindings: ["sentry": ["project": project]]
            ),
            guardrail: Guardrail(
                name: measure.name, source: "sentry", measure: .builtIn(measure), limits: [.relative(0.25)], over: over
            ), window: 300, at: noon + 300
        )
    }

    /// The definition of a wish, which must have one.
    func definition(_ wish: SeriesWish) async throws -> SeriesDefinition {
        let results = await source.define([wish])
        return try #require(results[wish.pair]).get()
    }

    /// Asks for the windows from `start` to `end`.
    func ask(
        _ definition: SeriesDefinition, from start: Instant = noon, to end: Instant = noon + 300, over: Seconds = 300,
        _ purpose: Ask.Purpose = .judging
    ) -> Ask {
        Ask(
            pair: Pair("checkout", "error-rate"), definition: definition, over: over, countsEvents: false,
            measuresSamples: false, span: Span(start: start, end: end, step: 300), purpose: purpose
        )
    }

    /// Asks, and says what came of it.
    func answer(_ ask: Ask) async throws -> Came {
        let answers = await source.answer([ask])
        #expect(answers.count == 1)
        return Came(try #require(answers.first))
    }

    /// The requests so far to a resource of the organization.
    func requests(to resource: String) -> [LoopbackRequest] {
        server.requests().filter { $0.path == "/api/0/organizations/acme/\(resource)/" }
    }
}

/// What the source told of endpoints to be removed.
final class Notices: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

/// A clock that only tests move.
final class LabClock: Sendable {
    private let time: Mutex<Double>

    init(_ now: Instant) { time = Mutex(Double(now.seconds)) }

    var now: Double { time.withLock { $0 } }
    var instant: Instant { Instant(Int(now)) }

    func advance(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.withLock { $0 += Double(seconds) + Double(attoseconds) / 1e18 }
    }
}

/// An answer as a value that can be compared.
struct Came: Equatable {
    struct Failure: Equatable {
        var span: Span
        var code: SourceError.Code
    }

    var observations: [Instant: Observation]
    var failures: [Failure] = []
    var sourceNow: Instant? = noon + 400
    var acceptedAnything: Bool?

    init(
        _ observations: [Instant: Observation], failures: [Failure] = [], sourceNow: Instant? = noon + 400,
        acceptedAnything: Bool? = nil
    ) {
        self.observations = observations
        self.failures = failures
        self.sourceNow = sourceNow
        self.acceptedAnything = acceptedAnything
    }

    init(_ answer: Answer) {
        observations = answer.observations
        failures = answer.failures.map { Failure(span: $0.span, code: $0.error.code) }
        sourceNow = answer.sourceNow
        acceptedAnything = answer.acceptedAnything
    }
}

/// Runs a body with a source that asks a simulated Sentry at 12:06:40.
func withSentry(
    _ projects: [SimulatedSentry.Project], server kind: SimulatedSentry.Server = .init(), organization: String = "acme",
    token: String = "stub-token", outcomes: Bool = true, retry: HTTPRetry = .none, timeout: Duration = .seconds(20),
    date: LoopbackDate? = nil,
    clock: LabClock = LabClock(noon + 400),
    fault: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil },
    _ body: (SentryLab) async throws -> Void
) async throws {
    let sentry = SimulatedSentry(projects: projects, server: kind, now: { clock.instant }, fault: fault)
    let notices = Notices()
    let client = HTTPClient(wallClock: { clock.now }, sleep: { clock.advance($0) })
    try await withLoopbackServer({ await sentry.answer($0) }, date: { date ?? .at(clock.now) }) { server in
        let source = SentrySource(
            name: "sentry", url: server.url + "/", organization: organization, token: Secret(token), client: client,
            timeout: timeout, retry: retry, outcomes: outcomes, onNotice: { notices.add($0) }
        )
        try await body(SentryLab(sentry: sentry, server: server, source: source, notices: notices))
    }
    await client.shutDown()
}

/// A project with as many errors in every five minutes from 12:00 on as its bucket's number says.
func checkout(_ errors: @escaping @Sendable (Instant) -> Int = { _ in 50 }) -> SimulatedSentry.Project {
    SimulatedSentry.Project(id: 101, slug: "checkout-api", errors: everyFiveMinutes(errors))
}

/// Whether a request is for a resource of the organization.
func isFor(_ resource: String, _ request: LoopbackRequest) -> Bool { request.path.hasSuffix("/\(resource)/") }
