import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// Ends a process in the midst of what it tells somebody.
private final class Killer: Sendable {
    private struct Target {
        var pid: Int32 = 0
        var countdown = 0
        var isTaken = false
    }

    private let target = Mutex(Target())

    /// Kills the next process at the so-manieth request to a receiver: before it is taken, or before the answer.
    func aim(at request: Int, isTaken: Bool) {
        target.withLock { $0 = Target(pid: 0, countdown: request, isTaken: isTaken) }
    }

    func started(_ pid: Int32) { target.withLock { $0.pid = pid } }

    func off() { target.withLock { $0 = Target() } }

    func between(
        _ receiver: String, _ request: LoopbackRequest, _ take: @Sendable () async -> LoopbackAnswer
    ) async -> LoopbackAnswer {
        let (pid, isTaken) = target.withLock { target -> (Int32, Bool) in
            guard receiver != "otel", target.pid > 0 else { return (0, false) }
            target.countdown -= 1
            return target.countdown == 0 ? (target.pid, target.isTaken) : (0, false)
        }
        guard pid > 0 else { return await take() }
        if isTaken { _ = await take() }
        kill(pid, SIGKILL)
        return .reset
    }
}

/// An episode as a receiver was told of it.
private struct Told: Hashable, CustomStringConvertible {
    var episode: String
    /// `breach`, `recovered`, or `was` where it was told when it was over.
    var word: String

    var description: String { "\(word) \(episode)" }
}

@Suite("Killed while it tells", .heavyAndLong, .serialized)
struct TellingKillTests {
    private static let soak = Int(ProcessInfo.processInfo.environment["HOTFIX_SOAK"] ?? "") ?? 1
    private static let start = Instant(Int(Date().timeIntervalSince1970)).floored(to: 86_400) - 10 * 86_400
    /// Each service breaches for two windows of eight, each at another time, and is clean from the end on.
    private static let services = ["cart", "checkout"]
    private static let runs = 100 * soak

    private static func isBreaching(_ service: String, _ window: Int) -> Bool {
        let phase = service == "cart" ? 0 : 3
        return window < runs - 8 && (3...4).contains((window + phase) % 8)
    }

    private static var episodes: [String] {
        services.flatMap { service in
            (0..<runs).filter { isBreaching(service, $0) && !isBreaching(service, $0 - 1) }.map {
                "\(service)/load/\(start + $0 * 300)"
            }
        }
    }

    private static func due(_ window: Int) -> Instant { start + (window + 1) * 300 + 130 }

    @Test("a hundred times, at random and at each request: every episode is told, in order, and repeats are counted")
    func killed() async throws {
        let killer = Killer()
        try await withTellingScene(value: { query, at in
            let service = Self.services.first(where: query.contains) ?? ""
            return Self.isBreaching(service, (at - Self.start) / 300 - 1) ? 5 : 1
        }) { scene in
            scene.between.set { await killer.between($0, $1, $2) }
            let config = try configure(scene)
            let deployed = try await scene.run(
                config, "deployed", "--commit", TellingScene.commit, "--at", "\(Self.start)", "--no-incident")
            try #require(deployed.exitStatus == 0, "\(deployed.output)")
            try await killing(scene, config, killer)
            killer.off()
            for _ in 0..<2 {
                let last = try await scene.run(config, "check", "--until", "\(Self.due(Self.runs))")
                #expect(last.exitStatus == 0, "\(last.output)")
            }
            let list = try await scene.run(config, "alerts", "list", "--limit", "1000", "--format", "json")
            let book = try AlertsBook(json: list.output)
            #expect(book.states == [.delivered, .dropped])
            try expectTold(scene, book)
        }
    }

