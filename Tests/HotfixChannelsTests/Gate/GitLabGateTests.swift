import HotfixChannels
import HotfixDemo
import HotfixHTTP
import Testing

@testable import HotfixCore

@Suite("The merge gate at GitLab")
struct GitLabGateTests {
    private let start = Instant(1_000_000)

    private func withGate(
        token: String = GateScene.token, _ body: (GitLabStandIn, GateDisplay, ReceiptShelf) async throws -> Void
    ) async throws {
        let stand = GitLabStandIn(path: "acme/shop", token: GateScene.token)
        stand.withProject { project in
            project.branches[GateScene.branch] = GateScene.deployed
            project.requests[3] = (branch: GateScene.branch, head: GateScene.deployed)
        }
        let client = HTTPClient()
        try await withLoopbackServer({ stand.answer($0) }) { server in
            let forge = GitLabForge(url: server.url, project: "acme/shop", token: Secret(token), client: client)
            try await body(stand, GateDisplay(name: "gate", forge: forge, context: "hotfix/guardrails"), ReceiptShelf())
        }
        await client.shutDown()
    }

    private func update(
        _ gate: GateDisplay, _ readiness: Readiness, _ shelf: ReceiptShelf, at now: Instant
    ) async -> [DisplayFailure] {
        let state = DisplayState(now: now, facts: LedgerFacts(ledgerID: "L"), readiness: readiness, open: [])
        return await gate.update(to: state, memory: DisplayMemory(shelf, of: "gate"))
    }

    @Test("A commit goes from pending to success, and fails with a breach; pending said twice is no failure")
    func statuses() async throws {
        try await withGate { stand, gate, shelf in
            #expect(await update(gate, readiness(.counting), shelf, at: start).isEmpty)
            #expect(await update(gate, readiness(.counting, proven: 7200), shelf, at: start + 3700).isEmpty)
            #expect(await update(gate, readiness(.ready, proven: 172_800), shelf, at: start + 7400).isEmpty)
            #expect(
                await update(gate, readiness(.breaching, episodes: [openEpisode()]), shelf, at: start + 7700).isEmpty)
            let statuses = stand.withProject { $0.statuses[GateScene.deployed] ?? [] }
            #expect(statuses.map(\.state) == ["pending", "success", "failed"])
            #expect(statuses.allSatisfy { $0.name == "hotfix/guardrails" && $0.ref == GateScene.branch })
        }
    }

    @Test("A fork's branch of the same name is nobody's business")
    func fork() async throws {
        try await withGate { stand, gate, shelf in
            stand.withProject { project in
                project.requests[4] = (branch: GateScene.branch, head: GateScene.pushedLater)
                project.forks = [4]
            }
            #expect(await update(gate, readiness(.ready, proven: 172_800), shelf, at: start).isEmpty)
            #expect(stand.withProject { $0.statuses[GateScene.pushedLater] } == nil)
        }
    }

    @Test("A token that is refused is something to mend, and is not shown")
    func wrongToken() async throws {
        try await withGate(token: "glpat-expired") { stand, gate, shelf in
            let failures = await update(gate, readiness(.counting), shelf, at: start)
            #expect(failures.count == 1)
            #expect(failures.first?.isMisconfigured == true)
            #expect(failures.first?.message.contains("glpat-expired") == false)
        }
    }
}
