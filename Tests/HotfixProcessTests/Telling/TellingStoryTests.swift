import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// Names that do something where they are not shown as text, and one that is longer than anybody reads.
private enum Hostile {
    static let emoji = String(repeating: "👩‍👩‍👧", count: 600)
    static let service = "check <!channel> <script>;'\"👩‍👩‍👧👩‍👩‍👧"
    static let branch = "hotfix/<!channel>;'\"<script>alert(1)</script>" + emoji
    static let refusal = "no <!channel> \r\n<script>alert(2)</script> ; '\" \u{1B}[2J" + emoji
}

/// What a receiver was told, as a person would read it, in order.
private struct Heard {
    var name: String
    var texts: [String]

    /// Whether a text has all of some words.
    func tells(_ words: [String]) -> Bool { texts.contains { text in words.allSatisfy(text.contains) } }
}

@Suite("Everybody is told by the built program", .heavyAndLong, .serialized)
struct TellingStoryTests {
    private static let figures = ["0.31 s", "0.2 s", "0.24 s", "+55.0%"]

    @Test("of a breach, a reminder and its end, at every receiver the same figures, and hostile names as text")
    func story() async throws {
        try await withTellingScene { scene in
            let config = try scene.configure("story", service: Hostile.service)
            scene.gitHub.withRepository { repository in
                repository.branches[Hostile.branch] = TellingScene.commit
                repository.pulls[7] = (branch: Hostile.branch, head: nil)
            }
            let end = (machineTime() - 2).floored(to: 300)
            scene.state.breach(after: end - 600, through: end - 300)
            var output = ""

            // Nothing can be judged yet, for a reason in words from elsewhere.
            scene.state.refuse(Hostile.refusal)
            let deployed = try await scene.run(
                config, "deployed", "--commit", TellingScene.commit, "--branch", Hostile.branch, "--at",
                "\(end - 3600)", "--no-incident")
            try #require(deployed.exitStatus == 0, "\(deployed.output)")
            let blind = try await scene.run(config, "check")
            output += blind.output
            #expect(blind.output.contains("Blind: "), "\(blind.output)")
            scene.state.refuse(nil)

            // A token has expired: the check ends with 2, and says so.
            let breach = try await scene.run(config, "check", "--until", "\(end - 299)")
            output += breach.output
            #expect(breach.exitStatus == 2, "\(breach.output)")
            #expect(breach.output.contains("expired: "))
            for _ in 0..<200 where !output.contains("Still in breach") {
                output += try await scene.run(config, "check", "--until", "\(end - 299)").output
            }
            let gate = scene.gitHub.status(of: TellingScene.commit)
            #expect(gate?.state == "failure", "\(String(describing: gate))")
            try await scene.alerts("firing", "latency")
            let list = try await scene.run(config, "alerts", "list")
            #expect(list.output.hasPrefix("Open episodes:\n"), "\(list.output)")

            let recovered = try await scene.run(config, "check")
            output += recovered.output
            try await scene.alerts("resolved", "latency")
            let after = try await scene.run(config, "alerts", "list", "--limit", "100")
            #expect(after.exitStatus == 0)

            let heard = try await scene.heard() + [Heard(name: "output", texts: [output])]
            for receiver in heard where receiver.name != "gate" && receiver.name != "heartbeat" {
                #expect(receiver.tells(Self.figures), "\(receiver.name): \(receiver.texts.map { $0.prefix(1500) })")
            }
            try expectStory(scene, heard)
            expectHarmless(scene, heard, [deployed.output, output, list.output, after.output])
            try await expectHarmlessMarkup(scene)
        }
    }

