import Foundation
import Testing

/// A certificate authority of our own, with a server's and a client's certificate.
struct Certificates {
    let directory: String

    var authority: String { directory + "/ca.pem" }
    var server: String { directory + "/server.pem" }
    var serverKey: String { directory + "/server.key" }
    var client: String { directory + "/client.pem" }
    var clientKey: String { directory + "/client.key" }
    /// The client's key under the password `open-sesame`.
    var lockedClientKey: String { directory + "/client.locked.key" }
    /// An authority that signed nothing here.
    var stranger: String { directory + "/stranger.pem" }

    init(in directory: String) async throws {
        self.directory = directory
        try "[req]\ndistinguished_name=dn\n[dn]\n".write(
            toFile: directory + "/req.cnf",
            atomically: true,
            encoding: .utf8
        )
        let authority = ["-addext", "basicConstraints=critical,CA:TRUE"]
        let signed = ["-CA", directory + "/ca.pem", "-CAkey", directory + "/ca.key"]
        try await make("ca", authority)
        try await make("stranger", authority)
        try await make("server", signed + ["-addext", "subjectAltName=DNS:localhost"])
        try await make("client", signed + ["-addext", "extendedKeyUsage=clientAuth"])
        try await runTool(
            "/usr/bin/openssl",
            ["pkey", "-in", clientKey, "-aes256", "-passout", "pass:open-sesame", "-out", lockedClientKey]
        )
    }

    private func make(_ name: String, _ options: [String]) async throws {
        let arguments = [
            "req", "-x509", "-config", directory + "/req.cnf", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-keyout",
            "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem",
        ]
        try await runTool("/usr/bin/openssl", arguments + options)
    }
}

/// Runs a program to its end, which must be a success.
func runTool(_ path: String, _ arguments: [String]) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let status = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    try #require(status == 0, "\(path) \(arguments.first ?? "") failed")
}
