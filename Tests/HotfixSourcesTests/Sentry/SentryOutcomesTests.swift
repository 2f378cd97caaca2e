import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

@Suite("Sentry outcomes")
struct SentryOutcomesTests {
    typealias Outcome = SimulatedSentry.Project.Outcome

    @Test("outcomes of a window are its own, acceptance is of the hour up to its end", arguments: [false, true])
    func slices(widens: Bool) async throws {
        var server = SimulatedSentry.Server()
        server.widensOutcomes = widens
        let outcomes: [Instant: [Outcome]] = [
            noon - 3600: [Outcome("transaction", "accepted", 9)],
            noon: [
                Outcome("error", "accepted", 40), Outcome("default", "accepted", 2),
                Outcome("error", "rate_limited", 7),
                Outcome("security", "abuse", 2), Outcome("error", "cardinality_limited", 1),
                Outcome("error", "filtered", 90), Outcome("error", "client_discard", 90),
                Outcome("error", "invalid", 90), Outcome("transaction", "rate_limited", 90),
            ],
            noon + 300: [Outcome("error", "rate_limited", 500)],
        ]
        let project = project(outcomes)
        try await withSentry([project], server: server) { lab in
            let definition = try await lab.definition(lab.wish())
            let came = try await lab.answer(lab.ask(definition, from: noon - 600))
            #expect(
                came
                    == Came([
                        noon - 600: observed(.init(acceptedAny: true, acceptedErrors: 0, droppedErrors: 0)),
                        noon - 300: observed(.init(acceptedAny: true, acceptedErrors: 0, droppedErrors: 0)),
                        noon: observed(.init(acceptedAny: true, acceptedErrors: 42, droppedErrors: 10)),
                    ])
            )
        }
    }

    @Test(
        "an event accepted an hour before the window's end counts, one from before that does not",
        arguments: [(at: noon - 3300, counts: true), (at: noon - 3360, counts: false), (at: noon + 300, counts: false)]
    )
    func hour(_ row: (at: Instant, counts: Bool)) async throws {
        try await withSentry([project([row.at: [Outcome("session", "accepted", 1)]])]) { lab in
            let came = try await lab.answer(lab.ask(try await lab.definition(lab.wish())))
            let outcomes = Observation.Outcomes(acceptedAny: row.counts, acceptedErrors: 0, droppedErrors: 0)
            #expect(came == Came([noon: observed(outcomes)]))
        }
    }

    @Test("error events that a longer stretch lost are those of the stretch")
    func over() async throws {
        let lost = [noon - 1500: [Outcome("error", "abuse", 5)], noon - 1560: [Outcome("error", "abuse", 90)]]
        try await withSentry([project(lost)]) { lab in
            let definition = try await lab.definition(lab.wish(over: 1800))
            let came = try await lab.answer(lab.ask(definition, over: 1800))
            let outcomes = Observation.Outcomes(acceptedAny: false, acceptedErrors: 0, droppedErrors: 5)
            #expect(came == Came([noon: observed(outcomes)]))
        }
    }

    @Test("acceptance is of the last hour though the value is of two")
    func longStretch() async throws {
        try await withSentry([project([noon - 3600: [Outcome("session", "accepted", 1)]])]) { lab in
            let definition = try await lab.definition(lab.wish(over: 7200))
            let came = try await lab.answer(lab.ask(definition, over: 7200))
            let outcomes = Observation.Outcomes(acceptedAny: false, acceptedErrors: 0, droppedErrors: 0)
            #expect(came == Came([noon: observed(outcomes)]))
        }
    }

    @Test("two days of judged windows are asked in pieces that Sentry does not cut")
    func pieces() async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish())
            let came = try await lab.answer(lab.ask(definition, from: noon - 2 * 86_400))
            #expect(came.observations.count == 577)
            #expect(came.observations.values.allSatisfy { $0.outcomes?.acceptedErrors == 50 })
            #expect(lab.requests(to: "stats_v2").count == 3)
        }
    }

    @Test("windows whose outcomes Sentry has forgotten come without, whatever it answers of them")
    func forgotten() async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish())
            // The clock says 12:06:40; a window needs the outcomes of the hour up to its end.
            let oldest = (noon + 400 - 30 * 86_400 + 3600).ceiled(to: 300) - 300
            let came = try await lab.answer(lab.ask(definition, from: oldest - 600, to: oldest + 600))
            #expect(came.failures.isEmpty)
            #expect(came.observations.values.allSatisfy { $0.value == 10 })
            #expect(
                [oldest - 600, oldest - 300, oldest, oldest + 300].map { came.observations[$0]?.outcomes != nil }
                    == [false, false, true, true])
        }
    }

    @Test("a look-back of long ago is asked in hours, which Sentry keeps longer", arguments: [29, 40])
    func oldSilence(days: Int) async throws {
        try await withSentry([checkout { _ in 0 }]) { lab in
            let definition = try await lab.definition(lab.wish())
            let start = noon - days * 86_400
            let came = try await lab.answer(lab.ask(definition, from: start, to: start + 7200, .lookback))
            #expect(came.acceptedAnything == false)
            let request = try #require(lab.requests(to: "stats_v2").last)
            #expect(request.query.contains { $0.0 == "interval" && $0.1 == (days > 30 ? "60m" : "5m") })
        }
    }

    @Test("without outcomes in the configuration none are asked")
    func off() async throws {
        try await withSentry([checkout { _ in 0 }], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            let judged = try await lab.answer(lab.ask(definition))
            let lookback = try await lab.answer(lab.ask(definition, .lookback))
            #expect(judged == Came([noon: Observation(value: 0)]))
            #expect(lookback == judged)
            #expect(lab.requests(to: "stats_v2").isEmpty)
        }
    }

    @Test(
        "a look-back that is all zeros tells whether anything was accepted in it",
        arguments: [
            (at: noon - 86_400, category: "transaction", outcome: "accepted", expected: true),
            (at: noon - 86_400, category: "error", outcome: "filtered", expected: false),
            (at: noon - 8 * 86_400, category: "error", outcome: "accepted", expected: false),
        ]
    )
    func silence(_ row: (at: Instant, category: String, outcome: String, expected: Bool)) async throws {
        try await withSentry([project([row.at: [Outcome(row.category, row.outcome, 1)]])]) { lab in
            let definition = try await lab.definition(lab.wish())
            let span = Span(start: noon - 7 * 86_400, end: noon, step: 300)
            let came = try await lab.answer(lab.ask(definition, from: span.start, to: span.end, .lookback))
            let zeros = span.windows.map { ($0.start, Observation(value: 0)) }
            #expect(came == Came(Dictionary(uniqueKeysWithValues: zeros), acceptedAnything: row.expected))
            #expect(lab.requests(to: "stats_v2").count == 1)
        }
    }

    @Test("one error in a look-back is answer enough")
    func loud() async throws {
        try await withSentry([checkout { $0 == noon - 3000 ? 1 : 0 }]) { lab in
            let definition = try await lab.definition(lab.wish())
            let came = try await lab.answer(lab.ask(definition, from: noon - 86_400, to: noon, .lookback))
            #expect(came.acceptedAnything == nil)
            #expect(lab.requests(to: "stats_v2").isEmpty)
        }
    }

    @Test(
        "outcomes that are not whole are none",
        arguments: [
            #"{"intervals":["2026-11-20T12:00:00Z"],"groups":[]}"#,
            #"{"intervals":["2026-11-20T11:00:00Z","2026-11-20T12:00:00Z"],"groups":[]}"#,
            #"{"intervals":[],"groups":[]}"#, #"{"intervals":["noon"],"groups":[]}"#,
            #"{"intervals":["2026-11-20T12:00:00Z"],"groups":[{"by":{"outcome":"accepted"},"series":{"sum(quantity)":[1]}}]}"#,
        ]
    )
    func incomplete(_ body: String) async throws {
        try await withSentry([checkout()]) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor("stats_v2", $0) ? .json(body) : nil }
            let came = try await lab.answer(lab.ask(definition))
            #expect(came.observations == [:])
            #expect(came.failures.map(\.span) == [Span(start: noon, end: noon + 300, step: 300)])
        }
    }

    private func observed(_ outcomes: Observation.Outcomes) -> Observation {
        Observation(value: 0, outcomes: outcomes)
    }

    private func project(_ outcomes: [Instant: [Outcome]]) -> SimulatedSentry.Project {
        SimulatedSentry.Project(id: 101, slug: "checkout-api", outcomes: { outcomes[$0] ?? [] })
    }
}
