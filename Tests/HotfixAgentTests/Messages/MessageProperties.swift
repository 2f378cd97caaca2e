import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("Messages hold however the agent ran", .heavy)
struct MessageProperties {
    /// What a run came to: the messages about episodes, and what was open after each check.
    private struct Run {
        var breaches: Set<String> = []
        var endings: Set<String> = []
        var past: Set<String> = []
        var openAfter: [Int: Set<String>] = [:]
        var episodes: [Episode] = []
    }

    /// Runs a world, each check twice: the second must find nothing to tell.
    private func run(_ world: World, _ ledger: any Ledger, checking checks: Set<Int>) async throws -> Run {
        var scene = try world.scene(world.source(), ledger: ledger)
        scene.plan = MessagePlan(
            channels: [ChannelRule(name: "chat", kinds: Set(MessageKind.allCases))], remindEvery: 0)
        var run = Run()
        try await world.run(scene, checking: checks) { scene, at in
            let first = try await scene.check(at: at)
            let facts = try scene.ledger.facts()
            let second = try await scene.check(at: at)
            #expect(second.messages.isEmpty)
            #expect(try scene.ledger.facts().generation == facts.generation)
            #expect(Array(facts.messages.suffix(first.messages.count)) == first.messages.map(\.head))
            run.openAfter[(at - World.start) / World.step - 1] = Set(facts.episodes.filter(\.isOpen).map(\.id))
        }
        let facts = try scene.ledger.facts()
        run.episodes = facts.episodes
        expectConsistency(facts)
        for head in facts.messages {
            let isEpisode = head.kind == .breach || head.kind.opening == .breach
            guard isEpisode else { continue }
            if head.kind == .breach {
                run.breaches.insert(head.thread)
            } else if head.opening == nil {
                run.past.insert(head.thread)
            } else {
                run.endings.insert(head.thread)
            }
        }
        return run
    }

    /// What holds of any ledger: numbers in order, each thread opened and closed by turns, and every open thread what is open.
    private func expectConsistency(_ facts: LedgerFacts) {
        #expect(facts.messages.map(\.id) == facts.messages.indices.map { $0 + 1 })
        var open: [String: MessageHead] = [:]
        for head in facts.messages {
            if head.kind.isOpening {
                #expect(open[head.thread] == nil, "\(head.thread) was opened twice")
                open[head.thread] = head
            } else if head.kind.isClosing {
                #expect(head.opening == open[head.thread]?.id)
                #expect(head.opening == nil || open[head.thread]?.kind == head.kind.opening)
                open[head.thread] = nil
            }
        }
        #expect(facts.deliveries.map(\.message) == facts.messages.filter(\.kind.isOpening).map(\.id))
        let told = Set(open.values.filter { $0.kind == .breach }.map(\.thread))
        #expect(told == Set(facts.episodes.filter(\.isOpen).map(\.id)))
    }

    @Test("What is open at a check is told, and its end; what is over by then by its end alone", arguments: 0..<10)
    func sameThreads(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let steady = try await run(world, MemoryLedger(), checking: Set(0...last))
        var random = SeededGenerator(seed: UInt64(seed) &+ 5000)
        let some = Set((0...last).filter { _ in random.happens(0.25) }).union([0, last])
        for checks in [some, [0, last]] {
            let other = try await run(world, try SQLiteLedger.inMemory(), checking: checks)
            let seen = checks.reduce(into: Set<String>()) { $0.formUnion(steady.openAfter[$1] ?? []) }
            let closed = Set(steady.episodes.filter { !$0.isOpen }.map(\.id))
            #expect(other.breaches == seen)
            #expect(other.endings == seen.intersection(closed))
            let over = steady.episodes.filter { !$0.isOpen && $0.ending != .corrected && !seen.contains($0.id) }
            #expect(other.past == Set(over.map(\.id)))
        }
    }
}
