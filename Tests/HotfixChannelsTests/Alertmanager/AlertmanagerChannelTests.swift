import HotfixChannels
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@testable import HotfixCore

private let key = messageKey(ledgerID: "ledger", thread: "checkout/latency-p95/2026-11-20T08:55:00Z")

private func alert(_ request: LoopbackRequest?) throws -> JSONObject {
    let request = try #require(request)
    guard case .array(let alerts) = try JSONParser.value(of: request.body), alerts.count == 1 else {
        throw JSONContentError(description: "one alert was expected")
    }
    return try #require(alerts[0].object)
}

private func text(_ value: JSONValue?) -> String? {
    if case .string(let text)? = value { text.text } else { nil }
}

private func labels(_ alert: JSONObject) -> [String: String] {
    Dictionary(
        uniqueKeysWithValues: (alert["labels"]?.object?.members ?? []).map { ($0.key.text, text($0.value) ?? "") })
}

@Suite("The Alertmanager channel")
struct AlertmanagerChannelTests {
    /// Runs a body with a channel to servers that answer as told.
    private func withChannel<T>(
        _ answers: [@Sendable (LoopbackRequest) -> LoopbackAnswer],
        credentials: HTTPCall.Credentials = .none,
        _ body: (AlertmanagerChannel, [LoopbackServer]) async throws -> T
    ) async throws -> T {
        var servers: [LoopbackServer] = []
        for answer in answers { servers.append(try await LoopbackServer.start { answer($0) }) }
        let started = servers
        let value = try await withReceiverClient { client in
            try await body(
                AlertmanagerChannel(
                    name: "alertmanager", urls: started.map { $0.url + "/prefix/" }, credentials: credentials,
                    client: client), started)
        }
        for server in started { await server.stop() }
        return value
    }

