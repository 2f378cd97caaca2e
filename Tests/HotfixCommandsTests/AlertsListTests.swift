import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("hotfix alerts list")
struct AlertsListTests {
    /// Puts messages into the outbox of a lab's ledger: one delivery of every fate there is, and a silence of Alertmanager's own.
    private func fill(_ commands: CommandLab, reason: String = "HTTP 503") throws {
        let outbox = try SQLiteLedger.open(path: commands.path(".hotfix/ledger.db"), createIfMissing: false)
        func message(_ kind: MessageKind, _ thread: String, at: Instant) -> Message {
            Message(
                id: 0, kind: kind, thread: thread, at: at, createdAt: at + 130,
                facts: MessageFacts(
                    ledgerID: "x", service: "checkout", guardrail: "error-rate", severity: .critical, reason: reason))
        }
        let kinds = Set(MessageKind.allCases)
        let channels = ["chat", "mail", "pager", "watch"].map { ChannelRule(name: $0, kinds: kinds) }
        try outbox.add([message(.undeliverable, openEpisode, at: noon + 300)], for: channels)
        try outbox.add([message(.unrecordedDeploy, "unrecorded/1", at: noon + 400)], for: [])
        let now = noon + 560
        for delivery in try outbox.waiting() {
            switch delivery.channel {
            case "chat":
                try outbox.begin(delivery.id, at: now)
                try outbox.settle(delivery.id, as: .delivered(receipt: "ts-1", isRepeat: false), at: now)
            case "mail":
                try outbox.begin(delivery.id, at: now)
                try outbox.settle(delivery.id, as: .pending(notBefore: now + 60, reason: reason), at: now)
            case "pager":
                try outbox.begin(delivery.id, at: now)
                try outbox.settle(delivery.id, as: .dead(reason: reason), at: now)
            default: break
            }
        }
        let standing = AlertmanagerStanding(
            labels: ["service": "checkout"], start: noon,
            silences: [
                .init(id: "77", by: reason, comment: reason, end: noon + 7200),
                .init(id: "78", by: "old", comment: "over", end: noon + 599),
            ])
        try outbox.keep(DisplayReceipt(content: standing.text, at: now), of: openEpisode, for: "watch")
        try outbox.keep(DisplayReceipt(content: "something else", at: now), of: "other", for: "watch")
    }

    @Test("tells what is open, who has seen it, what is silenced, and what became of what was told")
    func list() async throws {
        try await withOpenEpisode { commands in
            try fill(commands)
            await commands.run("ack", "checkout/error-rate", "--by", "ann", "--note", "on it")
            await commands.run("silence", "--service", "checkout", "--for", "1h", "--reason", "a drill", "--by", "bo")
            let first = await commands.run("alerts", "list", "--limit", "2")
            #expect(
                first
                    == Run(
                        .done,
                        """
                        Open episodes:
                          \(openEpisode), 1 window, opened 2026-11-20T12:05:00Z
                            acknowledged by ann: on it, at 2026-11-20T12:10:00Z
                            silenced (silence 1)
                            silenced at watch until 2026-11-20T14:00:00Z, by HTTP 503: HTTP 503 (silence 77 there)

                        Silenced:
                          checkout until 2026-11-20T13:10:00Z, by bo: a drill (silence 1)

                        Told, the newest first:
                          2026-11-20T12:06:40Z  Unrecorded deploy: error-rate of checkout
                            no channel wants it
                          2026-11-20T12:05:00Z  Undeliverable: error-rate of checkout
                            chat: delivered 2026-11-20T12:09:20Z
                            mail: waiting since 2026-11-20T12:07:10Z after 1 attempt, next attempt not before \
                        2026-11-20T12:10:20Z: HTTP 503
                            pager: given up 2026-11-20T12:09:20Z after 1 attempt: HTTP 503
                            watch: waiting since 2026-11-20T12:07:10Z

                        """), "\(first.output)")
            let one = await commands.run("alerts", "list", "--limit", "1")
            #expect(one.output.contains("Unrecorded deploy") && !one.output.contains("Undeliverable"))
        }
    }

    @Test(
        "comes as JSON, from a server too, to the byte, and holds no receipt",
        arguments: ["HTTP 503", "<b>\u{1B}[2J\u{202E}\n"])
    func json(reason: String) async throws {
        try await withSentry(
            [project { $0 >= noon ? 70 : 50 }], more: serveSettings, now: noon,
            environment: ["READ_TOKEN": readToken, "WRITE_TOKEN": writeToken]
        ) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 300)
            lab.commands.now = noon + 600
            try fill(lab.commands, reason: reason)
            try await lab.commands.served { lab in
                let elsewhere = try lab.elsewhere(token: readToken)
                for arguments in [["alerts", "list"], ["alerts", "list", "--format", "json"]] {
                    let local = await lab.here.run(arguments)
                    #expect(local.status == .done)
                    #expect(await elsewhere.run(arguments) == local)
                    #expect(!local.output.contains("ts-1"))
                    #expect(local.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
                }
                let answer = try await lab.send(.get, "/api/v1/messages?limit=1", token: readToken)
                let reader = try JSONReader(try JSONParser.value(of: answer.body), "messages")
                let messages = try reader.elements("messages")
                #expect(messages.count == 1)
                #expect(messages.first?.object?["kind"] == JSONValue("unrecorded-deploy"))
            }
        }
    }
}
