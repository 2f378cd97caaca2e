import Foundation
import HotfixCore
import HotfixStore
import Synchronization
import Testing

@testable import HotfixOTLP

struct SourceTests {
    let ledger: SQLiteLedger
    let source: OTLPSource
    let told = Told()

    /// What was told.
    final class Told: Sendable {
        private let list = Mutex<[String]>([])

        var texts: [String] { list.withLock { $0 } }

        func note(_ text: String) { list.withLock { $0.append(text) } }
    }

    init() throws {
        let (ledger, told) = (try SQLiteLedger.inMemory(), told)
        self.ledger = ledger
        source = OTLPSource(
            name: "otel", isScraped: false, clock: { Sender.origin + 700 }, onNotice: { told.note($0) },
            open: { ledger })
    }

    private func send(_ exports: [ExportRequest], at time: Double) async throws {
        let intake = PointIntake(store: ledger)
        _ = try await intake.take(exports.flatMap { $0.incoming(.init()) }, at: Sender.origin + Int(time))
    }

    private func wish(
        _ measure: BuiltInMeasure, of name: String = "checkout", environment: String? = "production",
        over: Seconds? = nil, at time: Int = 600
    ) -> SeriesWish {
        let guardrail = Guardrail(
            name: measure.name, source: "otel", measure: .builtIn(measure), limits: [], over: over)
        var service = Service(name: "shop")
        service.environment = environment
        service.bindings["otel"] = ["service": name]
        return SeriesWish(service: service, guardrail: guardrail, window: 300, at: Sender.origin + time)
    }

    private func observations(_ wish: SeriesWish, windows: Int = 2) async throws -> [Observation] {
        let definition = try #require(await source.define([wish])[wish.pair]).get()
        let span = Span(start: Sender.origin, end: Sender.origin + 300 * windows, step: 300)
        let ask = Ask(
            pair: wish.pair, definition: definition, over: wish.guardrail.over ?? 300, countsEvents: true,
            measuresSamples: true, span: span, purpose: .judging)
        let answer = try #require(await source.answer([ask]).first)
        #expect(answer.failures.isEmpty)
        return span.windows.compactMap { answer.observations[$0.start] }
    }

    @Test func `Values, events and coverage are those of the points in each window`() async throws {
        for minute in 1...5 {
            let time = Double(60 * minute)
            try await send(
                [
                    sender.histogram([UInt64(19 * minute), UInt64(minute), 0, 0], start: 0, time: time),
                    sender.cpu(user: Double(30 * minute), system: 0, start: 0, time: time),
                    sender.memory(1000, time: time),
                ], at: time + 1)
        }
        let p95 = try await observations(wish(.latencyP95))
        #expect(p95[0].value == 0.1)
        #expect(p95[0].events == 100)
        #expect(p95[0].samples == 1)
        // Nothing came in the second window: it has no value, neither 0 nor that of before.
        #expect(p95[1] == Observation(value: nil))
        #expect(try await observations(wish(.cpu)).map(\.value) == [0.5, nil])
        #expect(try await observations(wish(.memory)).map(\.value) == [1000, nil])
        #expect(try await observations(wish(.requests)).map(\.value) == [100, nil])
        #expect(try await observations(wish(.errorShare)).map(\.value) == [0, nil])
    }

    private let sender = Sender()

    @Test func `A stretch of several windows is the sum of them`() async throws {
        try await send([sender.histogram([90, 0, 0, 0], start: 0, time: 60, isDelta: true)], at: 61)
        try await send([sender.histogram([0, 0, 10, 0], start: 300, time: 360, isDelta: true)], at: 361)
        let long = try await observations(wish(.latencyP95, over: 600))
        #expect(long[1].events == 100)
        #expect(long[1].value == 0.35)
    }

    @Test func `A window in which only a first point came has no value, and is not quiet`() async throws {
        try await send([sender.histogram([90, 0, 0, 0], start: -9000, time: 60)], at: 61)
        #expect(try await observations(wish(.latencyP95))[0] == Observation(value: nil))
        try await send([sender.histogram([90, 0, 0, 0], start: -9000, time: 120)], at: 121)
        let idle = try await observations(wish(.latencyP95))[0]
        #expect(idle.value == nil)
        #expect(idle.events == 0)
    }

    @Test func `Requests without any status code give no share of errors`() async throws {
        try await send([sender.exponential([5], offset: 0, scale: 0, start: 0, time: 60, isDelta: true)], at: 61)
        #expect(try await observations(wish(.errorShare))[0].value == nil)
        #expect(try await observations(wish(.requests))[0].value == 5)
    }

