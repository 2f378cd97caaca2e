import HotfixConfiguration
import HotfixCore
import HotfixOTLP
import HotfixServer
import HotfixStore
import ServiceLifecycle

/// What a server of OTLP and the scrapes beside it run with.
struct OTLPPlace: Sendable {
    let serving: ServingPlace
    /// The configuration that the command was called with.
    let config: String?
    let isQuiet: Bool

    /// How long the receiver waits for others who hold the ledger, in seconds: less than exporters wait for an answer.
    private static let patience: Seconds = 4

    /// What receives and scrapes points.
    ///
    /// - Parameter listen: HOST:PORT to receive at; nil where nothing is received.
    /// - Returns: What runs beside the server that answers; nothing where nothing is received or scraped.
    /// - Throws: `CommandError` where the address is wrong, or not safe, and `LedgerError`.
    func services(listen: String?) throws -> [any ServiceLifecycle.Service] {
        let scrapes = serving.workplace.settings.sources.contains { $0.kind == .otlp(isScraped: true) }
        guard listen != nil || scrapes else { return [] }
        let address = try listen.map(checkedAddress)
        let workplace = scrapes ? try Workplace(config: config, secrets: [.server, .sources]) : serving.workplace
        let ledger = try FollowedLedger(path: workplace.ledgerPath, patience: Self.patience)
        var services: [any ServiceLifecycle.Service] = [try ReceivingRight(ledger: workplace.ledgerPath)]
        if let address { services.append(server(address, ledger)) }
        let scraped = workplace.settings.sources.filter { $0.kind == .otlp(isScraped: true) }
        let client = serving.surroundings.client()
        for source in scraped {
            let intake = PointIntake(store: ledger, origin: source.name, limits: limits, retention: retention)
            services.append(ScrapeService(source, intake, client, serving.surroundings))
        }
        return services
    }

    private func checkedAddress(_ listen: String) throws -> ListenAddress {
        guard let address = ListenAddress(text: listen) else {
            throw CommandError(
                .wrong, "--otlp '\(oneLine(listen))' is not HOST:PORT. Write it as 127.0.0.1:4318 or [::1]:4318.")
        }
        guard address.isLoopback || serving.workplace.settings.serve.otlpToken != nil else {
            throw CommandError(
                .wrong,
                "--otlp \(oneLine(listen)) lets other machines send points that verdicts are reached from, and nobody is asked for"
                    + " a token. Set `serve.otlp_token`, or listen at 127.0.0.1.")
        }
        return address
    }

    private func server(_ address: ListenAddress, _ ledger: FollowedLedger) -> APIServer {
        let surroundings = serving.surroundings
        let receiver = OTLPReceiver(
            intake: PointIntake(store: ledger, limits: limits, retention: retention), limits: limits,
            token: serving.workplace.settings.serve.otlpToken, clock: { surroundings.now },
            notice: { surroundings.writeError("hotfix: \(oneLine($0))\n") })
        let token = serving.workplace.settings.serve.otlpToken
        let door = FrontDoor(
            [OTLPHandler(receiver: receiver)],
            access: AccessRules(readToken: token, writeToken: nil, isLoopback: address.isLoopback),
            now: { surroundings.now }, problem: ServeCommand.problem)
        var own = APIServer.Limits()
        own.bodyBytes = limits.body
        let quiet = isQuiet
        return APIServer(door, at: address, limits: own, logger: serving.logger) { port in
            var at = address
            at.port = port
            if !quiet { surroundings.writeError("hotfix: Receiving OTLP at http://\(at.text)\n") }
        }
    }

    private var limits: OTLPLimits { OTLPLimits(windows: serving.workplace.settings.services.map(\.policy.window)) }

    private var retention: PointRetention {
        let lookbacks = serving.workplace.settings.services.flatMap(\.policy.guardrails).map(\.baseline.lookback)
        return PointRetention(lookback: lookbacks.max() ?? 7 * 86_400)
    }
}

/// The right to be the one that stores points in a ledger: two would overwrite each other's windows.
private final class ReceivingRight: ServiceLifecycle.Service {
    private let lock: CheckLock

    init(ledger path: String) throws {
        guard let lock = try CheckLock.acquire(ledgerPath: path, purpose: "points") else {
            throw CommandError(
                .busy,
                "Another `hotfix serve` already receives points for the ledger '\(path)'. End it, or leave --otlp out here."
            )
        }
        self.lock = lock
    }

    /// Holds it until everything else has ended.
    func run() async throws { try await gracefulShutdown() }
}

/// Takes calls to the receiver.
private struct OTLPHandler: CallHandler {
    let receiver: OTLPReceiver

    func answer(_ call: APICall) async -> APIAnswer? {
        let answer = await receiver.answer(
            OTLPCall(
                method: call.method, target: call.target, headers: call.headers, body: call.body, isLate: call.isLate))
        return APIAnswer(answer.status, type: nil, headers: answer.headers, body: .bytes(answer.body))
    }
}
