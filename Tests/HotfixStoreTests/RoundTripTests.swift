import Foundation
import HotfixCore
import HotfixStore
import HotfixTestSupport
import Testing

@Suite("Everything in a ledger comes back as it was written", .heavy)
struct RoundTripTests {
    @Test("over many commits and a restart, whatever the content", arguments: 0..<20)
    func everything(seed: Int) throws {
        try withLedgerPath { path in
            var random = RandomContent(seed: UInt64(seed))
            let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
            var model = Model(facts: try ledger.facts())
            for _ in 0..<3 {
                try model.state(&random, ledger)
                try model.commit(&random, ledger)
            }
            let reopened = try SQLiteLedger.open(path: path, createIfMissing: false)
            for ledger in [ledger, reopened] {
                #expect(try ledger.facts() == model.facts)
                #expect(Set(try ledger.digests(evidence: model.facts.evidence)) == model.digests)
                #expect(try ledger.digests(evidence: model.facts.evidence - 1).isEmpty)
                let starts = model.timelines.mapValues { _ in Instant(0) }
                #expect(try ledger.timelines(from: starts) == model.timelines)
                try ledger.verifyIntegrity()
            }
        }
    }

    @Test("and doubles to the last bit, save the sign of zero", arguments: 0..<8)
    func bits(seed: Int) throws {
        var random = RandomContent(seed: UInt64(seed))
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1)]), generation: 0)
        let numbers = (0..<200).map { _ in random.double() }
        let records = numbers.map { number in
            var record = clean(number)
            let baseline = BaselineValue(number: number, windowsUsed: 1, windowsPossible: 2)
            record.verdict?.basis.baseline = .inline(baseline, isProvisional: false)
            record.observation.events = number
            record.observation.samples = number
            return record
        }
        _ = try ledger.commit(writing(records), generation: 1)
        let read = try ledger.timelines(from: [1: .start])[1]?.entries.map(\.record) ?? []
        // Adding 0 changes nothing but the sign of -0.
        let expected = numbers.map { ($0 + 0).bitPattern }
        #expect(read.map { $0.observation.value?.bitPattern } == expected)
        #expect(read.map { $0.observation.events?.bitPattern } == expected)
        #expect(read.map { $0.observation.samples?.bitPattern } == numbers.map(\.bitPattern))
        #expect(read.map { $0.verdict?.basis.baseline.number?.bitPattern } == expected)
    }

    @Test("and the identity of a ledger is its own, in lower case, and stays")
    func identity() throws {
        try withLedgerPath { path in
            let first = try SQLiteLedger.open(path: path, createIfMissing: true).facts().ledgerID
            let again = try SQLiteLedger.open(path: path, createIfMissing: true).facts().ledgerID
            let other = try SQLiteLedger.inMemory().facts().ledgerID
            #expect(again == first)
            #expect(other != first)
            #expect(UUID(uuidString: first)?.uuidString.lowercased() == first)
        }
    }

    @Test("and a timeline begins where it is asked to, or is empty")
    func timelines() throws {
        let ledger = try SQLiteLedger.inMemory()
        _ = try ledger.commit(pinning([series(1), series(2), series(3, window: 3600)]), generation: 0)
        _ = try ledger.commit(writing([clean(1), clean(2), clean(3)]), generation: 1)
        _ = try ledger.commit(writing([clean(4)], series: 3), generation: 2)
        var asked = Timeline(start: .start + 300, step: 300)
        asked[.start + 300] = clean(2)
        asked[.start + 600] = clean(3)
        var hour = Timeline(start: .start, step: 3600)
        hour[.start] = clean(4)
        let empty = Timeline(start: .start, step: 300)
        #expect(try ledger.timelines(from: [1: .start + 1, 2: .start, 3: .start]) == [1: asked, 2: empty, 3: hour])
        #expect(throws: LedgerError.self) { try ledger.timelines(from: [9: .start]) }
    }
}

extension BaselineReference {
    fileprivate var number: Double? {
        if case .inline(let value, _) = self { value.number } else { nil }
    }
}

/// What a ledger should hold after what was written.
private struct Model {
    var facts: LedgerFacts
    var timelines: [Int: Timeline] = [:]
    /// Those of the newest commit: what was said later takes from all of them what they say.
    var digests: Set<ServiceDigest> = []

