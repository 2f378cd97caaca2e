import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

/// A stage whose service's versions are told by a source of their own; windows are numbered from the first deployment's.
struct VersionStage {
    private final class Script: Sendable {
        struct State {
            var usual: Set<String> = ["1.2.4"]
            var seen: [Int: Set<String>] = [:]
            var failing: Set<Int> = []
        }

        let state = Mutex(State())
    }

    var stage: Stage
    let versions: ScriptedVersions
    private let script = Script()

    init(streak: Policy.Streak = Stage.streak, ledger: any Ledger = MemoryLedger()) {
        stage = Stage(streak: streak, ledger: ledger)
        let script = script
        versions = ScriptedVersions { _, start in
            let window = (start - Stage.deployedAt) / Stage.step
            return script.state.withLock { state in
                if state.failing.contains(window) { return .fails(SourceError(.unreachable, "The source is down.")) }
                return .saw(state.seen[window] ?? state.usual)
            }
        }
        stage.scene.watchVersions(at: versions)
    }

    func see(_ windows: ClosedRange<Int>, _ versions: Set<String>) {
        script.state.withLock { state in for window in windows { state.seen[window] = versions } }
    }

    func fail(_ windows: ClosedRange<Int>) { script.state.withLock { $0.failing = Set(windows) } }

    func heal() { script.state.withLock { $0.failing = [] } }

    func deploy(_ window: Int = 0, version: String? = "1.2.4", beside: [String] = []) throws {
        try stage.scene.deploy(at: Stage.start(window), version: version, beside: beside)
    }

    func checks(_ windows: ClosedRange<Int>) async throws {
        for window in windows { try await stage.check(window) }
    }

    /// What the service's window comes to, in words.
    func window(_ window: Int, asOf newest: Int) throws -> String {
        let service = try stage.scene.snapshot(at: Stage.due(newest)).services[0]
        let derived = service.derived(at: Stage.due(newest)).windows.first { $0.start == Stage.start(window) }
        let counted = service.pairs[0].counted(Stage.start(window))?.held(
            against: service.versions, at: Stage.start(window))
        return (derived?.verdict?.rawValue ?? "missing") + (counted?.reason.map { " \($0.rawValue)" } ?? "")
    }
}

@Suite("The running version", .heavy)
struct VersionTests {
    @Test(
        "is the deployed one, or one named beside it; anything else proves nothing",
        arguments: [
            ("1.2.4", [], ["1.2.4"], "clean"), ("v1.2.4", [], ["1.2.4"], "clean"),
            ("1.2.4", [], ["v1.2.4"], "clean"), ("1.2.4", [], ["checkout@1.2.4"], "clean"),
            ("1.2.4", [], [], "unproven other-version"), ("1.2.4", [], ["1.2.3"], "unproven other-version"),
            ("1.2.4", [], ["1.2.3", "1.2.4"], "unproven other-version"),
            ("1.2.4", ["1.2.3"], ["1.2.3", "1.2.4"], "clean"), ("1.2.4", ["v1.2.3"], ["1.2.3", "v1.2.4"], "clean"),
            ("1.2.4", ["1.2.3"], ["1.2.3"], "unproven other-version"),
            ("1.2.4", ["1.2.3"], ["1.2.2", "1.2.4"], "unproven other-version"),
            ("1.2.4", ["1.2.3"], ["1.2.4"], "clean"),
        ] as [(String, [String], Set<String>, String)])
    func verdicts(_ deployed: String, _ beside: [String], _ seen: Set<String>, _ verdict: String) async throws {
        let stage = VersionStage()
        stage.see(0...9, [deployed])
        stage.see(5...5, seen)
        try stage.deploy(version: deployed, beside: beside)
        try await stage.checks(0...9)
        #expect(try stage.window(5, asOf: 9) == verdict)
        let proven = verdict == "clean" ? 10 : 9
        #expect(try stage.stage.streak(9) == "counting since 0, \(proven) proven")
    }

