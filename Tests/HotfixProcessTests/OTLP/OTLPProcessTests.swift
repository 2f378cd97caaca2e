import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@testable import HotfixOTLP

/// The built program receives what OpenTelemetry's SDK for Python sends.
@Suite("hotfix serve --otlp as a process", .heavyAndLong, .serialized)
struct OTLPProcessTests {
    @Test(arguments: ["explicit", "exponential"], ["cumulative", "delta"])
    func `Windows hold what the SDK was given, through its restart and an outage of the receiver`(
        _ shape: String, _ temporality: String
    ) async throws {
        try await withTemporaryDirectory { directory in
            let config = try ReceivingProcess.settings(directory)
            let first = try await ReceivingProcess.start(config, directory)
            let script = "\(directory)/sender.py"
            try PythonSDK.sender.write(toFile: script, atomically: true, encoding: .utf8)
            let (stopped, back) = ("\(directory)/stopped", "\(directory)/back")
            let sender = try SpawnedCommand.start(
                try PythonSDK.interpreter(), [script, first.url, shape, temporality, stopped, back],
                outputFile: "\(directory)/sender.out")
            async let ended = sender.ending()
            try await exists(stopped, sender)
            first.process.kill()
            _ = await first.process.ending()
            try Data().write(to: URL(fileURLWithPath: back + ".down"))
            try await exists(back + ".asked", sender)
            let second = try await ReceivingProcess.start(config, directory, at: first.address)
            let ending = await ended
            #expect(ending.exitStatus == 0, "\(ending.output)")
            kill(second.process.pid, SIGTERM)
            #expect(await second.process.ending().exitStatus == 0)
            let printed = try #require(ending.output.split(separator: "\n").last { $0.hasPrefix("{\"durations\"") })
            let given = try JSONDecoder().decode(Given.self, from: Data(printed.utf8))
            #expect(given.durations.count == 280)
            try compare(given, isDelta: temporality == "delta", directory)
        }
    }

    /// What the SDK was given, and what it made of CPU seconds.
    private struct Given: Decodable {
        /// A duration, and whether the request failed.
        struct Duration: Decodable {
            var seconds: Double
            var failed: Bool

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                seconds = try list.decode(Double.self)
                failed = try list.decode(Bool.self)
            }
        }

        /// A point of a mode's CPU seconds.
        struct CPU: Decodable {
            var mode: String
            var start: Int64
            var time: Int64
            var value: Double

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                mode = try list.decode(String.self)
                start = try list.decode(Int64.self)
                time = try list.decode(Int64.self)
                value = try list.decode(Double.self)
            }
        }

        var durations: [Duration]
        var cpu: [CPU]

        /// The cores that were used: by mode what it grew by, over the seconds in which it did.
        func cores(isDelta: Bool) -> Double {
            Dictionary(grouping: cpu, by: \.mode).values.reduce(0) { total, points in
                let points = points.sorted { $0.time < $1.time }
                var (used, nanoseconds) = (0.0, Int64(0))
                for (earlier, point) in zip([nil] + points.map(Optional.some), points) {
                    if isDelta {
                        used += point.value
                        nanoseconds += point.time - point.start
                    } else if let earlier {
                        used += point.start == earlier.start ? point.value - earlier.value : point.value
                        nanoseconds += point.time - earlier.time
                    }
                }
                return total + used / (Double(nanoseconds) / 1e9)
            }
        }
    }

    private func exists(_ path: String, _ process: SpawnedCommand) async throws {
        while !FileManager.default.fileExists(atPath: path) {
            guard kill(process.pid, 0) == 0 else { throw SpawnedCommand.Failure(description: "The sender ended.") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func compare(_ given: Given, isDelta: Bool, _ directory: String) throws {
        let ledger = try SQLiteLedger.open(path: "\(directory)/ledger.db", createIfMissing: false)
        var total: [String: CellSum] = [:]
        for stored in try ledger.pointSubjects() {
            #expect(stored.subject.name == "checkout")
            #expect(stored.subject.environment == "production")
            for cell in try ledger.pointCells(of: stored.subject, from: Instant(0), to: .distantFuture) {
                let sum = try CellSum(packed: cell.content)
                if total[stored.subject.metric]?.add(sum) == nil { total[stored.subject.metric] = sum }
            }
        }
        let requests = try #require(total["http.server.request.duration"])
        #expect(requests.requests == UInt64(given.durations.count))
        #expect(requests.failed == UInt64(given.durations.count(where: \.failed)))
        let sorted = given.durations.map(\.seconds).sorted()
        let exact = sorted[Int((0.95 * Double(sorted.count)).rounded(.up)) - 1]
        let p95 = try #require(requests.value(of: .latencyP95, .durations(divisor: 1)))
        let bucket = try bucket(of: exact, in: try #require(requests.buckets.first?.counts), sorted)
        #expect(bucket.lower < p95 && p95 <= bucket.upper, "\(p95) for \(exact)")
        #expect(total["process.memory.usage"]?.value(of: .memory, .level(parts: [])) == 1000)
        let cores = try #require(total["process.cpu.time"]?.value(of: .cpu, .counter))
        #expect(abs(cores / given.cores(isDelta: isDelta) - 1) < 1e-9)
        #expect(total.values.allSatisfy { $0.lost.isEmpty })
    }

    /// The bounds of the bucket that a value lies in, once every bucket has been seen to hold what was given.
    private func bucket(
        of value: Double, in counts: CellSum.Buckets.Counts, _ values: [Double]
    ) throws -> (lower: Double, upper: Double) {
        switch counts {
        case .explicit(let counts):
            var expected = [UInt64](repeating: 0, count: counts.bounds.count + 1)
            for one in values { expected[counts.bounds.firstIndex { one <= $0 } ?? counts.bounds.count] += 1 }
            #expect(counts.counts == expected)
            let index = try #require(counts.bounds.firstIndex { value <= $0 })
            return (index == 0 ? 0 : counts.bounds[index - 1], counts.bounds[index])
        case .exponential(let counts):
            // Bucket k holds what is above base^k and not above base^(k+1), and base is 2^(2^-scale).
            let fineness = exp2(Double(counts.scale))
            func index(_ value: Double) -> Int { Int((log2(value) * fineness).rounded(.up)) - 1 }
            let found = Dictionary(
                counts.positive.counts.enumerated().map { (counts.positive.offset + $0, Int($1)) },
                uniquingKeysWith: +
            ).filter { $0.value > 0 }
            #expect(found == Dictionary(values.map { (index($0), 1) }, uniquingKeysWith: +))
            #expect(counts.zeroCount == 0 && counts.negative.counts.isEmpty)
            return (exp2(Double(index(value)) / fineness), exp2(Double(index(value) + 1) / fineness))
        }
    }

    @Test func `A second receiver of the same ledger is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let config = try ReceivingProcess.settings(directory)
            let first = try await ReceivingProcess.start(config, directory)
            let second = try await SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"),
                ["serve", "--listen", "127.0.0.1:0", "--otlp", "127.0.0.1:0", "--config", config],
                environment: ["TOKEN": "x"], outputFile: "\(directory)/second.out"
            ).ending()
            #expect(second.exitStatus == 4)
            #expect(second.output.contains("already receives points"))
            kill(first.process.pid, SIGTERM)
            #expect(await first.process.ending().exitStatus == 0)
        }
    }
}
