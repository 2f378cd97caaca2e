import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

private let now = Instant(1_795_176_000)
private let secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
private let newSecret = Secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDPdnq1SKY2bM=")

/// A breach with everything that can be said of it.
private func breach(ledger: String = "ledger 1", id: Int = 7, reason: String? = nil, points: Int = 72) -> Message {
    let pair = Pair("checkout", "latency-p95")
    let plot = Plot(
        title: pair.description, unit: "s", start: now - points * 300, step: 300,
        points: (0..<points).map {
            .init(outcome: .clean, value: 0.2 + Double($0) / 3000, baseline: 0.21, limit: 0.252)
        })
    return Message(
        id: id, kind: .breach, thread: "checkout/latency-p95/2026-11-20T11:55:00Z", at: now, createdAt: now + 40,
        facts: MessageFacts(
            ledgerID: ledger, service: "checkout", environment: "production", guardrail: "latency-p95",
            severity: .critical,
            window: .init(
                start: now - 300, end: now, value: 0.31, unit: "s", baseline: 0.21, baselineWindows: 288, limit: 0.252,
                query: "histogram_quantile(0.95, x)"),
            episode: Episode(
                pair: pair, start: now - 300, openedAt: now, lastBreach: now - 300, windows: 1, peak: 0.31),
            hotfix: .init(id: 1, deployment: 2, branch: "hotfix/1", commit: "abc123", deployedAt: now - 7200),
            streak: .init(lostSeconds: 3600, provenSeconds: 0, requiredSeconds: 86_400, since: now), reason: reason,
            remedy: "Look.", links: [MessageLink(label: "Prometheus", url: "https://prometheus.example/graph")],
            plot: plot))
}

private func withChannel(
    secret: Secret? = secret, previous: Secret? = nil, known: Secret? = secret, path: String = "/hook",
    clock: Instant = now,
    _ body: (WebhookChannel, WebhookStandIn, LoopbackServer) async throws -> Void
) async throws {
    let receiver = WebhookStandIn(secret: known?.value, now: { clock })
    try await withLoopbackServer({ receiver.answer($0) }) { server in
        let client = HTTPClient()
        let channel = WebhookChannel(
            name: "hook", url: server.url + path, secret: secret, previousSecret: previous,
            headers: [(name: "X-Api-Key", value: Secret("key-of-the-receiver"))], client: client)
        try await body(channel, receiver, server)
        await client.shutDown()
    }
}

@Suite("The webhook")
struct WebhookTests {
    @Test("A receiver that verifies takes the message, with its figures and its words")
    func taken() async throws {
        try await withChannel { channel, receiver, server in
            let message = breach()
            #expect(await channel.deliver(Delivery(message: message), at: now) == .delivered(receipt: nil))
            let event = try #require(receiver.taken.first).event
            #expect(event["type"] == JSONValue("io.hotfix.breach"))
            #expect(event["source"] == JSONValue("/hotfix/ledger%201"))
            #expect(event["subject"] == JSONValue(message.thread))
            #expect(event["time"] == JSONValue("2026-11-20T12:00:00Z"))
            #expect(event["id"] == JSONValue(receiver.taken.first?.id))
            let data = try #require(event["data"]?.object)
            let text = MessageText(message)
            #expect(data["title"] == JSONValue(text.title) && data["text"] == JSONValue(text.sentence))
            #expect(data["window"]?.object?["value"] == .number("0.31"))
            #expect(data["window"]?.object?["limit_is"] == JSONValue("above"))
            #expect(data["streak"]?.object?["lost_seconds"] == .number("3600"))
            #expect(data["episode"]?.object?["windows"] == .number("1"))
            let plot = try #require(data["plot"]?.object)
            guard case .array(let points)? = plot["points"] else {
                Issue.record("no points")
                return
            }
            #expect(points.count == 72 && plot["title"] == JSONValue("checkout/latency-p95"))
            let request = try #require(server.requests().first)
            #expect(request.header("X-Api-Key") == "key-of-the-receiver")
            #expect(request.body.count < 20_000)
        }
    }