    @Test("a wrong key, token, password or address is named by whom it is for, and shown to nobody")
    func wrong() async throws {
        try await withTellingScene { scene in
            let config = try scene.configure("wrong")
            let right = try await scene.run(config, "alerts", "test")
            #expect(right.exitStatus == 2)
            for line in [
                "room: told.", "bot: told.", "expired: set up wrongly: ", "pager: opened an alert, and resolved it.",
                "mail/oncall@example.com: the mail server took it.", "hook: told.",
                "watch: took an alert that ends in 5 minutes.", "output: told.",
            ] { #expect(right.output.contains("\n" + line) || right.output.hasPrefix(line), "\(right.output)") }

            var secrets = TellingScene.Secrets()
            secrets.slackWebhook = "canary-wrong-slack-webhook"
            secrets.slackToken = "xoxb-canary-wrong-slack"
            secrets.pagerKey = "canarywrong0123456789abcdefpager"
            secrets.mailPassword = "canary-wrong-mail-password"
            secrets.hookSecret = "whsec_" + Data("canary-wrong-hook-secret-0123456789".utf8).base64EncodedString()
            secrets.grafanaToken = "glsa_canary_wrong_grafana"
            secrets.gitHubToken = "ghp_canary_wrong_github"
            let environment = scene.environment(secrets)
            let test = try await scene.run(config, "alerts", "test", environment: environment)
            #expect(test.exitStatus == 2)
            for name in ["room", "bot", "expired", "pager", "mail/oncall@example.com", "hook"] {
                #expect(
                    test.output.contains("\n\(name): set up wrongly: ")
                        || test.output.hasPrefix("\(name): set up wrongly: "), "\(name): \(test.output)")
            }
            let doctor = try await scene.run(config, "doctor", environment: environment)
            #expect(doctor.exitStatus == 2)
            for name in ["room", "bot", "expired", "pager", "mail/oncall@example.com", "grafana", "gate"] {
                #expect(doctor.output.contains("\nchannel \(name)\n  problem: "), "\(doctor.output)")
            }
            #expect(doctor.output.contains("\n7 problems "))
            for output in [right.output, test.output, doctor.output] {
                #expect(!output.contains("canary") && !output.contains(secrets.heartbeat))
            }
        }
    }

    /// Expects of each receiver that what began there is over there.
    private func expectStory(_ scene: TellingScene, _ heard: [Heard]) throws {
        let titles = ["Deployed: ", "Blind: ", "Sighted: ", "Breach: ", "Still in breach: ", "Recovered: "]
        let undeliverable = "Undeliverable: "
        for receiver in heard {
            let wanted: [String] =
                switch receiver.name {
                case "room", "hook", "output": titles + [undeliverable]
                // What ends there changes what began.
                case "bot": ["Deployed: ", "Sighted: ", "Still in breach: ", "Recovered: ", undeliverable]
                case "mail": ["Blind: ", "Sighted: ", "Breach: ", "Recovered: ", undeliverable]
                case "pager": ["Deployed: ", "Blind: ", "Breach: "]
                default: []
                }
            let text = receiver.texts.joined(separator: "\n")
            for title in wanted { #expect(text.contains(title), "\(receiver.name) was not told '\(title)'") }
        }
        let incidents = scene.pagerDuty.incidents
        #expect(incidents.filter { $0.summary.hasPrefix("Breach") }.map(\.isOpen) == [false])
        #expect(incidents.filter { $0.summary.hasPrefix("Blind") }.map(\.isOpen) == [false])
        #expect(Set(incidents.map(\.key)).count == incidents.count)
        // The event's figures are the ledger's numbers.
        let event = scene.hook.taken.first { $0.event["type"] == JSONValue("io.hotfix.breach") }
        let window = event?.event["data"]?.object?["window"]?.object
        #expect(window?["value"] == JSONValue(0.31))
        #expect(window?["limit"]?.near(0.24) == true && window?["baseline"]?.near(0.2) == true)
        #expect(scene.hook.taken.filter(\.isRepeat).isEmpty)
        #expect(scene.gitHub.status(of: TellingScene.commit)?.state == "pending")
    }

    private func expectHarmless(_ scene: TellingScene, _ heard: [Heard], _ printed: [String]) {
        for text in printed {
            #expect(
                text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0 != "\u{7F}" && $0 != "\u{202E}" })
            #expect(!text.contains("\n<script>"))
        }
        // Nobody is called, and what stands there is what was written.
        for message in scene.slack.messages {
            #expect(message.seen.mentions == [])
            #expect(Set(message.seen.links.values).isSubset(of: message.seen.links.values.filter(isAddress)))
        }
        let room = heard.first { $0.name == "room" }
        #expect(room?.tells(["check <!channel>", "<script>;'\""]) == true)
        #expect(room?.tells(["alert(2)"]) == true, "the reason in words from elsewhere")
    }

    private func isAddress(_ text: String) -> Bool { text.hasPrefix("https://") || text.hasPrefix("http://127.0.0.1") }

    /// Expects that what is shown as a page holds no element from outside.
    private func expectHarmlessMarkup(_ scene: TellingScene) async throws {
        for mail in try scene.mail.received() {
            #expect(mail.defects == [])
            #expect(mail.encrypted && mail.user == "hotfix")
            #expect(mail.header("Subject").count == 1 && mail.header("To") == ["oncall@example.com"])
            #expect(mail.longest <= 998)
            for part in mail.parts where part.type == "text/html" { #expect(part.text?.contains("<script") == false) }
            #expect(mail.parts.contains { $0.type == "text/plain" && $0.text?.contains("<script>;'\"") == true })
        }
        let annotations = await scene.grafana.annotations
        #expect(annotations.count == 2)
        for annotation in annotations {
            #expect(!annotation.text.contains("<script") && annotation.dashboard == "board")
        }
        let comments = scene.gitHub.withRepository { $0.comments[7] ?? [] }
        #expect(comments.count == 1)
        #expect(comments.first.map { $0.edits > 0 && !$0.body.contains("<script") } == true, "\(comments)")
    }
}