    @Test func `A service is told from others by namespace and environment, and nothing is picked silently`()
        async throws
    {
        func point(_ service: String, _ environment: String?, _ namespace: String? = nil) -> ExportRequest {
            Sender(service: service, environment: environment, namespace: namespace).memory(5, time: 60)
        }
        try await send(
            [
                point("checkout", "production"), point("checkout", "staging"), point("cart", "production", "a"),
                point("cart", "production", "b"), point("plain", nil),
            ], at: 61)
        func code(_ wish: SeriesWish) async -> SourceError.Code? {
            if case .failure(let error)? = await source.define([wish])[wish.pair] { return error.code }
            return nil
        }
        #expect(await code(wish(.memory)) == nil)
        #expect(await code(wish(.memory, environment: nil)) == .ambiguous)
        #expect(await code(wish(.memory, environment: "test")) == .unknownSubject)
        #expect(await code(wish(.memory, of: "cart")) == .ambiguous)
        #expect(await code(wish(.memory, of: "b/cart")) == nil)
        #expect(await code(wish(.memory, of: "plain")) == nil)
        #expect(await code(wish(.memory, of: "nobody")) == .unknownSubject)
        #expect(await code(wish(.latencyP95)) == .unknownSubject)
        #expect(await code(wish(.sentryErrorRate)) == .refused)
    }

    @Test func `A window that lost points, or whose buckets cannot be added up, has no value, and it is said why`()
        async throws
    {
        var limits = OTLPLimits()
        limits.series = 1
        let intake = PointIntake(store: ledger, limits: limits)
        for (time, names) in [(60.0, ["a", "b"]), (360, ["a"])] {
            for name in names {
                let point = Sender(instance: name).histogram([9, 0, 0, 0], start: time - 30, time: time)
                _ = try await intake.take(point.incoming(limits), at: Sender.origin + Int(time))
            }
        }
        let p95 = try await observations(wish(.latencyP95))
        #expect(p95[0] == Observation(value: nil))
        #expect(p95[1].value == 0.095)
        #expect(told.texts.count == 1)
        #expect(told.texts.first?.contains("too many series") == true)
        // What leaves one window out leaves out what is taken over it.
        #expect(try await observations(wish(.requests, over: 600))[1].value == nil)

        let other = Sender(instance: "a").histogram([1, 0, 0], bounds: [1, 2], start: 360, time: 370, isDelta: true)
        try await send([other], at: 371)
        #expect(try await observations(wish(.latencyP95))[1].value == nil)
        #expect(try await observations(wish(.requests))[1].value == 10)
        #expect(told.texts.contains { $0.contains("different sets of buckets") })
        let found = await source.examine([wish(.latencyP95)], at: Sender.origin + 600)
        #expect(found.diagnosis.findings.map(\.code) == [.partialAnswer])
        #expect(found.diagnosis.findings.first?.what.contains("2 of 2 stretches") == true)
    }

    @Test func `Windows are made of cells of any length that fits`() async throws {
        for (length, time) in [(240, 60.0), (300, 270), (300, 310), (300, 400), (60, 590)] {
            var limits = OTLPLimits()
            limits.cell = length
            let intake = PointIntake(store: ledger, limits: limits)
            let point = sender.histogram([1, 0, 0, 0], start: time - 10, time: time, isDelta: true)
            _ = try await intake.take(point.incoming(limits), at: Sender.origin + Int(time))
        }
        // What was stored in cells of another length is stored again, and nothing of it twice.
        #expect(try await observations(wish(.requests)).map(\.value) == [2, 3])
    }

    @Test func `What cannot be read is no answer`() async throws {
        let broken = OTLPSource(
            name: "otel", isScraped: false, clock: { Sender.origin }, onNotice: { _ in }
        ) { throw LedgerError(.inaccessible, "gone") }
        let wish = wish(.memory)
        guard case .failure(let error)? = await broken.define([wish])[wish.pair] else {
            Issue.record("defined")
            return
        }
        #expect(error.code == .unreachable)
    }

    @Test func `An examination says when the newest point came, and of which services`() async throws {
        let none = await source.examine([wish(.memory)], at: Sender.origin + 90)
        #expect(!none.isUsable)
        #expect(none.diagnosis.findings.map(\.code) == [.neverHadData])
        try await send([sender.memory(5, time: 60)], at: 61)
        let well = await source.examine([wish(.memory)], at: Sender.origin + 90)
        #expect(well.diagnosis.findings.isEmpty)
        #expect(well.diagnosis.passed.first?.what.contains("'checkout'") == true)
        let late = await source.examine([wish(.memory), wish(.cpu)], at: Sender.origin + 900)
        #expect(
            Set(late.diagnosis.findings.map(\.code)) == [.dataStopped, FindingCode(SourceError(.unknownSubject, ""))])
    }

    @Test func `Cells are as long as all windows can be made of`() {
        #expect(OTLPLimits(windows: [300]).cell == 300)
        #expect(OTLPLimits(windows: [600, 900]).cell == 300)
        #expect(OTLPLimits(windows: [300, 60]).cell == 60)
        #expect(OTLPLimits(windows: [3600]).cell == 300)
        #expect(OTLPLimits(windows: []).cell == 300)
    }
}
