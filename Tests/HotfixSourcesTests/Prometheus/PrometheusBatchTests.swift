import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixSources
import HotfixTestSupport
import Testing

@Suite("What is asked of the query API together")
struct PrometheusBatchTests {
    /// Answers every service's window with the number of its first request.
    private func run(
        _ asks: [Ask], reply: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer
    ) async throws -> (answers: [Answer], requests: [LoopbackRequest]) {
        try await withLoopbackServer(reply) { server in
            try await withClient(HTTPClient(sleep: { _ in })) { client in
                let source = PrometheusSource(name: "otel", url: server.url, client: client)
                return (await source.answer(asks), server.requests())
            }
        }
    }

    private func value(_ name: String, in request: LoopbackRequest) -> String {
        request.form.first { $0.0 == name }?.1 ?? ""
    }

    @Test("a guardrail costs one request however many services, one more where events are counted")
    func requests() async throws {
        let services = (0..<60).map { "s\($0)" }
        let asks = services.map { asking(pinned(events: "e"), service: $0) }
        let (answers, requests) = try await run(asks) { request in
            let value = request.form.first { $0.0 == "query" }?.1 == "e" ? "7" : "3"
            return .json(matrixText(services.map { seriesText(value, service: $0) }.joined(separator: ",")))
        }
        #expect(requests.count == 2)
        #expect(answers.count == 60)
        #expect(
            answers.allSatisfy {
                $0.observations.count == 3
                    && $0.observations.values.allSatisfy { $0 == Observation(value: 3, events: 7) }
            })
    }

    @Test("a week is asked day by day, and a day that fails takes no other with it")
    func days() async throws {
        let week = Span(start: threeWindows.start, end: threeWindows.start + 7 * 86_400, step: 300)
        let third = threeWindows.start + 2 * 86_400
        let (answers, requests) = try await run([asking(pinned(), week)]) { request in
            request.form.contains { $0.0 == "start" && $0.1 == "\(third.seconds + 300)" }
                ? queryError(400, "bad_data", "no") : .json(matrixText(""))
        }
        let ranges = requests.map { (Int(value("start", in: $0)) ?? 0, Int(value("end", in: $0)) ?? 0) }.sorted {
            $0 < $1
        }
        #expect(ranges.map(\.0) == (0..<7).map { threeWindows.start.seconds + $0 * 86_400 + 300 })
        #expect(ranges.map(\.1) == (0..<7).map { threeWindows.start.seconds + ($0 + 1) * 86_400 })
        let answer = try #require(answers.first)
        #expect(answer.failures.map(\.span) == [Span(start: third, end: third + 86_400, step: 300)])
        #expect(answer.observations.count == 6 * 288)
        #expect(answer.observations[third] == nil && answer.observations[third - 300] != nil)
    }

    @Test("what is too much for the server is asked in halves, twice")
    func halves() async throws {
        let day = Span(start: threeWindows.start, end: threeWindows.start + 86_400, step: 300)
        let bad = threeWindows.start.seconds + 300
        let (answers, requests) = try await run([asking(pinned(), day)]) { request in
            let start = Int(request.form.first { $0.0 == "start" }?.1 ?? "") ?? 0
            let end = Int(request.form.first { $0.0 == "end" }?.1 ?? "") ?? 0
            return start == bad || end - start > 50_000
                ? queryError(422, "execution", "query processing would load too many samples into memory")
                : .json(matrixText(""))
        }
        #expect(requests.count == 5)
        let answer = try #require(answers.first)
        #expect(
            answer.failures.map(\.span) == [
                Span(start: threeWindows.start, end: threeWindows.start + 21_600, step: 300)
            ])
        #expect(answer.observations.count == 288 - 72)
    }

    @Test("no more than four requests are under way at once")
    func concurrency() async throws {
        let gauge = Gauge()
        let month = Span(start: threeWindows.start, end: threeWindows.start + 20 * 86_400, step: 300)
        try await withLoopbackServer({ _ in
            await gauge.enter()
            await Task.yield()
            await gauge.leave()
            return .json(matrixText(""))
        }) { server in
            try await withClient { client in
                let source = PrometheusSource(name: "otel", url: server.url, client: client)
                let answer = try #require(await source.answer([asking(pinned(), month)]).first)
                #expect(answer.observations.count == 20 * 288)
                #expect(server.requests().count == 20)
                #expect(await gauge.most <= 4)
            }
        }
    }

    @Test("an ask that its pinned definition can't answer is refused without a request")
    func unanswerable() async throws {
        var events = asking(pinned())
        events.countsEvents = true
        var samples = asking(pinned())
        samples.measuresSamples = true
        var over = asking(pinned())
        over.over = 600
        let empty = asking(pinned(), Span(start: threeWindows.start, end: threeWindows.start, step: 300))
        let (answers, requests) = try await run([events, samples, over, empty]) { _ in .json(matrixText("")) }
        #expect(requests.isEmpty)
        #expect(answers.map { $0.failures.map(\.error.code) } == [[.refused], [.refused], [.refused], []])
    }

    @Test("events that can't be had take the value with them")
    func eventsFail() async throws {
        let (answers, _) = try await run([asking(pinned(events: "e"))]) { request in
            request.form.first { $0.0 == "query" }?.1 == "e"
                ? queryError(400, "bad_data", "no") : .json(matrixText(seriesText("1")))
        }
        #expect(answers.map { $0.failures.map(\.span) } == [[threeWindows]])
        #expect(answers.map(\.observations) == [[:]])
    }
}

private actor Gauge {
    private(set) var most = 0
    private var now = 0

    func enter() {
        now += 1
        most = max(most, now)
    }

    func leave() { now -= 1 }
}
