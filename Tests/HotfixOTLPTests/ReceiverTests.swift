import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import SwiftProtobuf
import Synchronization
import Testing

@testable import HotfixOTLP

struct ReceiverTests {
    /// A store that can be told to fail.
    final class Store: PointStore {
        let ledger: SQLiteLedger
        private let failing = Mutex<LedgerError?>(nil)
        private let commits = Mutex(0)

        init() throws { ledger = try SQLiteLedger.inMemory() }

        var failure: LedgerError? {
            get { failing.withLock { $0 } }
            set { failing.withLock { $0 = newValue } }
        }

        var saved: Int { commits.withLock { $0 } }

        func savePoints(_ batch: PointBatch) throws(LedgerError) {
            if let failure { throw failure }
            try ledger.savePoints(batch)
            commits.withLock { $0 += 1 }
        }

        func pointSubjects() throws(LedgerError) -> [StoredSubject] { try ledger.pointSubjects() }

        func pointCells(
            of subject: PointSubject, from start: Instant, to end: Instant
        ) throws(LedgerError) -> [PointCell] {
            try ledger.pointCells(of: subject, from: start, to: end)
        }

        func pointLog(of origin: String, since instant: Instant) throws(LedgerError) -> [PointLogEntry] {
            try ledger.pointLog(of: origin, since: instant)
        }

        func prunePoints(before instant: Instant, sparing lookback: Seconds) throws(LedgerError) {
            try ledger.prunePoints(before: instant, sparing: lookback)
        }
    }

    let store: Store
    let sender = Sender()

    init() throws { store = try Store() }

    private func receiver(at time: Int, token: Secret? = nil, limits: OTLPLimits = .init()) -> OTLPReceiver {
        OTLPReceiver(
            intake: PointIntake(store: store, limits: limits), limits: limits, token: token,
            clock: { Sender.origin + time }, notice: { _ in })
    }

    private func call(
        _ body: [UInt8]?, type: String? = "application/x-protobuf", encoding: String? = nil, method: String = "POST",
        target: String = "/v1/metrics", authorization: String? = nil
    ) -> OTLPCall {
        var headers: [String: String] = [:]
        headers["content-type"] = type
        headers["content-encoding"] = encoding
        headers["authorization"] = authorization
        return OTLPCall(method: method, target: target, headers: headers, body: body)
    }

    private func stored() throws -> [CellSum] {
        try store.pointSubjects().flatMap { subject in
            try store.pointCells(of: subject.subject, from: Sender.origin - 3600, to: Sender.origin + 3600)
        }.map { try CellSum(packed: $0.content) }
    }

