import HotfixCalls
import HotfixChannels
import HotfixDemo
import HotfixHTTP
import Synchronization

@testable import HotfixCore

/// Remembers for displays, and can end as a process that is killed does: with the next write, before or after it.
final class ReceiptShelf: Outbox {
    struct Killed: Error {}

    private struct Contents {
        var receipts: [String: [String: DisplayReceipt]] = [:]
        var writesUntilKilled: Int?
    }

    private let contents = Mutex(Contents())

    /// From now on so many writes succeed, and then none.
    func kill(afterWrites writes: Int?) { contents.withLock { $0.writesUntilKilled = writes } }

    func receipts(of display: String) throws -> [String: DisplayReceipt] {
        contents.withLock { $0.receipts[display] ?? [:] }
    }

    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws {
        try contents.withLock { contents in
            if let left = contents.writesUntilKilled {
                guard left > 0 else { throw Killed() }
                contents.writesUntilKilled = left - 1
            }
            contents.receipts[display, default: [:]][subject] = receipt
        }
    }

    func waiting() throws -> [QueuedDelivery] { [] }
    func begin(_ delivery: Int, at now: Instant) throws {}
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws {}
    func add(_ messages: [Message], for rules: [ChannelRule]) throws {}
    func told(limit: Int) throws -> [ToldMessage] { [] }
}

/// A repository at a stand-in, and the gate in front of it.
struct GateScene {
    static let token = "ghp_canaryOfTheGate0123456789abcdef"
    static let branch = "release/hotfix-20261120"
    static let deployed = String(repeating: "a1", count: 20)
    static let pushedLater = String(repeating: "b2", count: 20)

    let server: LoopbackServer
    let stand: GitHubStandIn
    let shelf = ReceiptShelf()
    let gate: GateDisplay

    /// Runs a body with a repository whose hotfix branch has the deployed commit as its head, and an open pull request.
    static func with(
        prefix: String = "", comments: Bool = true, _ body: (GateScene) async throws -> Void
    ) async throws {
        let stand = GitHubStandIn(name: "acme/shop", token: token, prefix: prefix)
        stand.withRepository { repository in
            repository.branches[branch] = deployed
            repository.pulls[17] = (branch: branch, head: nil)
        }
        let client = HTTPClient()
        try await withLoopbackServer({ stand.answer($0) }) { server in
            let api = GitHubAPI(
                url: server.url + prefix, repository: "acme/shop", token: Secret(token), client: client)
            let gate = GateDisplay(
                name: "gate", forge: GitHubForge(api: api), context: "hotfix/guardrails", comments: comments)
            try await body(GateScene(server: server, stand: stand, gate: gate))
        }
        await client.shutDown()
    }

    var memory: DisplayMemory { DisplayMemory(shelf, of: "gate") }

    func update(_ readiness: Readiness, at now: Instant) async -> [DisplayFailure] {
        let state = DisplayState(now: now, facts: LedgerFacts(ledgerID: "L"), readiness: readiness, open: [])
        return await gate.update(to: state, memory: memory)
    }

    func statuses(of commit: String = deployed) -> [GitHubStandIn.Status] {
        stand.withRepository { $0.statuses[commit] ?? [] }
    }

    /// How many statuses are remembered to have been shown beside the deployed commit.
    func posts() throws -> Int {
        let receipt = try shelf.receipts(of: "gate")["commit/\(Self.deployed)"]
        let value = try JSONParser.value(of: Array((receipt?.content ?? "").utf8))
        return try JSONReader(value, "receipt").whole("posts")
    }

    /// As if the deployed commit had got so many statuses, of which one is there.
    func tookAlready(_ posts: Int) throws {
        let subject = "commit/\(Self.deployed)"
        guard var receipt = try shelf.receipts(of: "gate")[subject] else { throw ReceiptShelf.Killed() }
        receipt.content = receipt.content.replacing(#""posts":1"#, with: #""posts":\#(posts)"#)
        try shelf.keep(receipt, of: subject, for: "gate")
        stand.withRepository { repository in
            guard let status = repository.statuses[Self.deployed]?.last else { return }
            repository.statuses[Self.deployed] = Array(repeating: status, count: posts)
        }
    }

    func comments() -> [GitHubStandIn.Comment] { stand.withRepository { $0.comments[17] ?? [] } }
}

/// A readiness of one service.
func readiness(
    _ state: Readiness.State, reason: Readiness.StateReason? = nil, proven: Seconds = 3600,
    commit: String = GateScene.deployed, branch: String? = GateScene.branch, service: String = "checkout",
    episodes: [Episode] = [], hotfix: Int = 1
) -> Readiness {
    let deployment = Deployment(
        id: 7, hotfix: hotfix, branch: branch, commit: commit, at: Instant(1_000_000), recordedAt: Instant(1_000_000),
        services: [service])
    return Readiness(
        state: state, stateReason: reason, requiredSeconds: 172_800, provenSeconds: proven,
        since: Instant(1_000_000), earliestReady: Instant(1_172_800), evaluatedUntil: Instant(1_000_000 + proven),
        deployment: deployment,
        services: [
            ServiceReadiness(
                name: service, state: state, stateReason: reason, deployment: deployment, requiredSeconds: 172_800,
                provenSeconds: proven, unprovenWindows: 0, missingWindows: 0, guardrails: [], notWatched: [])
        ], episodes: episodes, notes: [])
}

/// An open episode.
func openEpisode(_ service: String = "checkout") -> Episode {
    Episode(
        pair: Pair(service, "latency-p95"), start: Instant(1_003_200), openedAt: Instant(1_003_500),
        lastBreach: Instant(1_003_200), windows: 1, peak: 0.31)
}
