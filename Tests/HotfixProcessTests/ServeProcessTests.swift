import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

/// The built program as it is installed: one process that serves, and others that ask it.
@Suite("hotfix serve as a process", .heavy, .serialized)
struct ServeProcessTests {
    private static let token = "writes-0123456789abcdef"

    private struct Served {
        let program: String
        let directory: String
        let process: SpawnedCommand
        let url: String

        /// Runs the program as somebody elsewhere does.
        func run(_ arguments: String..., token: String? = ServeProcessTests.token) async throws -> SpawnedCommand.Ending
        {
            let file = "\(directory)/\(UUID().uuidString).out"
            var environment = ["HOTFIX_SERVER": url]
            environment["HOTFIX_TOKEN"] = token
            return try await SpawnedCommand.start(
                program, arguments, environment: environment, outputFile: file
            ).ending()
        }
    }

    private static func settings(_ directory: String) throws -> String {
        let config = "\(directory)/hotfix.yaml"
        try #"guardrails: {load: {source: otel, query: 'load{service="{service}"}', limit: {above: 3}}}"#
            .write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        try """
        state: sqlite:\(directory)/ledger.db
        policy: policy.yaml
        sources: {otel: {type: prometheus, url: "http://127.0.0.1:1"}}
        services: [{name: checkout, otel: {service: checkout}}]
        serve: {write_token: "${WRITE_TOKEN}"}
        """.write(toFile: config, atomically: true, encoding: .utf8)
        return config
    }

    private static func start(_ directory: String, _ config: String) async throws -> Served {
        let program = try SpawnedCommand.builtProgram("hotfix")
        let output = "\(directory)/serve.\(UUID().uuidString).out"
        let process = try SpawnedCommand.start(
            program, ["serve", "--listen", "127.0.0.1:0", "--config", config],
            environment: ["WRITE_TOKEN": Self.token], outputFile: output)
        while true {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if let start = said.range(of: "http://"), said.hasSuffix("\n") {
                let url = said[start.lowerBound...].trimmingCharacters(in: .whitespacesAndNewlines)
                return Served(program: program, directory: directory, process: process, url: url)
            }
            guard !said.hasSuffix("\n") else {
                throw SpawnedCommand.Failure(description: "The server ended: \(said)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("answers the built commands, and ends with 0 when it is told to", arguments: [SIGTERM, SIGINT])
    func life(signal: Int32) async throws {
        try await withTemporaryDirectory { directory in
            let served = try await Self.start(directory, try Self.settings(directory))
            let commit = String(repeating: "a1", count: 20)
            let deployed = try await served.run("deployed", "--commit", commit, "--no-incident")
            #expect(deployed.exitStatus == 0, "\(deployed.output)")
            let list = try await served.run("deployed", "--list")
            #expect(list.exitStatus == 0)
            #expect(list.output.contains(commit))
            let readiness = try await served.run("readiness")
            #expect(readiness.exitStatus == 1)
            #expect(readiness.output.hasPrefix("NOT READY: "))
            let gate = try await served.run("gate", "--commit", commit)
            #expect(gate.exitStatus == 1)
            #expect(try await served.run("deployed", "--close", token: nil).exitStatus == 2)
            kill(served.process.pid, signal)
            let ending = await served.process.ending()
            #expect(ending.exitStatus == 0, "\(ending.output)")
            #expect(!ending.output.contains(Self.token))
            let after = try await served.run("readiness")
            #expect(after.exitStatus == 3)
            #expect(after.output.contains(served.url))
        }
    }

    @Test("a server that is killed while statements come leaves a ledger that holds each whole, and what was told")
    func killed() async throws {
        try await withTemporaryDirectory { directory in
            let config = try Self.settings(directory)
            for round in 0..<3 {
                let served = try await Self.start(directory, config)
                let told = try await withThrowingTaskGroup(of: (String, SpawnedCommand.Ending).self) { group in
                    for number in 0..<6 {
                        let reason = "round \(round) number \(number)"
                        group.addTask {
                            let run = try await served.run(
                                "baseline", "exclude", "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "--reason", reason)
                            return (reason, run)
                        }
                    }
                    var endings: [(String, SpawnedCommand.Ending)] = []
                    for try await ending in group {
                        endings.append(ending)
                        if endings.count == 2 { served.process.kill() }
                    }
                    return endings
                }
                _ = await served.process.ending()
                let list = try await SpawnedCommand.start(
                    served.program, ["baseline", "list", "--config", config],
                    environment: ["WRITE_TOKEN": Self.token], outputFile: "\(directory)/list.out"
                ).ending()
                #expect(list.exitStatus == 0)
                for (reason, ending) in told {
                    #expect([0, 3].contains(ending.exitStatus), "\(ending.output)")
                    // What was told to be recorded is there, and what is not there was never told to be.
                    if ending.exitStatus == 0 { #expect(list.output.contains(reason)) }
                    if ending.exitStatus == 3, list.output.contains(reason) {
                        #expect(ending.output.contains("is not known"))
                    }
                }
            }
        }
    }
}