    @Test("a breach is one alert with labels that never change, and lasts for four checks")
    func breach() async throws {
        var scene = WatchedScene()
        let (episode, message) = scene.breach()
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            let outcome = await channel.deliver(Delivery(message: message), at: scene.now)
            guard case .delivered(let receipt?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(receipt.utf8.count <= 2048)
            #expect(AlertmanagerStanding(text: receipt)?.start == episode.start)
            #expect(servers[0].requests()[0].path == "/prefix/api/v2/alerts")
            #expect(servers[0].requests()[0].header("Content-Type")?.hasPrefix("application/json") == true)
            let sent = try alert(servers[0].requests().first)
            #expect(
                labels(sent) == [
                    "alertname": "HotfixGuardrail", "service": "checkout", "guardrail": "latency-p95",
                    "severity": "critical", "branch": "release/hotfix-1", "hotfix": key,
                ])
            #expect(text(sent["startsAt"]) == episode.start.description)
            #expect(text(sent["endsAt"]) == (scene.now + 1200).description)
            let annotations = try #require(sent["annotations"]?.object)
            #expect(text(annotations["summary"]) == "Breach: latency-p95 of checkout")
            #expect(text(annotations["description"])?.contains("+47.6%") == true)
        }
    }

    @Test("the end of a breach closes the alert that was opened, though severity and branch have changed since")
    func recovery() async throws {
        var scene = WatchedScene()
        let (episode, opening) = scene.breach()
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            let first = await channel.deliver(Delivery(message: opening), at: scene.now)
            guard case .delivered(let receipt) = first else {
                Issue.record("\(first)")
                return
            }
            scene.now = scene.now + 900
            var ending = try scene.recover(episode.id, at: scene.now - 100)
            ending.facts.severity = .info
            ending.facts.hotfix?.branch = "another"
            _ = await channel.deliver(Delivery(message: ending, opening: receipt), at: scene.now)
            let sent = try servers[0].requests().map { try alert($0) }
            #expect(labels(sent[0]) == labels(sent[1]))
            #expect(sent[0]["startsAt"] == sent[1]["startsAt"])
            #expect(text(sent[1]["endsAt"]) == (scene.now - 100).description)
        }
    }

    @Test("blindness is an alert of its own that begins when it began, and an end without a receipt closes it")
    func blindness() async throws {
        var scene = WatchedScene()
        let began = scene.now - 600
        let blind = scene.tell(.blind, thread: "blind/checkout/\(began)", at: began)
        let sighted = scene.tell(.sighted, thread: "blind/checkout/\(began)")
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            _ = await channel.deliver(Delivery(message: blind), at: scene.now)
            _ = await channel.deliver(Delivery(message: sighted), at: scene.now)
            let sent = try servers[0].requests().map { try alert($0) }
            #expect(labels(sent[0])["alertname"] == "HotfixBlind")
            #expect(labels(sent[0]) == labels(sent[1]))
            #expect(sent.map { text($0["startsAt"]) } == [began.description, began.description])
            #expect(text(sent[1]["endsAt"]) == scene.now.description)
        }
    }

    /// What a server answers, and what it means.
    struct Case: Sendable, CustomTestStringConvertible {
        var answer: LoopbackAnswer
        var word: String
        var testDescription: String { "\(word): \(answer)" }
    }

    @Test(
        "each answer is what the contract says",
        arguments: [
            Case(answer: .answer(status: 200), word: "delivered"),
            Case(answer: .json("\"at least one label pair required\"", status: 400), word: "refused"),
            Case(
                answer: .json(#"{"code":602,"message":"0.labels in body is required"}"#, status: 422), word: "refused"),
            Case(answer: .answer(status: 415), word: "misconfigured"),
            Case(answer: .answer(status: 401), word: "misconfigured"),
            Case(answer: .answer(status: 403), word: "misconfigured"),
            Case(answer: .answer(status: 404), word: "misconfigured"),
            Case(answer: .answer(status: 302, headers: [("Location", "/login")]), word: "misconfigured"),
            Case(
                answer: .answer(status: 200, headers: [("Content-Type", "text/html")], body: Array("<html>".utf8)),
                word: "misconfigured"),
            Case(answer: .answer(status: 429, headers: [("Retry-After", "30")]), word: "retry 30"),
            Case(answer: .answer(status: 500), word: "retry"), Case(answer: .answer(status: 503), word: "retry"),
            Case(answer: .reset, word: "retry"),
            Case(answer: .truncated(after: 0, of: .answer(status: 200, body: [1])), word: "retry"),
        ])
    func answers(_ expected: Case) async throws {
        var scene = WatchedScene()
        let (_, message) = scene.breach()
        try await withChannel([{ _ in expected.answer }], credentials: .bearer("very-secret-token")) { channel, _ in
            let outcome = await channel.deliver(Delivery(message: message), at: scene.now)
            #expect(!"\(outcome)".contains("very-secret-token"))
            let word =
                switch outcome {
                case .delivered: "delivered"
                case .refused: "refused"
                case .misconfigured, .misaddressed: "misconfigured"
                case .retry(let wait, _): wait.map { "retry \($0)" } ?? "retry"
                case .unknown: "unknown"
                }
            #expect(word == expected.word, "\(outcome)")
        }
    }

    @Test("it is told where any instance took it, and those that are away keep the others from nothing")
    func instances() async throws {
        var scene = WatchedScene()
        let (_, message) = scene.breach()
        let ok: @Sendable (LoopbackRequest) -> LoopbackAnswer = { _ in .answer(status: 200) }
        try await withChannel([{ _ in .answer(status: 401) }, { _ in .reset }, ok]) { channel, servers in
            let outcome = await channel.deliver(Delivery(message: message), at: scene.now)
            guard case .delivered(let receipt?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(AlertmanagerStanding(text: receipt) != nil)
            #expect(servers.map { $0.requests().count } == [1, 1, 1])
        }
        // Where none took it, to try again comes before everything else.
        try await withChannel([{ _ in .answer(status: 401) }, { _ in .reset }]) { channel, _ in
            let outcome = await channel.deliver(Delivery(message: message), at: scene.now)
            guard case .retry = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test("a hostile name is text, and an address that no strict reader takes is left out of the alert")
    func hostile() async throws {
        var scene = WatchedScene()
        let name = "\u{1B}[31m<b>\"};\r\nX-A: b\u{0}" + String(repeating: "🧨", count: 2000)
        let episode = Episode(
            pair: Pair(name, name), start: scene.now, openedAt: scene.now, lastBreach: scene.now, windows: 1, peak: 1)
        let links = [
            MessageLink(label: "a\nb", url: "javascript:alert(1)"), MessageLink(label: "c", url: "https://x/ %zz"),
            MessageLink(label: "d", url: "https://grafana.example/d/1?a=b%20c"),
        ]
        let message = scene.tell(.breach, episode, service: name, branch: name, links: links)
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            guard case .delivered(let receipt?) = await channel.deliver(Delivery(message: message), at: scene.now)
            else {
                Issue.record("not delivered")
                return
            }
            #expect(receipt.utf8.count <= 2048)
            let sent = try alert(servers[0].requests().first)
            #expect(labels(sent).values.allSatisfy { $0.utf8.count <= 150 && !$0.contains("\n") })
            #expect(text(sent["generatorURL"]) == "https://grafana.example/d/1?a=b%20c")
            #expect(text(sent["annotations"]?.object?["description"])?.contains("\u{1B}") == false)
        }
    }

    @Test("the alert of a test is over after five minutes")
    func test() async throws {
        var scene = WatchedScene()
        var message = scene.breach().1
        message.thread = "test/1"
        let test = message
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            _ = await channel.deliver(Delivery(message: test), at: scene.now)
            let sent = try alert(servers[0].requests().first)
            #expect(text(sent["endsAt"]) == (scene.now + 300).description)
        }
    }

    @Test("what neither begins nor ends is refused with what to do")
    func otherKinds() async throws {
        var scene = WatchedScene()
        let message = scene.tell(.ready)
        try await withChannel([{ _ in .answer(status: 200) }]) { channel, servers in
            guard case .refused(let reason) = await channel.deliver(Delivery(message: message), at: scene.now) else {
                Issue.record("not refused")
                return
            }
            #expect(reason.contains("`only`"))
            #expect(servers[0].requests().isEmpty)
        }
    }

    @Test("an examination names what answers, and what stands in the way")
    func examination() async throws {
        let good = #"{"cluster":{"status":"ready"},"versionInfo":{"version":"0.25.0"}}"#
        try await withChannel([{ _ in .json(good) }, { _ in .answer(status: 404) }, { _ in .answer(status: 401) }]) {
            channel, servers in
            let diagnosis = await channel.examine(at: WatchedScene.start)
            #expect(diagnosis.passed.map(\.what).count == 1)
            #expect(diagnosis.passed.first?.what.contains("0.25.0") == true)
            #expect(diagnosis.findings.map(\.code) == [.notTheAPI, .credentialsRefused])
            #expect(servers[0].requests().map(\.method) == ["GET"])
        }
    }
}
