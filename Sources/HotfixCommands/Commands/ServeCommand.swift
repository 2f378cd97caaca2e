package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixServer
import Logging
import ServiceLifecycle
import UnixSignals

/// `hotfix serve`: answers over HTTP what the other commands ask with `--server`.
package struct ServeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract:
            "Show the hotfix on a page, and answer over HTTP what commands ask with --server, until SIGTERM; with --check-every, check too.",
        discussion: """
            A changed configuration or policy holds from the next question on; while it is wrong, nothing is answered. Tokens are \
            `serve.read_token` and `serve.write_token` of the configuration at the start. TLS is for a proxy before it. A check that is \
            under way at SIGTERM goes on for up to 15 seconds; what it leaves, the next one does.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(help: "HOST:PORT. Port 0 lets the system choose; the address is printed.")
    package var listen = "127.0.0.1:8321"
    @Flag(
        help: "Serve others than this machine without a read_token: the proxy before it asks who calls. Needs --host.")
    package var noAuthBehindProxy = false
    @Option(
        help: "A name that it may be called by, beside those of this machine; may be repeated. Any other is refused.")
    package var host: [String] = []
    @Option(help: "HOST:PORT to receive OTLP at over HTTP, usually 127.0.0.1:4318. Without it, nothing is received.")
    package var otlp: String?

    @Option(
        help: "Check too, so often: 5m is what the timer does. Sources and channels are asked by this process then.")
    package var checkEvery: String?

    /// How long it waits for what is under way when it ends, in seconds.
    static let endingSeconds = 20

    package init() {}

    package mutating func run() async throws {
        let (surroundings, finish) = Surroundings.current.neverHeldUp()
        defer { finish() }
        let command = self
        try await Surroundings.$current.withValue(surroundings) { try await command.serve() }
    }

    private func serve() async throws {
        let surroundings = Surroundings.current
        let period = try checkPeriod()
        let workplace = try Workplace(
            config: common.config, secrets: period == nil ? [.server] : [.server, .sources, .channels])
        if let period { try CheckSchedule.refuse(period, workplace.settings) }
        guard let address = ListenAddress(text: listen) else {
            throw CommandError(
                .wrong, "--listen '\(oneLine(listen))' is not HOST:PORT. Write it as 127.0.0.1:8321 or [::1]:8321.")
        }
        let access = try access(workplace.settings.serve, at: address)
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: surroundings.writeError) }
        logger.logLevel = common.verbose ? .info : .error
        let agent = period.map { (period: $0, record: AgentRecord()) }
        let place = ServingPlace(
            workplace: workplace, desk: try ServedDesk(config: common.config, agent: agent?.record), access: access,
            surroundings: surroundings, logger: logger, agent: agent)
        let door = FrontDoor(try handlers(place), access: access, now: { surroundings.now }, problem: Self.problem)
        let quiet = common.quiet
        let manager = ServiceManager(surroundings.environment)
        let server = APIServer(door, at: address, logger: logger) { port in
            var at = address
            at.port = port
            if !quiet { surroundings.writeError("hotfix: Serving at http://\(at.text)\n") }
            manager.tell("READY=1")
            place.ready.give()
        }
        try await run([server] + services(place), place)
    }

    /// Who may read and write, and by which names.
    private func access(_ serve: ServeSettings, at address: ListenAddress) throws -> AccessRules {
        guard address.isLoopback || serve.readToken != nil || noAuthBehindProxy else {
            throw CommandError(
                .wrong,
                "--listen \(oneLine(listen)) lets other machines read, and nobody is asked for a token. Set `serve.read_token`, "
                    + "or say --no-auth-behind-proxy where a proxy asks who calls.")
        }
        for name in host where !AccessRules.isHostName(name) {
            throw CommandError(
                .wrong,
                "--host '\(oneLine(name))' is not the name of a host. Write it as hotfix.example.com, without scheme and port."
            )
        }
        guard !noAuthBehindProxy || serve.readToken != nil || !host.isEmpty else {
            throw CommandError(
                .wrong,
                "--no-auth-behind-proxy needs --host NAME, the name that the proxy is called by: where nobody is asked for a token, a "
                    + "call by any other name may be a foreign page's.")
        }
        return AccessRules(
            readToken: serve.readToken, writeToken: serve.writeToken, isLoopback: address.isLoopback, hosts: host)
    }

    private func checkPeriod() throws -> Seconds? {
        guard let checkEvery else { return nil }
        guard let seconds = parseDuration(checkEvery), CheckSchedule.periods.contains(seconds) else {
            throw CommandError(
                .wrong, "--check-every '\(oneLine(checkEvery))' is not a duration from 1m to 1h. Write it as 5m.")
        }
        return seconds
    }

    /// Runs services until SIGTERM or SIGINT arrives, or the task is cancelled.
    private func run(_ services: [any ServiceLifecycle.Service], _ place: ServingPlace) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: place.surroundings.isProcess ? [.sigterm, .sigint] : [],
            logger: place.logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.endingSeconds)
        // What even then does not end is ended with the process.
        configuration.maximumCancellationDuration = .seconds(Self.endingSeconds)
        do { try await ServiceGroup(configuration: configuration).run() } catch is CancellationError {
            return
        } catch let error as APIServer.CannotListen {
            throw CommandError(
                .unfinished,
                "No server at \(oneLine(error.address.text)): \(oneLine(error.reason)). Choose another address, or end what "
                    + "listens there.")
        } catch {
            throw CommandError(.unusable, "The server at \(oneLine(listen)) ended: \(oneLine("\(error)")).")
        }
    }

    /// What an error says of the server itself; nil where it is the call that is wrong.
    static func trouble(_ error: any Error) -> String? {
        let told = error as? APIProblem ?? problem(error)
        guard told.status >= 500 else { return nil }
        return error is APIProblem || EntryPoint.ending(of: error) != nil ? told.detail : "\(error)"
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
