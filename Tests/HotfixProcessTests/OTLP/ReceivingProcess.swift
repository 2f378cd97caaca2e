import Foundation
import HotfixTestSupport

/// The built program as it receives.
struct ReceivingProcess {
    let process: SpawnedCommand
    /// HOST:PORT that it receives at.
    let address: String
    /// Where what it says goes.
    let output: String

    var url: String { "http://\(address)" }
    var port: Int { Int(address.split(separator: ":").last ?? "") ?? 0 }

    /// What it said so far.
    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// The most memory that it ever held, in KiB.
    var mostResidentKiB: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    /// Writes a configuration of one service whose points are received.
    static func settings(_ directory: String) throws -> String {
        let config = "\(directory)/hotfix.yaml"
        try """
        state: sqlite:\(directory)/ledger.db
        sources: {otel: {type: otlp}, sentry: {type: sentry, organization: acme, token: "${TOKEN}"}}
        services: [{name: checkout, environment: production, otel: {service: checkout}}]
        """.write(toFile: config, atomically: true, encoding: .utf8)
        return config
    }

    /// Starts it, and waits until it says where it receives.
    static func start(
        _ config: String, _ directory: String, at address: String = "127.0.0.1:0"
    ) async throws -> ReceivingProcess {
        let output = "\(directory)/serve.\(UUID().uuidString).out"
        let process = try SpawnedCommand.start(
            try SpawnedCommand.builtProgram("hotfix"),
            ["serve", "--listen", "127.0.0.1:0", "--otlp", address, "--config", config], environment: ["TOKEN": "x"],
            outputFile: output)
        while true {
            let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            if let found = said.firstMatch(of: /Receiving OTLP at http:\/\/(127\.0\.0\.1:[0-9]+)\n/) {
                return ReceivingProcess(process: process, address: String(found.1), output: output)
            }
            guard kill(process.pid, 0) == 0, !said.contains("No server at") else {
                throw SpawnedCommand.Failure(description: "The server ended: \(said)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
