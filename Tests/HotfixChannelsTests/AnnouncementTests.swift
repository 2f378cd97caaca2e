import HotfixCore
import HotfixDemo
import HotfixHTTP
import Synchronization
import Testing

@testable import HotfixChannels

private let now = Instant(1_795_176_000)

private func announcement(_ title: String, _ text: String) -> Delivery {
    Delivery(
        message: Message(
            id: 1, kind: .announcement, thread: "announcement/x", at: now, createdAt: now,
            facts: MessageFacts(
                ledgerID: "announcement", severity: .info, announcement: Announcement(title: title, text: text))))
}

@Suite("An announcement", .timeLimit(.minutes(1)))
struct AnnouncementTests {
    @Test("is somebody's own words, line by line, without what is not to be seen")
    func words() {
        let text = MessageText(announcement("Up\u{1B}[2J\ngrade", "a\r\nb\n\nc\u{202E}").message)
        #expect(text.title == "Up\u{FFFD}[2J\u{FFFD}grade")
        #expect(text.sentence == "a\nb\n\nc\u{FFFD}")
        #expect(text.lines.isEmpty && text.links.isEmpty && text.tone == .neutral && text.isAsWritten)
        #expect(text.headline == "Up\u{FFFD}[2J\u{FFFD}grade\n\na\nb\n\nc\u{FFFD}")
        #expect(MessageText(announcement("T", "").message).headline == "T")
    }

    @Test("is told Slack whole, as text that formats, mentions and links nothing")
    func slack() async throws {
        let hostile = ChatScene.hostileNames.filter { !$0.isEmpty }.joined(separator: "\n")
        for text in ["line one\nline two", hostile] {
            try await SlackScene.with { scene in
                for channel in [scene.webhook(), scene.bot()] {
                    let delivery = announcement("Upgrade <!here> & now", text)
                    guard case .delivered = await channel.deliver(delivery, at: now) else {
                        Issue.record("not delivered")
                        continue
                    }
                    let message = try #require(scene.slack.messages.last)
                    #expect(message.seen.mentions.isEmpty && message.seen.color == nil)
                    #expect(message.sent["mrkdwn"] == .boolean(false))
                    let whole = SlackMarkup.escaped(
                        "Upgrade <!here> & now\n\n\(MessageText(delivery.message).sentence)", units: .max)
                    #expect(message.sent["text"] == JSONValue(whole))
                }
            }
        }
    }

    @Test("that Slack would cut is refused")
    func tooLong() async throws {
        try await SlackScene.with { scene in
            let outcome = await scene.webhook().deliver(
                announcement("T", String(repeating: "&", count: 7990)), at: now)
            #expect(outcome == .refused(reason: "Slack takes no announcement of this length. Shorten it."))
            #expect(scene.slack.messages.isEmpty)
        }
    }

    @Test("is a mail of its title, with every line in text and page, and nothing of it taken for headers or markup")
    func mail() throws {
        let delivery = announcement("Upgrade\r\nBcc: x@example.org", "<b>one</b>\r\nBcc: y@example.org\n.\ntwo")
        let text = String(decoding: Mail(delivery, from: "h@example.org", to: "a@b.org").bytes, as: UTF8.self)
        let headers = text.split(separator: "\r\n\r\n")[0]
        #expect(!headers.contains("\r\nBcc:"))
        #expect(text.contains("&lt;b&gt;one&lt;/b&gt;") && text.contains("white-space:pre-wrap"))
        #expect(text.contains("<b>one</b>\r\nBcc: y@example.org\r\n.\r\ntwo"))
    }

    @Test("is an event with title and text, which fits also where all of it has to be escaped")
    func webhook() async throws {
        let receiver = WebhookStandIn(secret: nil, now: { now })
        try await withLoopbackServer({ receiver.answer($0) }) { server in
            try await ChatScene.withClient { client in
                let channel = WebhookChannel(name: "hook", url: server.url, client: client)
                let longest = String(repeating: "\"", count: Announcement.mostBytes - 1)
                for delivery in [announcement("T", longest), announcement("T", "one\ntwo")] {
                    #expect(await channel.deliver(delivery, at: now) == .delivered(receipt: nil))
                }
                let event = try #require(receiver.taken.last).event
                #expect(event["type"] == JSONValue("io.hotfix.announcement"))
                let data = try #require(event["data"]?.object)
                #expect(data["title"] == JSONValue("T") && data["text"] == JSONValue("one\ntwo"))
                #expect(receiver.taken.first?.event["data"]?.object?["text"] == JSONValue(longest))
            }
        }
    }

    @Test("is a line of output for each of its own, of which none begins another entry of the journal")
    func output() async {
        let lines = Mutex<[String]>([])
        let channel = OutputChannel(name: "out", style: .journald) { line in lines.withLock { $0.append(line) } }
        #expect(
            await channel.deliver(announcement("Upgrade", "now\r\n<0>panic\n\nend"), at: now)
                == .delivered(receipt: nil))
        #expect(lines.withLock { $0 } == ["<6>Upgrade", "<6>now", "<6><0>panic", "<6>end"])
    }

    @Test("is refused where people are paged, and where only what begins and ends is shown")
    func refused() async throws {
        try await withLoopbackServer({ _ in .answer(status: 500) }) { server in
            try await ChatScene.withClient { client in
                let delivery = announcement("T", "text")
                let channels: [any Channel] = [
                    PagerDutyChannel(
                        name: "p", routingKey: Secret(String(repeating: "0", count: 32)), url: server.url,
                        client: client),
                    AlertmanagerChannel(name: "a", urls: [server.url], client: client),
                ]
                for channel in channels {
                    guard case .refused(let reason) = await channel.deliver(delivery, at: now) else {
                        Issue.record("\(channel.name) took it")
                        continue
                    }
                    #expect(reason.contains("told no announcements; choose another"))
                }
                #expect(server.requests().isEmpty)
            }
        }
    }
}
