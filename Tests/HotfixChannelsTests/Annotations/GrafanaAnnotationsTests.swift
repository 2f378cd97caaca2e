import HotfixDemo
import HotfixHTTP
import Testing

@testable import HotfixChannels
@testable import HotfixCore

@Suite("Grafana's annotations")
struct GrafanaAnnotationsTests {
    private let book = DisplayBook()
    private let grafana = GrafanaStandIn(dashboards: ["known"])

    private var memory: DisplayMemory { DisplayMemory(book, of: "grafana") }

    /// Runs a body with annotations at the stand-in.
    private func withAnnotations<T>(
        token: String? = nil, dashboards: [String] = [],
        _ body: (GrafanaAnnotations, LoopbackServer) async throws -> T
    ) async throws -> T {
        try await withLoopbackServer({ [grafana] in await grafana.answer($0) }) { server in
            try await withReceiverClient { client in
                try await body(
                    GrafanaAnnotations(
                        name: "grafana", url: server.url + "/", token: Secret(token ?? grafana.token),
                        dashboards: dashboards, client: client), server)
            }
        }
    }

    @Test("a deployment is marked from its instant on, in milliseconds, with tags that find it")
    func deployment() async throws {
        var scene = WatchedScene()
        scene.deploy(at: WatchedScene.start + 7)
        try await withAnnotations { annotations, server in
            #expect(await annotations.update(to: scene.view, memory: memory) == [])
            let made = await grafana.annotations
            #expect(made.map(\.time) == [1_795_161_607_000])
            #expect(made.map(\.timeEnd) == [1_795_161_607_000])
            #expect(made.first?.dashboard == nil)
            let tags = try #require(made.first?.tags)
            #expect(tags.prefix(3) == ["hotfix", "release/hotfix-1", String(repeating: "ab", count: 20)][...])
            #expect(tags.count == 4 && tags[3].hasPrefix("hotfix-id:") && tags[3].count == 42)
            #expect(made.first?.text.contains("release/hotfix-1") == true)

            // A steady check asks nothing.
            let requests = server.requests().count
            let writes = book.writes
            scene.now = scene.now + 300
            #expect(await annotations.update(to: scene.view, memory: memory) == [])
            #expect(server.requests().count == requests)
            #expect(book.writes == writes)
        }
    }

