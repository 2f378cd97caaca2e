import Foundation
import HotfixCore
import Testing

@testable import HotfixOTLP

struct AccumulatorTests {
    let sender = Sender()

    private func counts(_ windows: Windows, window: Int = 0) -> [UInt64]? {
        guard case .explicit(let counts)? = windows.sum(durations, window: window)?.buckets.first?.counts else {
            return nil
        }
        return counts.counts
    }

    @Test func `A cumulative series adds what it grew by, and its first point what it counted since its start`() throws
    {
        var windows = Windows()
        try windows.take([sender.histogram([1, 0, 0, 0], start: 10, time: 60)], at: 61)
        #expect(counts(windows) == [1, 0, 0, 0])
        try windows.take([sender.histogram([3, 4, 0, 0], start: 10, time: 120)], at: 121)
        #expect(counts(windows) == [3, 4, 0, 0])
        #expect(windows.sum(durations)?.requests == 7)
    }

    @Test func `The first point of an old series says only where to count from`() throws {
        var windows = Windows()
        try windows.take([sender.histogram([900, 0, 0, 0], start: -5000, time: 60)], at: 61)
        #expect(windows.sum(durations)?.requests == 0)
        try windows.take([sender.histogram([902, 1, 0, 0], start: -5000, time: 120)], at: 121)
        #expect(counts(windows) == [2, 1, 0, 0])
    }

    @Test(arguments: [100.0, 10.0])
    func `A series that began again counts from its new start`(_ start: Double) throws {
        var windows = Windows()
        try windows.take([sender.histogram([9, 9, 0, 0], start: 10, time: 60)], at: 61)
        // Whether its start moved, or it only fell.
        try windows.take([sender.histogram([2, 0, 1, 0], start: start, time: 120)], at: 121)
        #expect(counts(windows) == [11, 9, 1, 0])
    }

    @Test func `A start that moved is a new beginning though nothing fell`() throws {
        var windows = Windows()
        try windows.take([sender.histogram([1, 0, 0, 0], start: 10, time: 60)], at: 61)
        try windows.take([sender.histogram([5, 0, 0, 0], start: 70, time: 120)], at: 121)
        #expect(counts(windows) == [6, 0, 0, 0])
    }

    @Test func `Deltas are added, each once`() throws {
        var windows = Windows()
        let first = sender.histogram([1, 2, 0, 0], start: 0, time: 60, isDelta: true)
        try windows.take([first], at: 61)
        try windows.take([first], at: 63)
        try windows.take([sender.histogram([0, 0, 3, 0], start: 60, time: 120, isDelta: true), first], at: 121)
        #expect(counts(windows) == [1, 2, 3, 0])
    }

    @Test func `A retransmission changes nothing, and an older point is put where it belongs`() throws {
        var windows = Windows()
        let points = [240.0, 300, 360, 420].enumerated().map { index, time in
            sender.histogram([UInt64(10 * (index + 1)), 0, 0, 0], start: 0, time: time)
        }
        try windows.take([points[0]], at: 241)
        try windows.take([points[3]], at: 421)
        try windows.take([points[1], points[1]], at: 422)
        try windows.take([points[2], points[3]], at: 423)
        #expect(counts(windows, window: 0) == [20, 0, 0, 0])
        #expect(counts(windows, window: 1) == [20, 0, 0, 0])
    }

    @Test func `What grew over more than five minutes belongs to no window`() throws {
        var windows = Windows()
        try windows.take([sender.histogram([1, 0, 0, 0], start: 0, time: 60)], at: 61)
        try windows.take([sender.histogram([500, 0, 0, 0], start: 0, time: 660)], at: 661)
        #expect(windows.sum(durations, window: 1) == nil)
        #expect(windows.sum(durations, window: 2)?.requests == 0)
        let long = try windows.take([sender.histogram([1, 0, 0, 0], start: 300, time: 660, isDelta: true)], at: 662)
        #expect(long.rejected == 1)
    }

    @Test func `A point belongs to the window that it ends`() throws {
        var windows = Windows()
        try windows.take([sender.histogram([1, 0, 0, 0], start: 240, time: 300, isDelta: true)], at: 301)
        try windows.take([sender.histogram([2, 0, 0, 0], start: 300, time: 300.000000512, isDelta: true)], at: 302)
        #expect(windows.sum(durations, window: 0)?.requests == 1)
        #expect(windows.sum(durations, window: 1)?.requests == 2)
    }

    @Test func `Exponential histograms are compared at the smaller scale`() throws {
        var windows = Windows()
        try windows.take([sender.exponential([1, 1], offset: 8, scale: 3, start: 0, time: 60)], at: 61)
        try windows.take([sender.exponential([6], offset: 4, scale: 2, start: 0, time: 120)], at: 121)
        guard case .exponential(let counts)? = windows.sum(durations)?.buckets.first?.counts else {
            Issue.record("no exponential sum")
            return
        }
        #expect(counts == ExponentialCounts(scale: 2, positive: .init(offset: 4, counts: [6]) ?? .init()))
    }

