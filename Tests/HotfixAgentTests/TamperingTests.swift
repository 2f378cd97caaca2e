import HotfixAgent
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

/// The name of a difference: what, whose, when.
func nameOf(_ difference: Difference) -> String {
    let what =
        switch difference.subject {
        case .observation: "value"
        case .storedBaseline: "stored baseline"
        case .ownBaseline: "own baseline"
        case .verdict: "verdict"
        case .confirmation: "confirmation"
        case .episode: "episode"
        case .versions: "versions"
        case .asking: "asking"
        case .digest: "digest"
        }
    return "\(what) of \(difference.pair) at \(difference.start)"
}

/// Changes a ledger behind the agent's back.
private struct Tamperer {
    let scene: Scene
    let now: Instant
    private(set) var expected: Set<String> = []
    private var touched: Set<String> = []
    private var random: SeededGenerator

    init(_ scene: Scene, at now: Instant, seed: UInt64) {
        self.scene = scene
        self.now = now
        random = SeededGenerator(seed: seed)
    }

    /// Changes a window at random among those that qualify; nothing where none does.
    mutating func window(
        _ what: String, where qualifies: (WindowRecord) -> Bool, _ change: (inout WindowRecord) -> Void
    ) throws {
        let facts = try scene.ledger.facts()
        var candidates: [(series: SeriesState, start: Instant, record: WindowRecord)] = []
        for series in facts.series {
            let timeline = try scene.ledger.timelines(from: [series.id: Instant(0)])[series.id]
            for entry in timeline.map({ Array($0.entries) }) ?? [] {
                let (start, record) = entry
                // What is younger the next check asks again.
                guard now - start > 5 * World.step, !touched.contains("\(series.id) \(start)"), qualifies(record) else {
                    continue
                }
                candidates.append((series, start, record))
            }
        }
        guard !candidates.isEmpty else { return }
        let chosen = candidates[Int.random(in: candidates.indices, using: &random)]
        touched.insert("\(chosen.series.id) \(chosen.start)")
        var record = chosen.record
        change(&record)
        var outcome = Outcome(at: now)
        outcome.records = [
            Outcome.RecordChange(series: chosen.series.id, start: chosen.start, record: record, replaced: nil)
        ]
        #expect(try scene.ledger.commit(outcome, generation: facts.generation))
        expected.insert("\(what) of \(chosen.series.pair) at \(chosen.start)")
    }

    /// Changes an episode that follows from windows which nobody judged later.
    mutating func episode(_ change: (inout Episode) -> Void) throws {
        let facts = try scene.ledger.facts()
        let candidates = facts.episodes.filter { $0.ending == .recovered || $0.isOpen }
        guard !candidates.isEmpty else { return }
        var episode = candidates[Int.random(in: candidates.indices, using: &random)]
        expected.insert("episode of \(episode.pair) at \(episode.start)")
        change(&episode)
        var outcome = Outcome(at: now)
        outcome.episodes = [episode]
        #expect(try scene.ledger.commit(outcome, generation: facts.generation))
    }

    /// Changes the number of a stored baseline.
    mutating func baseline() throws {
        guard let ledger = scene.ledger as? MemoryLedger else { return }
        let facts = try ledger.facts()
        let candidates = facts.baselines.filter { $0.values.contains { $0.number != nil } }
        guard !candidates.isEmpty else { return }
        let chosen = candidates[Int.random(in: candidates.indices, using: &random)]
        ledger.tamper { facts in
            for index in facts.baselines.indices where facts.baselines[index].id == chosen.id {
                for value in facts.baselines[index].values.indices {
                    facts.baselines[index].values[value].number = facts.baselines[index].values[value].number.map {
                        $0 * 1.3 + 1
                    }
                }
            }
        }
        let pair = facts.series.first { $0.id == chosen.series }?.pair ?? Pair("", "")
        expected.insert("stored baseline of \(pair) at \(chosen.to)")
    }

