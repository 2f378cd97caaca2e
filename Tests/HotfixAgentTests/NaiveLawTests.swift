import HotfixAgent
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("A second reading of the law", .heavy)
struct NaiveLawTests {
    @Test("comes to the same verdicts, confirmations and streak, window by window", arguments: 400..<425)
    func agrees(seed: Int) async throws {
        let world = World(seed: UInt64(seed))
        let last = world.windows - 1
        let scene = try world.scene(world.source())
        try await world.run(scene, checking: [0, 20, 45, last]) { try await $0.check(at: $1) }
        let content = try LedgerContent(scene, at: World.due(last))
        let naive = NaiveLaw(world)
        for guardrail in world.guardrails {
            let windows = content.windows[guardrail.name] ?? []
            #expect(windows.map(\.start) == (0...last).map { World.start + $0 * World.step })
            let outcomes = windows.map { window in
                NaiveLaw.Outcome(
                    verdict: window.verdict.rawValue + (window.reason.map { " \($0.rawValue)" } ?? ""),
                    isConfirmed: window.isConfirmed, isSevere: window.isSevere)
            }
            for (window, (left, right)) in zip(outcomes, naive.outcomes[guardrail.name] ?? []).enumerated()
            where left != right {
                Issue.record("\(guardrail.name), window \(window): \(left) against \(right)")
                return
            }
        }
        let streak = naive.streak()
        #expect(content.readiness.since == streak.map { World.start + $0.since * World.step })
        #expect(content.readiness.provenSeconds == (streak?.proven ?? 0) * World.step)
    }
}
