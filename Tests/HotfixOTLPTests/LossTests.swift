import Foundation
import HotfixCore
import HotfixStore
import Testing

@testable import HotfixOTLP

/// Whatever is lost on the way leaves no value that the rest would give.
struct LossTests {
    let sender = Sender()

    private func small(_ change: (inout OTLPLimits) -> Void) -> Windows {
        var limits = OTLPLimits()
        change(&limits)
        return Windows(limits: limits)
    }

    @Test(arguments: ["series", "pointsOfSeries", "words"])
    func `A point that is too much leaves its window without a value, also after a restart`(_ limit: String) throws {
        var windows = small {
            switch limit {
            case "series": $0.series = 1
            case "pointsOfSeries": $0.pointsOfSeries = 1
            default: $0.words = 14
            }
        }
        let other = limit == "series" ? Sender(instance: "b") : sender
        try windows.take([sender.histogram([1, 0, 0, 0], start: 30, time: 60)], at: 61)
        #expect(windows.sum(durations)?.lost == [])
        #expect(try windows.take([other.histogram([9, 0, 0, 0], start: 30, time: 90)], at: 91).rejected == 1)
        #expect(windows.sum(durations)?.lost.count == 1)
        try windows.restart()
        try windows.take([sender.histogram([1, 0, 0, 0], start: 30, time: 60)], at: 92)
        try windows.take([other.histogram([9, 0, 0, 0], start: 30, time: 95)], at: 96)
        #expect(windows.sum(durations)?.lost.count == 1)
        #expect(windows.sum(durations)?.obstacle(to: .requests) != nil)
    }

    @Test func `A further series of an unknown service leaves that one without a value, and no other`() throws {
        var windows = small { $0.series = 1 }
        let stranger = Sender(service: "cart")
        try windows.take(
            [
                sender.histogram([1, 0, 0, 0], start: 30, time: 60),
                stranger.histogram([1, 0, 0, 0], start: 30, time: 60),
            ],
            at: 61)
        let lost = windows.cells.mapValues { $0.values.map(\.lost) }
        #expect(lost.count == 2)
        for (subject, lost) in lost { #expect(lost == (subject.name == "cart" ? [[.tooManySeries]] : [[]])) }
    }

    @Test func `A sender whose clock is wrong leaves the windows in which it sends without a value`() throws {
        for (skew, reason) in [(5000.0, Rejection.future), (-5000, .late)] {
            var windows = Windows()
            try windows.take([sender.histogram([1, 0, 0, 0], start: 30, time: 60)], at: 61)
            let skewed = Sender(instance: "b").histogram([9, 0, 0, 0], start: 30 + skew, time: 60 + skew)
            try windows.take([skewed], at: 61)
            #expect(windows.sum(durations)?.lost == [reason])
        }
    }

    @Test func `What comes late of a series that is known takes no value away`() throws {
        var windows = Windows()
        for minute in 1...15 {
            let point = sender.histogram([UInt64(minute), 0, 0, 0], start: 0, time: Double(60 * minute))
            try windows.take([point], at: Double(60 * minute + 1))
        }
        try windows.take([sender.histogram([1, 0, 0, 0], start: 0, time: 60)], at: 901)
        #expect(windows.cells.values.flatMap(\.values).allSatisfy { $0.lost.isEmpty })
    }

    @Test func `A point that cannot be read for what it is leaves its window without a value`() throws {
        var microseconds = sender.histogram([1, 0, 0, 0], start: 0, time: 60)
        microseconds.resourceMetrics[0].scopeMetrics[0].metrics[0].unit = "us"
        let wrong: [(ExportRequest, Rejection)] = [
            (sender.histogram([1, 0], start: 0, time: 60), .buckets), (microseconds, .unit),
            (sender.histogram([1 << 53, 1 << 62, 1 << 62, 1 << 63], start: 0, time: 60), .buckets),
            (sender.histogram([1, 0, 0, 0], start: -900, time: 60, isDelta: true), .tooLong),
        ]
        for (export, reason) in wrong {
            var windows = Windows()
            let whole = Sender(instance: "b").histogram([1, 0, 0, 0], start: 0, time: 50)
            #expect(try windows.take([whole, export], at: 61).rejected == 1)
            #expect(windows.sum(durations)?.lost == [reason])
        }
        var windows = Windows()
        try windows.take([sender.cpu(user: 1, system: .nan, start: 0, time: 60)], at: 61)
        #expect(windows.sum("process.cpu.time")?.lost == [])
    }

    @Test func `A log of more than the limits is read whole, as all of it was taken once`() throws {
        var windows = small {
            $0.series = 3
            $0.pointsOfSeries = 25
        }
        var sent: UInt64 = 0
        // Series come and go, three at a time, and a restart has more of them in its log.
        for minute in 0..<28 {
            let other = Sender(instance: "\(minute / 14)")
            let time = Double(60 * minute + 60)
            sent += 1
            try windows.take(
                [
                    other.histogram([1, 0, 0, 0], start: time - 50, time: time, isDelta: true),
                    Sender(instance: "\(minute / 14 + 7)").histogram(
                        [0, 0, 0, 0], start: 0, time: time, isDelta: true),
                ], at: time + 1)
        }
        let before = windows.cells
        try windows.restart()
        #expect(windows.accumulator.seriesCount == 2)
        try windows.take(
            [Sender(instance: "1").histogram([5, 0, 0, 0], start: 1690, time: 1700, isDelta: true)], at: 1701)
        let last = Sender.origin + 1500
        let subject = try #require(before.keys.first)
        #expect(windows.cells[subject]?[last]?.requests == (before[subject]?[last]?.requests ?? 0) + 5)
    }

    @Test func `A clock that was ahead for a while costs the windows of then, and no more`() async throws {
        let ledger = try SQLiteLedger.inMemory()
        let intake = PointIntake(store: ledger)
        func take(_ value: UInt64, _ time: Double, at now: Int) async throws -> Intake {
            let export = sender.histogram([value, 0, 0, 0], start: time - 10, time: time, isDelta: true)
            return try await intake.take(export.incoming(.init()), at: Sender.origin + now)
        }
        #expect(try await take(1, 60, at: 61).rejected == 0)
        // A year ahead, with the senders on the same machine.
        #expect(try await take(1, 31_536_000, at: 31_536_001).rejected == 0)
        for minute in 2...9 { #expect(try await take(1, Double(60 * minute), at: 60 * minute + 1).rejected == 0) }
        let subject = try #require(try ledger.pointSubjects().first).subject
        let cells = try ledger.pointCells(of: subject, from: Sender.origin, to: Sender.origin + 600)
        let sums = try cells.map { try CellSum(packed: $0.content) }
        #expect(sums.map(\.lost) == [[.clock], []])
        #expect(sums.last?.requests == 4)
    }
}
