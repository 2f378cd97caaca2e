import Foundation

/// An Alertmanager as the system has it installed, on a free loopback port.
package final class RealAlertmanager: Sendable {
    /// Why there is no server.
    package struct Failure: Error, CustomStringConvertible {
        /// What happened, and what to do.
        package let description: String
    }

    /// Its address, without a path: `http://127.0.0.1:PORT`.
    package let url: String

    private let process: ChildProcess

    private init(url: String, process: ChildProcess) {
        self.url = url
        self.process = process
    }

    /// Starts a server and waits until it listens.
    ///
    /// - Parameters:
    ///   - directory: A directory for its data; what an earlier one kept there, silences, it knows again.
    ///   - webhook: Where it tells of alerts, a second after they came.
    /// - Returns: The server.
    /// - Throws: ``Failure`` where `prometheus-alertmanager` is missing or fails.
    package static func start(in directory: String, webhook: String) async throws -> RealAlertmanager {
        let program = "/usr/bin/prometheus-alertmanager"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(description: "\(program) is missing. Install the package `prometheus-alertmanager`.")
        }
        let settings = """
            route: {receiver: test, group_by: [hotfix], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
            receivers:
              - name: test
                webhook_configs: [{url: "\(webhook)", send_resolved: true}]

            """
        try settings.write(toFile: "\(directory)/alertmanager.yml", atomically: false, encoding: .utf8)
        // A second shell ends the server when a line comes in, or when this process is gone without having sent one.
        let server = try ChildProcess([
            "/bin/sh", "-c", "exec 3<&0; (read -r _ <&3; kill $$) >/dev/null 2>&1 & exec \(program) \"$@\" 3<&-",
            "sh", "--config.file=\(directory)/alertmanager.yml", "--storage.path=\(directory)/data",
            "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
        ])
        guard await server.waits(for: "msg=\"TLS is disabled.\"", atMost: .seconds(30)),
            let address = server.output.firstMatch(of: /msg="Listening on" address=(?<address>[0-9.:]+)/)
        else {
            let ending = server.status.map { "ended with \($0)" } ?? "was not ready within 30 s"
            await server.stop()
            throw Failure(description: "\(program) \(ending): \(server.output)")
        }
        return RealAlertmanager(url: "http://\(address.address)", process: server)
    }

    /// Stops the server and waits until it is gone.
    package func stop() async {
        await process.stop()
    }
}

/// Runs a body with a real Alertmanager that ends with it.
package func withRealAlertmanager<T>(
    in directory: String, webhook: String, _ body: (RealAlertmanager) async throws -> T
) async throws -> T {
    let server = try await RealAlertmanager.start(in: directory, webhook: webhook)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}
