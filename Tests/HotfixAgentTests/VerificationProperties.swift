import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Logging
import Synchronization
import Testing

extension Scene {
    /// Verifies the ledger.
    @discardableResult
    func verify(
        at clock: Instant, range: VerificationRange = VerificationRange(), services: Set<String>? = nil,
        writes: Bool = false
    ) async throws -> VerificationReport {
        let ledger = try #require(ledger as? any VerifiableLedger)
        let logger = Logger(label: "scene") { _ in SwiftLogNoOpLogHandler() }
        return try await Verification(ledger: ledger, sources: sources, watch: watch, logger: logger).run(
            at: clock, range: range, services: services, writes: writes)
    }
}

@Suite("A ledger is what its sources, what was said, and its policies come to", .heavy)
struct VerificationProperties {
    @Test("After checks of every window, of some, or that failed at first, nothing differs", arguments: 0..<8)
    func nothingDiffers(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let now = World.due(last)
        var random = SeededGenerator(seed: UInt64(seed) &+ 5000)
        let some = Set((0...last).filter { _ in random.happens(0.4) }).union([0, last])
        for checks in [Set(0...last), [0, last], some] {
            let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
            let lost = Mutex(Set<String>())
            let scene = try world.scene(
                world.source { ask, window in lost.withLock { $0.contains("\(ask.pair.guardrail) \(window)") } },
                ledger: ledger)
            try await world.run(scene, checking: checks) { scene, at in
                var missing: Set<String> = []
                if at != now, checks == some {
                    for guardrail in world.guardrails {
                        let share = random.pick([0, 0.05, 0.3])
                        for window in -60..<world.windows where random.happens(share) {
                            missing.insert("\(guardrail.name) \(window)")
                        }
                    }
                }
                lost.withLock { $0 = missing }
                try await scene.check(at: at)
            }
            let report = try await scene.verify(at: now)
            #expect(report.differences.isEmpty, "\(seed): \(report.differences.prefix(3))")
            #expect(report.isWhole)
            #expect(report.tally.windows >= 90)
            #expect(report.readiness == nil)
        }
    }

    @Test("After statements and changes of policy nothing differs", arguments: 500..<512)
    func nothingDiffersAfterStatements(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        var random = SeededGenerator(seed: UInt64(seed) &+ 3000)
        let sayings = world.sayings(&random)
        let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
        var scene = try world.scene(world.source(), ledger: ledger)
        for window in 0..<world.windows {
            for deployment in world.deployments where deployment.window == window {
                try scene.deploy(
                    at: World.start + window * World.step + 700, newBaseline: deployment.newBaseline ? "anew" : nil)
            }
            if let saying = sayings[window] { try world.say(saying, in: window, &scene) }
            try await scene.check(at: World.due(window))
            guard window % 7 == 6 else { continue }
            let report = try await scene.verify(at: World.due(window))
            #expect(report.differences.isEmpty, "\(seed) in \(window): \(report.differences.prefix(3))")
            #expect(report.isWhole)
        }
    }
}
