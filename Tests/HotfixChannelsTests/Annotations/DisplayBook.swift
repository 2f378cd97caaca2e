import HotfixHTTP
import Synchronization

@testable import HotfixCore

/// What displays remember, in memory; it can be made to fail as a full disk does.
final class DisplayBook: Outbox {
    private struct Contents {
        var receipts: [String: [String: DisplayReceipt]] = [:]
        var writes = 0
        var failing: (@Sendable (DisplayReceipt?) -> Bool)?
    }

    private let contents = Mutex(Contents())

    /// How often something was written.
    var writes: Int { contents.withLock { $0.writes } }

    /// Which writes fail from now on.
    func fail(_ failing: (@Sendable (DisplayReceipt?) -> Bool)?) { contents.withLock { $0.failing = failing } }

    func receipts(of display: String) throws -> [String: DisplayReceipt] {
        contents.withLock { $0.receipts[display] ?? [:] }
    }

    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws {
        try contents.withLock { contents in
            if contents.failing?(receipt) == true { throw LedgerError(.inaccessible, "The disk is full.") }
            contents.writes += 1
            contents.receipts[display, default: [:]][subject] = receipt
        }
    }

    func waiting() throws -> [QueuedDelivery] { [] }
    func begin(_ delivery: Int, at now: Instant) throws {}
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws {}
    func add(_ messages: [Message], for rules: [ChannelRule]) throws {}
    func told(limit: Int) throws -> [ToldMessage] { [] }
}

/// A ledger's view made by hand, with what happened on one service or a few.
struct WatchedScene {
    static let start = Instant(1_795_161_600)

    var now = start + 3600
    var deployments: [Deployment] = []
    var episodes: [Episode] = []
    var messages: [MessageHead] = []
    var open: [Message] = []
    var services: [ServiceReadiness] = []

    /// Records a deployment.
    @discardableResult
    mutating func deploy(
        at: Instant = start, recordedAt: Instant? = nil, branch: String? = "release/hotfix-1", version: String? = nil,
        services: [String] = ["checkout"]
    ) -> Int {
        let id = deployments.count + 1
        deployments.append(
            Deployment(
                id: id, hotfix: 1, branch: branch, commit: String(repeating: "ab", count: 20), version: version, at: at,
                recordedAt: recordedAt ?? at, services: services))
        return id
    }

    /// Makes a message, which is told.
    @discardableResult
    mutating func tell(
        _ kind: MessageKind, _ episode: Episode? = nil, thread: String? = nil, service: String = "checkout",
        severity: Guardrail.Severity = .critical, branch: String? = "release/hotfix-1", at: Instant? = nil,
        links: [MessageLink] = []
    ) -> Message {
        let thread = episode?.id ?? thread ?? "ready/1"
        let opening = kind.opening.flatMap { opening in messages.last { $0.thread == thread && $0.kind == opening }?.id
        }
        let message = Message(
            id: messages.count + 1, kind: kind, thread: thread, opening: opening, at: at ?? now, createdAt: now,
            facts: MessageFacts(
                ledgerID: "ledger", service: service, guardrail: episode?.pair.guardrail, severity: severity,
                window: MessageFacts.WindowFacts(
                    start: now - 300, end: now, value: 0.31, unit: "s", baseline: 0.21, baselineWindows: 2016,
                    limit: 0.252),
                episode: episode,
                hotfix: branch.map { branch in
                    MessageFacts.HotfixFacts(
                        id: 1, deployment: 1, branch: branch, commit: String(repeating: "ab", count: 20),
                        deployedAt: Self.start)
                }, links: links))
        messages.append(message.head)
        open.removeAll { $0.thread == thread }
        if !kind.isClosing { open.append(message) }
        return message
    }

    /// Opens an episode an hour after the start and tells of it.
    @discardableResult
    mutating func breach(
        _ guardrail: String = "latency-p95", of service: String = "checkout", at: Instant? = nil
    ) -> (Episode, Message) {
        let start = at ?? now - 300
        let episode = Episode(
            pair: Pair(service, guardrail), start: start, openedAt: start + 300, lastBreach: start, windows: 1,
            peak: 0.31)
        episodes.append(episode)
        return (episode, tell(.breach, episode, service: service))
    }

    /// Closes an episode and tells of it.
    @discardableResult
    mutating func recover(_ id: String, at: Instant? = nil) throws -> Message {
        guard let index = episodes.firstIndex(where: { $0.id == id }) else { throw LedgerError(.rejected, id) }
        episodes[index].closedAt = at ?? now
        episodes[index].ending = .recovered
        return tell(.recovered, episodes[index], service: episodes[index].pair.service)
    }

    /// What displays are handed.
    var view: DisplayState {
        var facts = LedgerFacts(ledgerID: "ledger")
        facts.deployments = deployments
        facts.episodes = episodes
        facts.messages = messages
        return DisplayState(
            now: now, facts: facts,
            readiness: Readiness(
                state: .counting, requiredSeconds: 172_800, provenSeconds: 0, services: services, episodes: episodes,
                notes: []), open: open)
    }

    /// The readiness of a service that is deployed.
    func service(
        _ name: String = "checkout", _ state: Readiness.State = .counting, deployment: Int = 1, ready: Instant? = nil
    ) -> ServiceReadiness {
        ServiceReadiness(
            name: name, state: state, deployment: deployments.first { $0.id == deployment }, requiredSeconds: 172_800,
            provenSeconds: 0, earliestReady: ready, unprovenWindows: 0, missingWindows: 0, guardrails: [],
            notWatched: [])
    }
}

/// Runs a body with a client of its own, which does not wait between attempts.
func withReceiverClient<T>(_ body: (HTTPClient) async throws -> T) async throws -> T {
    let client = HTTPClient(sleep: { _ in })
    do {
        let value = try await body(client)
        await client.shutDown()
        return value
    } catch {
        await client.shutDown()
        throw error
    }
}
