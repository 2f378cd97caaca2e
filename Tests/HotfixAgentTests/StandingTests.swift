import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("A readiness that is given again stands", .heavy)
struct StandingTests {
    private func snapshot(_ scene: Scene, at now: Instant) throws -> Snapshot {
        try Snapshot(try Roster(scene.watch, scene.ledger.facts(), at: now), from: scene.ledger, at: now)
    }

    @Test(
        "Until the instant that is said, the same ledger gives the same; a snapshot of before gives what a new one does"
    )
    func stands() async throws {
        var changes = 0
        for seed in 300..<312 { changes += try await changesAtTheEnd(seed) }
        // It is not said too early all the time either.
        #expect(changes > 5)
    }

    /// Holds readiness against that of later instants in the world of a seed, and says how often it was another when that was said.
    private func changesAtTheEnd(_ seed: Int) async throws -> Int {
        var random = SeededGenerator(seed: UInt64(seed))
        let world = World(seed: UInt64(seed), isDeployed: true)
        let last = Int.random(in: 10..<world.windows, using: &random)
        let scene = try world.scene(world.source(), ledger: try SQLiteLedger.inMemory())
        try await world.run(scene, checking: [0, last / 2, last]) { try await $0.check(at: $1) }
        let checked = World.due(last)
        for _ in 0..<2 {
            let start = checked + Int.random(in: -4000...4000, using: &random)
            try scene.ledger.record(
                .silence(
                    Silence(
                        start: start, end: start + Int.random(in: 1...5000, using: &random), reason: "a drill",
                        by: "ann",
                        recordedAt: start)))
        }
        var changes = 0
        for _ in 0..<20 {
            // Before the ledger's newest windows, when they are fresh, when they grow old, and days later.
            let span = random.pick([-7200...0, 0...4000, 4000...20_000, 80_000...100_000, 600_000...700_000])
            let now = checked + Int.random(in: span, using: &random)
            let age = random.pick([nil, 61, 3600])
            let kept = try snapshot(scene, at: now)
            let readiness = kept.readiness(at: now, clock: now, maxAge: age)
            let until = kept.standsUntil(readiness, at: now, maxAge: age)
            try #require(until > now)
            let moments = (0..<4).map { _ in Int.random(in: now.seconds..<until.seconds, using: &random) }
            for later in (moments + [until.seconds - 1]).map(Instant.init) {
                let fresh = try snapshot(scene, at: later).readiness(at: later, clock: later, maxAge: age)
                #expect(fresh == readiness, "\(later) of \(now) to \(until)")
            }
            let next = try snapshot(scene, at: until).readiness(at: until, clock: until, maxAge: age)
            if next != readiness { changes += 1 }
            for _ in 0..<3 {
                let later = now + Int.random(in: 0...3600, using: &random)
                let fresh = try snapshot(scene, at: later).readiness(at: later, clock: later, maxAge: age)
                #expect(kept.readiness(at: later, clock: later, maxAge: age) == fresh, "\(later) by \(now)")
            }
        }
        return changes
    }
}
