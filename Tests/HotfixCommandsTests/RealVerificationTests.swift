import Foundation
import GRDB
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The built program verifies what a Prometheus server said", .heavy)
struct RealVerificationTests {
    @Test("finds nothing, then exactly what was changed in the file, and mends it")
    func real() async throws {
        let program = try SpawnedCommand.builtProgram("hotfix")
        // The server's clock is the machine's.
        let now = Instant(Int(Date().timeIntervalSince1970))
        let deployed = (now - 10 * 3600).floored(to: 300)
        var metrics = OpenMetrics()
        let times = stride(from: (now - 36 * 3600).seconds, through: now.seconds, by: 60).map(Instant.init)
        for service in ["checkout", "search"] {
            metrics.add("load", ["service": service], at: times) { at in
                service == "search" && (deployed + 3600..<deployed + 4500).contains(at)
                    ? 9 : 1 + sin(Double(at.seconds))
            }
        }
        let policy = #"""
            baseline: {lookback: 1d}
            guardrails:
              load: {source: otel, query: 'sum(avg_over_time(load{service="{service}"}[5m]))', limit: +60%}
              rolling: {source: otel, query: 'sum(max_over_time(load{service="{service}"}[5m]))', limit: +150%, baseline: {anchor: rolling, lookback: 1d, statistic: median}}
            """#
        try await withRealPrometheus(metrics) { server in
            try await withTemporaryDirectory { directory in
                let configuration = """
                    state: sqlite:ledger.db
                    policy: policy.yaml
                    sources: {otel: {type: prometheus, url: "\(server.url)"}}
                    services:
                      - {name: checkout, otel: {service: checkout}}
                      - {name: search, otel: {service: search}}
                    """
                try policy.write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
                try configuration.write(toFile: "\(directory)/hotfix.yaml", atomically: true, encoding: .utf8)
                func run(_ arguments: String...) async throws -> (status: Int32?, output: String) {
                    let ending = try await SpawnedCommand.start(
                        program, arguments + ["--config", "\(directory)/hotfix.yaml"],
                        outputFile: "\(directory)/output"
                    ).ending()
                    return (ending.exitStatus, ending.output)
                }
                let commit = String(repeating: "ab", count: 20)
                #expect(
                    try await run("deployed", "--commit", commit, "--at", "\(deployed)", "--no-incident").status == 0)
                #expect(try await run("check").status == 0)
                let clean = try await run("verify")
                #expect(clean.status == 0, "\(clean.output)")
                #expect(clean.output.contains("of 4 series and 2 stored baselines derived afresh"), "\(clean.output)")

                let queue = try DatabaseQueue(path: "\(directory)/ledger.db")
                try await queue.write { db in
                    try db.execute(sql: "UPDATE window SET value = value + 0.5 WHERE series = 1 AND start = -30")
                    try db.execute(sql: "UPDATE episode SET peak = 12 WHERE service = 'search'")
                }
                try queue.close()
                let found = try await run("verify", "--write")
                #expect(found.status == 1)
                let lines = found.output.split(separator: "\n").filter { $0.contains("  ledger: ") }
                #expect(
                    lines.count >= 2 && lines.allSatisfy { $0.contains("value") || $0.contains("peak 12.0") },
                    "\(found.output)")
                #expect(lines.count { $0.contains("value") } == 1, "\(found.output)")
                let mended = try await run("verify")
                #expect(mended.status == 0, "\(mended.output)")
            }
        }
    }
}