    /// Records statements of every kind.
    mutating func state(_ random: inout RandomContent, _ ledger: SQLiteLedger) throws {
        let hotfix = 1 + Set(facts.deployments.filter { $0.closedAt != nil }.map(\.hotfix)).count
        for _ in 0...random.below(2) {
            var deployment = random.deployment(hotfix: 0)
            var exclusions = random.many(2) { $0.exclusion() }
            try ledger.record(.deployment(deployment, excluding: exclusions))
            deployment.id = facts.deployments.count + 1
            deployment.hotfix = hotfix
            facts.deployments.append(deployment)
            for index in exclusions.indices { exclusions[index].id = facts.exclusions.count + 1 + index }
            facts.exclusions += exclusions
            facts.generation += 1
            facts.evidence += 1
        }
        let voided = random.below(facts.deployments.count)
        if facts.deployments[voided].voidedAt == nil {
            (facts.deployments[voided].voidReason, facts.deployments[voided].voidedAt) = (
                random.text(), random.instant()
            )
            let statement = Statement.void(
                deployment: voided + 1, reason: facts.deployments[voided].voidReason ?? "",
                at: facts.deployments[voided].voidedAt ?? .start)
            try ledger.record(statement)
            facts.generation += 1
            facts.evidence += 1
        }
        if random.flag() {
            let instant = random.instant()
            try ledger.record(.close(hotfix: hotfix, at: instant))
            for index in facts.deployments.indices where facts.deployments[index].hotfix == hotfix {
                facts.deployments[index].closedAt = instant
            }
            facts.generation += 1
            facts.evidence += 1
        }
        let (excusal, acceptances) = (random.excusal(), [random.acceptance(), random.acceptance()])
        try ledger.record(.excusal(excusal))
        try ledger.record(.acceptance(acceptances))
        facts.excusals.append(excusal)
        facts.acceptances += acceptances
        facts.generation += 2
        facts.evidence += 2
    }

    /// Commits an outcome with something of everything.
    mutating func commit(_ random: inout RandomContent, _ ledger: SQLiteLedger) throws {
        var outcome = Outcome(at: random.instant())
        let series = facts.series.count + 1
        outcome.series = [random.series(series), random.series(series + 1)]
        if let old = facts.series.randomElement(using: &random) {
            var changed = random.series(old.id)
            changed.window = old.window
            outcome.series.append(changed)
        }
        outcome.policies = [
            PolicyVersion(
                id: facts.policies.count + 1, service: random.text(),
                policy: Policy(window: 300, streak: .init(), guardrails: random.many(3) { $0.guardrail() }),
                adoptedAt: random.instant())
        ]
        outcome.baselines = [
            random.baseline(
                facts.baselines.count + 1, series: series, deployment: 1 + random.below(facts.deployments.count))
        ]
        outcome.episodes = random.many(3) { $0.episode() }
        if var changed = facts.episodes.randomElement(using: &random) {
            changed.windows += 1
            outcome.episodes = [changed]
        }
        outcome.confirmations = [random.confirmation(deployment: 1)]
        outcome.check = random.check()
        outcome.digests = Set(["checkout", "search", random.text()]).map { random.digest(of: $0) }
        digests = Set(outcome.digests)
        for change in outcome.series { remember(change) }
        facts.policies += outcome.policies
        facts.baselines += outcome.baselines
        for state in facts.series {
            for _ in 0..<20 {
                let start = random.instant().floored(to: state.window)
                guard !outcome.records.contains(where: { $0.series == state.id && $0.start == start }) else { continue }
                let record = random.record(policies: facts.policies.count, baselines: facts.baselines.count)
                outcome.records.append(
                    .init(series: state.id, start: start, record: record, replaced: timelines[state.id]?[start]))
                timelines[state.id, default: Timeline(start: start, step: state.window)][start] = record
            }
        }
        for episode in outcome.episodes {
            facts.episodes.removeAll { $0.pair == episode.pair && $0.start == episode.start }
            facts.episodes.append(episode)
        }
        facts.episodes.sort { ($0.openedAt, $0.pair, $0.start) < ($1.openedAt, $1.pair, $1.start) }
        facts.confirmations += outcome.confirmations
        facts.lastCheck = outcome.check
        #expect(try ledger.commit(outcome, generation: facts.generation))
        facts.generation += 1
        facts.evidence += 1
    }

    private mutating func remember(_ state: SeriesState) {
        facts.series.removeAll { $0.id == state.id }
        facts.series.append(state)
        facts.series.sort { $0.id < $1.id }
    }
}
