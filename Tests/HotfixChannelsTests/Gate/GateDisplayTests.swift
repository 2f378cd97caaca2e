import HotfixCalls
import HotfixChannels
import HotfixDemo
import HotfixHTTP
import Testing

@testable import HotfixCore

@Suite("The merge gate at GitHub")
struct GateDisplayTests {
    private let start = Instant(1_000_000)

    @Test("48 hours of checks every five minutes cost a commit some fifty statuses, and end in success")
    func twoDays() async throws {
        try await GateScene.with(comments: false) { scene in
            for check in 0...576 {
                let proven = check * 300
                let state: Readiness.State = proven >= 172_800 ? .ready : .counting
                let failures = await scene.update(readiness(state, proven: proven), at: start + proven)
                #expect(failures.isEmpty)
            }
            let statuses = scene.statuses()
            #expect((40...60).contains(statuses.count), "\(statuses.count) statuses")
            #expect(statuses.dropLast().allSatisfy { $0.state == "pending" })
            #expect(statuses.last?.state == "success")
            #expect(statuses.last?.description == "ready: 48 h of 48 h proven without a breach")
            #expect(statuses.first?.description.contains("0 min of 48 h proven, ready at the earliest") == true)
            #expect(statuses.allSatisfy { $0.context == "hotfix/guardrails" })
        }
    }

