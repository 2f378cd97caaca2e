import HotfixAgent
import HotfixCore
import HotfixTestSupport

/// A ledger with messages in it, and runs of the dispatcher at simulated instants.
struct DeliveryLab {
    let ledger = MemoryLedger()
    let clock = SimulatedClock()
    var rules: [ChannelRule]
    var receivers: [FakeReceiver]
    var quiet = Quiet()

    /// Makes a lab whose channels want everything; the one named `pager` is not told of the past.
    init(_ receivers: FakeReceiver...) {
        self.receivers = receivers
        rules = receivers.map {
            ChannelRule(name: $0.name, kinds: Set(MessageKind.allCases), isToldOfThePast: $0.name != "pager")
        }
    }

    /// Commits a message for every channel, and gives its number.
    @discardableResult
    func tell(_ kind: MessageKind, _ thread: String, opening: Int? = nil) throws -> Int {
        let facts = try ledger.facts()
        let id = (facts.messages.map(\.id).max() ?? 0) + 1
        var outcome = Outcome(at: clock.now)
        outcome.messages = [
            Message(
                id: id, kind: kind, thread: thread, opening: opening, at: clock.now, createdAt: clock.now,
                facts: MessageFacts(ledgerID: "ledger", service: "checkout", guardrail: "cpu", severity: .error))
        ]
        outcome.deliveries = rules.map { NewDelivery(message: id, channel: $0.name) }
        guard try ledger.commit(outcome, generation: facts.generation) else { throw Crash.Ended() }
        return id
    }

    /// Runs the dispatcher once.
    @discardableResult
    func dispatch(through outbox: (any Outbox)? = nil) async -> DispatchReport {
        let dispatcher = Dispatcher(
            outbox: outbox ?? ledger, channels: receivers, rules: rules, displays: [],
            quiet: quiet, clock: { [clock] in clock.now },
            sleep: { [clock] in try await clock.sleep($0) }, jitter: { 0.5 })
        return await dispatcher.run()
    }

    /// What became of the deliveries of a message, by channel.
    func states(of message: Int) throws -> [String: DeliveryState] {
        let told = try ledger.told(limit: .max).first { $0.message.id == message }
        return Dictionary(uniqueKeysWithValues: (told?.lines ?? []).map { ($0.channel, $0.state) })
    }
}
