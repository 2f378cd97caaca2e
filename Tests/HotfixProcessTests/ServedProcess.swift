import Foundation
import HotfixStore
import HotfixTestSupport

/// The built program as it serves, and others that ask it.
struct ServedProcess {
    static let token = "writes-0123456789abcdef"

    let program: String
    let directory: String
    let process: SpawnedCommand
    let url: String
    /// Where what it says goes.
    let output: String

    var port: Int { Int(url.split(separator: ":").last ?? "") ?? 0 }

    /// What it said so far.
    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// How much memory it holds now, in KiB.
    var residentKiB: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// Runs the program as somebody elsewhere does.
    func run(_ arguments: String..., token: String? = ServedProcess.token) async throws -> SpawnedCommand.Ending {
        let file = "\(directory)/\(UUID().uuidString).out"
        var environment = ["HOTFIX_SERVER": url]
        environment["HOTFIX_TOKEN"] = token
        return try await SpawnedCommand.start(program, arguments, environment: environment, outputFile: file).ending()
    }

    /// Writes a configuration that can be served.
    static func settings(_ directory: String, prometheus: String = "http://127.0.0.1:1") throws -> String {
        let config = "\(directory)/hotfix.yaml"
        try #"guardrails: {load: {source: otel, query: 'load{service="{service}"}', limit: {above: 3}}}"#
            .write(toFile: "\(directory)/policy.yaml", atomically: true, encoding: .utf8)
        try """
        state: sqlite:\(directory)/ledger.db
        policy: policy.yaml
        sources: {otel: {type: prometheus, url: "\(prometheus)"}}
        services: [{name: checkout, otel: {service: checkout}}]
        serve: {write_token: "${WRITE_TOKEN}"}
        """.write(toFile: config, atomically: true, encoding: .utf8)
        // A server that only answers makes no ledger.
        _ = try SQLiteLedger.open(path: "\(directory)/ledger.db", createIfMissing: true)
        return config
    }

    /// Starts the server, and waits until it serves.
    static func start(_ directory: String, _ config: String, _ more: String...) async throws -> ServedProcess {
        let program = try SpawnedCommand.builtProgram("hotfix")
        let output = "\(directory)/serve.\(UUID().uuidString).out"
        let process = try SpawnedCommand.start(
            program, ["serve", "--listen", "127.0.0.1:0", "--config", config] + more,
            environment: ["WRITE_TOKEN": token], outputFile: output)
        while true {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if let start = said.range(of: "http://127.0.0.1:"), let end = said[start.upperBound...].firstIndex(of: "\n")
            {
                return ServedProcess(
                    program: program, directory: directory, process: process,
                    url: String(said[start.lowerBound..<end]), output: output)
            }
            guard !said.hasSuffix("\n") else {
                throw SpawnedCommand.Failure(description: "The server ended: \(said)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