    @Test("A breach takes success away at once")
    func breachAfterReady() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            let breaching = readiness(.breaching, proven: 0, episodes: [openEpisode()])
            _ = await scene.update(breaching, at: start + 300)
            #expect(scene.statuses().map(\.state) == ["success", "failure"])
            #expect(scene.statuses().last?.description.contains("checkout/latency-p95") == true)
        }
    }

    @Test("What is not ready never shows success", arguments: Readiness.State.allCases.filter { $0 != .ready })
    func notReady(state: Readiness.State) async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(state), at: start)
            #expect(scene.statuses().count == 1)
            #expect(scene.statuses().allSatisfy { $0.state != "success" })
        }
    }

    @Test("A commit pushed after the deployment is pending, and the deployed one loses its success")
    func newHead() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository { repository in
                repository.branches[GateScene.branch] = GateScene.pushedLater
                repository.commits.insert(GateScene.deployed)
            }
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start + 300)
            let later = scene.statuses(of: GateScene.pushedLater)
            #expect(later.map(\.state) == ["pending"])
            #expect(later.last?.description == "b2b2b2b2b2b2 is not what was deployed: a1a1a1a1a1a1 is")
            #expect(scene.statuses().map(\.state) == ["success", "pending"])
        }
    }

    @Test("A pull request that still shows an older head gets no success for it")
    func laggingPull() async throws {
        try await GateScene.with { scene in
            scene.stand.withRepository { repository in
                repository.pulls[17] = (branch: GateScene.branch, head: GateScene.pushedLater)
                repository.commits.insert(GateScene.pushedLater)
            }
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            #expect(scene.stand.status(of: GateScene.deployed)?.state == "success")
            #expect(scene.stand.status(of: GateScene.pushedLater)?.state == "pending")
        }
    }

    @Test("Success is taken away also while the branch cannot be asked about")
    func unreadableBranch() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository {
                $0.branches = [:]
                $0.commits.insert(GateScene.deployed)
            }
            let failures = await scene.update(readiness(.breaching, episodes: [openEpisode()]), at: start + 300)
            #expect(failures.count == 1)
            #expect(scene.statuses().last?.state == "failure")
        }
    }

    @Test("While the branch cannot be asked about, nothing becomes success")
    func neverGivenBlindly() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.counting), at: start)
            scene.stand.withRepository { $0.readingFaults = [.refused(status: 502, body: "<html>")] }
            let failures = await scene.update(readiness(.ready, proven: 172_800), at: start + 300)
            #expect(failures.count == 1)
            #expect(scene.statuses().map(\.state) == ["pending"])
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start + 600)
            #expect(scene.statuses().last?.state == "success")
        }
    }

    @Test(
        "A status whose answer was lost, or that was never sent, is shown by the next check",
        arguments: [true, false])
    func lostAnswer(isDone: Bool) async throws {
        try await GateScene.with(comments: false) { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository { $0.faults = [isDone ? .answerLost : .lost] }
            let failures = await scene.update(readiness(.breaching, episodes: [openEpisode()]), at: start + 300)
            #expect(failures.count == 1)
            #expect(!failures.contains { $0.message.contains(GateScene.token) })
            _ = await scene.update(readiness(.breaching, episodes: [openEpisode()]), at: start + 600)
            #expect(scene.statuses().last?.state == "failure")
            _ = await scene.update(readiness(.breaching, episodes: [openEpisode()]), at: start + 900)
            #expect(scene.statuses().count == (isDone ? 3 : 2))
        }
    }

    @Test("Killed at any of its writes, the next check leaves the gate as it should be", arguments: 0..<6)
    func killed(afterWrites writes: Int) async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            let breaching = readiness(.breaching, episodes: [openEpisode()])
            scene.shelf.kill(afterWrites: writes)
            _ = await scene.update(breaching, at: start + 300)
            scene.shelf.kill(afterWrites: nil)
            _ = await scene.update(breaching, at: start + 600)
            #expect(scene.statuses().last?.state == "failure")
            #expect(scene.comments().count == 1)
            #expect(scene.comments().first?.body.contains("breaching") == true)
        }
    }

    @Test("The last statuses of a commit are kept for changes of its state; the thousand-and-first is not asked for")
    func scarceStatuses() async throws {
        try await GateScene.with(comments: false) { scene in
            _ = await scene.update(readiness(.counting), at: start)
            try scene.tookAlready(900)
            #expect(scene.statuses().count == 900)
            _ = await scene.update(readiness(.counting, proven: 901 * 60), at: start + 901 * 3600)
            #expect(scene.statuses().count == 900)
            for flip in 0..<100 {
                let state: Readiness.State = flip.isMultiple(of: 2) ? .breaching : .counting
                _ = await scene.update(readiness(state, episodes: [openEpisode()]), at: start + (902 + flip) * 3600)
            }
            #expect(scene.statuses().count == 1000)
            let failures = await scene.update(readiness(.breaching), at: start + 1100 * 3600)
            #expect(failures.contains { $0.message.contains("hotfix gate") })
            #expect(scene.statuses().count == 1000)
        }
    }

    @Test(
        "What GitHub refuses is told with what to mend, costs nothing, and is tried again",
        arguments: [
            (#"{"message":"Bad credentials"}"#, 401, "token", true),
            (#"{"message":"Resource not accessible by integration"}"#, 403, "permission", true),
            (#"{"message":"Not Found"}"#, 404, "permissions", true),
            (#"{"message":"Moved Permanently"}"#, 301, "redirects", true),
            (
                #"{"message":"Validation Failed","errors":[{"message":"context is too long"}]}"#, 422, "context is too",
                false
            ),
            (
                #"{"message":"Validation Failed","errors":[{"message":"No commit found for SHA: x"}]}"#, 422,
                "No commit", false
            ),
        ])
    func refusals(body: String, status: Int, word: String, isMisconfigured: Bool) async throws {
        try await GateScene.with(comments: false) { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository { $0.faults = [.refused(status: status, body: body)] }
            let breaching = readiness(.breaching, episodes: [openEpisode()])
            let failures = await scene.update(breaching, at: start + 300)
            #expect(failures.count == 1)
            #expect(failures.first?.message.contains(word) == true, "\(failures)")
            #expect(failures.first?.isMisconfigured == isMisconfigured)
            #expect(await scene.update(breaching, at: start + 600).isEmpty)
            #expect(scene.statuses().map(\.state) == ["success", "failure"])
            let posts = try scene.posts()
            #expect(posts == 2)
        }
    }

    @Test("A token that may not write uses up nothing of what a commit may get, however long nobody mends it")
    func refusalsCostNothing() async throws {
        try await GateScene.with(comments: false) { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository { $0.mayWrite = false }
            let breaching = readiness(.breaching, episodes: [openEpisode()])
            for check in 1...20 { _ = await scene.update(breaching, at: start + check * 300) }
            let posts = try scene.posts()
            #expect(posts == 1)
            scene.stand.withRepository { $0.mayWrite = true }
            #expect(await scene.update(breaching, at: start + 21 * 300).isEmpty)
            #expect(scene.statuses().last?.state == "failure")
        }
    }

    @Test("What a refusal repeats of the token is not shown")
    func echo() async throws {
        try await GateScene.with(comments: false) { scene in
            let body = #"{"message":"Bearer \#(GateScene.token) is not welcome"}"#
            scene.stand.withRepository { $0.faults = [.refused(status: 403, body: body)] }
            let failures = await scene.update(readiness(.counting), at: start)
            #expect(failures.count == 1)
            #expect(failures.allSatisfy { !$0.message.contains(GateScene.token) })
            #expect(failures.first?.message.contains("is not welcome") == true)
        }
    }

    @Test(
        "A limit on requests is no lack of permission: the gate is left alone until it is over",
        arguments: [
            (
                403, #"{"message":"API rate limit exceeded"}"#,
                [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1000600")]
            ),
            (403, #"{"message":"You have exceeded a secondary rate limit."}"#, []),
            (429, #"{"message":"slow down"}"#, [("Retry-After", "120")]),
        ])
    func rateLimits(status: Int, body: String, headers: [(String, String)]) async throws {
        try await GateScene.with(comments: false) { scene in
            scene.stand.withRepository {
                $0.faults = [.refused(status: status, body: body, headers: headers)]
            }
            let failures = await scene.update(readiness(.counting), at: start)
            #expect(failures.first?.isMisconfigured == false)
            let asked = scene.server.requests().count
            let patient = await scene.update(readiness(.counting), at: start + 30)
            #expect(scene.server.requests().count == asked)
            #expect(patient.contains { $0.message.contains("asks for patience until") })
            _ = await scene.update(readiness(.counting), at: start + 700)
            #expect(scene.statuses().map(\.state) == ["pending"])
        }
    }

    @Test("An enterprise server with a path, which does not know the version of the API, works")
    func enterprise() async throws {
        try await GateScene.with(prefix: "/api/v3") { scene in
            scene.stand.withRepository { $0.knowsVersion = false }
            #expect(await scene.update(readiness(.counting), at: start).isEmpty)
            #expect(scene.statuses().count == 1)
        }
    }

    @Test("Without a branch in the deployment nothing is shown, and that is said")
    func noBranch() async throws {
        try await GateScene.with { scene in
            let failures = await scene.update(readiness(.ready, branch: nil), at: start)
            #expect(failures.contains { $0.isMisconfigured && $0.message.contains("--branch") })
            #expect(scene.statuses().isEmpty)
        }
    }

    @Test(
        "A limit that does not say how long it lasts is waited for longer each time, and a clock that ran ahead is not obeyed"
    )
    func doublingPauses() async throws {
        try await GateScene.with(comments: false) { scene in
            let body = #"{"message":"You have exceeded a secondary rate limit."}"#
            for (second, isAsked) in [(0, true), (59, false), (61, true), (180, false), (182, true)] {
                let asked = scene.server.requests().count
                scene.stand.withRepository { $0.faults = [.refused(status: 403, body: body)] }
                _ = await scene.update(readiness(.counting), at: start + second)
                #expect((scene.server.requests().count > asked) == isAsked, "\(second)")
            }
            scene.stand.withRepository { $0.faults = [] }
            _ = await scene.update(readiness(.counting), at: start - 86_400)
            #expect(scene.statuses().count == 1)
        }
    }

    @Test("A deployment that is taken back or closed takes success with it, and so does the next hotfix")
    func takenBack() async throws {
        for after in [nil, 2] {
            try await GateScene.with { scene in
                _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
                var gone = readiness(.notDeployed, reason: .closed)
                gone.deployment = nil
                gone.services[0].deployment = nil
                if let hotfix = after {
                    scene.stand.withRepository { repository in
                        repository.branches["hotfix/next"] = GateScene.pushedLater
                        repository.commits.insert(GateScene.deployed)
                    }
                    gone = readiness(.counting, commit: GateScene.pushedLater, branch: "hotfix/next", hotfix: hotfix)
                }
                #expect(await scene.update(gone, at: start + 300).isEmpty)
                #expect(scene.statuses().map(\.state) == ["success", "pending"])
            }
        }
    }

    @Test("A branch that was deleted after the merge is nothing to mend, but the hotfix is to be closed")
    func deletedBranch() async throws {
        try await GateScene.with { scene in
            _ = await scene.update(readiness(.ready, proven: 172_800), at: start)
            scene.stand.withRepository {
                $0.branches = [:]
                $0.commits.insert(GateScene.deployed)
            }
            let failures = await scene.update(readiness(.ready, proven: 172_800), at: start + 300)
            #expect(failures.map(\.isMisconfigured) == [false])
            #expect(failures.first?.message.contains("hotfix deployed --close") == true)
            #expect(scene.statuses().map(\.state) == ["success"])
        }
    }

    @Test(
        "A branch's name goes to GitHub as a name, whatever it holds",
        arguments: ["hotfix/1.2.4", "a b", "50%", "x?y=z", "../../users", "日本語", "a#b"])
    func hostileBranches(branch: String) async throws {
        try await GateScene.with { scene in
            scene.stand.withRepository { repository in
                repository.branches[branch] = GateScene.deployed
                repository.pulls[18] = (branch: branch, head: nil)
            }
            #expect(await scene.update(readiness(.counting, branch: branch), at: start).isEmpty)
            #expect(scene.statuses().count == 1)
            #expect(scene.stand.withRepository { $0.comments[18]?.count } == 1)
        }
    }

    @Test("The token is shown to GitHub alone, not to where a redirect leads, and nothing is written elsewhere")
    func redirect() async throws {
        try await withLoopbackServer({ _ in .json("{}") }) { other in
            let elsewhere = other.url.replacing("127.0.0.1", with: "localhost")
            let deployed = GateScene.deployed
            try await withLoopbackServer({ request in
                if request.method == "GET", request.path.contains("/branches/") {
                    return .json(#"{"commit":{"sha":"\#(deployed)"}}"#)
                }
                return .answer(status: 307, headers: [("Location", elsewhere + "/stolen")])
            }) { server in
                let client = HTTPClientLab.client
                let api = GitHubAPI(
                    url: server.url, repository: "acme/shop", token: Secret(GateScene.token), client: client)
                let display = GateDisplay(name: "gate", forge: GitHubForge(api: api), context: "c")
                let state = DisplayState(
                    now: start, facts: LedgerFacts(ledgerID: "L"), readiness: readiness(.ready), open: [])
                let failures = await display.update(to: state, memory: DisplayMemory(ReceiptShelf(), of: "gate"))
                #expect(failures.count == 2)
                #expect(server.requests().contains { $0.method == "POST" })
                #expect(!other.requests().isEmpty)
                #expect(other.requests().allSatisfy { $0.method == "GET" && $0.header("Authorization") == nil })
                await client.shutDown()
            }
        }
    }
}
