import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

@Suite("The law holds however the agent ran", .heavy)
struct LawProperties {
    @Test("Window by window, in one go, at random or after failures: the same ledger", arguments: 0..<8)
    func sameLedger(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let now = World.due(last)

        let steady = try world.scene(world.source())
        try await world.run(steady, checking: Set(0...last)) { try await $0.check(at: $1) }
        let expected = try LedgerContent(steady, at: now)
        #expect(expected.windows.values.contains { !$0.isEmpty })

        let inOneGo = try world.scene(world.source(), ledger: try SQLiteLedger.inMemory())
        try await world.run(inOneGo, checking: [0, last]) { try await $0.check(at: $1) }
        let inOneGoDifference = try LedgerContent(inOneGo, at: now).difference(from: expected)
        #expect(inOneGoDifference == nil)

        var random = SeededGenerator(seed: UInt64(seed) &+ 1000)
        let some = Set((0...last).filter { _ in random.happens(0.3) }).union([0, last])
        let atRandom = try world.scene(world.source(), ledger: try SQLiteLedger.inMemory())
        try await world.run(atRandom, checking: some) { try await $0.check(at: $1) }
        let atRandomDifference = try LedgerContent(atRandom, at: now).difference(from: expected)
        #expect(atRandomDifference == nil)

        let isDown = Mutex(Set<String>())
        let flaky = try world.scene(
            world.source { ask, _ in isDown.withLock { $0.contains(ask.pair.guardrail) } },
            failing: { _ in isDown.withLock { $0.contains("versions") } })
        try await world.run(flaky, checking: Set(0...last)) { scene, at in
            let isLast = at == World.due(last) || at == World.due(0)
            let down = Set((world.guardrails.map(\.name) + ["versions"]).filter { _ in !isLast && random.happens(0.4) })
            isDown.withLock { $0 = down }
            try await scene.check(at: at)
        }
        let flakyDifference = try LedgerContent(flaky, at: now).difference(from: expected)
        #expect(flakyDifference == nil)
    }

    @Test(
        "After answers of which some windows were missing: the same verdicts and the same streak", arguments: 100..<114)
    func partialFailures(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let now = World.due(last)
        let whole = try world.scene(world.source())
        try await world.run(whole, checking: [0, 25, 55, last]) { try await $0.check(at: $1) }

        var random = SeededGenerator(seed: UInt64(seed) &+ 2000)
        let missing = Mutex(Set<String>())
        let scene = try world.scene(
            world.source { ask, window in missing.withLock { $0.contains("\(ask.pair.guardrail) \(window)") } },
            failing: { window in missing.withLock { $0.contains("versions \(window)") } })
        let some = Set((0...last).filter { _ in random.happens(0.4) }).union([0, last])
        try await world.run(scene, checking: some) { scene, at in
            var lost: Set<String> = []
            if at != now {
                for name in world.guardrails.map(\.name) + ["versions"] {
                    let share = random.pick([0, 0.05, 0.3, 0.9])
                    for window in -60..<world.windows where random.happens(share) {
                        lost.insert("\(name) \(window)")
                    }
                }
            }
            missing.withLock { $0 = lost }
            try await scene.check(at: at)
            let readiness = try scene.readiness(at: at)
            guard readiness.isReady else { return }
            // Whoever is ready has seen all that the undisturbed agent saw.
            let undisturbed = try whole.readiness(at: at)
            #expect(readiness.since == undisturbed.since)
            #expect(readiness.provenSeconds == undisturbed.provenSeconds)
        }
        let difference = try LedgerContent(scene, at: now).withoutEpisodes.difference(
            from: try LedgerContent(whole, at: now).withoutEpisodes)
        #expect(difference == nil)
    }

    @Test("Evaluating again with the same answers leaves the ledger as it was", arguments: 200..<202)
    func idempotent(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
        let scene = try world.scene(world.source(), ledger: ledger)
        try await world.run(scene, checking: Set(0..<world.windows)) { scene, at in
            try await scene.check(at: at)
            let before = try scene.ledger.facts()
            let report = try await scene.check(at: at)
            #expect(report.windowsJudged == 0)
            #expect(try scene.ledger.facts().generation == before.generation)
        }
    }

    @Test("Two agents at once leave the ledger of one", arguments: 300..<302)
    func twoAgents(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let alone = try world.scene(world.source())
        try await world.run(alone, checking: Set(0...last)) { try await $0.check(at: $1) }
        let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
        let both = try world.scene(world.source(), ledger: ledger)
        try await world.run(both, checking: Set(0...last)) { scene, at in
            async let first = scene.check(at: at)
            async let second = scene.check(at: at)
            _ = try await (first, second)
        }
        let now = World.due(last)
        let difference = try LedgerContent(both, at: now).difference(from: try LedgerContent(alone, at: now))
        #expect(difference == nil)
    }
}