    @Test("A repeat has the same identity and body, and the time and signature of its own attempt")
    func repeats() async throws {
        try await withChannel { channel, receiver, server in
            for at in [now, now + 60] {
                #expect(await channel.deliver(Delivery(message: breach()), at: at) == .delivered(receipt: nil))
            }
            #expect(await channel.deliver(Delivery(message: breach(id: 8)), at: now) == .delivered(receipt: nil))
            #expect(await channel.deliver(Delivery(message: breach(ledger: "2")), at: now) == .delivered(receipt: nil))
            #expect(receiver.taken.map(\.isRepeat) == [false, true, false, false])
            #expect(receiver.taken.map(\.timestamp) == [now.seconds, now.seconds + 60, now.seconds, now.seconds])
            let requests = server.requests()
            #expect(requests[0].body == requests[1].body)
            #expect(requests[0].header("webhook-signature") != requests[1].header("webhook-signature"))
        }
    }

    @Test("While secrets change, receivers that know either of them take it, and one that knows neither refuses")
    func rotation() async throws {
        for known in [secret, newSecret] {
            try await withChannel(secret: newSecret, previous: secret, known: known) { channel, receiver, _ in
                #expect(await channel.deliver(Delivery(message: breach()), at: now) == .delivered(receipt: nil))
            }
        }
        try await withChannel(secret: newSecret, known: secret) { channel, receiver, _ in
            guard case .misconfigured(let reason, _) = await channel.deliver(Delivery(message: breach()), at: now)
            else {
                Issue.record("taken")
                return
            }
            #expect(reason.hasSuffix("answered 401: No matching signature found."))
            #expect(receiver.taken.isEmpty)
        }
    }

    @Test("A receiver refuses what is signed with another time than its own")
    func clock() async throws {
        try await withChannel(clock: now + 600) { channel, _, _ in
            guard case .refused = await channel.deliver(Delivery(message: breach()), at: now) else {
                Issue.record("taken")
                return
            }
        }
    }

    @Test(
        "A page for people that answers in the receiver's place is no delivery, and a plain word is one",
        arguments: [
            ("text/html; charset=utf-8", "<!DOCTYPE html><form>Sign in</form>", false), ("", "\n <HTML>Sign in", false),
            ("text/html", "<form>", false), ("text/html", "ok", true), ("application/xml", "<ok/>", true),
            ("text/plain", "", true),
        ])
    func pages(type: String, body: String, isTaken: Bool) async throws {
        try await withLoopbackServer({ _ in
            .answer(status: 200, headers: [("Content-Type", type)], body: Array(body.utf8))
        }) { server in
            try await withReceiverClient { client in
                let channel = WebhookChannel(name: "webhook", url: server.url, client: client)
                let outcome = await channel.deliver(Delivery(message: breach()), at: now)
                #expect(Result(outcome) == (isTaken ? .delivered : .misconfigured), "\(outcome)")
            }
        }
    }

    enum Result: String {
        case delivered, retry, misconfigured, refused, unknown

        init(_ outcome: DeliveryOutcome) {
            self =
                switch outcome {
                case .delivered: .delivered
                case .retry: .retry
                case .misconfigured, .misaddressed: .misconfigured
                case .refused: .refused
                case .unknown: .unknown
                }
        }
    }

    @Test(
        "What an answer means",
        arguments: [
            (200, Result.delivered), (202, .delivered), (204, .delivered), (301, .misconfigured), (307, .misconfigured),
            (400, .refused), (401, .misconfigured), (403, .misconfigured), (404, .misconfigured), (405, .misconfigured),
            (409, .refused), (410, .misconfigured), (413, .refused), (415, .misconfigured), (422, .refused),
            (429, .retry),
            (500, .retry), (502, .retry), (503, .retry), (504, .retry),
        ])
    func answers(_ status: Int, _ expected: Result) async throws {
        try await withChannel { channel, receiver, server in
            receiver.answer(next: [.answer(status: status, headers: [("Location", server.url + "/other")])])
            #expect(Result(await channel.deliver(Delivery(message: breach()), at: now)) == expected)
            #expect(server.requests().count == 1)
        }
    }

    @Test("The receiver says when to try again, and no answer at all is not taken for one")
    func waiting() async throws {
        try await withChannel { channel, receiver, _ in
            receiver.answer(next: [.answer(status: 429, headers: [("Retry-After", "120")])])
            guard case .retry(120, _) = await channel.deliver(Delivery(message: breach()), at: now) else {
                Issue.record("the wait was not read")
                return
            }
        }
        try await withChannel { channel, receiver, _ in
            receiver.answer(next: [.reset])
            #expect(Result(await channel.deliver(Delivery(message: breach()), at: now)) == .unknown)
        }
    }

