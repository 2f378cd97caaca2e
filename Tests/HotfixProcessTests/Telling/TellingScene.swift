import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization

/// Everybody who can be told, each on a socket of its own, and a service that is watched at a simulated Prometheus.
///
/// Mail and Alertmanager are the real ones.
struct TellingScene: Sendable {
    /// What stands between a receiver and whoever tells it.
    typealias Between =
        @Sendable (_ receiver: String, _ request: LoopbackRequest, _ take: @Sendable () async -> LoopbackAnswer) async
        -> LoopbackAnswer

    /// What proves something, one of each kind that there is.
    struct Secrets: Sendable {
        var bearer = "canary-prometheus-1a2b3c"
        var slackWebhook = "XxXxWebhookSecretXxXx0001"
        var slackToken = SlackStandIn.token
        var expiredToken = "xoxb-2222-canary-expired"
        var pagerKey = "canaryrouting0123456789abcdefkey"
        var mailPassword = "canary-mail-password-4d5e"
        var hookPath = "canary-hook-path-6f7a"
        var hookSecret = "whsec_" + Data("canary-hook-secret-8b9c-0123456789".utf8).base64EncodedString()
        var hookHeader = "canary-hook-header-0d1e"
        var watchToken = "canary-watch-token-2f3a"
        var grafanaToken = "glsa_canary_grafana_4b5c"
        var gitHubToken = "ghp_canary_github_6d7e"
        var heartbeat = "5f2f1c2e-0d0f-4a57-9d4b-cafe0f5f2a01"
        var serveToken = "canary-serve-token-8f9a"
    }

    static let commit = String(repeating: "ab", count: 20)
    static let repository = "acme/shop"

    let directory: String
    let secrets = Secrets()
    let slack = SlackStandIn()
    let pagerDuty: PagerDutyStandIn
    let hook: WebhookStandIn
    let grafana: GrafanaStandIn
    let gitHub: GitHubStandIn
    let healthchecks: HealthchecksStandIn
    let mail: RealMailServer
    let between: TellingBetween
    let state: TellingState
    /// The servers by the name of their channel; `otel` is the source, `routed` whom Alertmanager tells.
    fileprivate(set) var servers: [String: LoopbackServer] = [:]
    fileprivate(set) var alertmanagerURL = ""

    fileprivate init(directory: String, mail: RealMailServer) {
        self.directory = directory
        self.mail = mail
        pagerDuty = PagerDutyStandIn(keys: [secrets.pagerKey])
        hook = WebhookStandIn(secret: secrets.hookSecret, now: machineTime)
        grafana = GrafanaStandIn(token: secrets.grafanaToken, dashboards: ["board"])
        gitHub = GitHubStandIn(name: Self.repository, token: secrets.gitHubToken)
        let steps = TellingSteps()
        // It keeps no more than five pings a minute; here every ping is one of another minute.
        healthchecks = HealthchecksStandIn(check: secrets.heartbeat, now: { steps.next() })
        between = TellingBetween()
        state = TellingState()
    }
}

/// A clock that goes a minute forward whenever it is looked at.
private final class TellingSteps: Sendable {
    private let count = Atomic(0)

