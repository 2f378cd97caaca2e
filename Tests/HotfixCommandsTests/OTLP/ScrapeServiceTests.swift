import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixOTLP
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

@testable import HotfixCommands

@Suite("A page of metrics that is scraped every minute", .heavy)
struct ScrapeServiceTests {
    /// What the page says in its minutes, and what comes of it; minutes pass as they are waited for.
    final class Stage: Sendable {
        private struct State {
            /// Seconds since the first window's start.
            var time = 10.0
            var said: [String] = []
            var waits: [Double] = []
        }

        private let state = Mutex(State())
        let last: Int
        let page: @Sendable (Int) -> LoopbackAnswer

        init(minutes: Int, page: @escaping @Sendable (Int) -> LoopbackAnswer) {
            last = minutes
            self.page = page
        }

        var said: [String] { state.withLock { $0.said } }
        var waits: [Double] { state.withLock { $0.waits } }
        var minute: Int { state.withLock { Int($0.time) / 60 } }

        /// Scrapes until the last minute.
        ///
        /// - Returns: The source of what was scraped, and the requests that the page had.
        func play() async throws -> (source: OTLPSource, requests: [LoopbackRequest]) {
            let server = try await LoopbackServer.start { [self] _ in page(minute) }
            let ledger = try SQLiteLedger.inMemory()
            let surroundings = Surroundings(
                clock: { [self] in Double(noon.seconds) + state.withLock { $0.time } },
                sleep: { [self] in try pass($0) }, environment: [:], directory: "/", write: { _ in },
                writeError: { [self] text in state.withLock { $0.said.append(text) } })
            let settings = SourceSettings(
                name: "otel", url: server.url + "/metrics", kind: .otlp(isScraped: true), timing: .otlp, timeout: 1,
                credentials: .bearer(Secret("a token of the page")))
            let intake = PointIntake(store: ledger, origin: "otel")
            await ScrapeService(settings, intake, HTTPClient(), surroundings).scrapeForever()
            await server.stop()
            let source = OTLPSource(
                name: "otel", isScraped: true, clock: { noon + 900 }, onNotice: { _ in }, open: { ledger })
            return (source, server.requests())
        }

        private func pass(_ time: Duration) throws {
            try state.withLock { state in
                let seconds = time / .seconds(1)
                state.waits.append(seconds)
                state.time += seconds
                if Int(state.time) / 60 > last { throw CancellationError() }
            }
        }
    }

    /// A page after so many minutes of 100 requests each, of which 95 take a tenth of a second at most.
    static func text(_ minutes: Int, usedBefore: Int = 5000) -> String {
        let labels = #"service_name="checkout",service_instance_id="a",deployment_environment_name="production""#
        let name = "http_server_request_duration_seconds"
        let all = 100 * minutes
        return """
            # HELP \(name) durations
            # TYPE \(name) histogram
            \(name)_bucket{\(labels),http_response_status_code="200",le="0.1"} \(95 * minutes)
            \(name)_bucket{\(labels),http_response_status_code="200",le="0.5"} \(all)
            \(name)_bucket{\(labels),http_response_status_code="200",le="+Inf"} \(all)
            \(name)_sum{\(labels),http_response_status_code="200"} \(Double(minutes) * 9)
            \(name)_count{\(labels),http_response_status_code="200"} \(all)
            process_cpu_time_seconds_total{\(labels),cpu_mode="user"} \(usedBefore + 30 * minutes)
            process_memory_usage_bytes{\(labels)} 1000

            """
    }

    static func good(_ minutes: Int) -> LoopbackAnswer { page(text(minutes)) }

    private static func page(_ text: String, type: String = "text/plain; version=0.0.4") -> LoopbackAnswer {
        .answer(status: 200, headers: [("Content-Type", type)], body: Array(text.utf8))
    }

    /// The values of a measure in the first windows.
    private func values(_ measure: BuiltInMeasure, of source: OTLPSource, windows: Int = 2) async throws -> [Double?] {
        let guardrail = Guardrail(name: measure.name, source: "otel", measure: .builtIn(measure), limits: [])
        var service = Service(name: "shop")
        service.environment = "production"
        service.bindings["otel"] = ["service": "checkout"]
        let wish = SeriesWish(service: service, guardrail: guardrail, window: 300, at: noon + 300 * windows)
        let definition = try #require(await source.define([wish])[wish.pair]).get()
        let span = Span(start: noon, end: noon + 300 * windows, step: 300)
        let ask = Ask(
            pair: wish.pair, definition: definition, over: 300, countsEvents: true, measuresSamples: false, span: span,
            purpose: .judging)
        let answer = try #require(await source.answer([ask]).first)
        #expect(answer.failures.isEmpty)
        return span.windows.map { answer.observations[$0.start]?.value }
    }

    @Test func `Windows hold what the page grew by from minute to minute`() async throws {
        let stage = Stage(minutes: 9) { Self.good($0) }
        let (source, requests) = try await stage.play()
        #expect(requests.count == 10)
        #expect(requests.allSatisfy { $0.path == "/metrics" && $0.method == "GET" })
        #expect(requests.first?.header("Authorization") == "Bearer a token of the page")
        #expect(requests.first?.header("Accept")?.contains("application/openmetrics-text") == true)
        #expect(stage.waits.allSatisfy { $0 == 60 })
        #expect(stage.said.isEmpty)
        // The first page says only where to count from.
        #expect(try await values(.requests, of: source) == [400, 500])
        #expect(try await values(.latencyP95, of: source) == [0.1, 0.1])
        #expect(try await values(.cpu, of: source) == [0.5, 0.5])
        #expect(try await values(.memory, of: source) == [1000, 1000])
    }