extension JSONValue {
    fileprivate func near(_ number: Double) -> Bool {
        guard case .number(let spelling) = self, let value = Double(spelling) else { return false }
        return abs(value - number) < 1e-9
    }
}

extension TellingScene {
    /// Waits until Alertmanager has told of an alert: it groups what comes for a second.
    fileprivate func alerts(_ status: String, _ guardrail: String) async throws {
        for _ in 0..<2000 {
            let told = servers["routed"]?.requests().contains { request in
                guard case .array(let alerts)? = (try? JSONParser.value(of: request.body))?.object?["alerts"] else {
                    return false
                }
                return alerts.contains { alert in
                    alert.object?["status"] == JSONValue(status)
                        && alert.object?["labels"]?.object?["guardrail"] == JSONValue(guardrail)
                }
            }
            if told == true { return }
            // Nothing tells of it but its own webhook.
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("Alertmanager has told nobody of an alert that is \(status)")
    }

    /// What every receiver was told.
    fileprivate func heard() async throws -> [Heard] {
        let slackTexts = { (isBot: Bool) in
            slack.messages.filter { ($0.sent["channel"] != nil) == isBot }.map {
                ([$0.seen.text] + $0.seen.lines).joined(separator: "\n")
            }
        }
        let incidents = pagerDuty.incidents.map { $0.summary + "\n" + $0.payload.line }
        let changes = pagerDuty.changes.map { $0.summary + "\n" + $0.payload.line }
        let mails = try mail.received().map { mail in
            (mail.header("Subject") + mail.parts.compactMap(\.text)).joined(separator: "\n")
        }
        let routed = (servers["routed"]?.requests() ?? []).map { String(decoding: $0.body, as: UTF8.self) }
        let gate = gitHub.withRepository { repository in
            (repository.statuses[Self.commit] ?? []).map { "\($0.state): \($0.description)" }
                + (repository.comments[7] ?? []).map(\.body)
        }
        return [
            Heard(name: "room", texts: slackTexts(false)), Heard(name: "bot", texts: slackTexts(true)),
            Heard(name: "pager", texts: incidents + changes), Heard(name: "mail", texts: mails),
            Heard(name: "hook", texts: hook.taken.map { JSONValue.object($0.event).line }),
            Heard(name: "watch", texts: routed),
            Heard(name: "grafana", texts: await grafana.annotations.map(\.text)), Heard(name: "gate", texts: gate),
            Heard(name: "heartbeat", texts: await healthchecks.pings.map { "\($0.kind) \($0.text)" }),
        ]
    }
}
