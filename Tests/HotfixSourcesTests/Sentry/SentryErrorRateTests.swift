import HotfixCore
import HotfixDemo
import HotfixSources
import HotfixTestSupport
import Testing

@Suite("Sentry error rates")
struct SentryErrorRateTests {
    @Test("a steady check of a project costs one request for the series and one for outcomes")
    func steadyCheck() async throws {
        try await withSentry([checkout { $0 == noon ? 80 : 50 }]) { lab in
            let definition = try await lab.definition(lab.wish())
            let before = lab.server.requests().count
            let ask = lab.ask(definition, from: noon - 600)
            #expect(
                try await lab.answer(ask)
                    == Came([
                        noon - 600: observed(10, accepted: 50), noon - 300: observed(10, accepted: 50),
                        noon: observed(16, accepted: 80),
                    ])
            )
            #expect(lab.server.requests().count == before + 2)
            let series = try #require(lab.requests(to: "events-timeseries").last)
            #expect(
                series.query.map { "\($0.0)=\($0.1)" } == [
                    "dataset=errors", "yAxis=count()", "interval=5m", "project=101", "environment=production",
                    "start=2026-11-20T11:50:00Z", "end=2026-11-20T12:05:00Z",
                ]
            )
            let outcomes = try #require(lab.requests(to: "stats_v2").last)
            #expect(
                outcomes.query.map { "\($0.0)=\($0.1)" } == [
                    "field=sum(quantity)", "groupBy=category", "groupBy=outcome", "interval=5m", "project=101",
                    "start=2026-11-20T10:55:00Z", "end=2026-11-20T12:05:00Z",
                ]
            )
        }
    }

    @Test("seven days are one request without outcomes")
    func lookback() async throws {
        try await withSentry([checkout { $0.seconds / 300 % 100 }]) { lab in
            let definition = try await lab.definition(lab.wish())
            let before = lab.server.requests().count
            let came = try await lab.answer(lab.ask(definition, from: noon - 7 * 86_400, to: noon, .lookback))
            let expected = Span(start: noon - 7 * 86_400, end: noon, step: 300).windows.map {
                ($0.start, Observation(value: Double($0.start.seconds / 300 % 100) / 5))
            }
            #expect(came == Came(Dictionary(uniqueKeysWithValues: expected)))
            #expect(came.observations.count == 2016)
            #expect(lab.server.requests().count == before + 1)
        }
    }

    @Test("services of one project and environment share their requests; others do not")
    func sharedRequests() async throws {
        let pay = SimulatedSentry.Project(id: 7, slug: "pay", errors: everyFiveMinutes { _ in 5 })
        try await withSentry([checkout(), pay]) { lab in
            let one = lab.ask(try await lab.definition(lab.wish()))
            var two = one
            two.pair = Pair("basket", "error-rate")
            two.span = Span(start: noon - 900, end: noon - 300, step: 300)
            let three = lab.ask(try await lab.definition(lab.wish(project: "pay")))
            let before = lab.requests(to: "events-timeseries").count
            let came = await lab.source.answer([one, two, three])
            #expect(lab.requests(to: "events-timeseries").count == before + 2)
            let values = came.map { answer in answer.observations.mapValues(\.value) }
            #expect(values == [[noon: 10], [noon - 900: 10, noon - 600: 10], [noon: 1]])
        }
    }

    @Test(
        "a value over a longer stretch is the rate over all its buckets",
        arguments: [(over: 300, value: 16.0), (over: 600, value: 13.0), (over: 1800, value: 11.0)]
    )
    func over(_ row: (over: Seconds, value: Double)) async throws {
        try await withSentry([checkout { $0 == noon ? 80 : 50 }], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish(over: row.over))
            let came = try await lab.answer(lab.ask(definition, over: row.over))
            #expect(came == Came([noon: Observation(value: row.value)]))
        }
    }

    @Test("the bucket that begins at the end of the range, the running one and one of the last 90 seconds are not due")
    func notDue() async throws {
        let clock = LabClock(noon + 390)
        try await withSentry([checkout()], outcomes: false, clock: clock) { lab in
            let definition = try await lab.definition(
                {
                    var wish = lab.wish()
                    wish.at = noon
                    return wish
                }())
            let ask = lab.ask(definition, from: noon - 300, to: noon + 900)
            let early = try await lab.answer(ask)
            #expect(early == Came([noon - 300: Observation(value: 10)], sourceNow: noon + 390))
            clock.advance(.seconds(1))
            let later = try await lab.answer(ask)
            #expect(
                later
                    == Came([noon - 300: Observation(value: 10), noon: Observation(value: 10)], sourceNow: noon + 391)
            )
        }
    }

    @Test("a server that marks nothing as incomplete is held against its own clock", arguments: [true, false])
    func olderServers(hasTimeseries: Bool) async throws {
        var server = SimulatedSentry.Server()
        server.marksIncomplete = false
        server.hasTimeseries = hasTimeseries
        server.takesSlugs = false
        let clock = LabClock(noon + 391)
        try await withSentry([checkout { $0 == noon ? 80 : 50 }], server: server, outcomes: false, clock: clock) {
            lab in
            let definition = try await lab.definition(lab.wish())
            #expect(definition.variant == (hasTimeseries ? "events-timeseries" : "events-stats"))
            let came = try await lab.answer(lab.ask(definition, from: noon - 300, to: noon + 600))
            #expect(
                came == Came([noon - 300: Observation(value: 10), noon: Observation(value: 16)], sourceNow: noon + 391)
            )
        }
    }

    @Test("buckets before the first event have no value; a project without one has its zeros")
    func firstEvent() async throws {
        var young = checkout { $0 >= noon ? 50 : 0 }
        young.firstEvent = "2026-11-20T12:00:00.250000Z"
        var never = SimulatedSentry.Project(id: 7, slug: "pay")
        never.firstEvent = nil
        try await withSentry([young, never], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            #expect(definition.details["first_event"] == "2026-11-20T12:00:00Z")
            let came = try await lab.answer(lab.ask(definition, from: noon - 300))
            #expect(came == Came([noon - 300: Observation(value: nil), noon: Observation(value: 10)]))
            let other = try await lab.definition(lab.wish(project: "pay"))
            #expect(try await lab.answer(lab.ask(other)) == Came([noon: Observation(value: 0)]))
        }
    }

    @Test("an ask for no window costs nothing")
    func nothing() async throws {
        try await withSentry([checkout()]) { lab in
            let ask = lab.ask(try await lab.definition(lab.wish(over: 1800)), to: noon, over: 1800)
            let before = lab.server.requests().count
            let came = try await lab.answer(ask)
            #expect(came == Came([:], sourceNow: nil))
            #expect(lab.server.requests().count == before)
        }
    }

    @Test("a range that Sentry no longer keeps has no values")
    func outsideRetention() async throws {
        let refusal = #"{"detail":"Invalid date range. Please try a more recent date range."}"#
        try await withSentry([checkout()], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { isFor("events-timeseries", $0) ? .json(refusal, status: 400) : nil }
            #expect(try await lab.answer(lab.ask(definition)) == Came([noon: Observation(value: nil)], sourceNow: nil))
        }
        try await withSentry([checkout { _ in 0 }], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            let old = noon - 91 * 86_400
            let came = try await lab.answer(lab.ask(definition, from: old, to: old + 300))
            #expect(came == Came([old: Observation(value: nil)]))
        }
    }

    @Test("events that arrive late change a window when it is asked again")
    func lateEvents() async throws {
        try await withSentry([checkout()], outcomes: false) { lab in
            let ask = lab.ask(try await lab.definition(lab.wish()))
            #expect(try await lab.answer(ask) == Came([noon: Observation(value: 10)]))
            await lab.sentry.change { projects, _ in projects[0].errors = everyFiveMinutes { _ in 60 } }
            #expect(try await lab.answer(ask) == Came([noon: Observation(value: 12)]))
        }
    }

    @Test("a query that times out is asked once more in halves")
    func queryTimeout() async throws {
        let timeout = LoopbackAnswer.json(#"{"detail":"Query timeout. Please try again."}"#, status: 400)
        try await withSentry([checkout()], outcomes: false) { lab in
            let definition = try await lab.definition(lab.wish())
            await lab.sentry.setFault { request in
                let times = request.query.filter { ["start", "end"].contains($0.0) }.compactMap { Instant(text: $0.1) }
                return isFor("events-timeseries", request) && times[1] - times[0] > 600 ? timeout : nil
            }
            let before = lab.server.requests().count
            let halved = try await lab.answer(lab.ask(definition, from: noon - 900))
            #expect(
                halved.observations.mapValues(\.value) == [noon - 900: 10, noon - 600: 10, noon - 300: 10, noon: 10])
            #expect(halved.failures == [])
            #expect(lab.server.requests().count == before + 3)
            let lost = try await lab.answer(lab.ask(definition, from: noon - 1500))
            let span = Span(start: noon - 1500, end: noon + 300, step: 300)
            #expect(lost == Came([:], failures: [.init(span: span, code: .timedOut)], sourceNow: nil))
        }
    }

    private func observed(_ value: Double, accepted: Int) -> Observation {
        Observation(
            value: value,
            outcomes: Observation.Outcomes(acceptedAny: true, acceptedErrors: accepted, droppedErrors: 0)
        )
    }
}
