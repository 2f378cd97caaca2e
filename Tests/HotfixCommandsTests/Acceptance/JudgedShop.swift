import Foundation
import HotfixCommands
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

/// What the tests of the main job look at: the same history, judged in one go and in steps, and by hand.
struct JudgedShop: Sendable {
    /// One ledger when all is judged.
    struct Outcome: Sendable {
        var rows: [ExportedRow]
        var readiness: ExportedReadiness
        /// What each check ended with, and what it wrote beside its result.
        var checks: [Stand.Run]
        /// What each check asked.
        var requests: [[LoopbackRequest]]
        /// The newest verdicts with what they were reached from, where there was one check.
        var explained: [Explained]

        /// The rows by service, guardrail and start.
        func byKey() -> [String: ExportedRow] { Dictionary(rows.map { ($0.key, $0) }) { first, _ in first } }
    }

    /// A verdict of `hotfix explain --format json`, as far as it says more than the export.
    struct Explained: Decodable, Sendable {
        var service: String
        var guardrail: String
        var query: String
        var events: Double?
        var baseline: Double?
        var baselineWindows: Int?
    }

    /// All at once, at the end.
    var atOnce: Outcome
    /// A window after the deployment, when its baseline is stored, in an outage, at all but the last window, and then.
    var inSteps: Outcome
    /// By hand, by service and guardrail.
    var pairs: [HandPair]
    /// The address of Prometheus.
    var url: String
    /// Whether ranges hold their left end there.
    var holdsLeftEnd: Bool

    @TaskLocal static var current: JudgedShop?

    /// What the suite has prepared.
    static func prepared() throws -> JudgedShop { try #require(current) }

    static let last = Shop.end + 130

    fileprivate static func prepare(_ url: String, _ series: [String: [RawSeries]]) async throws -> JudgedShop {
        let holdsLeftEnd = try await holdsLeftEnd(url)
        async let pairs = byHand(series, HandPromQL(holdsLeftEnd: holdsLeftEnd))
        async let atOnce = judged(url, deployedAt: last - 30, checks: [last])
        async let inSteps = judged(
            url, deployedAt: Shop.deployedAt + 10,
            checks: [Shop.anchor + 430, Shop.anchor + 1330, Shop.hour(31) + 130, last - Shop.window, last])
        return JudgedShop(
            atOnce: try await atOnce, inSteps: try await inSteps, pairs: try await pairs, url: url,
            holdsLeftEnd: holdsLeftEnd)
    }

    private static func judged(_ url: String, deployedAt: Int, checks: [Int]) async throws -> Outcome {
        try await Stand.with(url, Shop.services) { stand in
            let names = Shop.deployed.map { "--service \($0.name)" }.joined(separator: " ")
            let commit = String(repeating: "a1", count: 20)
            let deployed = await stand.run(
                "deployed --commit \(commit) --branch release/hotfix --at @\(Shop.deployedAt) --no-incident \(names)",
                at: deployedAt)
            #expect(deployed.status == .done, "\(deployed.errors)")
            var outcome = Outcome(
                rows: [],
                readiness: ExportedReadiness(
                    state: "", ready: false, requiredSeconds: 0, provenSeconds: 0, services: [], episodes: []),
                checks: [], requests: [], explained: [])
            for instant in checks {
                let before = stand.requests().count
                outcome.checks.append(await stand.run("check", at: instant))
                outcome.requests.append(stand.requests(since: before))
            }
            outcome.rows = try await stand.read([ExportedRow].self, "ledger export", at: last)
            outcome.readiness = try await stand.read(ExportedReadiness.self, "readiness", at: last)
            for service in Shop.deployed where checks.count == 1 {
                outcome.explained += try await stand.read([Explained].self, "explain \(service.name)", at: last)
            }
            return outcome
        }
    }

    private static func byHand(_ series: [String: [RawSeries]], _ engine: HandPromQL) async throws -> [HandPair] {
        try Shop.services.flatMap { service in
            let samples = HandService(series[service.name, default: []], engine)
            let isDeployed = Shop.deployed.contains { $0.name == service.name }
            return try #require(HandPolicy.all[service.policy]).rules.map { rule in
                HandPair(service, rule, samples, from: Shop.anchor, isRolling: !isDeployed || rule.isRolling)
            }
        }
    }

    /// What Prometheus answers to a GET.
    static func answer(_ url: String) async throws -> String {
        let client = HTTPClient()
        let answer = try await client.send(HTTPCall(.get, url))
        await client.shutDown()
        return String(decoding: answer.body, as: UTF8.self)
    }

    private static func holdsLeftEnd(_ url: String) async throws -> Bool {
        struct Build: Decodable {
            struct Version: Decodable { var version: String }
            var data: Version
        }
        let text = try await answer("\(url)/api/v1/status/buildinfo")
        return try decoded(Build.self, from: text).data.version.hasPrefix("2.")
    }
}

/// Judges the history once for a whole suite.
struct JudgedShopScope: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        var metrics = OpenMetrics()
        var series: [String: [RawSeries]] = [:]
        for service in Shop.services {
            series[service.name] = service.series()
            for one in series[service.name, default: []] { metrics.add(one) }
        }
        try await withRealPrometheus(metrics) { [series] server in
            let prepared = try await withTurn(isLong: true) { try await JudgedShop.prepare(server.url, series) }
            try await JudgedShop.$current.withValue(prepared) { try await function() }
        }
    }
}

extension SuiteTrait where Self == JudgedShopScope {
    /// The history of the shop, judged by the commands and by hand.
    static var judgedShop: JudgedShopScope { JudgedShopScope() }
}
