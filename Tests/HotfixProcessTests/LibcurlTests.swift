import Foundation
import HotfixTestSupport
import Testing

@Suite("Without libcurl")
struct LibcurlTests {
    /// Runs the program where a file that is no library stands before libcurl.
    private func run(_ arguments: [String]) async throws -> SpawnedCommand.Ending {
        try await withTemporaryDirectory { directory in
            let (libraries, settings) = ("\(directory)/libraries", "\(directory)/hotfix.yaml")
            try FileManager.default.createDirectory(atPath: libraries, withIntermediateDirectories: false)
            try "no library".write(toFile: "\(libraries)/libcurl.so.4", atomically: true, encoding: .utf8)
            try """
            state: sqlite:\(directory)/ledger.db
            policy: policy.yaml
            sources:
              otel: {type: prometheus, url: "http://127.0.0.1:9"}
            services:
              - {name: checkout, environment: production, otel: {service: checkout}}

            """.write(toFile: settings, atomically: true, encoding: .utf8)
            try "guardrails: {latency-p95: {source: otel, measure: latency-p95, limit: +20%}}\n"
                .write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
            return try await SpawnedCommand.start(
                try SpawnedCommand.builtProgram("hotfix"), arguments,
                environment: ["LD_LIBRARY_PATH": libraries, "HOTFIX_CONFIG": settings],
                outputFile: "\(directory)/output"
            ).ending()
        }
    }

    @Test(
        "what asks nobody works as ever, for it is loaded by who asks",
        arguments: [["--version"], ["config", "example"], ["config", "validate"], ["deployed", "--list"]])
    func unasked(_ arguments: [String]) async throws {
        let ending = try await run(arguments)
        #expect(ending.exitStatus == (arguments.first == "deployed" ? 5 : 0), "\(ending.output)")
        #expect(!ending.output.contains("libcurl"), "\(ending.output)")
    }

    @Test("a check could not reach its source, and says what to install")
    func asking() async throws {
        let ending = try await run(["check"])
        #expect(ending.exitStatus == 3, "\(ending.output)")
        #expect(ending.output.contains("libcurl could not be loaded. Install it (Debian: apt-get install libcurl4)."))
        #expect(ending.output.contains("libcurl.so.4"), "\(ending.output)")
    }
}