    private static let faults: [(name: String, answer: LoopbackAnswer, words: String)] = [
        ("failing", .answer(status: 500), "answered 500"), ("gone", .reset, "not scraped"),
        ("no HTTP", .garbage(Array("SSH-2.0-x\r\n".utf8)), "not scraped"),
        ("a login page", page("<html></html>", type: "text/html"), "content type is 'text/html'"),
        ("cut off", .truncated(after: 300, of: good(3)), "not scraped"),
        (
            "cut off by its sender", page(text(3), type: "application/openmetrics-text; version=1.0.0"),
            "it has no end"
        ),
        ("a line of garbage", page(text(3) + "process_memory_usage_bytes{ 5\n"), "line 10 cannot be read"),
        ("not UTF-8", .answer(status: 200, headers: [("Content-Type", "text/plain")], body: [0xFF, 0xFE]), "UTF-8"),
        (
            "giant",
            .answer(
                status: 200, headers: [("Content-Type", "text/plain")], body: .init(repeating: 10, count: 21 << 20)),
            "not scraped"
        ),
        ("slow", .slow(head: .seconds(30), then: good(3)), "not scraped"),
        ("falling buckets", page(text(3).replacing("} 285", with: "} 999")), "not cumulative"),
    ]

    @Test(arguments: faults.indices)
    func `A minute in which the page cannot be used costs nothing, is told once, and nothing of the page is used`(
        _ index: Int
    ) async throws {
        let fault = Self.faults[index]
        let stage = Stage(minutes: 9) { $0 == 3 || $0 == 4 ? fault.answer : Self.good($0) }
        let (source, _) = try await stage.play()
        #expect(stage.said.count == 2, "\(fault.name): \(stage.said)")
        #expect(stage.said.first?.contains(fault.words) == true, "\(fault.name): \(stage.said)")
        #expect(stage.said.first?.hasSuffix("\n") == true && stage.said.last?.contains("scraped again") == true)
        #expect(!stage.said.joined().contains("a token of the page"))
        // What grew in those minutes comes with the next page, in the window of that.
        #expect(try await values(.requests, of: source) == [200, 700])
        #expect(try await values(.cpu, of: source) == [0.5, 0.5])
    }

    @Test func `A page that is gone for longer than five minutes leaves windows without a value`() async throws {
        let stage = Stage(minutes: 14) { (3...9).contains($0) ? .reset : Self.good($0) }
        let (source, _) = try await stage.play()
        #expect(stage.said.count == 2)
        // The tenth minute's page says only where to count from again.
        #expect(try await values(.requests, of: source, windows: 3) == [200, nil, 400])
        #expect(try await values(.memory, of: source, windows: 3) == [1000, nil, 1000])
    }

    @Test func `Counters that began again count from 0`() async throws {
        let stage = Stage(minutes: 9) {
            $0 < 3 ? Self.good($0 + 50) : Self.page(Self.text($0 - 2, usedBefore: 0))
        }
        let (source, _) = try await stage.play()
        #expect(stage.said.isEmpty)
        #expect(try await values(.requests, of: source) == [400, 500])
        #expect(try await values(.cpu, of: source) == [0.5, 0.5])
    }

    @Test func `A page whose samples stand still in time gives nothing new`() async throws {
        let stage = Stage(minutes: 9) { minute in
            let stamp = (noon.seconds + min(minute, 2) * 60 + 5) * 1000
            let lines = Self.text(min(minute, 2)).split(separator: "\n").map {
                $0.hasPrefix("#") ? "\($0)" : "\($0) \(stamp)"
            }
            return Self.page(lines.joined(separator: "\n") + "\n")
        }
        let (source, _) = try await stage.play()
        #expect(try await values(.requests, of: source) == [200, nil])
        #expect(try await values(.memory, of: source) == [1000, nil])
    }

    @Test func `A clock that is set back or on makes no scrape later than a minute, and none twice`() async throws {
        let offset = Mutex(0.0)
        let waits = Mutex<[Double]>([])
        let server = try await LoopbackServer.start { _ in Self.good(1) }
        let surroundings = Surroundings(
            clock: { Double(noon.seconds) + offset.withLock { $0 } },
            sleep: { time in
                let count = waits.withLock {
                    $0.append(time / .seconds(1))
                    return $0.count
                }
                offset.withLock { $0 += time / .seconds(1) + (count == 2 ? -7200 : count == 4 ? 7200 : 0) }
                if count == 6 { throw CancellationError() }
            }, environment: [:], directory: "/", write: { _ in }, writeError: { _ in })
        let settings = SourceSettings(
            name: "otel", url: server.url, kind: .otlp(isScraped: true), timing: .otlp, timeout: 1)
        let ledger = try SQLiteLedger.inMemory()
        await ScrapeService(settings, PointIntake(store: ledger, origin: "otel"), HTTPClient(), surroundings)
            .scrapeForever()
        await server.stop()
        #expect(waits.withLock { $0.allSatisfy { $0 <= 60 } })
        #expect(waits.withLock { $0.count { $0 == 0 } } <= 1)
    }
}
