import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

@Suite("Sentry failure rates and crash-free sessions")
struct SentrySharesTests {
    typealias Share = SimulatedSentry.Project.Share

    @Test("a failure rate comes with the transactions that were really seen", arguments: [true, false])
    func failureRate(hasTimeseries: Bool) async throws {
        var server = SimulatedSentry.Server()
        server.hasTimeseries = hasTimeseries
        let project = SimulatedSentry.Project(
            id: 101, slug: "checkout-api",
            transactions: { $0 == noon ? Share(400, failed: 30, sampled: 40) : Share(0, failed: 0) }
        )
        try await withSentry([project], server: server) { lab in
            let definition = try await lab.definition(lab.wish(.sentryFailureRate))
            let came = try await lab.answer(lab.ask(definition, from: noon - 300))
            let events = hasTimeseries ? 40.0 : 400.0
            #expect(
                came
                    == Came([
                        noon - 300: Observation(value: nil, events: 0), noon: Observation(value: 0.075, events: events),
                    ])
            )
            let query = try #require(lab.requests(to: definition.variant ?? "").last).query.map { "\($0.0)=\($0.1)" }
            #expect(
                Array(query.prefix(5)) == [
                    "dataset=spans", "query=is_transaction:true", "yAxis=failure_rate()", "yAxis=count()",
                    "interval=5m",
                ]
            )
        }
    }

    @Test("a share over a longer stretch is that of its counts, not the mean of shares")
    func over() async throws {
        let project = SimulatedSentry.Project(
            id: 101, slug: "checkout-api",
            sessions: { minute in
                switch minute {
                case noon - 600: Share(900, failed: 9)
                case noon: Share(100, failed: 50)
                default: Share(0, failed: 0)
                }
            }
        )
        try await withSentry([project]) { lab in
            let definition = try await lab.definition(lab.wish(.sentryCrashFreeSessions, over: 1800))
            let came = try await lab.answer(lab.ask(definition, over: 1800))
            let value = (0.99 * 900 + 0.5 * 100) / 1000
            #expect(came == Came([noon: Observation(value: value, events: 1000)]))
        }
    }

    @Test("seven days of sessions are three requests; without a session there is no value")
    func crashFree() async throws {
        let project = SimulatedSentry.Project(
            id: 101, slug: "checkout-api",
            sessions: { $0 >= noon - 300 && $0.seconds % 300 == 0 ? Share(200, failed: 1) : Share(0, failed: 0) }
        )
        try await withSentry([project]) { lab in
            let definition = try await lab.definition(lab.wish(.sentryCrashFreeSessions))
            let before = lab.requests(to: "sessions").count
            let span = Span(start: noon - 7 * 86_400, end: noon, step: 300)
            let came = try await lab.answer(lab.ask(definition, from: span.start, to: span.end, .lookback))
            var expected = Dictionary(
                uniqueKeysWithValues: span.windows.map { ($0.start, Observation(value: nil, events: 0)) }
            )
            expected[noon - 300] = Observation(value: 0.995, events: 200)
            #expect(came == Came(expected))
            #expect(lab.requests(to: "sessions").count == before + 3)
        }
    }

    @Test("sessions of the last 90 seconds are not due")
    func notDue() async throws {
        let project = SimulatedSentry.Project(id: 101, slug: "checkout-api", sessions: { _ in Share(10, failed: 0) })
        let clock = LabClock(noon + 390)
        try await withSentry([project], clock: clock) { lab in
            var wish = lab.wish(.sentryCrashFreeSessions)
            wish.at = noon
            let ask = lab.ask(try await lab.definition(wish))
            let early = try await lab.answer(ask)
            #expect(early == Came([:], sourceNow: noon + 390))
            clock.advance(.seconds(1))
            let later = try await lab.answer(ask)
            #expect(later == Came([noon: Observation(value: 1, events: 50)], sourceNow: noon + 391))
        }
    }

    @Test("seven days of transactions are no more buckets than older servers take")
    func spanLimit() async throws {
        var server = SimulatedSentry.Server()
        server.spanBuckets = 2016
        let project = SimulatedSentry.Project(id: 101, slug: "checkout-api", transactions: { _ in Share(2, failed: 1) })
        try await withSentry([project], server: server) { lab in
            let definition = try await lab.definition(lab.wish(.sentryFailureRate, over: 600))
            let ask = lab.ask(definition, from: noon - 7 * 86_400, to: noon, over: 600, .lookback)
            let came = try await lab.answer(ask)
            let expected = ask.span.windows.map { ($0.start, Observation(value: 0.5, events: 20)) }
            #expect(came == Came(Dictionary(uniqueKeysWithValues: expected)))
        }
    }

    @Test(
        "sessions that are not whole are none",
        arguments: [
            #"{"intervals":["2026-11-20T12:00:00Z"],"groups":[]}"#,
            #"{"intervals":["2026-11-20T12:00:00Z"],"groups":[{"by":{},"series":{"sum(session)":[4]}}]}"#,
            #"{"intervals":["2026-11-20T11:00:00Z","2026-11-20T12:00:00Z"],"groups":[{"series":{"sum(session)":[4,4],"crash_free_rate(session)":[1,1]}}]}"#,
            #"{"intervals":["2026-11-20T12:00:00Z"],"groups":[{"series":{"sum(session)":[],"crash_free_rate(session)":[1]}}]}"#,
            #"{"intervals":["2026-11-20T11:55:00Z"],"groups":[{"series":{"sum(session)":[4],"crash_free_rate(session)":[1]}}]}"#,
        ]
    )
    func incomplete(_ body: String) async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish(.sentryCrashFreeSessions))
            await lab.sentry.setFault { isFor("sessions", $0) ? .json(body) : nil }
            let came = try await lab.answer(lab.ask(definition))
            #expect(came.observations == [:])
            #expect(came.failures.map(\.span) == [Span(start: noon, end: noon + 300, step: 300)])
        }
    }
}
