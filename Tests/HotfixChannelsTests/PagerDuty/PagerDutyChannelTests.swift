import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

@Suite("PagerDuty", .timeLimit(.minutes(1)))
struct PagerDutyChannelTests {
    private static let key = "0123456789abcdef0123456789abcdef"

    private func withPagerDuty<T>(
        key: String = key, _ body: (PagerDutyStandIn, PagerDutyChannel) async throws -> T
    ) async throws -> T {
        let standIn = PagerDutyStandIn()
        return try await withLoopbackServer({ await standIn.answer($0) }) { server in
            try await ChatScene.withClient { client in
                try await body(
                    standIn,
                    PagerDutyChannel(name: "pagerduty", routingKey: Secret(key), url: server.url, client: client))
            }
        }
    }

    @Test("A breach opens an incident that its end resolves, and what comes between adds to it")
    func incident() async throws {
        try await withPagerDuty { standIn, channel in
            let breach = ChatScene.message(.breach)
            #expect(await channel.deliver(Delivery(message: breach), at: ChatScene.start) == .delivered(receipt: nil))
            let incident = try #require(standIn.incidents.first)
            #expect(incident.key == breach.key && incident.isOpen && incident.severity == "critical")
            #expect(
                incident.summary
                    == "Breach: latency-p95 of checkout was 0.31 s from 2025-11-22T08:30:00Z to 2025-11-22T08:35:00Z,"
                    + " +47.6% against the baseline of 0.21 s; it must not be above 0.252 s.")
            #expect(incident.links == ["Dashboard", "Query"])
            let payload = incident.payload.line
            for part in [
                #""timestamp":"2025-11-22T08:40:00.000Z""#, #""source":"checkout""#, #""class":"latency-p95""#,
                #""branch":"hotfix/1.2.4""#, #""commit":"0f3a9c1""#, #""value":0.31"#, #""limit":0.252"#,
                #""query":"histogram_quantile(0.95, x)""#, #""earliest_ready":"#,
            ] {
                #expect(payload.contains(part), "\(part) in \(payload)")
            }

            for kind in [MessageKind.reminder, .breach] {
                _ = await channel.deliver(
                    Delivery(message: ChatScene.message(kind), mayBeRepeat: true), at: ChatScene.start)
            }
            #expect(standIn.incidents.count == 1 && standIn.incidents[0].triggers == 3)

            let recovered = Delivery(message: ChatScene.message(.recovered, id: 9))
            #expect(await channel.deliver(recovered, at: ChatScene.start) == .delivered(receipt: nil))
            #expect(await channel.deliver(recovered, at: ChatScene.start) == .delivered(receipt: nil))
            #expect(standIn.incidents.map(\.isOpen) == [false])
        }
    }

    @Test(
        "Every kind of message is a page, the end of one, or a change that pages nobody",
        arguments: MessageKind.allCases.filter { $0 != .announcement })
    func kinds(kind: MessageKind) async throws {
        try await withPagerDuty { standIn, channel in
            let delivery = Delivery(message: ChatScene.message(kind))
            #expect(await channel.deliver(delivery, at: ChatScene.start) == .delivered(receipt: nil))
            switch kind {
            case .recovered, .corrected, .withdrawn, .excused, .sighted:
                #expect(standIn.incidents.isEmpty && standIn.changes.isEmpty)
            case .deployed, .ready, .lost: #expect(standIn.incidents.isEmpty && standIn.changes.count == 1)
            default: #expect(standIn.incidents.count == 1 && standIn.changes.isEmpty)
            }
        }
    }

    @Test(
        "Every answer means what PagerDuty means by it",
        arguments: [
            (202, #"{"status":"success"}"#, nil, "delivered"), (200, "<html>", nil, "misconfigured"),
            (204, "", nil, "misconfigured"), (400, #"{"errors":["Invalid routing key"]}"#, nil, "misconfigured"),
            (
                400, #"{"errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}"#, nil,
                "misconfigured"
            ),
            (400, "Invalid routing key", nil, "misconfigured"),
            (400, #"{"errors":["'payload.severity' is invalid"]}"#, nil, "refused"), (400, "", nil, "refused"),
            (401, "", nil, "misconfigured"), (403, "", nil, "misconfigured"), (404, "", nil, "misconfigured"),
            (413, "", nil, "refused"), (429, "", 30 as Seconds?, "retry"), (500, "", nil, "retry"),
            (502, "", nil, "retry"),
            (503, "", nil, "retry"), (504, "", nil, "retry"),
        ])
    func answers(status: Int, body: String, wait: Seconds?, kind: String) async throws {
        try await withPagerDuty { standIn, channel in
            // What is refused is sent once more.
            standIn.faults.add(.answers(.answer(status: status, body: Array(body.utf8))), times: 2)
            let outcome = await channel.deliver(
                Delivery(message: ChatScene.message(.breach)), at: ChatScene.start)
            #expect(ChatScene.kind(outcome) == kind, "\(outcome)")
            if case .retry(let after, _) = outcome { #expect(after == wait) }
        }
    }

    @Test("A page goes out without its details where these are refused")
    func bare() async throws {
        try await withPagerDuty { standIn, channel in
            standIn.faults.add(
                .answers(
                    .json(#"{"status":"invalid event","errors":["'payload.custom_details' is invalid"]}"#, status: 400))
            )
            let outcome = await channel.deliver(
                Delivery(message: ChatScene.message(.breach)), at: ChatScene.start)
            #expect(outcome == .delivered(receipt: nil))
            #expect(standIn.incidents.map(\.severity) == ["critical"])
            #expect(standIn.incidents.first?.payload.line.contains("custom_details") == false)
        }
    }

    @Test("An answer that is lost may have been received, and the repeat opens no second incident")
    func lostAnswer() async throws {
        try await withPagerDuty { standIn, channel in
            standIn.faults.add(.takenBut(.reset))
            let breach = ChatScene.message(.breach)
            let lost = await channel.deliver(Delivery(message: breach), at: ChatScene.start)
            #expect(ChatScene.kind(lost) == "unknown", "\(lost)")
            let second = await channel.deliver(Delivery(message: breach, mayBeRepeat: true), at: ChatScene.start)
            #expect(second == .delivered(receipt: nil))
            #expect(standIn.incidents.count == 1 && standIn.incidents[0].triggers == 2)
        }
    }

    @Test("Names from outside are text within PagerDuty's limits", arguments: ChatScene.hostileNames)
    func hostile(name: String) async throws {
        try await withPagerDuty { standIn, channel in
            let message = ChatScene.message(.breach, pair: Pair(name, name), hostile: name)
            let outcome = await channel.deliver(Delivery(message: message), at: ChatScene.start)
            #expect(outcome == .delivered(receipt: nil), "\(outcome)")
            let incident = try #require(standIn.incidents.first)
            #expect(incident.payload.line.contains("custom_details"))
            #expect(!incident.payload.line.contains("\\r") && !incident.summary.contains("\n"))
            if name.count < 100 { #expect(incident.summary.contains(oneLine(name))) }
        }
    }

    @Test("What is too large for PagerDuty loses its details, and never the page")
    func tooLarge() async throws {
        try await withPagerDuty { standIn, channel in
            var message = ChatScene.message(.breach)
            message.facts.window?.query = String(repeating: "\u{7F}", count: 100_000)
            message.facts.links = (0..<400).map {
                MessageLink(label: String(repeating: "l", count: 5000), url: "https://x.example/\($0)")
            }
            #expect(
                await channel.deliver(Delivery(message: message), at: ChatScene.start) == .delivered(receipt: nil))
            #expect(standIn.incidents.count == 1)
        }
    }

    @Test("The routing key is in no reason and in nothing that is printed", arguments: [400, 403, 404, 429, 500])
    func secret(status: Int) async throws {
        try await withPagerDuty { standIn, channel in
            standIn.faults.add(
                .answers(.answer(status: status, body: Array("no \(Self.key), sorry".utf8))), times: 3)
            let outcome = await channel.deliver(Delivery(message: ChatScene.message(.breach)), at: ChatScene.start)
            let diagnosis = await channel.examine(at: ChatScene.start)
            #expect(!"\(outcome) \(diagnosis)".contains(Self.key))
            var dumped = ""
            dump(channel, to: &dumped)
            #expect(!dumped.contains(Self.key))
        }
    }

    @Test("An examination tells nobody, and says what is wrong with the key")
    func examination() async throws {
        try await withPagerDuty { standIn, channel in
            let good = await channel.examine(at: ChatScene.start)
            #expect(good.findings.map(\.code) == [.notExamined] && good.passed.count == 1)
            #expect(standIn.incidents.isEmpty)
            standIn.faults.add(.answers(.answer(status: 200, body: Array("<html>".utf8))))
            #expect(await channel.examine(at: ChatScene.start).findings.map(\.code) == [.notTheAPI])
            standIn.faults.add(.answers(.answer(status: 503)))
            #expect(await channel.examine(at: ChatScene.start).findings.map(\.code) == [.serverFailed])
        }
        for key in ["short", String(repeating: "-", count: 32), String(repeating: "a", count: 32)] {
            try await withPagerDuty(key: key) { _, channel in
                let bad = await channel.examine(at: ChatScene.start)
                #expect(bad.findings.map(\.code) == [.credentialsRefused])
                let outcome = await channel.deliver(Delivery(message: ChatScene.message(.breach)), at: ChatScene.start)
                #expect(ChatScene.kind(outcome) == "misconfigured")
            }
        }
    }
}