    func next() -> Instant {
        Instant(60 * count.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}

/// What stands between receivers and whoever tells them, at the moment.
final class TellingBetween: Sendable {
    private let current = Mutex<TellingScene.Between?>(nil)

    func set(_ between: TellingScene.Between?) { current.withLock { $0 = between } }

    func answer(
        _ receiver: String, _ request: LoopbackRequest, _ take: @escaping @Sendable () async -> LoopbackAnswer
    ) async -> LoopbackAnswer {
        guard let between = current.withLock({ $0 }) else { return await take() }
        return await between(receiver, request, take)
    }
}

/// What the source says.
final class TellingState: Sendable {
    private let breaching = Mutex<(after: Instant, through: Instant)?>(nil)
    private let refusal = Mutex<String?>(nil)

    /// Lets windows breach that end after an instant, up to another.
    func breach(after: Instant, through: Instant) { breaching.withLock { $0 = (after, through) } }

    /// What every question is refused with; nil means that it is answered.
    func refuse(_ text: String?) { refusal.withLock { $0 = text } }

    var refused: String? { refusal.withLock { $0 } }

    func value(at: Instant) -> Double {
        breaching.withLock { $0.map { $0.after < at && at <= $0.through } ?? false } ? 0.31 : 0.2
    }
}

extension TellingScene {
    /// The environment in which commands run: every secret, and nothing else.
    func environment(_ secrets: Secrets? = nil) -> [String: String] {
        let secrets = secrets ?? self.secrets
        func url(_ server: String) -> String { servers[server]?.url ?? "" }
        return [
            "BEARER": secrets.bearer,
            "SLACK_WEBHOOK": url("room") + "/services/T00000001/B00000001/" + secrets.slackWebhook,
            "SLACK_TOKEN": secrets.slackToken, "EXPIRED_TOKEN": secrets.expiredToken, "PAGER_KEY": secrets.pagerKey,
            "MAIL_PASSWORD": secrets.mailPassword, "HOOK_URL": url("hook") + "/" + secrets.hookPath,
            "HOOK_SECRET": secrets.hookSecret, "HOOK_HEADER": secrets.hookHeader, "WATCH_TOKEN": secrets.watchToken,
            "GRAFANA_TOKEN": secrets.grafanaToken, "GITHUB_TOKEN": secrets.gitHubToken,
            "HEARTBEAT_URL": url("heartbeat") + "/ping/" + secrets.heartbeat, "SERVE_TOKEN": secrets.serveToken,
        ]
    }

    /// Writes a configuration with every kind of receiver, and the policy.
    ///
    /// - Parameters:
    ///   - name: The name of the file and of its ledger, in a directory of its own.
    ///   - service: What the service is called.
    /// - Returns: The path.
    /// - Throws: An error of the system's where they cannot be written.
    func configure(_ name: String, service: String = "checkout") throws -> String {
        let place = "\(directory)/\(name)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        func url(_ server: String) -> String { servers[server]?.url ?? "" }
        try #"""
        baseline: {lookback: 1d}
        streak: {required: 30m}
        guardrails:
          latency: {source: otel, query: 'load{service="{service}"}', limit: +20%, unit: s, recover_after: 1, link: "https://example.com/runbook"}

        """#.write(toFile: "\(place)/policy.yaml", atomically: true, encoding: .utf8)
        let settings = """
            state: sqlite:ledger.db
            policy: policy.yaml
            remind_every: 1s
            sources:
              otel: {type: prometheus, url: "\(url("otel"))", settle: 1s, bearer: "${BEARER}"}
            services:
              - {name: \(JSONValue(service).line), environment: production, otel: {service: checkout}}
            notify:
              - {type: slack, name: room, webhook: "${SLACK_WEBHOOK}"}
              - {type: slack, name: bot, token: "${SLACK_TOKEN}", channel: alerts, url: "\(url("bot"))/api"}
              - {type: slack, name: expired, token: "${EXPIRED_TOKEN}", channel: alerts, url: "\(url("expired"))/api", only: [breach]}
              - {type: pagerduty, name: pager, routing_key: "${PAGER_KEY}", url: "\(url("pager"))"}
              - type: email
                name: mail
                smtp: "smtp://localhost:\(mail.port)"
                username: hotfix
                password: "${MAIL_PASSWORD}"
                from: hotfix@example.com
                to: [oncall@example.com]
                tls: {ca_file: "\(mail.authority)"}
              - {type: webhook, name: hook, url: "${HOOK_URL}", secret: "${HOOK_SECRET}", headers: {X-Team-Key: "${HOOK_HEADER}"}}
              - {type: alertmanager, name: watch, url: "\(alertmanagerURL)", bearer: "${WATCH_TOKEN}"}
              - {type: output, name: output, style: plain}
            annotate:
              - {type: grafana, name: grafana, url: "\(url("grafana"))", token: "${GRAFANA_TOKEN}", dashboards: [board]}
            gate: {type: github, repository: \(Self.repository), url: "\(url("gate"))", token: "${GITHUB_TOKEN}"}
            heartbeat: {url: "${HEARTBEAT_URL}"}
            tracker: {status_file: status.json}
            serve: {write_token: "${SERVE_TOKEN}", url: "https://hotfix.example.com"}

            """
        let path = "\(place)/hotfix.yaml"
        try settings.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// Runs the built program with a configuration of the scene.
    func run(
        _ config: String, _ arguments: String..., environment: [String: String]? = nil
    ) async throws -> SpawnedCommand.Ending {
        try await start(config, arguments, environment: environment).ending()
    }

    /// Starts the built program with a configuration of the scene.
    func start(
        _ config: String, _ arguments: [String], environment: [String: String]? = nil
    ) throws -> SpawnedCommand {
        try SpawnedCommand.start(
            try SpawnedCommand.builtProgram("hotfix"), arguments + ["--config", config],
            environment: environment ?? self.environment(), outputFile: "\(directory)/\(UUID().uuidString).out")
    }
}

/// Runs a body with a scene whose servers end with it.
///
/// `value` is what the source has for a query at an instant; nil means what the scene's state says.
func withTellingScene(
    value: (@Sendable (_ query: String, _ at: Instant) -> Double)? = nil,
    _ body: (TellingScene) async throws -> Void
) async throws {
    var behaviour = RealMailServer.Behaviour()
    behaviour.login = ("hotfix", TellingScene.Secrets().mailPassword)
    try await withRealMailServer(behaviour) { mail in
        try await withTemporaryDirectory { directory in
            var scene = TellingScene(directory: directory, mail: mail)
            do {
                try await scene.open(value)
                let watch = "\(directory)/alertmanager"
                try FileManager.default.createDirectory(atPath: watch, withIntermediateDirectories: true)
                let routed = scene.servers["routed"]?.url ?? ""
                try await withRealAlertmanager(in: watch, webhook: routed) { alertmanager in
                    scene.alertmanagerURL = alertmanager.url
                    try await body(scene)
                }
            } catch {
                for server in scene.servers.values { await server.stop() }
                throw error
            }
            for server in scene.servers.values { await server.stop() }
        }
    }
}

extension TellingScene {
    fileprivate mutating func open(
        _ value: (@Sendable (_ query: String, _ at: Instant) -> Double)?
    ) async throws {
        let (slack, pagerDuty, hook, grafana) = (slack, pagerDuty, hook, grafana)
        let (gitHub, healthchecks, state, bearer) = (gitHub, healthchecks, state, secrets.bearer)
        let prometheus = SimulatedPrometheus(given: [.init { value?($0, $1) ?? state.value(at: $1) }])
        let handlers: [String: @Sendable (LoopbackRequest) async -> LoopbackAnswer] = [
            "otel": { request in
                guard request.header("Authorization") == "Bearer \(bearer)" else { return .answer(status: 401) }
                guard let refused = state.refused else { return prometheus.answer(request) }
                return .json(
                    JSONValue.object([
                        "status": .init("error"), "errorType": .init("execution"), "error": .init(refused),
                    ]).line, status: 422)
            },
            "room": { await slack.answer($0) }, "bot": { await slack.answer($0) },
            "expired": { await slack.answer($0) }, "pager": { await pagerDuty.answer($0) },
            "hook": { hook.answer($0) }, "grafana": { await grafana.answer($0) }, "gate": { gitHub.answer($0) },
            "heartbeat": { await healthchecks.answer($0) }, "routed": { _ in .answer(status: 200) },
        ]
        let between = between
        for (name, take) in handlers {
            servers[name] = try await LoopbackServer.start { request in
                await between.answer(name, request) { await take(request) }
            }
        }
    }
}
