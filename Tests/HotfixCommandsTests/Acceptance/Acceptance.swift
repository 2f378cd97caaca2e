import Foundation
import HotfixCommands
import HotfixHTTP
import HotfixTestSupport
import Testing

/// What the tests of the main job look at: the same history, judged in one go and in steps, and by hand.
struct Acceptance: Sendable {
    /// One ledger when all is judged.
    struct Outcome: Sendable {
        var rows: [ExportedRow]
        var readiness: ExportedReadiness
        /// What each check ended with, and what it wrote beside its result.
        var checks: [Stand.Run]
        /// How many requests each check cost.
        var requests: [[StubRequest]]
    }

    /// All at once, at the end.
    var atOnce: Outcome
    /// A window after the deployment, then all but the last window at once, then the last one, and that once more.
    var inSteps: Outcome
    /// By hand, by service and guardrail.
    var pairs: [HandPair]
    /// The address of Prometheus.
    var url: String

    @TaskLocal static var current: Acceptance?

    /// What the suite has prepared.
    static func prepared() throws -> Acceptance { try #require(current) }

    static let last = Shop.end + 130

    fileprivate static func prepare(_ url: String, _ series: [String: [RawSeries]]) async throws -> Acceptance {
        async let pairs = byHand(series, HandPromQL(holdsLeftEnd: try await holdsLeftEnd(url)))
        let atOnce = try await judged(url, deployedAt: last - 30, checks: [last])
        let inSteps = try await judged(
            url, deployedAt: Shop.deployedAt + 10,
            checks: [Shop.anchor + Shop.window + 130, last - Shop.window, last, last])
        return Acceptance(atOnce: atOnce, inSteps: inSteps, pairs: try await pairs, url: url)
    }

    private static func judged(_ url: String, deployedAt: Int, checks: [Int]) async throws -> Outcome {
        try await Stand.with(url) { stand in
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
                checks: [], requests: [])
            for instant in checks {
                let before = stand.requests().count
                outcome.checks.append(await stand.run("check", at: instant))
                outcome.requests.append(stand.requests(since: before))
            }
            outcome.rows = try await stand.read([ExportedRow].self, "ledger export", at: last)
            outcome.readiness = try await stand.read(ExportedReadiness.self, "readiness", at: last)
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

    private static func holdsLeftEnd(_ url: String) async throws -> Bool {
        struct Build: Decodable {
            struct Version: Decodable { var version: String }
            var data: Version
        }
        let client = HTTPClient()
        let answer = try await client.send(HTTPCall(.get, "\(url)/api/v1/status/buildinfo"))
        await client.shutDown()
        return try decoded(Build.self, from: String(decoding: answer.body, as: UTF8.self)).data.version.hasPrefix("2.")
    }
}

/// Judges the history once for a whole suite.
struct AcceptanceScope: SuiteTrait, TestScoping {
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
            let prepared = try await Acceptance.prepare(server.url, series)
            try await Acceptance.$current.withValue(prepared) { try await function() }
        }
    }
}

extension SuiteTrait where Self == AcceptanceScope {
    /// The history of the shop, judged by the commands and by hand.
    static var acceptance: AcceptanceScope { AcceptanceScope() }
}
