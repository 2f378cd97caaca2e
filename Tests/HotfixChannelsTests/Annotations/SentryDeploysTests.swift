import HotfixDemo
import HotfixHTTP
import Synchronization
import Testing

@testable import HotfixChannels
@testable import HotfixCore

/// How many answers are still to be lost.
private final class LostAnswers: Sendable {
    private let count = Mutex(0)

    func lose(_ number: Int) { count.withLock { $0 = number } }

    func takeOne() -> Bool {
        count.withLock { count in
            guard count > 0 else { return false }
            count -= 1
            return true
        }
    }
}

@Suite("Deploys in Sentry")
struct SentryDeploysTests {
    private let book = DisplayBook()
    private let sentry = SimulatedSentry(
        projects: [.init(id: 1, slug: "checkout-api"), .init(id: 2, slug: "cart-api")],
        now: { WatchedScene.start + 3600 })
    private let lost = LostAnswers()

    private var memory: DisplayMemory { DisplayMemory(book, of: "sentry") }

    private func update(
        _ scene: WatchedScene, token: String = "stub-token", organization: String = "acme"
    ) async throws -> [DisplayFailure] {
        try await withLoopbackServer({ [self] request in
            let answer = await sentry.answer(request)
            let isDeploy = request.method == "POST" && request.path.hasSuffix("/deploys/")
            return isDeploy && lost.takeOne() ? .reset : answer
        }) { server in
            try await withReceiverClient { client in
                await SentryDeploys(
                    name: "sentry", url: server.url, organization: organization, token: Secret(token),
                    projects: ["checkout": "checkout-api", "cart": "cart-api"],
                    environments: ["checkout": "production", "cart": "production", "basket": "production"],
                    client: client
                ).update(to: scene.view, memory: memory)
            }
        }
    }

    private var releases: [SimulatedSentry.Release] { get async { await sentry.server.releases } }

    @Test("a deployment with a version is one deploy of its release, made where there is none, and only once")
    func once() async throws {
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4", services: ["checkout", "cart", "basket"])
        for _ in 0..<3 {
            #expect(try await update(scene) == [])
            scene.now = scene.now + 300
        }
        let made = await releases
        #expect(made.map(\.version) == ["1.2.4"])
        #expect(made.first?.projects == [2, 1])
        #expect(made.first?.deploys.map(\.environment) == ["production"])
        #expect(made.first?.deploys.first?.finished == "2026-11-20T08:00:00.000000Z")
    }

    @Test("a deploy that somebody else recorded is left at that")
    func known() async throws {
        await sentry.change { _, server in
            server.releases = [
                .init(
                    "1.2.4", projects: [1], created: "2026-11-20T07:00:00Z",
                    deploys: [.init(at: WatchedScene.start + 90, projects: ["checkout-api", "web"])])
            ]
        }
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        #expect(try await update(scene) == [])
        #expect(await releases.first?.deploys.count == 1)
    }

    @Test(
        "the deploy of another project, or of projects that are not told, is not this one",
        arguments: [["cart-api"], [], nil] as [[String]?])
    func otherProject(_ projects: [String]?) async throws {
        await sentry.change { _, server in
            server.releases = [
                .init(
                    "1.2.4", projects: [1, 2], created: "2026-11-20T07:00:00Z",
                    deploys: [.init(at: WatchedScene.start + 90, projects: projects)])
            ]
        }
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        for _ in 0..<2 { #expect(try await update(scene) == []) }
        #expect(await releases.first?.deploys.count == 2)
    }

    @Test("a header of the source that Sentry, or a proxy before it, repeats is shown in no failure")
    func headers() async throws {
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        try await withLoopbackServer({ request in
            .answer(status: 400, body: Array("bad key \(request.header("X-Proxy-Key") ?? "")".utf8))
        }) { server in
            try await withReceiverClient { client in
                let failures = await SentryDeploys(
                    name: "sentry", url: server.url, organization: "acme", token: Secret("stub-token"),
                    projects: ["checkout": "checkout-api"], environments: ["checkout": "production"],
                    headers: [(name: "X-Proxy-Key", value: "s3cr3t-of-the-proxy")], client: client
                ).update(to: scene.view, memory: memory)
                #expect(failures.first?.message.contains("bad key") == true, "\(failures)")
                #expect(failures.first?.message.contains("s3cr3t") == false)
            }
        }
    }

    @Test("the same version deployed again is another deploy, though the first is near")
    func again() async throws {
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        _ = try await update(scene)
        scene.deploy(at: WatchedScene.start + 600, version: "1.2.4")
        _ = try await update(scene)
        #expect(await releases.first?.deploys.count == 2)
    }

    @Test("a crash between a request and its result makes no second deploy", arguments: ["answer lost", "result lost"])
    func crash(_ kind: String) async throws {
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        if kind == "answer lost" {
            lost.lose(1)
        } else {
            book.fail { $0?.content == "recorded" }
        }
        #expect(try await update(scene).count == 1)
        book.fail(nil)
        #expect(await releases.first?.deploys.count == 1)
        #expect(try await update(scene) == [])
        #expect(await releases.first?.deploys.count == 1)
    }

    @Test(
        "a version that Sentry cannot have is told, and not again at every check",
        arguments: ["release/1.2.4", "latest", "..", "a\tb", "a\\b", String(repeating: "x", count: 201)])
    func versions(_ version: String) async throws {
        var scene = WatchedScene()
        scene.deploy(version: version)
        let failures = try await update(scene)
        #expect(failures.count == 1)
        #expect(failures.first?.message.contains("cannot be a version") == true)
        #expect(failures.first?.message.contains("\t") == false)
        #expect(try await update(scene) == [])
        scene.now = scene.now + 3600
        #expect(try await update(scene).count == 1)
        #expect(await releases.isEmpty)
    }

    @Test("what is closed, taken back or without a version before the first look is not recorded")
    func history() async throws {
        var scene = WatchedScene()
        for version in ["1.0.0", "1.1.0", nil] { scene.deploy(at: WatchedScene.start - 100_000, version: version) }
        scene.deployments[0].closedAt = WatchedScene.start - 50_000
        scene.deployments[1].voidedAt = WatchedScene.start - 50_000
        #expect(try await update(scene) == [])
        #expect(await releases.isEmpty)
    }

    @Test("a wrong token and an unknown organization are named with what to do, and show no token")
    func refusals() async throws {
        var scene = WatchedScene()
        scene.deploy(version: "1.2.4")
        let token = try await update(scene, token: "wrong-token")
        #expect(token.map(\.isMisconfigured) == [true])
        #expect(token.first?.message.contains("wrong-token") == false)
        let organization = try await update(scene, organization: "other")
        #expect(organization.map(\.isMisconfigured) == [true])
    }
}
