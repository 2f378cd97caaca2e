import Foundation
import HotfixChannels
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Synchronization
import Testing

@testable import HotfixCore

/// What a real Alertmanager told its webhook.
private final class Told: Sendable {
    private let told = Mutex<[(status: String, service: String)]>([])
    private let news = AsyncStream<Void>.makeStream()

    func take(_ request: LoopbackRequest) {
        guard let object = (try? JSONParser.value(of: request.body))?.object,
            case .array(let alerts)? = object["alerts"]
        else { return }
        for alert in alerts.compactMap(\.object) {
            guard case .string(let status)? = alert["status"],
                case .string(let service)? = alert["labels"]?.object?["service"]
            else { continue }
            told.withLock { $0.append((status.text, service.text)) }
        }
        news.continuation.yield()
    }

    func has(_ status: String, _ service: String) -> Bool {
        told.withLock { $0.contains { $0 == (status, service) } }
    }

    /// Waits until it was told; the suite's time limit ends it.
    func waits(for status: String, _ service: String = "checkout") async -> Bool {
        if has(status, service) { return true }
        for await _ in news.stream where has(status, service) { return true }
        return false
    }
}

@Suite("Against a real Alertmanager", .timeLimit(.minutes(5)))
struct RealAlertmanagerTests {
    /// A scene of now, since Alertmanager goes by its own clock.
    private func scene() -> WatchedScene {
        var scene = WatchedScene()
        scene.now = Instant(Int(Date().timeIntervalSince1970))
        return scene
    }

    private func withWebhook(_ body: (Told, String, HTTPClient) async throws -> Void) async throws {
        let told = Told()
        try await withLoopbackServer({ request in
            told.take(request)
            return .answer(status: 200)
        }) { webhook in
            try await withTemporaryDirectory { directory in
                try await withReceiverClient { client in
                    try await withRealAlertmanager(in: directory, webhook: webhook.url) { server in
                        try await body(told, server.url, client)
                    }
                }
            }
        }
    }

    @Test("an alert fires, and is over when the breach is")
    func firesAndResolves() async throws {
        try await withWebhook { told, url, client in
            var scene = scene()
            let channel = AlertmanagerChannel(name: "alertmanager", urls: [url], client: client)
            let (episode, opening) = scene.breach()
            guard case .delivered(let receipt) = await channel.deliver(Delivery(message: opening), at: scene.now) else {
                Issue.record("not delivered")
                return
            }
            #expect(await told.waits(for: "firing"))
            let ending = try scene.recover(episode.id)
            let outcome = await channel.deliver(Delivery(message: ending, opening: receipt), at: scene.now)
            guard case .delivered = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(await told.waits(for: "resolved"))
            #expect(await channel.examine(at: scene.now).findings.isEmpty)
        }
    }

    @Test("an end without the receipt of its beginning closes the same alert")
    func resolvesWithoutReceipt() async throws {
        try await withWebhook { told, url, client in
            var scene = scene()
            let channel = AlertmanagerChannel(name: "alertmanager", urls: [url], client: client)
            let (episode, opening) = scene.breach()
            _ = await channel.deliver(Delivery(message: opening), at: scene.now)
            #expect(await told.waits(for: "firing"))
            let ending = try scene.recover(episode.id)
            _ = await channel.deliver(Delivery(message: ending, mayBeRepeat: true), at: scene.now)
            #expect(await told.waits(for: "resolved"))
        }
    }

    @Test("after a restart, which forgets alerts, the next check shows them again, and silences are known again")
    func restart() async throws {
        let told = Told()
        let book = DisplayBook()
        let memory = DisplayMemory(book, of: "alertmanager")
        var scene = scene()
        scene.breach("cpu")
        scene.breach("memory", of: "cart")
        try await withLoopbackServer({ request in
            told.take(request)
            return .answer(status: 200)
        }) { webhook in
            try await withTemporaryDirectory { directory in
                try await withReceiverClient { client in
                    try await withRealAlertmanager(in: directory, webhook: webhook.url) { server in
                        try await silenceCart(server.url, client, until: scene.now + 3600)
                        let display = AlertmanagerDisplay(name: "alertmanager", urls: [server.url], client: client)
                        #expect(await display.update(to: scene.view, memory: memory) == [])
                        #expect(await told.waits(for: "firing"))
                        try expectSilence(memory)
                    }
                    try await withRealAlertmanager(in: directory, webhook: webhook.url) { server in
                        #expect(try await firing(server.url, client) == [])
                        let display = AlertmanagerDisplay(name: "alertmanager", urls: [server.url], client: client)
                        #expect(await display.update(to: scene.view, memory: memory) == [])
                        #expect(try await firing(server.url, client) == ["cart", "checkout"])
                        try expectSilence(memory)
                    }
                }
            }
        }
        #expect(!told.has("firing", "cart"))
    }

    private func expectSilence(_ memory: DisplayMemory) throws {
        let standings = try memory.receipts().values.compactMap { AlertmanagerStanding(text: $0.content) }
        #expect(standings.count == 2)
        for standing in standings {
            let comments = standing.silences.map(\.comment)
            #expect(comments == (standing.labels["service"] == "cart" ? ["known trouble"] : []))
        }
    }

    private func silenceCart(_ url: String, _ client: HTTPClient, until end: Instant) async throws {
        let body = """
            {"matchers":[{"name":"service","value":"cart","isRegex":false}],"startsAt":"\(end - 7200)","endsAt":"\(end)",
            "createdBy":"jo","comment":"known trouble"}
            """
        let answer = try await client.send(
            HTTPCall(
                .post, "\(url)/api/v2/silences", headers: [(name: "Content-Type", value: "application/json")],
                body: Array(body.utf8)))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    private func firing(_ url: String, _ client: HTTPClient) async throws -> [String] {
        let answer = try await client.send(HTTPCall(.get, "\(url)/api/v2/alerts"))
        guard case .array(let alerts) = try JSONParser.value(of: answer.body) else { return ["?"] }
        return alerts.compactMap { alert in
            guard case .string(let service)? = alert.object?["labels"]?.object?["service"] else { return nil }
            return service.text
        }.sorted()
    }
}