    @Test("is the worst of what guardrails say: a breach stays one, a quiet window does not stay quiet")
    func worst() async throws {
        let stage = VersionStage()
        stage.see(1...4, ["1.2.3"])
        stage.stage.script.set(1...1, 2)
        stage.stage.script.set(2...2, nil)
        try stage.deploy()
        try await stage.checks(0...6)
        #expect(
            try (0...5).map { try stage.window($0, asOf: 6) } == [
                "clean", "breach", "unproven other-version", "unproven other-version", "unproven other-version",
                "clean",
            ])
        // The episode is the guardrail's own affair.
        #expect(try stage.stage.episodes() == ["1 recovered"])
        #expect(try stage.stage.streak(6) == "counting since 2, 2 proven")
    }

    @Test("for longer than the longest gap starts the streak anew, and makes it blind meanwhile")
    func gap() async throws {
        let stage = VersionStage()
        stage.see(3...7, ["1.2.3"])
        try stage.deploy()
        try await stage.checks(0...6)
        #expect(try stage.stage.streak(6) == "blind (unproven) since 0, 3 proven")
        try await stage.checks(7...9)
        #expect(try stage.stage.streak(9) == "counting since 8, 2 proven")
    }

    @Test("that could not be asked leaves the window missing until it is")
    func sourceDown() async throws {
        let stage = VersionStage()
        stage.fail(3...20)
        try stage.deploy()
        try await stage.checks(0...4)
        #expect(try stage.window(2, asOf: 4) == "clean")
        #expect(try stage.window(3, asOf: 4) == "missing")
        #expect(try stage.stage.streak(4) == "counting since 0, 3 proven")
        let report = try await stage.stage.check(20)
        #expect(Set(report.failures.map(\.pair.description)) == ["checkout/running version"])
        #expect(try stage.stage.streak(20) == "blind (stale) since 0, 3 proven")
        stage.heal()
        stage.see(4...4, [])
        try await stage.stage.check(21)
        #expect(try stage.window(4, asOf: 21) == "unproven other-version")
        #expect(try stage.stage.readiness(21).provenSeconds == 21 * Stage.step)
    }

    @Test("of a breaching window that could not be asked leaves it a breach")
    func breachWithoutVersion() async throws {
        let stage = VersionStage()
        stage.fail(3...3)
        stage.stage.script.set(3...3, 2)
        try stage.deploy()
        try await stage.checks(0...3)
        #expect(try stage.window(3, asOf: 3) == "breach")
        #expect(try stage.stage.streak(3) == "breaching since 4, 0 proven")
    }

    @Test("is not asked of windows before the deployment, of history, or where no version was named")
    func notAsked() async throws {
        let stage = VersionStage()
        try await stage.checks(-3 ... -1)
        try stage.deploy(version: nil)
        try await stage.checks(0...2)
        #expect(stage.versions.asks.isEmpty && stage.versions.wishes.isEmpty)
        #expect(try stage.stage.streak(2) == "counting since 0, 3 proven")
        try stage.deploy(3)
        try await stage.checks(3...5)
        #expect(stage.versions.asks.allSatisfy { $0.span.start >= Stage.start(3) })
        #expect(stage.versions.wishes.count == 1)
    }

    @Test("is asked again with the other windows: until recheck, and without a version for a day")
    func askedAgain() async throws {
        let stage = VersionStage()
        stage.see(2...2, [])
        try stage.deploy()
        try await stage.checks(0...2)
        stage.versions.forget()
        try await stage.stage.check(3)
        #expect(stage.versions.asks.map(\.span) == [Span(start: Stage.start(1), end: Stage.start(4), step: 300)])
        stage.versions.forget()
        try await stage.stage.check(10)
        #expect(stage.versions.asks.map(\.span) == [Span(start: Stage.start(2), end: Stage.start(11), step: 300)])
        try await stage.stage.check(289)
        stage.versions.forget()
        try await stage.stage.check(290)
        #expect(stage.versions.asks.map(\.span.start) == [Stage.start(288)])
    }

    @Test("is never replaced by none; another answer is taken")
    func revised() async throws {
        let stage = VersionStage()
        try stage.deploy()
        try await stage.stage.check(0)
        stage.see(0...0, [])
        try await stage.stage.check(1)
        #expect(try stage.window(0, asOf: 1) == "clean")
        stage.see(0...0, ["1.2.3", "1.2.4"])
        try await stage.stage.check(2)
        #expect(try stage.window(0, asOf: 2) == "unproven other-version")
    }

    @Test("is asked once more before the streak is ready, and it is not while that fails")
    func confirmed() async throws {
        let stage = VersionStage()
        try stage.deploy()
        try await stage.checks(0...10)
        #expect(stage.versions.asks.allSatisfy { !$0.isThorough })
        stage.fail(2...2)
        try await stage.stage.check(11)
        #expect(try stage.stage.streak(11) == "counting (confirming) since 0, 12 proven")
        stage.heal()
        stage.see(2...2, ["1.2.3"])
        try await stage.stage.check(12)
        #expect(stage.versions.asks.last?.isThorough == true)
        #expect(try stage.stage.streak(12) == "ready since 0, 12 proven")
        let asked = stage.versions.asks.count { $0.isThorough }
        try await stage.stage.check(13)
        #expect(stage.versions.asks.count { $0.isThorough } == asked)
    }

    @Test("is not watched where the source does not know it, which is asked again for an hour and then every hour")
    func unknown() async throws {
        let stage = VersionStage(streak: Policy.Streak(required: 400 * 300, longestGap: 1200))
        stage.see(3...3, ["1.2.3"])
        stage.versions.setFinding(.success(.unknown("it has no such label")))
        try stage.deploy()
        try await stage.checks(0...20)
        #expect(stage.versions.wishes.count == 12)
        #expect(stage.versions.asks.isEmpty)
        let readiness = try stage.stage.readiness(20)
        #expect(readiness.provenSeconds == 21 * 300)
        #expect(
            readiness.notes == [
                "That version 1.2.4 runs since deployment 1 was said, and is not watched.",
                "The running version of 'checkout' is not watched at 'versions': it has no such label.",
            ])
        stage.versions.setFinding(nil)
        try await stage.checks(21...22)
        #expect(stage.versions.asks.isEmpty)
        try await stage.stage.check(300)
        #expect(try stage.window(3, asOf: 300) == "unproven other-version")
        #expect(try stage.stage.readiness(300).notes.allSatisfy { !$0.contains("not watched") })
    }

    @Test("counts for nothing proven where it cannot be found out whether the source knows it")
    func unfound() async throws {
        let stage = VersionStage()
        stage.versions.setFinding(.failure(SourceError(.credentials, "The token lacks project:read.")))
        try stage.deploy()
        let report = try await stage.stage.check(3)
        #expect(report.failures.map(\.error.message) == ["The token lacks project:read."])
        #expect(try stage.window(2, asOf: 3) == "missing")
        #expect(try stage.stage.readiness(3).provenSeconds == 0)
        stage.versions.setFinding(nil)
        try await stage.stage.check(4)
        #expect(try stage.stage.streak(4) == "counting since 0, 5 proven")
    }

    @Test("of a new deployment counts from that one; taken back, the earlier one's windows are asked again")
    func redeployed() async throws {
        let stage = VersionStage()
        stage.see(6...20, ["1.2.5"])
        try stage.deploy()
        try await stage.checks(0...5)
        try stage.deploy(6, version: "1.2.5")
        try await stage.checks(6...8)
        #expect(try stage.stage.streak(8) == "counting since 6, 3 proven")
        try stage.stage.scene.ledger.record(.void(deployment: 2, reason: "mistake", at: Stage.due(8)))
        try await stage.stage.check(9)
        #expect(try stage.stage.streak(9) == "blind (unproven) since 0, 6 proven")
        #expect(
            try (5...9).map { try stage.window($0, asOf: 9) } == ["clean"]
                + Array(repeating: "unproven other-version", count: 4))
    }

    @Test("does not count in the warm-up, while the old version goes")
    func warmUp() async throws {
        let stage = VersionStage(streak: Policy.Streak(required: 3600, longestGap: 1200, warmUp: 600))
        stage.see(0...1, ["1.2.3", "1.2.4"])
        try stage.deploy()
        try await stage.checks(0...4)
        #expect(try stage.stage.streak(4) == "counting since 2, 3 proven")
        #expect(stage.versions.asks.allSatisfy { $0.span.start >= Stage.start(2) })
    }

    @Test("is the same in one go, window by window, and after the source was down", arguments: [true, false])
    func sameHoweverItRan(_ isSQLite: Bool) async throws {
        func stage() throws -> VersionStage {
            let stage = VersionStage(ledger: isSQLite ? try SQLiteLedger.inMemory() : MemoryLedger())
            stage.see(2...2, ["1.2.3"])
            stage.see(7...8, [])
            stage.see(9...9, ["1.2.4", "2.0.0"])
            return stage
        }
        let steady = try stage()
        try steady.deploy()
        try await steady.checks(0...20)
        let expected = try LedgerContent(steady.stage.scene, at: Stage.due(20))
        #expect(expected.readiness.provenSeconds > 0)
        let seen = try steady.stage.scene.ledger.facts().versions.map(\.seen)

        let inOneGo = try stage()
        try inOneGo.deploy()
        try await inOneGo.stage.check(20)
        let flaky = try stage()
        try flaky.deploy()
        for window in 0...20 {
            if window.isMultiple(of: 3) || window == 20 { flaky.heal() } else { flaky.fail(0...20) }
            try await flaky.stage.check(window)
        }
        for other in [inOneGo, flaky] {
            #expect(try LedgerContent(other.stage.scene, at: Stage.due(20)).difference(from: expected) == nil)
            #expect(try other.stage.scene.ledger.facts().versions.map(\.seen) == seen)
        }
    }

    @Test("that nobody recorded is told and shown until it is")
    func unrecorded() async throws {
        let stage = VersionStage()
        stage.see(0...0, ["1.2.3", "1.2.4"])
        stage.see(4...20, ["1.2.4", "1.2.5"])
        stage.see(2...2, ["1.2.3"])
        try stage.deploy()
        try await stage.checks(0...3)
        // The version before the deployment is no new one.
        #expect(try stage.stage.readiness(3).unrecordedDeploys.isEmpty)
        let report = try await stage.stage.check(4)
        #expect(report.hasNews)
        let found = UnrecordedDeploy(
            service: "checkout", source: "versions", version: "1.2.5", at: Stage.start(4), deployment: 1)
        #expect(report.unrecordedDeploys == [found])
        #expect(try await stage.stage.check(5).hasNews == false)
        let readiness = try stage.stage.readiness(5)
        #expect(readiness.unrecordedDeploys == [found])
        #expect(readiness.notes.contains(found.note))
        #expect(try stage.stage.readiness(3).unrecordedDeploys.isEmpty)
        try stage.deploy(6, version: "1.2.5", beside: ["1.2.4"])
        try await stage.checks(6...8)
        #expect(try stage.stage.readiness(8).unrecordedDeploys.isEmpty)
    }

    @Test(
        "that a source records later than the deployment is an unrecorded one, the deployment itself is not",
        arguments: [
            ("1.2.4", 0, false), ("1.2.4", 1200, false), ("1.2.4", 2100, true), ("1.2.5", 1, true),
            ("1.2.5", -1, false),
        ])
    func recordedElsewhere(_ version: String, _ later: Int, _ isUnrecorded: Bool) async throws {
        let stage = VersionStage()
        stage.versions.setNewest(VersionSighting(version: version, at: Stage.deployedAt + later))
        try stage.deploy()
        try await stage.checks(0...8)
        #expect(try stage.stage.readiness(8).unrecordedDeploys.map(\.version) == (isUnrecorded ? [version] : []))
    }

    @Test("takes no room in the ledger while it stays the same")
    func compact() async throws {
        let stage = VersionStage(ledger: try SQLiteLedger.inMemory())
        try stage.deploy()
        try await stage.checks(0...50)
        let series = try stage.stage.scene.ledger.facts().versions
        #expect(series.map(\.seen.runs.count) == [1])
    }
}
