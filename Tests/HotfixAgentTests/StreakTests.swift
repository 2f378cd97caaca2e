import HotfixCore
import HotfixTestSupport
import Testing

private let day = 86_400
private let deployedAt = Instant(text: "2026-11-10T08:00:00Z") ?? Instant(0)
private let guardrail = Guardrail(
    name: "latency", source: "scripted", measure: .builtIn(.cpu), limits: [.relative(0.25)])

/// A scene whose values are 1 but for the windows named.
private func scene(
    _ values: [Int: Double?] = [:], from start: Instant = deployedAt, guardrails: [Guardrail] = [guardrail]
) -> Scene {
    let source = ScriptedSource { _, window in
        .answers(Observation(value: values[(window - start) / 300] ?? 1))
    }
    return Scene(source, guardrails: guardrails)
}

/// The instant at which the check sees the window of this number as its newest.
private func afterWindow(_ number: Int) -> Instant { deployedAt + (number + 1) * 300 + 130 }

@Suite("The 48 hours", .heavy)
struct StreakTests {
    @Test("575 clean windows are not ready, 576 are")
    func readyAfter576Windows() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(574))
        let almost = try scene.readiness(at: afterWindow(574))
        #expect(almost.state == .counting)
        #expect(almost.provenSeconds == 575 * 300)
        #expect(almost.earliestReady == deployedAt + 576 * 300)
        try await scene.check(at: afterWindow(575))
        let ready = try scene.readiness(at: afterWindow(575))
        #expect(ready.state == .ready)
        #expect(ready.provenSeconds == 172_800)
        #expect(ready.earliestReady == deployedAt + 172_800)
        #expect(ready.since == deployedAt)
    }

    @Test("A breach in window 575 restarts the streak at its end")
    func breachRestarts() async throws {
        let scene = scene([574: 2])
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(580))
        let readiness = try scene.readiness(at: afterWindow(580))
        #expect(readiness.since == deployedAt + 575 * 300)
        #expect(readiness.provenSeconds == 6 * 300)
        #expect(readiness.state == .counting)
        #expect(readiness.services[0].lastBreach?.windowStart == deployedAt + 574 * 300)
        #expect(readiness.services[0].lastBreach?.limit == 1.25)
    }

    @Test("A gap of 60 minutes pauses, one of 65 restarts", arguments: [(11, true), (12, true), (13, false)])
    func gaps(windows: Int, onlyPauses: Bool) async throws {
        var values: [Int: Double?] = [:]
        for index in 100..<(100 + windows) { values[index] = .some(nil) }
        let scene = scene(values)
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(200))
        let readiness = try scene.readiness(at: afterWindow(200))
        #expect(readiness.since == (onlyPauses ? deployedAt : deployedAt + (100 + windows) * 300))
        #expect(readiness.provenSeconds == (onlyPauses ? 201 - windows : 101 - windows) * 300)
    }

    @Test("While a long gap is open nothing is proven")
    func openGap() async throws {
        var values: [Int: Double?] = [:]
        for index in 100..<120 { values[index] = .some(nil) }
        let scene = scene(values)
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(119))
        let readiness = try scene.readiness(at: afterWindow(119))
        #expect(readiness.provenSeconds == 0)
        #expect(readiness.state == .blind)
        #expect(readiness.stateReason == .unproven)
    }

    @Test("A second deployment, also of the same commit, starts anew")
    func secondDeployment() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(100))
        try scene.deploy(at: deployedAt + 101 * 300, recordedAt: afterWindow(100))
        try await scene.check(at: afterWindow(110))
        let readiness = try scene.readiness(at: afterWindow(110))
        #expect(readiness.since == deployedAt + 101 * 300)
        #expect(readiness.provenSeconds == 10 * 300)
    }

    @Test(
        "A deployment at 08:00:00 counts from 08:00, one at 08:00:01 from 08:05",
        arguments: [(0, 0), (1, 300), (300, 300)])
    func firstCountedWindow(offset: Int, expected: Int) async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt + offset)
        try await scene.check(at: afterWindow(10))
        #expect(try scene.readiness(at: afterWindow(10)).since == deployedAt + expected)
    }

    @Test("A ledger whose newest complete window is older than 20 minutes is blind")
    func stale() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(575))
        let end = deployedAt + 576 * 300
        #expect(try scene.readiness(at: end + 1200).state == .ready)
        let stale = try scene.readiness(at: end + 1201)
        #expect(stale.state == .blind)
        #expect(stale.stateReason == .stale)
        #expect(try scene.readiness(at: end + 1201, maxAge: 3600).state == .ready)
    }

    @Test("A window that ends after the reader's clock makes it blind")
    func clockBehind() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(575))
        let end = deployedAt + 576 * 300
        let behind = try scene.readiness(at: end, clock: end - 61)
        #expect(behind.state == .blind)
        #expect(behind.stateReason == .clock)
        #expect(try scene.readiness(at: end, clock: end - 60).state == .ready)
    }

    @Test("Nobody is ready without a deployment")
    func notDeployed() async throws {
        let scene = scene()
        try await scene.check(at: afterWindow(0))
        try await scene.check(at: afterWindow(700))
        let readiness = try scene.readiness(at: afterWindow(700))
        #expect(readiness.state == .notDeployed)
        #expect(readiness.provenSeconds == 0)
        #expect(readiness.earliestReady == nil)
    }

    @Test("A closed deployment is not ready any more")
    func closed() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(575))
        try scene.ledger.record(.close(hotfix: 1, at: afterWindow(575)))
        let readiness = try scene.readiness(at: afterWindow(575))
        #expect(readiness.state == .notDeployed)
        #expect(readiness.stateReason == .closed)
    }

    @Test("Taking back the later deployment brings back the streak of the earlier one")
    func voided() async throws {
        let scene = scene()
        try scene.deploy(at: deployedAt)
        try await scene.check(at: afterWindow(100))
        try scene.deploy(at: deployedAt + 50 * 300, recordedAt: afterWindow(100), newBaseline: "moved")
        try await scene.check(at: afterWindow(101))
        #expect(try scene.readiness(at: afterWindow(101)).provenSeconds == 52 * 300)
        try scene.ledger.record(.void(deployment: 2, reason: "typed twice", at: afterWindow(101)))
        try await scene.check(at: afterWindow(102))
        #expect(try scene.readiness(at: afterWindow(102)).provenSeconds == 103 * 300)
    }
}