    /// Changes one of each.
    mutating func everything() throws {
        try window("value", where: { $0.verdict != nil && $0.observation.value != nil }) {
            $0.observation.value = ($0.observation.value ?? 0) * 1.5 + 1
        }
        try window("value", where: { $0.verdict == nil && $0.observation.value != nil }) {
            $0.observation.value = ($0.observation.value ?? 0) + 40
        }
        try window("verdict", where: { $0.verdict?.verdict == .clean }) {
            $0.verdict?.verdict = .unproven
            $0.verdict?.reason = .noData
        }
        try window("verdict", where: { $0.verdict?.verdict == .unproven }) {
            $0.verdict?.verdict = .clean
            $0.verdict?.reason = nil
        }
        try window("verdict", where: { $0.verdict?.verdict == .breach }) {
            $0.verdict?.verdict = .clean
            $0.verdict?.reason = nil
            $0.verdict?.isSevere = false
            $0.verdict?.isConfirmed = false
        }
        try window("confirmation", where: { $0.verdict?.verdict == .breach }) { $0.verdict?.isConfirmed.toggle() }
        try episode { $0.windows += 3 }
        try baseline()
    }
}

@Suite("A ledger that was tampered with", .heavy)
struct TamperingTests {
    @Test(
        "What is kept for readiness is told too, and --write puts back what the windows come to",
        arguments: [true, false])
    func digests(isInMemory: Bool) async throws {
        let world = World(seed: 701)
        let last = world.windows - 1
        let ledger: any Ledger & VerifiableLedger = isInMemory ? MemoryLedger() : try SQLiteLedger.inMemory()
        let scene = try world.scene(world.source(), ledger: ledger)
        try await world.run(scene, checking: [0, last]) { try await $0.check(at: $1) }
        let facts = try ledger.facts()
        let kept = try ledger.digests(evidence: facts.evidence)
        var greener = try #require(kept.first)
        greener.count?.proven += 48 * 3600
        greener.isEpisodeOpen.toggle()
        var outcome = Outcome(at: World.due(last))
        outcome.digests = [greener]
        #expect(try ledger.commit(outcome, generation: facts.generation))

        let told = try await scene.verify(at: World.due(last) + 60)
        #expect(told.differences.map(\.pair) == [.digest(of: greener.service)])
        _ = try await scene.verify(at: World.due(last) + 60, writes: true)
        #expect(Set(try ledger.digests(evidence: try ledger.facts().evidence)) == Set(kept))
        #expect(try await scene.verify(at: World.due(last) + 60).differences.isEmpty)
    }

    @Test("What was changed is named, and nothing else; --write mends it to what it was", arguments: 700..<710)
    func exact(seed: Int) async throws {
        let world = World(seed: UInt64(seed), isDeployed: seed % 3 != 0)
        let last = world.windows - 1
        let now = World.due(last)
        let ledger: any Ledger = seed.isMultiple(of: 2) ? MemoryLedger() : try SQLiteLedger.inMemory()
        let scene = try world.scene(world.source(), ledger: ledger)
        try await world.run(scene, checking: Set(stride(from: 0, through: last, by: 4)).union([last])) {
            try await $0.check(at: $1)
        }
        let undisturbed = try LedgerContent(scene, at: now)

        var tamperer = Tamperer(scene, at: now, seed: UInt64(seed))
        try tamperer.everything()
        #expect(tamperer.expected.count >= 3)
        let found = try await scene.verify(at: now)
        #expect(Set(found.differences.map(nameOf)) == tamperer.expected, "\(seed)")
        #expect(found.differences.count == tamperer.expected.count)

        let written = try await scene.verify(at: now, writes: true)
        #expect(written.isWritten == true)
        #expect(written.differences == found.differences)
        let again = try await scene.verify(at: now + 1)
        #expect(again.differences.isEmpty, "\(seed): \(again.differences.prefix(3))")
        let difference = try LedgerContent(scene, at: now).difference(from: undisturbed)
        #expect(difference == nil, "\(seed)")
        #expect(try await scene.check(at: now).windowsJudged == 0)
    }

    @Test("The opening of an episode, its end, its peak and its absence are found and mended", arguments: 0..<5)
    func episodes(change: Int) async throws {
        let stage = Stage()
        stage.script.set(5...7, 2)
        try stage.deploy()
        for window in 0...20 { try await stage.check(window) }
        let before = try stage.scene.ledger.facts().episodes
        #expect(try stage.episodes() == ["5 recovered"])
        let ledger = try #require(stage.scene.ledger as? MemoryLedger)
        ledger.tamper { facts in
            switch change {
            case 0: facts.episodes[0].openedAt = Stage.start(9)
            case 1: facts.episodes[0].closedAt = nil
            case 2: facts.episodes[0].peak = 1.3
            case 3: facts.episodes = []
            default: facts.episodes[0].ending = nil
            }
        }
        let report = try await stage.scene.verify(at: Stage.due(20), writes: true)
        #expect(report.differences.map(nameOf) == ["episode of checkout/g at \(Stage.start(5))"])
        #expect(try await stage.scene.verify(at: Stage.due(20)).differences.isEmpty)
        #expect(try stage.scene.ledger.facts().episodes == before)
    }

