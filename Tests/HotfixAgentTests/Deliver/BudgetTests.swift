import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The time that telling may take")
struct BudgetTests {
    @Test("ends an attempt that does not, whose message may have arrived, and holds up nobody else")
    func hanging() async throws {
        let lab = DeliveryLab(FakeReceiver("chat") { _, _ in .hangs }, FakeReceiver("mail"))
        try lab.tell(.breach, "a")
        try lab.tell(.breach, "b")
        let showing = Showing(failures: [DisplayFailure("The dashboard could not be reached.")])
        let dispatcher = Dispatcher(
            outbox: lab.ledger, channels: lab.receivers, rules: lab.rules, displays: [showing, Showing(hangs: true)],
            clock: { [clock = lab.clock] in clock.now }, budget: .milliseconds(200))
        let start = ContinuousClock.now
        let report = await dispatcher.run(showing: try state(of: lab))
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(report.delivered == 2 && report.waiting == 2)
        #expect(lab.receivers[1].story == ["breach a", "breach b"])
        #expect(lab.receivers[0].attempts == [1])
        let waiting = try lab.ledger.waiting()
        #expect(waiting.map(\.mayHaveArrived) == [true, false] && waiting.allSatisfy { $0.state != .inFlight })
        #expect(Set(report.failures.map(\.name)) == ["chat", "showing", "hanging"])
        #expect(try lab.ledger.receipts(of: "showing").keys.sorted() == ["seen"])
    }

    @Test("is not used up where nothing waits")
    func idle() async throws {
        let lab = DeliveryLab(FakeReceiver("chat"))
        let start = ContinuousClock.now
        let report = await Dispatcher(
            outbox: lab.ledger, channels: lab.receivers, rules: lab.rules, displays: [Showing()],
            clock: { [clock = lab.clock] in clock.now }
        ).run(showing: try state(of: lab))
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(report.failures.isEmpty && report.delivered == 0)
        #expect(try lab.ledger.receipts(of: "showing").count == 1)
    }

    private func state(of lab: DeliveryLab) throws -> DisplayState {
        let scene = Scene(watch: Watch(entries: [], timings: [:]), sources: [], ledger: lab.ledger)
        return DisplayState(
            now: lab.clock.now, facts: try lab.ledger.facts(), readiness: try scene.readiness(at: lab.clock.now),
            open: [])
    }
}

/// A display that remembers to have been shown something, fails as it is told, or hangs until its task is cancelled.
private struct Showing: Display {
    var failures: [DisplayFailure] = []
    var hangs = false

    var name: String { hangs ? "hanging" : "showing" }

    func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        do {
            if hangs { try await Task.sleep(for: .seconds(86_400)) }
            try memory.keep(DisplayReceipt(content: "\(view.facts.messages.count)", at: view.now), of: "seen")
        } catch {
            return [DisplayFailure("It was cut off.")]
        }
        return failures
    }

    func examine(at now: Instant) async -> Diagnosis { Diagnosis() }
}
