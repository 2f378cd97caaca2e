import Foundation
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixOTLP

/// The same points give the same windows, however they come.
struct OrderTests {
    /// A story of several senders over a quarter of an hour, in the order of its times.
    private func story(_ random: inout SeededGenerator) -> [(time: Double, export: ExportRequest)] {
        var story: [(Double, ExportRequest)] = []
        for name in ["a", "b", "c"] {
            let sender = Sender(instance: name)
            let isDelta = random.happens(0.4)
            var start = Double(Int.random(in: 0...50, using: &random))
            var counts: [UInt64] = [0, 0, 0, 0]
            var wide = [UInt64](repeating: 0, count: 12)
            var used = 100.0
            var last = start
            for minute in 1...14 {
                let time = Double(60 * minute + Int.random(in: -8...8, using: &random))
                if random.happens(0.1) {
                    start = last + 3
                    used = 0
                    (counts, wide) = ([0, 0, 0, 0], wide.map { _ in 0 })
                }
                if isDelta { (counts, wide) = ([0, 0, 0, 0], wide.map { _ in 0 }) }
                for index in counts.indices { counts[index] += .random(in: 0...9, using: &random) }
                for index in wide.indices { wide[index] += .random(in: 0...9, using: &random) }
                used += Double.random(in: 0...90, using: &random)
                let from = isDelta ? last : start
                story.append((time, sender.histogram(counts, start: from, time: time, isDelta: isDelta)))
                let scale: Int32 = minute > 7 ? 2 : 3
                story.append(
                    (
                        time,
                        sender.exponential(wide, offset: -20, scale: scale, start: from, time: time, isDelta: isDelta)
                    ))
                story.append((time, sender.cpu(user: used, system: used / 3, start: start, time: time)))
                story.append((time, sender.memory(.random(in: 1...1000, using: &random), time: time)))
                last = time
            }
        }
        return story.sorted { $0.0 < $1.0 }.map { (time: $0.0, export: $0.1) }
    }

    @Test(arguments: 0..<40)
    func `One batch or many, restarts, duplicates and another order give the same windows`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let story = story(&random)
        var plain = Windows()
        for one in story { try plain.take([one.export], at: one.time + 1) }
        #expect(plain.cells.count == 3)

        var other = Windows()
        // Points come up to four minutes late, and some of them twice.
        var arrivals = story.map {
            (at: $0.time + 1 + Double(Int.random(in: 0...240, using: &random)), export: $0.export)
        }
        arrivals += arrivals.filter { _ in random.happens(0.3) }.map {
            (at: $0.at + Double(Int.random(in: 0...100, using: &random)), export: $0.export)
        }
        arrivals.sort { $0.at < $1.at }
        while !arrivals.isEmpty {
            let count = min(arrivals.count, Int.random(in: 1...20, using: &random))
            let now = arrivals[count - 1].at
            let intake = try other.take(arrivals[..<count].map(\.export), at: now)
            #expect(intake.rejected == 0)
            arrivals.removeFirst(count)
            if random.happens(0.15) { try other.restart() }
        }
        #expect(other.cells == plain.cells)
    }

    @Test func `A damaged log is refused, not taken for another`() throws {
        var windows = Windows()
        try windows.take([Sender().histogram([1, 0, 0, 0], start: 0, time: 60), Sender().memory(5, time: 60)], at: 61)
        let entry = try #require(windows.log.first)
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            var content = entry.content
            content[Int.random(in: content.indices, using: &random)] = .random(in: 0...255, using: &random)
            content = Array(content.prefix(Int.random(in: 0...content.count, using: &random)))
            var accumulator = OTLPAccumulator()
            try? accumulator.replay([PointLogEntry(at: entry.at, content: content)])
        }
        var accumulator = OTLPAccumulator()
        #expect(throws: PackedReader.Malformed.self) {
            try accumulator.replay([PointLogEntry(at: entry.at, content: Array(entry.content.dropLast()))])
        }
    }
}