    @Test("An old verdict is kept as revision, and the derived one counts")
    func revision() async throws {
        let stage = Stage()
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        var tampered = try #require(try stage.record(4))
        tampered.verdict?.verdict = .breach
        tampered.verdict?.isConfirmed = true
        var outcome = Outcome(at: Stage.due(12))
        outcome.records = [Outcome.RecordChange(series: 1, start: Stage.start(4), record: tampered, replaced: nil)]
        #expect(try stage.scene.ledger.commit(outcome, generation: try stage.scene.ledger.facts().generation))
        #expect(try stage.readiness(12).since == Stage.start(5))

        let report = try await stage.scene.verify(at: Stage.due(12) + 60, writes: true)
        #expect(report.differences.map(nameOf) == ["verdict of checkout/g at \(Stage.start(4))"])
        #expect(report.readiness?.ledger.since == Stage.start(5))
        #expect(report.readiness?.derived.since == Stage.start(0))
        let mended = try #require(try stage.record(4)?.verdict)
        #expect(mended.verdict == .clean)
        #expect(mended.revision == 1)
        #expect(mended.evaluatedAt == Stage.due(12) + 60)
        let ledger = try #require(stage.scene.ledger as? MemoryLedger)
        let kept = try #require(ledger.revisions.last)
        #expect(kept.replaced == tampered)
        #expect(try stage.readiness(12).since == Stage.start(0))
    }

    @Test(
        "A verdict by a policy or a baseline that its guardrail never had is named, though it is the same",
        arguments: [true, false])
    func foreignBasis(hasPolicy: Bool) async throws {
        let stage = Stage(services: ["checkout", "search"])
        try stage.deploy()
        for window in 0...12 { try await stage.check(window) }
        let basis = try #require(try stage.record(4, service: "search")?.verdict?.basis)
        let own = try #require(try stage.record(4)?.verdict?.basis)
        var tampered = try #require(try stage.record(4))
        tampered.verdict?.basis = hasPolicy ? Basis(policy: own.policy, baseline: basis.baseline) : basis
        var outcome = Outcome(at: Stage.due(12))
        outcome.records = [Outcome.RecordChange(series: 1, start: Stage.start(4), record: tampered, replaced: nil)]
        #expect(try stage.scene.ledger.commit(outcome, generation: try stage.scene.ledger.facts().generation))
        let report = try await stage.scene.verify(at: Stage.due(12) + 60, writes: true)
        #expect(report.differences.map(nameOf) == ["verdict of checkout/g at \(Stage.start(4))"])
        #expect(try stage.record(4)?.verdict?.basis == own)
        #expect(try stage.record(4)?.verdict?.revision == 1)
        #expect(try await stage.scene.verify(at: Stage.due(12) + 120).differences.isEmpty)
    }

    @Test("A stored baseline that is wrong is replaced by a new one, to which its verdicts refer")
    func baseline() async throws {
        let stage = Stage()
        stage.script.set(8...8, 1.3)
        try stage.deploy()
        try await stage.check(6)
        let ledger = try #require(stage.scene.ledger as? MemoryLedger)
        ledger.tamper { $0.baselines[0].values[0].number = 1.2 }
        // What is judged by it from now on is wrong too.
        for window in 7...12 { try await stage.check(window) }
        #expect(try stage.verdict(8) == "clean")
        let report = try await stage.scene.verify(at: Stage.due(12), writes: true)
        #expect(
            Set(report.differences.map(nameOf)) == [
                "stored baseline of checkout/g at \(Stage.start(0))", "verdict of checkout/g at \(Stage.start(8))",
                "episode of checkout/g at \(Stage.start(8))",
            ])
        #expect(try stage.verdict(8) == "breach")
        #expect(try stage.scene.ledger.facts().baselines.map { $0.values[0].number } == [1.2, 1])
        #expect(try stage.record(3)?.verdict?.basis.baseline == .stored(2))
        #expect(try await stage.scene.verify(at: Stage.due(12)).differences.isEmpty)
        try await stage.check(13)
        #expect(try stage.streak(13) == "counting since 9, 5 proven")
        #expect(try await stage.scene.verify(at: Stage.due(13)).differences.isEmpty)
    }
}
