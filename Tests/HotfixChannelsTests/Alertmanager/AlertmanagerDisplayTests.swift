import HotfixChannels
import HotfixDemo
import HotfixHTTP
import HotfixTestSupport
import Testing

@testable import HotfixCore

@Suite("Alertmanager's display")
struct AlertmanagerDisplayTests {
    private let book = DisplayBook()

    private var memory: DisplayMemory { DisplayMemory(book, of: "alertmanager") }

    /// What one update sends: the end of each alert, by its service's name, in order.
    private func sent(
        _ scene: WatchedScene, rule: ChannelRule? = nil, silencedBy: String = "[]",
        answer: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil }
    ) async throws -> (ends: [String], failures: [DisplayFailure]) {
        let key = scene.messages.first.map { messageKey(ledgerID: "ledger", thread: $0.thread) } ?? ""
        return try await withLoopbackServer({ request in
            if let answer = answer(request) { return answer }
            if request.method == "POST" { return .answer(status: 200) }
            if request.path.contains("/silence/") {
                return .json(#"{"id":"s1","createdBy":"jo","comment":"known","endsAt":"2026-11-20T12:00:00.000Z"}"#)
            }
            return .json(#"[{"labels":{"hotfix":"\#(key)"},"status":{"state":"x","silencedBy":\#(silencedBy)}}]"#)
        }) { server in
            try await withReceiverClient { client in
                let display = AlertmanagerDisplay(name: "alertmanager", urls: [server.url], client: client, rule: rule)
                let failures = await display.update(to: scene.view, memory: memory)
                let ends = try server.requests().filter { $0.method == "POST" }.map { request -> String in
                    guard case .array(let alerts) = try JSONParser.value(of: request.body),
                        case .string(let end)? = alerts.first?.object?["endsAt"]
                    else { return "?" }
                    return end.text
                }
                return (ends, failures)
            }
        }
    }

    @Test("an open episode is sent at each check, and its end for ten minutes after the check that closed it")
    func wholeLife() async throws {
        var scene = WatchedScene()
        let (episode, _) = scene.breach()
        #expect(try await sent(scene).ends == [(scene.now + 1200).description])
        let writes = book.writes
        scene.now = scene.now + 300
        #expect(try await sent(scene).ends == [(scene.now + 1200).description])
        // A steady check writes nothing.
        #expect(book.writes == writes)

        scene.now = scene.now + 300
        let closed = scene.now - 60
        try scene.recover(episode.id, at: closed)
        // The channel tells it this time.
        #expect(try await sent(scene).ends == [])
        for _ in 0..<2 {
            scene.now = scene.now + 300
            #expect(try await sent(scene).ends == [closed.description])
        }
        scene.now = scene.now + 300
        #expect(try await sent(scene).ends == [])
        #expect(try memory.receipts().isEmpty)
    }

    @Test("an episode that was not told, or not to this channel, is not sent")
    func untold() async throws {
        var scene = WatchedScene()
        scene.episodes.append(
            Episode(
                pair: Pair("checkout", "cpu"), start: scene.now, openedAt: scene.now, lastBreach: scene.now, windows: 1,
                peak: 1))
        #expect(try await sent(scene).ends == [])
        scene.breach()
        let blindOnly = ChannelRule(name: "alertmanager", kinds: [.blind])
        let otherService = ChannelRule(name: "alertmanager", kinds: [.breach], services: ["cart"])
        #expect(try await sent(scene, rule: blindOnly).ends == [])
        #expect(try await sent(scene, rule: otherService).ends == [])
        let all = ChannelRule(name: "alertmanager", kinds: [.breach], services: ["checkout"], severity: .critical)
        #expect(try await sent(scene, rule: all).ends.count == 1)
    }

    @Test("a service that cannot be judged is sent though no message about it is at hand")
    func blindness() async throws {
        var scene = WatchedScene()
        scene.deploy()
        scene.tell(.blind, thread: "blind/checkout/\(scene.now)", branch: nil)
        scene.open = []
        #expect(try await sent(scene).ends == [(scene.now + 1200).description])
        let standing = try #require(
            try memory.receipts().values.first.flatMap { AlertmanagerStanding(text: $0.content) })
        #expect(standing.labels["alertname"] == "HotfixBlind")
        #expect(standing.labels["branch"] == "release/hotfix-1")
    }

    @Test("what it remembers keeps the labels, whatever later messages say")
    func labels() async throws {
        var scene = WatchedScene()
        let (episode, _) = scene.breach()
        _ = try await sent(scene)
        let before = try #require(try memory.receipts().values.first).content
        scene.tell(.reminder, episode, severity: .info, branch: "another")
        _ = try await sent(scene)
        #expect(try memory.receipts().values.map(\.content) == [before])
    }

    @Test("Alertmanager's own silence is remembered with author, reason and end, and forgotten when it is over")
    func silences() async throws {
        var scene = WatchedScene()
        scene.breach()
        _ = try await sent(scene, silencedBy: #"["s1"]"#)
        func silences() throws -> [AlertmanagerStanding.Silence]? {
            try memory.receipts().values.first.flatMap { AlertmanagerStanding(text: $0.content)?.silences }
        }
        let end = try #require(Instant(text: "2026-11-20T12:00:00Z"))
        #expect(try silences() == [.init(id: "s1", by: "jo", comment: "known", end: end)])
        _ = try await sent(scene)
        #expect(try silences() == [])
    }

    @Test("silences that cannot be read hide nothing, and are told")
    func unreadableSilences() async throws {
        var scene = WatchedScene()
        scene.breach()
        let round = try await sent(scene) { $0.method == "GET" ? .answer(status: 500) : nil }
        #expect(round.ends.count == 1)
        #expect(round.failures.count == 1)
        #expect(round.failures.first?.message.contains("silences") == true)
    }

    @Test("a memory that cannot be read or written keeps no alert from being sent")
    func brokenMemory() async throws {
        var scene = WatchedScene()
        scene.breach()
        book.fail { _ in true }
        let round = try await sent(scene)
        #expect(round.ends.count == 1)
        #expect(round.failures.first?.message.contains("The disk is full.") == true)
    }

    @Test("an alert that may have been sent before a crash is ended all the same")
    func crash() async throws {
        var scene = WatchedScene()
        let (episode, _) = scene.breach()
        // The request is lost, and so is what would have been written after it.
        book.fail { $0?.isIntent == false }
        _ = try await sent(scene) { _ in .reset }
        book.fail(nil)
        #expect(try memory.receipts().values.map(\.isIntent) == [true])
        scene.now = scene.now + 300
        try scene.recover(episode.id)
        _ = try await sent(scene)
        scene.now = scene.now + 300
        #expect(try await sent(scene).ends.count == 1)
    }

    @Test("an Alertmanager that is away is told once, not once for each alert")
    func away() async throws {
        var scene = WatchedScene()
        for number in 0..<5 { scene.breach("guardrail-\(number)") }
        let round = try await sent(scene) { _ in .reset }
        #expect(round.failures.count == 1)
        #expect(round.ends.count == 1)
    }

    @Test("a standing of the longest and oddest texts fits what may be remembered, and can be read again")
    func size() throws {
        let odd = String(repeating: "\"\\\u{1}🧨", count: 500)
        let labels = ["alertname", "service", "guardrail", "branch", "severity", "hotfix"].map {
            ($0, clipped(oneLine(odd), bytes: $0 == "alertname" || $0 == "severity" ? 15 : $0 == "hotfix" ? 39 : 150))
        }
        let standing = AlertmanagerStanding(
            labels: Dictionary(uniqueKeysWithValues: labels), start: WatchedScene.start, end: WatchedScene.start,
            silences: (0..<9).map { .init(id: "\($0)" + odd, by: odd, comment: odd, end: WatchedScene.start + $0) })
        #expect(standing.text.utf8.count <= 2048)
        #expect(AlertmanagerStanding(text: standing.text) == standing)
        #expect(AlertmanagerStanding(text: "{}") == nil)
    }
}
