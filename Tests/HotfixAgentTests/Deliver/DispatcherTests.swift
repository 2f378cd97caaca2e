import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The dispatcher")
struct DispatcherTests {
    @Test("tells each channel by itself; the end answers what the opening gave")
    func tells() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"), FakeReceiver("pager"))
        let opening = try lab.tell(.breach, "a")
        var report = await lab.dispatch()
        #expect(report.delivered == 2 && report.failures.isEmpty && !report.hasLost)
        try lab.tell(.recovered, "a", opening: opening)
        report = await lab.dispatch()
        #expect(report.delivered == 2 && report.waiting == 0 && report.repeated == 0)
        for receiver in lab.receivers {
            #expect(receiver.story == ["breach a", "recovered a"])
            #expect(receiver.received.map(\.opening) == [nil, "r1"])
        }
        await lab.dispatch()
        #expect(lab.receivers[0].attempts.count == 2)
    }

    @Test("is not held up by a receiver that is down for six hours, and tells it what matters when it is back")
    func sixHours() async throws {
        let start = SimulatedClock().now
        let isDown: @Sendable (Delivery, Instant) -> FakeReceiver.Answer = { _, now in
            now - start < 6 * 3600 ? .isAway : .takes
        }
        let lab = DeliveryLab(FakeReceiver("chat", isDown), FakeReceiver("mail"), FakeReceiver("pager", isDown))
        let (chat, mail, pager) = (lab.receivers[0], lab.receivers[1], lab.receivers[2])
        var world = ThreadWorld(rules: lab.rules, remindEvery: 3600)
        func add(_ thread: String, _ from: Seconds, _ to: Seconds?) {
            world.spans.append(.init(thread: thread, kind: .breach, start: start + from, end: to.map { start + $0 }))
        }
        add("a", 600, 5400)
        add("b", 900, nil)
        add("c", 7200, 9000)
        add("d", 18_000, nil)
        for _ in 0..<72 {
            try world.commit(to: lab.ledger, at: lab.clock.now)
            let report = await lab.dispatch()
            #expect(!report.failures.contains { $0.name == "mail" })
            #expect(try lab.ledger.waiting().allSatisfy { $0.channel != "mail" })
            lab.clock.advance(300)
        }
        #expect(chat.received.isEmpty && pager.received.isEmpty)
        // Twice each time, in growing distances of up to half an hour.
        #expect(chat.attempts.count < 50 && chat.attempts.count > 20)
        #expect(
            mail.story.filter { !$0.hasPrefix("reminder") } == [
                "breach a", "breach b", "recovered a", "breach c", "recovered c", "breach d",
            ])
        for _ in 0..<8 {
            await lab.dispatch()
            lab.clock.advance(300)
        }
        #expect(chat.story == ["breach b", "recovered a past", "recovered c past", "breach d"])
        #expect(pager.story == ["breach b", "breach d"])
        #expect(try lab.ledger.waiting().isEmpty)
    }

    @Test(
        "waits for as long as a receiver asks, in the run where that is short, and leaves the channel alone meanwhile")
    func retryAfter() async throws {
        let lab = DeliveryLab(
            FakeReceiver("chat") { delivery, now in
                delivery.message.id == 1 && now < SimulatedClock().now + 7 ? .isBusy(7) : .takes
            })
        try lab.tell(.breach, "a")
        try lab.tell(.breach, "b")
        #expect(await lab.dispatch().delivered == 2)
        #expect(lab.receivers[0].attempts == [1, 1, 2])
        #expect(lab.receivers[0].received.map { $0.at - SimulatedClock().now } == [8, 8])

        let long = DeliveryLab(
            FakeReceiver("chat") { _, now in now < SimulatedClock().now + 400 ? .isBusy(400) : .takes })
        try long.tell(.breach, "a")
        try long.tell(.breach, "b")
        for expected in [[1], [1], [1, 1, 2]] {
            await long.dispatch()
            #expect(long.receivers[0].attempts == expected)
            long.clock.advance(300)
        }
    }

    @Test("does not let a message that alone fails hold up other threads")
    func poison() async throws {
        let lab = DeliveryLab(FakeReceiver("chat") { delivery, _ in delivery.message.id <= 2 ? .fails : .takes })
        for thread in ["a", "b", "c", "d"] { try lab.tell(.breach, thread) }
        for _ in 0..<4 {
            await lab.dispatch()
            lab.clock.advance(300)
        }
        #expect(lab.receivers[0].story == ["breach c", "breach d"])
        let opening = try lab.tell(.deployed, "e")
        await lab.dispatch()
        lab.clock.advance(1800)
        await lab.dispatch()
        #expect(try lab.states(of: opening)["chat"] == .delivered(receipt: "r5", isRepeat: false))
        #expect(try lab.ledger.waiting().map(\.message.id) == [1, 2])
    }

    @Test("tells the other channels once of one that is misconfigured, in the same run, until it works again")
    func misconfigured() async throws {
        let isBroken = Mutexed(true)
        let lab = DeliveryLab(
            FakeReceiver("chat") { _, _ in isBroken.value ? .misconfigured : .takes }, FakeReceiver("mail"))
        let (chat, mail) = (lab.receivers[0], lab.receivers[1])
        try lab.tell(.breach, "a")
        let report = await lab.dispatch()
        #expect(report.failures.map(\.kind) == [.misconfigured] && report.waiting == 1 && report.dead == 0)
        #expect(mail.story == ["breach a", "undeliverable undeliverable/chat/misconfigured/1"])
        let text = mail.received.last.map { MessageText($0.message).sentence } ?? ""
        #expect(text.contains("'chat'") && text.contains("The token was revoked."))
        try lab.tell(.breach, "b")
        for _ in 0..<7 {
            lab.clock.advance(300)
            await lab.dispatch()
        }
        // What was tried least goes first: the answer may be to one message alone.
        #expect(chat.attempts == [1, 3, 1])
        #expect(mail.story.count == 3)
        isBroken.change { $0 = false }
        lab.clock.advance(900)
        await lab.dispatch()
        #expect(chat.story.sorted() == ["breach a", "breach b"])
        isBroken.change { $0 = true }
        try lab.tell(.breach, "c")
        await lab.dispatch()
        #expect(mail.story.suffix(2).contains("undeliverable undeliverable/chat/misconfigured/4"))
    }

    /// How many messages tell of channels, by thread.
    private func undeliverable(_ lab: DeliveryLab) throws -> [String: Set<String>] {
        let told = try lab.ledger.told(limit: .max).filter { $0.message.kind == .undeliverable }
        return Dictionary(told.map { ($0.message.thread, Set($0.lines.map(\.channel))) }) { $0.union($1) }
    }

    @Test("takes channels of one entry for one where its server takes nothing: told once, held together, tried by one")
    func misconfiguredEntry() async throws {
        let isBroken = Mutexed(true)
        let broken: @Sendable (Delivery, Instant) -> FakeReceiver.Answer = { _, _ in
            isBroken.value ? .misconfigured : .takes
        }
        let lab = DeliveryLab(
            FakeReceiver("mail/a", broken), FakeReceiver("mail/b", broken), FakeReceiver("mail/c", broken),
            FakeReceiver("chat"), FakeReceiver("pager"))
        let mails = lab.receivers.prefix(3)
        try lab.tell(.breach, "a")
        await lab.dispatch()
        for _ in 0..<4 {
            lab.clock.advance(200)
            try lab.tell(.breach, "b\(lab.clock.now)")
            await lab.dispatch()
        }
        #expect(try undeliverable(lab) == ["undeliverable/mail/misconfigured/1": ["chat", "pager"]])
        let first = mails.map(\.attempts.count)
        #expect(first.allSatisfy { $0 <= 1 } && first.reduce(0, +) >= 1)
        for round in 1...3 {
            lab.clock.advance(900)
            let report = await lab.dispatch()
            // For all three something waits, and each says so.
            #expect(Set(report.failures.map(\.kind)) == [.misconfigured])
            #expect(mails.map(\.attempts.count).reduce(0, +) == first.reduce(0, +) + round)
            await lab.dispatch()
            #expect(mails.map(\.attempts.count).reduce(0, +) == first.reduce(0, +) + round)
        }
        #expect(try undeliverable(lab).count == 1)
        isBroken.change { $0 = false }
        lab.clock.advance(900)
        await lab.dispatch()
        #expect(mails.map(\.received.count) == [5, 5, 5])
        #expect(try lab.ledger.receipts(of: ":channels").isEmpty && lab.ledger.waiting().isEmpty)
        isBroken.change { $0 = true }
        try lab.tell(.breach, "c")
        await lab.dispatch()
        #expect(try undeliverable(lab).count == 2)
    }

    @Test("lets an address that is gone hold up no other of its entry, which are told of it")
    func misaddressed() async throws {
        let lab = DeliveryLab(
            FakeReceiver("mail/a"), FakeReceiver("mail/b") { _, _ in .misaddressed }, FakeReceiver("chat"))
        for thread in ["a", "b", "c"] {
            try lab.tell(.breach, thread)
            await lab.dispatch()
            lab.clock.advance(300)
        }
        #expect(try undeliverable(lab) == ["undeliverable/mail/b/misconfigured/1": ["mail/a", "chat"]])
        #expect(lab.receivers[0].story.filter { $0.hasPrefix("breach") } == ["breach a", "breach b", "breach c"])
        #expect(lab.receivers[1].attempts == [1])
    }

    @Test("tells once what several channels of one entry refused")
    func refusedEntry() async throws {
        let refuses: @Sendable (Delivery, Instant) -> FakeReceiver.Answer = { _, _ in .refuses }
        let lab = DeliveryLab(
            FakeReceiver("mail/a", refuses), FakeReceiver("mail/b", refuses), FakeReceiver("chat"))
        try lab.tell(.breach, "a")
        await lab.dispatch()
        #expect(try undeliverable(lab).keys.sorted() == ["undeliverable/mail/refused/1"])
        #expect(lab.receivers[2].story.count == 2)
    }

    @Test("never tells of a message that tells of another channel")
    func noLoops() async throws {
        let broken: @Sendable (Delivery, Instant) -> FakeReceiver.Answer = { delivery, _ in
            delivery.message.kind == .undeliverable ? .refuses : .misconfigured
        }
        let lab = DeliveryLab(FakeReceiver("chat", broken), FakeReceiver("mail", broken))
        try lab.tell(.breach, "a")
        for _ in 0..<30 {
            await lab.dispatch()
            lab.clock.advance(900)
        }
        let kinds = try lab.ledger.told(limit: .max).map(\.message.kind)
        #expect(kinds.count { $0 == .undeliverable } == 2 && kinds.count == 3)
    }

    @Test("gives up at once what is refused, and tells the other channels")
    func refused() async throws {
        let lab = DeliveryLab(
            FakeReceiver("chat") { delivery, _ in delivery.message.id == 1 ? .refuses : .takes }, FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        try lab.tell(.breach, "b")
        let report = await lab.dispatch()
        #expect(report.dead == 1 && report.hasLost && report.failures.map(\.kind) == [.refused])
        #expect(try lab.states(of: 1)["chat"] == .dead(reason: "400: too long"))
        #expect(lab.receivers[0].story == ["breach b"])
        #expect(lab.receivers[1].story.last == "undeliverable undeliverable/chat/refused/1")
        try lab.tell(.recovered, "a", opening: 1)
        await lab.dispatch()
        #expect(lab.receivers[0].story.last == "recovered a past")
    }

    @Test("gives up what could not be told for a day, and says so")
    func givenUp() async throws {
        let lab = DeliveryLab(FakeReceiver("chat") { _, _ in .fails }, FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        var dead = 0
        for check in 0...288 {
            let report = await lab.dispatch()
            dead += report.dead
            if report.dead > 0 {
                #expect(report.hasLost && report.failures.contains { $0.kind == .givenUp && $0.name == "chat" })
                #expect(check >= 286)
            }
            lab.clock.advance(300)
        }
        #expect(dead == 1)
        guard case .dead(let reason)? = try lab.states(of: 1)["chat"] else { return #expect(Bool(false)) }
        #expect(reason.contains("500"))
        #expect(lab.receivers[1].story == ["breach a", "undeliverable undeliverable/chat/given-up/1"])
    }

    @Test("drops what waits for a channel that is no longer configured")
    func unconfigured() async throws {
        var lab = DeliveryLab(FakeReceiver("chat") { _, _ in .misconfigured }, FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        await lab.dispatch()
        #expect(try lab.ledger.receipts(of: ":channels").keys.sorted() == ["chat"])
        lab.receivers.removeFirst()
        let report = await lab.dispatch()
        #expect(report.dropped == 1 && report.waiting == 0)
        #expect(report.failures.map(\.kind) == [.givenUp] && report.failures.map(\.name) == ["chat"])
        #expect(lab.receivers[0].story.last == "undeliverable undeliverable/chat/unconfigured/1")
        #expect(await lab.dispatch().failures.isEmpty)
        #expect(try lab.states(of: 1)["chat"] == .dropped(reason: "The channel is no longer configured."))
        #expect(try lab.ledger.receipts(of: ":channels").isEmpty)
    }

    @Test("says of an attempt that a crash cut off that it may be a repeat")
    func crashed() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"))
        try lab.tell(.breach, "a")
        let queued = try #require(try lab.ledger.waiting().first)
        try lab.ledger.begin(queued.id, at: lab.clock.now)
        let report = await lab.dispatch()
        #expect(report.delivered == 1 && report.repeated == 1)
        #expect(lab.receivers[0].story == ["breach a again"])
        #expect(try lab.states(of: 1)["chat"] == .delivered(receipt: "r1", isRepeat: true))
    }

    @Test("tells nothing where it could not write first that it is about to")
    func ledgerFails() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"), FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        let report = await lab.dispatch(through: FullOutbox(outbox: lab.ledger))
        #expect(lab.receivers.flatMap(\.attempts).isEmpty)
        #expect(report.ledgerError?.code == .inaccessible && report.waiting == 2)
        #expect(report.failures.map(\.kind) == [.ledger, .ledger])
        #expect(await lab.dispatch().delivered == 2)
    }

    @Test("says so where the ledger cannot even be read")
    func ledgerUnreadable() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"))
        try lab.tell(.breach, "a")
        let report = await lab.dispatch(through: CrashingOutbox(outbox: lab.ledger, crash: Crash(after: 0)))
        #expect(report.failures.map(\.kind) == [.ledger] && report.ledgerError != nil && report.delivered == 0)
        #expect(lab.receivers[0].attempts.isEmpty)
    }
}

/// An outbox that cannot be written.
private struct FullOutbox: Outbox {
    var outbox: any Outbox

    private var full: LedgerError { LedgerError(.inaccessible, "The disk is full.") }

    func waiting() throws -> [QueuedDelivery] { try outbox.waiting() }
    func begin(_ delivery: Int, at now: Instant) throws { throw full }
    func settle(_ delivery: Int, as state: DeliveryState, at now: Instant) throws { throw full }
    func add(_ messages: [Message], for rules: [ChannelRule]) throws { throw full }
    func receipts(of display: String) throws -> [String: DisplayReceipt] { try outbox.receipts(of: display) }
    func keep(_ receipt: DisplayReceipt?, of subject: String, for display: String) throws { throw full }
    func told(limit: Int) throws -> [ToldMessage] { try outbox.told(limit: limit) }
}