    @Test("Neither secret nor address is in what is said of a failure")
    func hidden() async throws {
        try await withChannel(path: "/hook/SECRETPATH0123456789?token=abcdefghijkl") { channel, receiver, _ in
            let echo = "key-of-the-receiver \(secret.value) SECRETPATH0123456789 abcdefghijkl"
            receiver.answer(next: [.answer(status: 410, body: Array(echo.utf8))])
            let said = "\(await channel.deliver(Delivery(message: breach()), at: now))"
            for secret in echo.split(separator: " ") { #expect(!said.contains(secret)) }
            #expect(said.contains("answered 410"))
        }
    }

    @Test(
        "Nothing is sent where the configuration is wrong",
        arguments: [
            ("http://example.com/hook", secret), ("ftp://example.com", secret), ("not an address", secret),
            ("http://127.0.0.1.example.com/", secret), ("https://example.com/", Secret("whsec_???")),
        ])
    func misconfigured(_ url: String, _ secret: Secret) async throws {
        let client = HTTPClient()
        let channel = WebhookChannel(name: "hook", url: url, secret: secret, client: client)
        let outcome = await channel.deliver(Delivery(message: breach()), at: now)
        #expect(Result(outcome) == .misconfigured)
        #expect(!"\(outcome)".contains(secret.value))
        let diagnosis = await channel.examine(at: now)
        #expect(diagnosis.findings.map(\.severity) == [.problem])
        #expect(diagnosis.passed.isEmpty)
        await client.shutDown()
    }

    @Test("What is too large loses points of its plot, the plot, and the rest that is found elsewhere")
    func large() async throws {
        try await withChannel { channel, receiver, server in
            var message = breach(points: 600)
            #expect(await channel.deliver(Delivery(message: message), at: now) == .delivered(receipt: nil))
            message.facts.window?.query = String(repeating: "\u{1}", count: 100_000)
            message.facts.reason = String(repeating: "\u{1}", count: 100_000)
            message.facts.remedy = message.facts.reason
            message.facts.links = (0..<100).map {
                MessageLink(label: "l", url: "https://e.example/" + String(repeating: "x", count: 1000 + $0))
            }
            #expect(await channel.deliver(Delivery(message: message), at: now) == .delivered(receipt: nil))
            let data = receiver.taken.compactMap { $0.event["data"]?.object }
            guard data.count == 2, case .array(let points)? = data[0]["plot"]?.object?["points"] else {
                Issue.record("not taken")
                return
            }
            #expect(points.count == 24)
            #expect(data[0]["plot"]?.object?["start"] == JSONValue((now - 24 * 300).description))
            #expect(data[1]["plot"] == nil && data[1]["links"] == nil)
            #expect(data[1]["window"]?.object?["value"] == .number("0.31"))
            #expect(server.requests().allSatisfy { $0.body.count < 20_000 })
        }
    }

    @Test("Every kind has a type of its own that Standard Webhooks and CloudEvents know")
    func types() async throws {
        try await withChannel(secret: nil, known: nil) { channel, receiver, _ in
            for kind in MessageKind.allCases {
                var message = breach()
                message.kind = kind
                #expect(await channel.deliver(Delivery(message: message), at: now) == .delivered(receipt: nil))
            }
            let types = receiver.taken.compactMap { event -> String? in
                guard case .string(let type)? = event.event["type"] else { return nil }
                return type.text
            }
            #expect(Set(types).count == MessageKind.allCases.count)
            #expect(types.allSatisfy { $0.wholeMatch(of: /io\.hotfix\.[a-z_]+/) != nil })
        }
    }

    @Test("An examination tells nobody anything: it sees that the receiver answers, and says what it could not see")
    func examination() async throws {
        try await withChannel { channel, receiver, server in
            let diagnosis = await channel.examine(at: now)
            #expect(server.requests().map(\.method) == ["HEAD"])
            #expect(receiver.taken.isEmpty)
            #expect(
                diagnosis.passed.map(\.what) == ["the secret is well-formed", "\(server.url) can be reached"])
            #expect(diagnosis.findings.map(\.code) == [.notExamined])
        }
        let gone = try await LoopbackServer.start { _ in .hang }
        await gone.stop()
        let client = HTTPClient()
        let channel = WebhookChannel(name: "hook", url: gone.url, secret: Secret("whsec_c2hvcnQ="), client: client)
        let findings = await channel.examine(at: now).findings
        #expect(findings.map(\.severity) == [.warning, .problem, .note])
        #expect(findings.map(\.code).contains(.noConnection))
        await client.shutDown()
    }
}