    @Test("the mark ends at readiness and keeps that end when the hotfix is closed")
    func readiness() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            _ = await annotations.update(to: scene.view, memory: memory)
            let ready = scene.now + 172_800
            scene.now = ready + 130
            scene.services = [scene.service("checkout", .ready, ready: ready)]
            #expect(await annotations.update(to: scene.view, memory: memory) == [])
            #expect(await grafana.annotations.map(\.timeEnd) == [ready.seconds * 1000])
            scene.now = scene.now + 3600
            scene.services = []
            scene.deployments[0].closedAt = scene.now - 60
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.map(\.timeEnd) == [ready.seconds * 1000])
        }
    }

    @Test("readiness that was lost is no end: the next one, or the closing, moves it")
    func lostReadiness() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            scene.services = [scene.service("checkout", .ready, ready: scene.now)]
            _ = await annotations.update(to: scene.view, memory: memory)
            scene.now = scene.now + 300
            scene.services = [scene.service("checkout", .breaching)]
            _ = await annotations.update(to: scene.view, memory: memory)
            scene.now = scene.now + 300
            scene.deployments[0].closedAt = scene.now
            scene.services = []
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.map(\.timeEnd) == [scene.now.seconds * 1000])
        }
    }

    @Test("a deployment ends where another follows on all its services, and where it is taken back")
    func followed() async throws {
        var scene = WatchedScene()
        scene.deploy(services: ["checkout", "cart"])
        try await withAnnotations { annotations, _ in
            scene.deploy(at: scene.now, services: ["cart"])
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.map { $0.timeEnd - $0.time } == [0, 0])
            scene.deploy(at: scene.now + 60, services: ["checkout"])
            scene.now = scene.now + 300
            scene.deployments[1].voidedAt = scene.now
            scene.deployments[1].voidReason = "a mistake"
            _ = await annotations.update(to: scene.view, memory: memory)
            // Taken back, the second no longer follows the first.
            #expect(await grafana.annotations.map { $0.timeEnd - $0.time } == [0, 300_000, 0])
            scene.deploy(at: scene.now, services: ["cart"])
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.map { $0.timeEnd - $0.time } == [3_900_000, 300_000, 0, 0])
        }
    }

    @Test("a breach is marked from its start to its end, and says how it ended")
    func breach() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            let (episode, _) = scene.breach()
            _ = await annotations.update(to: scene.view, memory: memory)
            let made = try #require(await grafana.annotations.last)
            #expect(made.time == episode.start.seconds * 1000)
            #expect(made.text.contains("Breach: latency-p95 of checkout"))
            #expect(made.text.contains("+47.6%"))
            #expect(made.tags.contains("checkout") && made.tags.contains("latency-p95"))
            scene.now = scene.now + 600
            try scene.recover(episode.id, at: scene.now - 30)
            _ = await annotations.update(to: scene.view, memory: memory)
            let ended = try #require(await grafana.annotations.last)
            #expect(ended.timeEnd == (scene.now - 30).seconds * 1000)
            #expect(ended.text.contains("Recovered: latency-p95 of checkout"))
            #expect(await grafana.annotations.count == 2)
        }
    }

    @Test("history is never marked: only what is open at the first look, or comes after it")
    func history() async throws {
        var scene = WatchedScene()
        for number in 0..<20 {
            scene.deploy(at: WatchedScene.start - 100_000 + 1000 * number)
            scene.deployments[number].closedAt = WatchedScene.start - 50_000
        }
        for number in 0..<20 {
            let (episode, _) = scene.breach("g\(number)", at: WatchedScene.start - 90_000)
            try scene.recover(episode.id, at: WatchedScene.start - 80_000)
        }
        scene.deploy()
        scene.breach("still-open", at: WatchedScene.start - 90_000)
        try await withAnnotations { annotations, _ in
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.count == 2)
            // What opened and closed between two checks is new.
            scene.now = scene.now + 3600
            let (episode, _) = scene.breach("between", at: scene.now - 1800)
            try scene.recover(episode.id)
            _ = await annotations.update(to: scene.view, memory: memory)
            #expect(await grafana.annotations.count == 3)
        }
    }

    @Test("a crash between a request and its result makes no second mark", arguments: ["answer lost", "result lost"])
    func crash(_ kind: String) async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            if kind == "answer lost" {
                await grafana.loseAnswers(1)
            } else {
                book.fail { $0?.isIntent == false && $0?.content.isEmpty == false }
            }
            #expect(await annotations.update(to: scene.view, memory: memory).count == 1)
            #expect(await grafana.annotations.count == 1)
            book.fail(nil)
            let receipts = try memory.receipts()
            #expect(receipts["deployment/1"]?.isIntent == true)
            scene.now = scene.now + 300
            scene.deployments[0].closedAt = scene.now
            #expect(await annotations.update(to: scene.view, memory: memory) == [])
            #expect(await grafana.annotations.map(\.timeEnd) == [scene.now.seconds * 1000])
        }
    }

    @Test("where the intent cannot be written, nothing is sent")
    func noIntent() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            book.fail { $0?.isIntent == true }
            #expect(await annotations.update(to: scene.view, memory: memory).count == 1)
            #expect(await grafana.annotations.isEmpty)
        }
    }

    @Test("a mark that somebody deleted is made anew when its end has to be moved")
    func deleted() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations { annotations, _ in
            _ = await annotations.update(to: scene.view, memory: memory)
            await grafana.deleteAll()
            scene.now = scene.now + 300
            scene.deployments[0].closedAt = scene.now
            #expect(await annotations.update(to: scene.view, memory: memory) == [])
            #expect(await grafana.annotations.map(\.timeEnd) == [scene.now.seconds * 1000])
        }
    }

    @Test("each dashboard has its own mark, and one that Grafana does not know has none")
    func dashboards() async throws {
        var scene = WatchedScene()
        scene.deploy()
        try await withAnnotations(dashboards: ["known", "unknown"]) { annotations, _ in
            let failures = await annotations.update(to: scene.view, memory: memory)
            #expect(failures.map(\.isMisconfigured) == [true])
            #expect(failures.first?.message.contains("'unknown'") == true)
            #expect(await grafana.annotations.map(\.dashboard) == ["known"])
            let examined = await annotations.examine(at: scene.now)
            #expect(examined.findings.map(\.severity) == [.problem])
        }
    }

    @Test(
        "where it may not be known whether there is a dashboard, it is looked where the mark went, and no more are made"
    )
    func unknowable() async throws {
        var scene = WatchedScene()
        scene.deploy()
        scene.breach()
        await grafana.permit([.read, .create, .write])
        try await withAnnotations(dashboards: ["known", "unknown"]) { annotations, server in
            for _ in 0..<3 {
                let failures = await annotations.update(to: scene.view, memory: memory)
                #expect(failures.map(\.isMisconfigured) == [true])
                #expect(failures.first?.message.contains("'unknown'") == true)
                // Of those for the other dashboard one was made before it was known where they go.
                #expect(await grafana.annotations.map(\.dashboard).filter { $0 == nil }.count == 1)
                #expect(await grafana.annotations.map(\.dashboard).filter { $0 == "known" }.count == 2)
                scene.now = scene.now + 300
                scene.breach("more", at: scene.now - 300)
                scene.episodes.removeLast()
            }
            // It is read back once at a check, and never again where it stands well.
            let looked = server.requests().map(\.path).filter { $0.hasSuffix("/api/annotations/1") }
            #expect(looked.count == 1)
        }
    }

    @Test("what stands in the way is named with what to do, and shows no token", arguments: [401, 403, 404, 500, 200])
    func refusals(_ status: Int) async throws {
        var scene = WatchedScene()
        scene.deploy()
        switch status {
        case 403: await grafana.permit([.read])
        case 404: await grafana.setFault { _ in .answer(status: 404, body: Array("<html>".utf8)) }
        case 500: await grafana.setFault { _ in .answer(status: 500) }
        case 200:
            await grafana.setFault { _ in
                .answer(
                    status: 200, headers: [("Content-Type", "text/html")], body: Array("<html>glsa_stand_in_token".utf8)
                )
            }
        default: break
        }
        try await withAnnotations(token: status == 401 ? "glsa_wrong_token" : nil) { annotations, _ in
            let failures = await annotations.update(to: scene.view, memory: memory)
            #expect(failures.map(\.isMisconfigured) == [status != 500])
            #expect(failures.first?.message.contains("glsa_") == false)
            #expect(failures.first?.message.contains("\(status)") == true)
            await grafana.setFault { _ in nil }
            #expect(await grafana.annotations.isEmpty)
        }
        // Without the right to look, nothing may be made: it might be there already.
        await grafana.permit([.create, .write])
        try await withAnnotations { annotations, _ in
            #expect(await annotations.update(to: scene.view, memory: memory).map(\.isMisconfigured) == [true])
            #expect(await grafana.annotations.isEmpty)
        }
    }

    @Test("hostile names are text within the limits, and each mark is still found")
    func hostile() async throws {
        var scene = WatchedScene()
        let name = "<img src=x onerror=alert(1)>&\"'\r\n\u{1B}:a:b,\\" + String(repeating: "🧨\"", count: 3000)
        scene.deploy(branch: name, version: name, services: [name])
        scene.breach(name, of: name)
        try await withAnnotations { annotations, _ in
            await grafana.loseAnswers(1)
            for _ in 0..<3 { _ = await annotations.update(to: scene.view, memory: memory) }
            let made = await grafana.annotations
            #expect(made.count == 2)
            for annotation in made {
                #expect(!annotation.text.contains("<img") && !annotation.text.contains("\u{1B}"))
                #expect(annotation.tags.allSatisfy { $0.utf8.count <= 100 })
            }
        }
    }

    @Test(
        "the stand-in refuses what Grafana refuses",
        arguments: [
            (#"{"time":1.5,"text":"a"}"#, 400), (#"{"time":"1","text":"a"}"#, 400), (#"{"time":1e3,"text":"a"}"#, 400),
            (#"{"time":1,"text":""}"#, 400), (#"{"time":1,"text":"a","tags":[1]}"#, 400),
            (#"{"time":1,"text":"a"}"#, 200),
            (#"{"time":1,"text":"a","tags":["\#(String(repeating: "x", count: 499))"]}"#, 400),
        ])
    func standIn(_ body: String, _ status: Int) async throws {
        try await withAnnotations { _, server in
            try await withReceiverClient { client in
                let answer = try await client.send(
                    HTTPCall(
                        .post, "\(server.url)/api/annotations",
                        headers: [(name: "Content-Type", value: "application/json")], body: Array(body.utf8),
                        credentials: .bearer(grafana.token)))
                #expect(answer.status == status)
            }
        }
    }
}
