import HotfixCore
import Testing

@testable import HotfixOTLP

/// Which process a point is of.
struct IdentityTests {
    let sender = Sender()

    @Test func `Two processes under one identity are told apart by their starts`() throws {
        var windows = Windows()
        for minute in 1...5 {
            let time = Double(60 * minute)
            let count = UInt64(minute)
            try windows.take(
                [
                    sender.histogram([1000 + 10 * count, 0, 0, 0], start: -9000, time: time - 20),
                    sender.histogram([70_000 + 3 * count, 0, count, 0], start: -5000, time: time),
                    sender.cpu(user: 100 + 30 * Double(minute), system: 0, start: -9000, time: time - 20),
                    sender.cpu(user: 9000 + 30 * Double(minute), system: 0, start: -5000, time: time),
                ], at: time + 1)
        }
        #expect(windows.sum(durations)?.requests == 40 + 12 + 4)
        #expect(windows.value(.cpu, "process.cpu.time") == 0.5)
        #expect(windows.sum(durations)?.lost == [])
    }

    @Test func `Two processes that began together leave no value`() throws {
        var windows = Windows()
        for minute in 1...4 {
            let time = Double(60 * minute)
            try windows.take(
                [
                    sender.histogram([1000, 0, 0, 0], start: -9000, time: time - 20),
                    sender.histogram([70_000, 0, 0, 0], start: -9000, time: time),
                    sender.cpu(user: 100, system: 0, start: -9000, time: time - 20),
                    sender.cpu(user: 9000, system: 0, start: -9000, time: time),
                ], at: time + 1)
        }
        #expect(windows.sum(durations)?.lost == [.mixed])
        #expect(windows.sum("process.cpu.time")?.lost == [.mixed])
        #expect(windows.sum("process.cpu.time")?.obstacle(to: .cpu)?.contains("service.instance.id") == true)
    }

    @Test func `Points of two processes at one time are two, whichever comes first`() throws {
        let points = [
            sender.histogram([3, 0, 0, 0], start: 10, time: 60), sender.histogram([5, 0, 0, 0], start: 20, time: 60),
            sender.histogram([4, 0, 0, 0], start: 10, time: 120), sender.histogram([7, 0, 0, 0], start: 20, time: 120),
        ]
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            var windows = Windows()
            for place in order + order { try windows.take([points[place]], at: 121) }
            #expect(windows.sum(durations)?.requests == 11)
        }
    }

    @Test func `Processes without a name of their own are told apart by what else their resources say`() throws {
        func anonymous(_ export: ExportRequest, host: String) -> ExportRequest {
            var export = export
            export.resourceMetrics[0].resource.attributes.removeAll { $0.key == "service.instance.id" }
            export.resourceMetrics[0].resource.attributes.append(Sender.attribute("host.name", host))
            return export
        }
        var windows = Windows()
        for host in ["a", "b"] {
            for minute in 1...5 {
                let (time, used) = (Double(60 * minute), Double(60 * minute))
                try windows.take(
                    [anonymous(sender.cpu(user: used, system: 0, start: 0, time: time), host: host)], at: time)
            }
        }
        // One core each, not two of one process.
        #expect(windows.value(.cpu, "process.cpu.time") == 1)
        #expect(windows.sum("process.cpu.time")?.instances.count == 2)
    }

    @Test func `What comes of one process by two ways is no second use of the processor`() throws {
        var windows = Windows()
        for minute in 1...5 {
            let (time, used) = (Double(60 * minute), Double(30 * minute))
            var other = sender.cpu(user: used, system: 0, start: 0, time: time)
            other.resourceMetrics[0].resource.attributes.append(Sender.attribute("k8s.node.name", "n"))
            let delta = sender.cpu(user: 30, system: 0, start: time - 60, time: time, isDelta: true)
            try windows.take([sender.cpu(user: used, system: 0, start: 0, time: time), other, delta], at: time)
        }
        #expect(windows.value(.cpu, "process.cpu.time") == 0.5)
    }

    @Test func `A start after the point says nothing, and a point with one is known again after a restart`() throws {
        var windows = Windows()
        let odd = sender.histogram([4, 0, 0, 0], start: 90, time: 60, isDelta: true)
        try windows.take([odd], at: 61)
        try windows.restart()
        try windows.take([odd, sender.histogram([1, 0, 0, 0], start: 60, time: 70, isDelta: true)], at: 71)
        #expect(windows.sum(durations)?.requests == 5)
    }

    @Test func `A name with a NUL is nobody's`() throws {
        var windows = Windows()
        try windows.take([Sender(service: "checkout\0x").memory(1, time: 60)], at: 61)
        #expect(windows.cells.isEmpty)
    }

    @Test func `A wider zero bucket is no new beginning`() throws {
        func point(_ counts: [UInt64], offset: Int32, zero: UInt64, threshold: Double, time: Double) -> ExportRequest {
            var export = sender.exponential(counts, offset: offset, scale: 0, start: -9000, time: time)
            let place = \ExportRequest.resourceMetrics[0].scopeMetrics[0].metrics[0].exponentialHistogram.dataPoints[0]
            export[keyPath: place].zeroCount = zero
            export[keyPath: place].zeroThreshold = threshold
            return export
        }
        var windows = Windows()
        // Buckets end at 2, 4, 8 and 16; then those up to 4 are counted as zero.
        try windows.take([point([10, 20, 30, 40], offset: 0, zero: 5, threshold: 0, time: 60)], at: 61)
        try windows.take([point([31, 42], offset: 2, zero: 38, threshold: 3, time: 120)], at: 121)
        guard case .exponential(let sum)? = windows.sum(durations)?.buckets.first?.counts else {
            Issue.record("no exponential sum")
            return
        }
        #expect(sum.total == 3 + 1 + 2)
        #expect(sum.zeroCount == 3)
        #expect(sum.zeroThreshold == 4)
        #expect(sum.positive == ExponentialCounts.Side(offset: 2, counts: [1, 2]))
    }

    @Test func `Zero buckets of two widths are added up as the wider`() {
        var sum = ExponentialCounts(scale: 0, zeroCount: 1, zeroThreshold: 0.3)
        sum.positive = .init(offset: -2, counts: [5, 6]) ?? .init()
        var other = ExponentialCounts(scale: 1, zeroCount: 2, zeroThreshold: 0.001)
        other.positive = .init(offset: -5, counts: [1, 1, 1, 1, 1]) ?? .init()
        sum.add(other)
        // (0.25, 0.5] holds 0.3: it goes to zero as a whole.
        #expect(sum.zeroThreshold == 0.5)
        #expect(sum.zeroCount == 1 + 5 + 2 + 3)
        #expect(sum.positive == ExponentialCounts.Side(offset: -1, counts: [8]))
        #expect(sum.total == 3 + 11 + 5)
    }
}
