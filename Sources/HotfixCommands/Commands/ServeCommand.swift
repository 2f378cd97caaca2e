package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixServer
import Logging

/// `hotfix serve`: answers over HTTP what the other commands ask with `--server`.
package struct ServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Show the hotfix on a page, and answer over HTTP what commands ask with --server, until SIGTERM.",
        discussion: """
            A changed configuration or policy holds from the next question on; while it is wrong, nothing is answered. Tokens are \
            `serve.read_token` and `serve.write_token` of the configuration at the start. TLS is for a proxy before it.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(help: "HOST:PORT. Port 0 lets the system choose; the address is printed.")
    package var listen = "127.0.0.1:8321"
    @Flag(help: "Listen beyond this machine without a read_token: the proxy before it asks who calls.")
    package var noAuthBehindProxy = false

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config, secrets: [.server])
        let serve = workplace.settings.serve
        guard let address = ListenAddress(text: listen) else {
            throw CommandError(
                .wrong, "--listen '\(oneLine(listen))' is not HOST:PORT. Write it as 127.0.0.1:8321 or [::1]:8321.")
        }
        guard address.isLoopback || serve.readToken != nil || noAuthBehindProxy else {
            throw CommandError(
                .wrong,
                "--listen \(oneLine(listen)) lets other machines read, and nobody is asked for a token. Set `serve.read_token`, "
                    + "or say --no-auth-behind-proxy where a proxy asks who calls.")
        }
        let access = AccessRules(
            readToken: serve.readToken, writeToken: serve.writeToken, isLoopback: address.isLoopback)
        let handler = APIHandler(desk: try ServedDesk(config: common.config), access: access, problem: Self.problem)
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: surroundings.writeError) }
        logger.logLevel = common.verbose ? .info : .error
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let quiet = common.quiet
        let manager = ServiceManager(surroundings.environment)
        do {
            try await APIServer(handler, at: address, logger: logger).run(takesSignals: surroundings.isProcess) {
                port in
                if !quiet { surroundings.writeError("hotfix: Serving at http://\(host):\(port)\n") }
                manager.tell("READY=1")
            }
        } catch is CancellationError {
            return
        } catch let error as APIServer.CannotListen {
            throw CommandError(
                .unfinished,
                "No server at \(oneLine(listen)): \(oneLine(error.reason)). Choose another address, or end what listens there."
            )
        } catch {
            throw CommandError(.unusable, "The server at \(oneLine(listen)) ended: \(oneLine("\(error)")).")
        }
    }

    /// How an error of the desk is told over HTTP.
    static func problem(_ error: any Error) -> APIProblem {
        guard let (status, messages) = EntryPoint.ending(of: error) else {
            return APIProblem(500, "The server failed. Its log may say why.", exitStatus: ExitStatus.unusable.rawValue)
        }
        let concern = (error as? CommandError)?.concern
        let code =
            switch status {
            case .wrong: concern == .unknown ? 404 : concern == .conflict ? 409 : 400
            case .unfinished, .busy: 503
            default: 500
            }
        return APIProblem(code, messages.joined(separator: " "), exitStatus: status.rawValue)
    }
}
