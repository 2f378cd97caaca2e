import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A channel that does not tell what it has to")
struct StuckChannelTests {
    @Test("is a failure also in a run in which nothing was tried, of the kind that it was held for")
    func held() async throws {
        for (answer, kind, text) in [
            (.misconfigured, .misconfigured, "The token was revoked."), (.isBusy(1200), .unreachable, "429"),
            (.fails, .unreachable, "500"),
        ] as [(FakeReceiver.Answer, DispatchReport.Failure.Kind, String)] {
            let lab = DeliveryLab(FakeReceiver("chat") { _, _ in answer })
            try lab.tell(.breach, "a")
            #expect(await lab.dispatch().failures.map(\.kind) == [kind])
            let attempts = lab.receivers[0].attempts.count
            lab.clock.advance(1)
            let report = await lab.dispatch()
            #expect(lab.receivers[0].attempts.count == attempts)
            #expect(report.failures.map(\.kind) == [kind] && report.waiting == 1)
            #expect(report.failures.first?.message.contains(text) == true)
        }
    }

    @Test("is none where nothing was tried yet, since a silence holds")
    func silenced() async throws {
        var lab = DeliveryLab(FakeReceiver("chat"))
        lab.quiet.silences = [
            Silence(
                start: lab.clock.now, end: lab.clock.now + 600, reason: "known", by: "Ada", recordedAt: lab.clock.now)
        ]
        try lab.tell(.breach, "a")
        var report = await lab.dispatch()
        #expect(report.failures.isEmpty && report.waiting == 1 && lab.receivers[0].attempts.isEmpty)
        lab.clock.advance(600)
        report = await lab.dispatch()
        #expect(report.delivered == 1 && lab.receivers[0].story == ["breach a"])
    }

    @Test("does not hold up others for one message that is answered as if the configuration were wrong")
    func firewall() async throws {
        let lab = DeliveryLab(
            FakeReceiver("chat") { delivery, _ in delivery.message.id == 1 ? .misconfigured : .takes })
        for thread in ["a", "b", "c"] { try lab.tell(.breach, thread) }
        await lab.dispatch()
        lab.clock.advance(900)
        var report = await lab.dispatch()
        #expect(lab.receivers[0].story == ["breach b", "breach c"])
        #expect(report.failures.map(\.kind) == [.misconfigured] && report.waiting == 1)
        // What comes next is told at once, and what is answered so is no less a failure.
        try lab.tell(.breach, "d")
        lab.clock.advance(300)
        report = await lab.dispatch()
        #expect(lab.receivers[0].story.last == "breach d" && report.failures.count == 1)
    }

    @Test("whose opening was refused is told by the next reminder, and then of the end")
    func reminded() async throws {
        let lab = DeliveryLab(FakeReceiver("chat") { delivery, _ in delivery.message.id == 1 ? .refuses : .takes })
        try lab.tell(.breach, "a")
        await lab.dispatch()
        try lab.tell(.reminder, "a", opening: 1)
        await lab.dispatch()
        try lab.tell(.recovered, "a", opening: 1)
        await lab.dispatch()
        #expect(lab.receivers[0].story == ["reminder a", "recovered a"])
        #expect(lab.receivers[0].received.map(\.opening) == [nil, nil])
    }

    @Test("whose opening waits again is told of it, a day later too")
    func again() async throws {
        let isBroken = Mutexed(true)
        let lab = DeliveryLab(FakeReceiver("pager") { _, _ in isBroken.value ? .refuses : .takes })
        try lab.tell(.breach, "a")
        await lab.dispatch()
        lab.clock.advance(100_000)
        var outcome = Outcome(at: lab.clock.now)
        outcome.deliveries = [NewDelivery(message: 1, channel: "pager")]
        #expect(try lab.ledger.commit(outcome, generation: lab.ledger.facts().generation))
        isBroken.change { $0 = false }
        let report = await lab.dispatch()
        #expect(report.delivered == 1 && lab.receivers[0].story == ["breach a"])
    }

    @Test("that is renamed is told to those who want to hear of it, by kind, severity and all, once")
    func renamed() async throws {
        var lab = DeliveryLab(
            FakeReceiver("chat") { _, _ in .isAway }, FakeReceiver("mail"), FakeReceiver("critical"),
            FakeReceiver("some"))
        for thread in ["a", "b"] { try lab.tell(.breach, thread) }
        try lab.tell(.deployed, "c")
        lab.rules[2].severity = .critical
        lab.rules[3].kinds.remove(.undeliverable)
        await lab.dispatch()
        let told = lab.receivers[1].story.count
        lab.receivers[0] = FakeReceiver("talk")
        lab.rules[0].name = "talk"
        var report = await lab.dispatch()
        #expect(report.dropped == 3 && report.failures.count == 2)
        #expect(report.failures.allSatisfy { $0.kind == .givenUp && $0.name == "chat" })
        #expect(lab.receivers[1].story.dropFirst(told) == ["undeliverable undeliverable/chat/unconfigured/1"])
        let text = lab.receivers[1].received.last.map { MessageText($0.message).sentence } ?? ""
        #expect(text.contains("'chat' is no longer configured") && text.contains("Breach: cpu of checkout"))
        #expect(lab.receivers[0].story == ["undeliverable undeliverable/chat/unconfigured/1"])
        #expect(!lab.receivers[2...].contains { $0.story.contains { $0.hasPrefix("undeliverable") } })
        report = await lab.dispatch()
        #expect(report.dropped == 0 && report.failures.isEmpty)
    }

    @Test("is told to those who want to hear of it, by severity too")
    func severity() async throws {
        var lab = DeliveryLab(
            FakeReceiver("chat") { _, _ in .misconfigured }, FakeReceiver("mail"), FakeReceiver("critical"))
        lab.rules[2].severity = .critical
        try lab.tell(.breach, "a")
        await lab.dispatch()
        #expect(lab.receivers[1].story.count == 2 && lab.receivers[2].story.count == 1)
    }

    @Test("reads what waits for it alone")
    func readsItsOwn() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"), FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        let report = await lab.dispatch(through: SparingOutbox(outbox: lab.ledger))
        #expect(report.delivered == 2 && report.failures.isEmpty && report.waiting == 0)
    }
}

/// An outbox that is not asked for all that waits.
private struct SparingOutbox: Outbox {
    var outbox: any Outbox

    func waiting() throws -> [QueuedDelivery] { throw LedgerError(.inaccessible, "All was asked for.") }
    func waiting(of channel: String) throws -> [QueuedDelivery] { try outbox.waiting(of: channel) }
    func waitingCounts() throws -> [String: Int] { try outbox.waitingCounts() }
    func begin(_ delivery: Int, at now: Instant) throws { try outbox.begin(delivery, at: now) }
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws {
        try outbox.settle(delivery, as: state, at: now)
    }
    func add(_ messages: [Message], for rules: [ChannelRule]) throws { try outbox.add(messages, for: rules) }
    func receipts(of display: String) throws -> [String: DisplayReceipt] { try outbox.receipts(of: display) }
    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws {
        try outbox.keep(receipt, of: subject, for: display)
    }
    func told(limit: Int) throws -> [ToldMessage] { try outbox.told(limit: limit) }
}
