import HotfixCore
import HotfixDemo
import HotfixServer
import Logging

/// The page of the simulated services, on which time goes on for a while.
struct DemoPage: Sendable {
    /// What stands above everything on it.
    static let banner = "Simulated services, simulated time: no figure on this page is real."
    /// How long a window of five minutes takes, in seconds.
    private static let pace = 10

    let stage: DemoStage
    /// Until when time goes on.
    let end: Instant

    /// Serves the page until the process is interrupted or the task cancelled.
    func serve() async throws {
        let audience = Surroundings.current
        let token = Self.token()
        let surroundings = stage.surroundings(write: { _ in }, writeError: { _ in })
        let config = "\(stage.directory)/\(DemoFiles.settingsName)"
        let desk = try Surroundings.$current.withValue(surroundings) { try ServedDesk(config: config) }
        let access = AccessRules(readToken: nil, writeToken: Secret(token), isLoopback: true)
        let threads = DeskThreads()
        let handlers: [any CallHandler] = [
            APIHandler(desk: desk, access: access, threads: threads, problem: ServeCommand.problem),
            PageHandler(
                desk: desk, access: access, threads: threads, banner: Self.banner, problem: ServeCommand.problem),
        ]
        let door = FrontDoor(handlers, access: access, now: { desk.now }, problem: ServeCommand.problem)
        guard let address = ListenAddress(text: "127.0.0.1:0") else { return }
        var logger = Logger(label: "hotfix") { _ in ErrorStreamHandler(write: audience.writeError) }
        logger.logLevel = .error
        let server = APIServer(door, at: address, logger: logger) { port in
            // Where nobody reads, nobody needs the address.
            try? audience.write(Self.telling(port, token))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await goOn() }
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// Has a window judged every few seconds, until the simulated services have no more to tell; then time stands still.
    private func goOn() async throws {
        while stage.clock.now + 300 <= end {
            try await Task.sleep(for: .seconds(Self.pace))
            stage.clock.move(to: stage.clock.now + 300)
            _ = await stage.run(["check", "--quiet"])
        }
    }

    private static func telling(_ port: Int, _ token: String) -> String {
        """

        The page of this hotfix: http://127.0.0.1:\(port)

        A window is judged there every \(pace) seconds, for some minutes. To acknowledge and to silence, sign in with the token
        \(token)
        It is served until you interrupt it (Ctrl-C).

        """
    }

    private static func token() -> String {
        var generator = SystemRandomNumberGenerator()
        return "simulated-" + String(generator.next() as UInt64, radix: 36)
    }
}
