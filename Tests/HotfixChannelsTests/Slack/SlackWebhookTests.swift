import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

@Suite("Slack by webhook", .timeLimit(.minutes(1)))
struct SlackWebhookTests {
    @Test("Every message stands alone in its colour", arguments: MessageKind.allCases)
    func kinds(kind: MessageKind) async throws {
        try await SlackScene.with { scene in
            let outcome = await scene.tell(kind, by: scene.webhook(), opening: #"{"channel":"C1","ts":"1.2"}"#)
            #expect(outcome == .delivered(receipt: nil), "\(outcome)")
            let seen = try #require(scene.slack.messages.first?.seen)
            #expect(scene.slack.messages.count == 1 && seen.color != nil && !seen.text.isEmpty && !seen.lines.isEmpty)
            #expect(seen.mentions.isEmpty)
        }
    }

    @Test(
        "Every answer means what Slack means by it",
        arguments: [
            (200, "ok", "delivered"), (200, "ok\n", "delivered"), (200, "<html>Sign in</html>", "misconfigured"),
            (200, "", "misconfigured"), (200, #"{"ok":true}"#, "misconfigured"), (201, "ok", "misconfigured"),
            (400, "invalid_payload", "refused"), (400, "no_text", "refused"),
            (400, "missing_text_or_fallback_or_attachments", "refused"), (400, "invalid_blocks", "refused"),
            (400, "invalid_blocks_format", "refused"), (400, "invalid_attachments", "refused"),
            (400, "too_many_attachments", "refused"), (400, "msg_blocks_too_long", "refused"),
            (400, "user_not_found", "refused"), (413, "", "refused"), (400, "", "misconfigured"),
            (400, "a_new_word", "misconfigured"), (403, "action_prohibited", "misconfigured"),
            (403, "invalid_token", "misconfigured"), (403, "posting_to_general_channel_denied", "misconfigured"),
            (404, "channel_not_found", "misconfigured"), (404, "no_service", "misconfigured"),
            (404, "no_team", "misconfigured"), (410, "channel_is_archived", "misconfigured"), (429, "", "retry"),
            (500, "rollup_error", "retry"), (302, "", "misconfigured"),
        ])
    func answers(status: Int, body: String, kind: String) async throws {
        try await SlackScene.with { scene in
            // What is refused for its form is sent once more.
            scene.slack.faults.add(.answers(.answer(status: status, body: Array(body.utf8))), times: 2)
            let outcome = await scene.tell(.breach, by: scene.webhook())
            #expect(ChatScene.kind(outcome) == kind, "\(outcome)")
            if status == 429 {
                #expect(outcome == .retry(after: 30, reason: "\(scene.url) answered 429. Too many requests."))
            }
        }
    }

    @Test("An alert that Slack refuses for its form goes out as text with all figures")
    func degraded() async throws {
        try await SlackScene.with { scene in
            scene.slack.faults.add(.answers(.answer(status: 400, body: Array("invalid_attachments".utf8))))
            #expect(await scene.tell(.breach, by: scene.webhook()) == .delivered(receipt: nil))
            let seen = try #require(scene.slack.messages.first?.seen)
            #expect(seen.color == nil && seen.text.contains("Limit: at most 0.252 s"))
        }
    }

    @Test("A post whose answer is lost may have been received, and its repeat says so")
    func lostAnswer() async throws {
        try await SlackScene.with { scene in
            scene.slack.faults.add(.takenBut(.reset))
            let lost = await scene.tell(.breach, by: scene.webhook())
            #expect(ChatScene.kind(lost) == "unknown", "\(lost)")
            let second = await scene.tell(.breach, by: scene.webhook(), mayBeRepeat: true)
            #expect(second == .delivered(receipt: nil))
            let seen = scene.slack.messages.map(\.seen)
            #expect(seen.count == 2 && !seen[0].lines.contains { $0.contains("told before") })
            #expect(seen[1].lines.contains { $0.contains("told before") })
        }
    }

    @Test("Names from outside are text within Slack's limits, and call nobody", arguments: ChatScene.hostileNames)
    func hostile(name: String) async throws {
        try await SlackScene.with { scene in
            for channel in [scene.webhook(), scene.bot()] {
                for kind in [MessageKind.breach, .undeliverable] {
                    let message = ChatScene.message(kind, pair: Pair(name, name), hostile: name)
                    let outcome = await channel.deliver(
                        Delivery(message: message, mayBeRepeat: true), at: ChatScene.start)
                    #expect(ChatScene.kind(outcome) == "delivered", "\(outcome)")
                }
            }
            for message in scene.slack.messages {
                let seen = message.seen
                // A first answer that refuses the form would have cost it.
                #expect(seen.color != nil)
                #expect(seen.mentions.isEmpty, "\(seen.mentions)")
                #expect(
                    seen.links.values.allSatisfy { $0.contains("grafana.example") || $0.contains("prometheus.example") }
                )
                #expect(([seen.text] + seen.lines).allSatisfy { !$0.contains("\r") && !$0.contains("\u{202E}") })
                if name.count < 100 {
                    #expect(seen.text.contains(oneLine(name)), "\(seen.text)")
                    #expect(seen.lines.contains("Branch: \(oneLine(name))"), "\(seen.lines)")
                }
            }
        }
    }

    @Test(
        "A link leads where it says, or is left out",
        arguments: [
            ("https://a.example/?q=x|y>z", "https://a.example/?q=x%7Cy%3Ez"),
            ("https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2"), ("javascript:alert(1)", nil),
            ("https://a.example/\n<!channel>", nil), ("https://a.example/" + String(repeating: "x", count: 3000), nil),
        ])
    func links(url: String, shown: String?) async throws {
        try await SlackScene.with { scene in
            let message = ChatScene.message(.breach, links: [MessageLink(label: "here|there>", url: url)])
            _ = await scene.webhook().deliver(Delivery(message: message), at: ChatScene.start)
            let seen = try #require(scene.slack.messages.first?.seen)
            #expect(seen.links == (shown.map { ["here/there": $0] } ?? [:]))
            #expect(seen.mentions.isEmpty)
        }
    }

    @Test("Many long links and lines stay within what Slack takes of all blocks together")
    func manyLinks() async throws {
        try await SlackScene.with { scene in
            let links = (0..<200).map {
                MessageLink(
                    label: String(repeating: "<&>", count: 50),
                    url: "https://a.example/\($0)?" + String(repeating: "&a=b", count: 400))
            }
            var message = ChatScene.message(.breach, links: links, hostile: String(repeating: "&", count: 20_000))
            message.facts.links.append(MessageLink(label: "x", url: "https://x.example"))
            let outcome = await scene.webhook().deliver(Delivery(message: message), at: ChatScene.start)
            #expect(outcome == .delivered(receipt: nil), "\(outcome)")
            #expect(scene.slack.messages.first?.seen.color == "danger")
        }
    }

    @Test("The address is in no reason and in nothing that is printed", arguments: [400, 403, 404, 410, 429, 500, 200])
    func secret(status: Int) async throws {
        try await SlackScene.with { scene in
            let body = "no \(SlackStandIn.webhook) at \(scene.url)\(SlackStandIn.webhook)"
            scene.slack.faults.add(.answers(.answer(status: status, body: Array(body.utf8))), times: 3)
            let outcome = await scene.tell(.breach, by: scene.webhook())
            let diagnosis = await scene.webhook().examine(at: ChatScene.start)
            var dumped = ""
            dump(scene.webhook(), to: &dumped)
            for part in ["T00000001", "B00000001", "XxXxWebhookSecretXxXx0001"] {
                #expect(!"\(outcome) \(diagnosis) \(dumped)".contains(part), "\(outcome) \(diagnosis)")
            }
        }
    }

    @Test("An examination posts nothing, and tells a webhook that exists from one that does not")
    func examination() async throws {
        try await SlackScene.with { scene in
            let good = await scene.webhook().examine(at: ChatScene.start)
            #expect(good.passed.map(\.what) == ["Slack knows the webhook."])
            #expect(good.findings.map(\.code) == [.notExamined])
            let gone = await scene.webhook(path: "/services/T00000001/B00000001/Gone").examine(at: ChatScene.start)
            #expect(gone.findings.map(\.code) == [.credentialsRefused] && gone.passed.isEmpty)
            scene.slack.set(.archived)
            #expect(
                await scene.webhook().examine(at: ChatScene.start).findings.map(\.code) == [.credentialsRefused])
            scene.slack.faults.add(.answers(.answer(status: 200, body: Array("<html>".utf8))))
            #expect(await scene.webhook().examine(at: ChatScene.start).findings.map(\.code) == [.notTheAPI])
            #expect(scene.slack.messages.isEmpty)
        }
    }
}
