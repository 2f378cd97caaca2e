import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("What windows come to is kept as it would be read from them", .heavy)
struct DigestProperties {
    @Test("so that readiness is the same, whenever it is asked for", arguments: 400..<406)
    func sameReadiness(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
        let scene = try world.scene(
            world.source { ask, window in (window * 31 + ask.pair.guardrail.utf8.count + seed) % 41 == 0 },
            ledger: ledger)
        var kept = 0
        try await world.run(scene, checking: Set((0..<world.windows).filter { $0 % 4 == 1 })) { scene, at in
            try await scene.check(at: at)
            for later in [0, 1, 169, 170, 290, 1200, 1500, 3599, 3600, 86_400, 7 * 86_400] {
                let now = at + later
                let read = try scene.readiness(at: now)
                let (answered, names) = try scene.readinessByDigests(at: now)
                #expect(answered == read, "\(later) s after \(at)")
                kept += names.count
            }
        }
        #expect(kept > 0)
    }

    @Test("until somebody says something that readiness may depend on", arguments: [true, false])
    func statements(isInMemory: Bool) async throws {
        let ledger: any Ledger = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        let world = World(seed: 7)
        let scene = try world.scene(world.source(), ledger: ledger)
        let at = World.due(world.windows - 1)
        try await world.run(scene, checking: [0, world.windows - 1]) { try await $0.check(at: $1) }
        func held() throws -> Int { try ledger.digests(evidence: try ledger.facts().evidence).count }
        #expect(try held() == scene.watch.entries.count)
        try ledger.record(
            .silence(
                Silence(
                    id: 0, service: nil, guardrail: nil, start: at, end: at + 60, reason: "noise", by: "ann",
                    recordedAt: at)))
        #expect(try held() == scene.watch.entries.count)
        try ledger.record(
            .exclusion(Exclusion(id: 0, interval: Interval(start: at - 600, end: at), reason: "load", recordedAt: at)))
        #expect(try held() == 0)
        try await scene.check(at: at + 60)
        #expect(try held() == scene.watch.entries.count)
    }

    @Test("and a configuration that would have others counted does not take it")
    func otherConfiguration() async throws {
        let world = World(seed: 9)
        var scene = try world.scene(world.source())
        let at = World.due(world.windows - 1)
        try await world.run(scene, checking: [0, world.windows - 1]) { try await $0.check(at: $1) }
        #expect(try !scene.readinessByDigests(at: at).names.isEmpty)
        let name = scene.watch.entries[0].service.name
        for (source, binding) in scene.watch.entries[0].service.bindings {
            scene.watch.entries[0].service.bindings[source] = binding.merging(["service": "other"]) { $1 }
        }
        #expect(try scene.readinessByDigests(at: at).names.contains(name) == false)
        #expect(try scene.readinessByDigests(at: at).readiness == scene.readiness(at: at))
    }
}

extension Scene {
    /// The readiness as it is answered with what the ledger keeps, and for which services that was enough.
    fileprivate func readinessByDigests(at now: Instant) throws -> (readiness: Readiness, names: [String]) {
        let facts = try ledger.facts()
        let snapshot = try Snapshot(
            try Roster(watch, facts, at: now), from: ledger, at: now,
            digests: try ledger.digests(evidence: facts.evidence))
        let names = snapshot.services.filter { $0.kept != nil }.map(\.name)
        return (snapshot.readiness(at: now, clock: now), names)
    }
}