    @Test func `CPU is what each instance used in the seconds that are covered, and memory the mean of its levels`()
        throws
    {
        var windows = Windows()
        for (index, other) in [sender, Sender(instance: "b")].enumerated() {
            for minute in 0...4 {
                let time = Double(60 * minute + 30)
                let used = Double(minute * 60 * (index + 1))
                // The start of an observed counter is its first look, though it holds the life of the process.
                try windows.take([other.cpu(user: 5000 + used, system: used / 2, start: 29, time: time)], at: time)
                try windows.take([other.memory(Int64(100 * (index + 1) + minute), time: time)], at: time)
            }
        }
        // 1.5 cores and 3 cores.
        #expect(windows.value(.cpu, "process.cpu.time") == 2.25)
        #expect(windows.value(.memory, "process.memory.usage") == 152)
        #expect(windows.sum("process.cpu.time")?.coverage(of: 300) == 0.8)
    }

    @Test func `A counter that fell began again at 0`() throws {
        var windows = Windows()
        try windows.take([sender.cpu(user: 50, system: 0, start: 0, time: 60)], at: 61)
        try windows.take([sender.cpu(user: 30, system: 0, start: 61, time: 120)], at: 121)
        #expect(windows.value(.cpu, "process.cpu.time") == 0.5)
    }

    @Test(arguments: [
        ("http_server_request_duration_seconds", 0.1), ("http_server_duration_milliseconds", 0.0001),
        ("http_server_request_duration", 0.1),
    ])
    func `A metric under the name that it has on a page is the same`(_ name: String, _ p95: Double) throws {
        var export = sender.histogram([95, 5, 0, 0], start: 0, time: 60, isDelta: true)
        export.resourceMetrics[0].scopeMetrics[0].metrics[0].name = name
        export.resourceMetrics[0].scopeMetrics[0].metrics[0].unit = ""
        var windows = Windows()
        try windows.take([export], at: 61)
        let metric = name.contains("milli") ? "http.server.duration" : durations
        #expect(windows.value(.latencyP95, metric) == p95)
    }

    @Test func `Failed requests are those with a server error`() throws {
        var windows = Windows()
        try windows.take([sender.histogram([6, 0, 0, 0], start: 0, time: 60, isDelta: true)], at: 61)
        try windows.take([sender.histogram([2, 0, 0, 0], start: 0, time: 60, isDelta: true, status: "503")], at: 61)
        #expect(windows.value(.errorShare, durations) == 0.25)
        #expect(windows.value(.requests, durations) == 8)
    }

    @Test func `Where bounds disagree, no quantile is that of all requests`() throws {
        var windows = Windows()
        try windows.take(
            [sender.histogram([0, 0, 10], bounds: [1, 2], start: 0, time: 60, isDelta: true)], at: 61)
        try windows.take(
            [
                Sender(instance: "b").histogram(
                    [100, 0, 0, 0], bounds: [0.1, 0.2, 0.4], start: 0, time: 60, isDelta: true)
            ], at: 61)
        #expect(windows.value(.latencyP95, durations) == nil)
        #expect(windows.sum(durations)?.obstacle(to: .latencyP95)?.contains("2 different sets of buckets") == true)
        #expect(windows.value(.requests, durations) == 110)
        #expect(windows.sum(durations)?.obstacle(to: .requests) == nil)
    }

    @Test func `What cannot be right is rejected with a reason, and the rest is taken`() throws {
        var windows = Windows()
        let wrong = [
            sender.histogram([1, 0, 0, 0], start: 0, time: 5000), sender.histogram([1, 0, 0, 0], start: 0, time: -900),
            sender.histogram([1, 0], start: 0, time: 60),
            sender.histogram([1, 0, 0], bounds: [2, 1], start: 0, time: 60),
            sender.exponential([1], offset: .max, scale: 3, start: 0, time: 60),
            sender.exponential([1], offset: 0, scale: 90, start: 0, time: 60),
            sender.cpu(user: -1, system: .nan, start: 0, time: 60),
        ]
        let intake = try windows.take(wrong + [sender.histogram([1, 0, 0, 0], start: 0, time: 60)], at: 61)
        #expect(intake.rejected == 8)
        #expect(intake.accepted == 1)
        #expect(intake.message?.contains("10 minutes ahead") == true)
        #expect(windows.sum(durations)?.requests == 1)
    }

    @Test func `A point without a recorded value, and the metrics of nobody, change nothing`() throws {
        var windows = Windows()
        let ended = sender.histogram([1, 0, 0, 0], start: 0, time: 60, flags: 1)
        var nobody = sender.histogram([1, 0, 0, 0], start: 0, time: 60)
        nobody.resourceMetrics[0].resource.attributes.removeFirst()
        #expect(try windows.take([ended, nobody], at: 61).rejected == 0)
        #expect(windows.cells.isEmpty)
    }

    @Test func `Further series than the limit are rejected, until others have been silent for a quarter of an hour`()
        throws
    {
        var limits = OTLPLimits()
        limits.series = 2
        var windows = Windows(limits: limits)
        func point(_ name: String, _ time: Double) -> ExportRequest {
            Sender(instance: name).histogram([1, 0, 0, 0], start: time - 30, time: time)
        }
        #expect(try windows.take(["a", "b", "c"].map { point($0, 60) }, at: 61).rejected == 1)
        #expect(windows.accumulator.seriesCount == 2)
        #expect(try windows.take([point("c", 1330)], at: 1331).rejected == 0)
        #expect(windows.accumulator.evicted == 2)
    }
}