    @Test func `An export is on the disk when it is answered, in the format that it came in`() async throws {
        let receiver = receiver(at: 61)
        let first = sender.histogram([1, 0, 0, 0], start: 0, time: 60)
        let answer = await receiver.answer(call(try first.serializedBytes()))
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.headers.contains { $0 == ("Content-Type", "application/x-protobuf") })
        #expect(try stored().map(\.requests) == [1])
        let second: [UInt8] = try sender.histogram([5, 0, 0, 0], start: 0, time: 120).jsonUTF8Bytes()
        let json = await receiver.answer(
            call(try gzipped(second), type: "Application/JSON; charset=utf-8", encoding: "GZIP"))
        #expect(json.status == 200)
        #expect(String(decoding: json.body, as: UTF8.self) == "{}")
        #expect(try stored().map(\.requests) == [5])
    }

    @Test func `What is rejected is said in a partial success`() async throws {
        let receiver = receiver(at: 61)
        let body: [UInt8] = try sender.histogram([1, 0, 0, 0], start: 0, time: 6000).serializedBytes()
        let answer = await receiver.answer(call(body))
        #expect(answer.status == 200)
        let response = try Opentelemetry_Proto_Collector_Metrics_V1_ExportMetricsServiceResponse(
            serializedBytes: answer.body)
        #expect(response.partialSuccess.rejectedDataPoints == 1)
        #expect(response.partialSuccess.errorMessage.contains("clock"))
    }

    @Test(arguments: [
        LedgerError(.busy, "/secret/path is held"), LedgerError(.inaccessible, "/secret/path: disk full"),
    ])
    func `What cannot be stored is answered 503, and stored once when it comes again`(_ failure: LedgerError)
        async throws
    {
        let receiver = receiver(at: 61)
        let body: [UInt8] = try sender.histogram([3, 0, 0, 0], start: 0, time: 60).serializedBytes()
        store.failure = failure
        for _ in 0..<3 {
            let answer = await receiver.answer(call(body))
            #expect(answer.status == 503)
            #expect(answer.headers.contains { $0.name == "Retry-After" })
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("secret"))
        }
        #expect(try stored().isEmpty)
        store.failure = nil
        #expect(await receiver.answer(call(body)).status == 200)
        #expect(try stored().map(\.requests) == [3])
    }

    @Test func `A receiver that starts again goes on where the last one ended`() async throws {
        let first: [UInt8] = try sender.histogram([3, 0, 0, 0], start: -900, time: 60).serializedBytes()
        #expect(await receiver(at: 61).answer(call(first)).status == 200)
        let again = receiver(at: 122)
        let second: [UInt8] = try sender.histogram([5, 0, 0, 0], start: -900, time: 120).serializedBytes()
        for body in [first, second, second] { #expect(await again.answer(call(body)).status == 200) }
        #expect(try stored().map(\.requests) == [2])
    }

    @Test func `What arrives together is stored together, and every export is answered after that`() async throws {
        let receiver = receiver(at: 61)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<64 {
                let body: [UInt8] = try Sender(instance: "\(number)")
                    .histogram([1, 0, 0, 0], start: 0, time: 60, isDelta: true).serializedBytes()
                group.addTask { await receiver.answer(call(body)).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 64))
        #expect(try stored().map(\.requests) == [64])
        #expect(store.saved <= 64)
    }

    @Test func `Calls that no exporter makes are told what is wrong`() async throws {
        let receiver = receiver(at: 61)
        let body: [UInt8] = try sender.memory(1, time: 60).serializedBytes()
        func status(_ call: OTLPCall) async -> Int { await receiver.answer(call).status }
        #expect(await status(call(body, type: "text/plain")) == 415)
        #expect(await status(call(body, type: nil)) == 415)
        #expect(await status(call(body, encoding: "zstd")) == 415)
        #expect(await status(call(body, encoding: "gzip")) == 400)
        #expect(await status(call(Array(body.dropLast(3)))) == 400)
        #expect(await status(call(body, type: "application/json")) == 400)
        #expect(await status(call([], type: "application/json")) == 400)
        #expect(await status(call(nil)) == 413)
        #expect(await status(call(body, method: "GET")) == 405)
        #expect(await status(call(body, target: "/")) == 404)
        #expect(await status(call(body, target: "/v1/traces")) == 200)
        #expect(await status(call(body, target: "/v1/logs?x=1")) == 200)
        #expect(await status(call([])) == 200)
        let refusal = await receiver.answer(call(body, encoding: "zstd"))
        #expect(try Google_Rpc_Status(serializedBytes: refusal.body).message.contains("compression: gzip"))
        var limits = OTLPLimits()
        limits.body = 1000
        let bomb = try gzipped([UInt8](repeating: 0, count: 100_000))
        let small = self.receiver(at: 61, limits: limits)
        #expect(await small.answer(call(bomb, encoding: "gzip")).status == 413)
    }

    @Test func `Where a token is asked for, nothing is taken without it`() async throws {
        let receiver = receiver(at: 61, token: Secret("a token of some length"))
        let body: [UInt8] = try sender.memory(1, time: 60).serializedBytes()
        for wrong in [nil, "Bearer", "Bearer a token of some lengti", "Basic a token of some length", "Bearer "] {
            #expect(await receiver.answer(call(body, authorization: wrong)).status == 401)
        }
        #expect(try stored().isEmpty)
        #expect(await receiver.answer(call(body, authorization: "bearer a token of some length")).status == 200)
    }

    @Test func `Whatever comes is answered, and never by 500`() async throws {
        let receiver = receiver(at: 61)
        var random = SeededGenerator(seed: 5)
        let whole: [UInt8] = try sender.cpu(user: 1, system: 2, start: 0, time: 60).serializedBytes()
        for _ in 0..<1500 {
            var body = whole
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                body[Int.random(in: body.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            body = Array(body.prefix(Int.random(in: 0...body.count, using: &random)))
            if random.happens(0.3) { body = (0..<200).map { _ in .random(in: 0...255, using: &random) } }
            let type = random.pick(["application/x-protobuf", "application/json", "text/html", ""])
            let encoding = random.pick([nil, nil, "gzip", "deflate"])
            if encoding == "gzip", random.happens(0.5) { body = try gzipped(body) }
            let answer = await receiver.answer(call(body, type: type, encoding: encoding))
            #expect([200, 400, 413, 415].contains(answer.status))
        }
    }
}
