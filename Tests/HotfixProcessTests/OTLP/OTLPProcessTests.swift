import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@testable import HotfixOTLP

/// The built program receives what OpenTelemetry's SDK for Python sends.
@Suite("hotfix serve --otlp as a process", .heavyAndLong, .serialized)
struct OTLPProcessTests {
    private func settings(_ directory: String) throws -> String {
        let config = "\(directory)/hotfix.yaml"
        try """
        state: sqlite:\(directory)/ledger.db
        sources: {otel: {type: otlp}, sentry: {type: sentry, organization: acme, token: "${TOKEN}"}}
        services: [{name: checkout, environment: production, otel: {service: checkout}}]
        """.write(toFile: config, atomically: true, encoding: .utf8)
        return config
    }

    /// Starts the server, and waits until it says where it receives.
    private func serve(_ config: String, _ directory: String, at address: String) async throws -> (
        SpawnedCommand, String
    ) {
        let output = "\(directory)/serve.\(UUID().uuidString).out"
        let process = try SpawnedCommand.start(
            try SpawnedCommand.builtProgram("hotfix"),
            ["serve", "--listen", "127.0.0.1:0", "--otlp", address, "--config", config], environment: ["TOKEN": "x"],
            outputFile: output)
        while true {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if let found = said.firstMatch(of: /Receiving OTLP at (http:\/\/127\.0\.0\.1:[0-9]+)\n/) {
                return (process, String(found.1))
            }
            guard kill(process.pid, 0) == 0, !said.contains("No server at") else {
                throw SpawnedCommand.Failure(description: "The server ended: \(said)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test(arguments: ["explicit", "exponential"], ["cumulative", "delta"])
    func `Windows hold what the SDK was given, through its restart and an outage of the receiver`(
        _ shape: String, _ temporality: String
    ) async throws {
        try await withTemporaryDirectory { directory in
            let config = try settings(directory)
            let (first, url) = try await serve(config, directory, at: "127.0.0.1:0")
            let script = "\(directory)/sender.py"
            try PythonSDK.sender.write(toFile: script, atomically: true, encoding: .utf8)
            let (stopped, back) = ("\(directory)/stopped", "\(directory)/back")
            let sender = try SpawnedCommand.start(
                try PythonSDK.interpreter(), [script, url, shape, temporality, stopped, back],
                outputFile: "\(directory)/sender.out")
            async let ended = sender.ending()
            try await exists(stopped, sender)
            first.kill()
            _ = await first.ending()
            try Data().write(to: URL(fileURLWithPath: back + ".down"))
            try await exists(back + ".asked", sender)
            let (second, _) = try await serve(config, directory, at: String(url.dropFirst(7)))
            let ending = await ended
            #expect(ending.exitStatus == 0, "\(ending.output)")
            kill(second.pid, SIGTERM)
            #expect(await second.ending().exitStatus == 0)
            let printed = ending.output.split(separator: "\n").last { $0.hasPrefix("[[") } ?? "[]"
            let given = try JSONDecoder().decode([Given].self, from: Data(printed.utf8))
            #expect(given.count == 280)
            try compare(given, directory)
        }
    }

    /// A duration, and whether the request failed.
    private struct Given: Decodable {
        var seconds: Double
        var failed: Bool

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            seconds = try list.decode(Double.self)
            failed = try list.decode(Bool.self)
        }
    }

    private func exists(_ path: String, _ process: SpawnedCommand) async throws {
        while !FileManager.default.fileExists(atPath: path) {
            guard kill(process.pid, 0) == 0 else { throw SpawnedCommand.Failure(description: "The sender ended.") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func compare(_ given: [Given], _ directory: String) throws {
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
        #expect(requests.requests == UInt64(given.count))
        #expect(requests.failed == UInt64(given.count(where: \.failed)))
        let sorted = given.map(\.seconds).sorted()
        let exact = sorted[Int((0.95 * Double(sorted.count)).rounded(.up)) - 1]
        let p95 = try #require(requests.value(of: .latencyP95, .durations(divisor: 1)))
        guard case .explicit(let counts)? = requests.buckets.first?.counts else {
            // Exponential buckets of the SDK are finer than a tenth of a value.
            #expect(abs(p95 / exact - 1) < 0.1)
            return
        }
        var expected = [UInt64](repeating: 0, count: counts.bounds.count + 1)
        for one in given { expected[counts.bounds.firstIndex { one.seconds <= $0 } ?? counts.bounds.count] += 1 }
        #expect(counts.counts == expected)
        #expect(p95 == ExplicitCounts(bounds: counts.bounds, counts: expected).quantile(0.95))
        #expect(total["process.memory.usage"]?.value(of: .memory, .level(parts: [])) == 1000)
    }

    @Test func `A second receiver of the same ledger is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let config = try settings(directory)
            let (first, _) = try await serve(config, directory, at: "127.0.0.1:0")
            let second = try await SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"),
                ["serve", "--listen", "127.0.0.1:0", "--otlp", "127.0.0.1:0", "--config", config],
                environment: ["TOKEN": "x"], outputFile: "\(directory)/second.out"
            ).ending()
            #expect(second.exitStatus == 4)
            #expect(second.output.contains("already receives points"))
            kill(first.pid, SIGTERM)
            #expect(await first.ending().exitStatus == 0)
        }
    }
}