    private func killing(_ scene: TellingScene, _ config: String, _ killer: Killer) async throws {
        var random = SeededGenerator(seed: 11)
        var kills = 0
        for window in 0..<Self.runs {
            killer.off()
            if window % 2 == 1 { killer.aim(at: 1 + window / 2 % 6, isTaken: Bool.random(using: &random)) }
            let command = try scene.start(config, ["check", "--until", "\(Self.due(window))"])
            killer.started(command.pid)
            let delay = Int.random(in: 0...300, using: &random)
            let timer = Task {
                guard window % 2 == 0 else { return }
                try await Task.sleep(for: .milliseconds(delay))
                command.kill()
            }
            if await command.ending().exitStatus == nil { kills += 1 }
            timer.cancel()
        }
        #expect(kills > 20 * Self.soak)
    }

    private func configure(_ scene: TellingScene) throws -> String {
        try """
        guardrails:
          load: {source: otel, query: 'load{service="{service}"}', limit: {above: 3}}

        """.write(toFile: "\(scene.directory)/policy.yaml", atomically: true, encoding: .utf8)
        func url(_ server: String) -> String { scene.servers[server]?.url ?? "" }
        let services = Self.services.map { "  - {name: \($0), otel: {service: \($0)}}" }.joined(separator: "\n")
        let path = "\(scene.directory)/hotfix.yaml"
        try """
        state: sqlite:ledger.db
        policy: policy.yaml
        remind_every: "0"
        sources:
          otel: {type: prometheus, url: "\(url("otel"))", bearer: "${BEARER}"}
        services:
        \(services)
        notify:
          - {type: slack, name: room, webhook: "${SLACK_WEBHOOK}", only: [breach]}
          - {type: slack, name: bot, token: "${SLACK_TOKEN}", channel: alerts, url: "\(url("bot"))/api", only: [breach]}
          - {type: pagerduty, name: pager, routing_key: "${PAGER_KEY}", url: "\(url("pager"))", only: [breach]}
          - {type: webhook, name: hook, url: "${HOOK_URL}", secret: "${HOOK_SECRET}", only: [breach]}
          - type: email
            name: mail
            smtp: "smtp://localhost:\(scene.mail.port)"
            username: hotfix
            password: "${MAIL_PASSWORD}"
            from: hotfix@example.com
            to: [oncall@example.com]
            tls: {ca_file: "\(scene.mail.authority)"}
            only: [breach]

        """.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    // MARK: What was told

    private func expectTold(_ scene: TellingScene, _ book: AlertsBook) throws {
        let room = scene.slack.messages.filter { $0.sent["channel"] == nil }.compactMap { told($0.seen) }
        expectInOrder(room, "room", book)
        let hook = scene.hook.taken
        expectInOrder(hook.compactMap { told($0.event) }, "hook", book)
        // Whoever looks at the identity is told once.
        #expect(Set(hook.map(\.id)).count == hook.count { !$0.isRepeat })
        let mails = try scene.mail.received()
        let read = mails.compactMap { told($0) }
        expectInOrder(read, "mail/oncall@example.com", book)
        // So is whoever reads mail by a program that knows a Message-ID again.
        let beginnings = Set(read.map { Told(episode: $0.episode, word: $0.word == "breach" ? "breach" : "over") })
        #expect(Set(mails.map { $0.header("Message-ID").joined() }).count == beginnings.count)
        expectBot(scene, book)
        expectPager(scene, book)
    }

    /// Expects every episode to be told with its beginning and its end, or as one that is over.
    private func expectInOrder(_ told: [Told], _ channel: String, _ book: AlertsBook) {
        for episode in Self.episodes {
            let words = told.filter { $0.episode == episode }.map(\.word)
            let once = words.enumerated().filter { !words[..<$0.offset].contains($0.element) }.map(\.element)
            // Where nobody knows whether the beginning arrived, the end is told in the past tense.
            let ways = [["breach", "recovered"], ["breach", "was"], ["was"]]
            #expect(ways.contains(once), "\(channel), \(episode): \(words)")
            let breaches = words.count { $0 == "breach" }
            book.expectCounted(breaches, of: episode, at: channel, [.breach])
            book.expectCounted(words.count - breaches, of: episode, at: channel, [.recovered])
        }
        #expect(Set(told.map(\.episode)) == Set(Self.episodes))
        let service = { (told: Told) in told.episode.split(separator: "/").first.map(String.init) ?? "" }
        for one in Self.services {
            let starts = told.filter { service($0) == one && $0.word != "recovered" }.map(\.episode)
            #expect(starts == starts.sorted(), "\(channel)")
        }
    }

    private func expectBot(_ scene: TellingScene, _ book: AlertsBook) {
        let heads = scene.slack.messages.filter { $0.sent["channel"] != nil && $0.thread == nil }
        for episode in Self.episodes {
            let own = heads.filter { $0.seen.lines.contains("Episode \(episode)") }
            #expect(!own.isEmpty, "bot was not told of \(episode)")
            // What was told twice is changed once.
            #expect(own.contains { !$0.seen.text.hasPrefix("Breach") }, "\(episode): \(own.map(\.seen.text))")
            book.expectCounted(
                own.count { $0.changes == 0 && $0.seen.text.hasPrefix("Breach") }, of: episode, at: "bot", [.breach])
        }
    }

    private func expectPager(_ scene: TellingScene, _ book: AlertsBook) {
        let incidents = scene.pagerDuty.incidents
        #expect(incidents.filter(\.isOpen).map(\.summary) == [])
        for episode in Self.episodes {
            let own = incidents.filter {
                $0.payload.object?["custom_details"]?.object?["episode"] == JSONValue(episode)
            }
            let fates = book.fates(of: episode, at: "pager")
            if own.isEmpty {
                // Where an attempt was cut, its end is told to make sure; it opens nothing.
                let opening = book.fates(of: episode, at: "pager", [.breach])
                #expect(opening.allSatisfy { $0.state == .dropped }, "pager was not told of \(episode): \(fates)")
            } else {
                #expect(Set(own.map(\.key)).count == 1)
                #expect(own.count == 1 || fates.contains(where: \.isRepeat), "\(episode): \(own.count), \(fates)")
            }
        }
    }

    private func told(_ view: SlackView) -> Told? {
        view.lines.first { $0.hasPrefix("Episode ") }.map {
            Told(episode: String($0.dropFirst(8)), word: word(view.text))
        }
    }

    private func told(_ event: JSONObject) -> Told? {
        guard let data = event["data"]?.object, case .string(let title)? = data["title"],
            case .string(let id)? = data["episode"]?.object?["id"]
        else { return nil }
        return Told(episode: id.text, word: word(title.text))
    }

    private func told(_ mail: RealMailServer.Received) -> Told? {
        let text = mail.parts.first { $0.type == "text/plain" }?.text ?? ""
        return text.firstMatch(of: /Episode\s+(?<id>\S+)/).map {
            Told(episode: String($0.id), word: word(text))
        }
    }

    private func word(_ title: String) -> String {
        for (beginning, word) in [("Breach: ", "breach"), ("Recovered: ", "recovered"), ("Was in breach: ", "was")]
        where title.contains(beginning) { return word }
        return title
    }
}

extension AlertsBook {
    /// Reads what `alerts list --format json` says.
    fileprivate init(json: String) throws {
        try self.init(try JSONReader(try JSONParser.value(of: Array(json.utf8)), "messages"))
    }

    fileprivate var states: Set<Line.State> { Set(messages.flatMap(\.deliveries).map(\.state)) }

    /// Expects that whatever was told more than once is known to have been.
    fileprivate func expectCounted(_ times: Int, of thread: String, at channel: String, _ kinds: Set<MessageKind>) {
        let fates = fates(of: thread, at: channel, kinds)
        #expect(times <= fates.map(\.attempts).reduce(0, +), "\(channel), \(thread)")
        guard times > 1 else { return }
        #expect(
            fates.contains { $0.isRepeat || $0.state == .dropped }, "\(channel) was told of \(thread) \(times) times")
    }

    fileprivate func fates(
        of thread: String, at channel: String, _ kinds: Set<MessageKind> = Set(MessageKind.allCases)
    ) -> [Line] {
        messages.filter { $0.head.thread == thread && kinds.contains($0.head.kind) }.flatMap(\.deliveries).filter {
            $0.channel == channel
        }
    }
}
