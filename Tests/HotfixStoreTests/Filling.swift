import HotfixCore
import HotfixStore

/// Ways to fill a ledger as a check of one service with four guardrails does, every 5 minutes.
enum Filling: CaseIterable {
    /// Every verdict refers to a baseline that is stored once.
    case anchored
    /// Every verdict has a baseline of its own.
    case rolling

    /// The bytes that a verdict may take.
    var most: Double { self == .anchored ? 32 : 40 }

    /// Makes the ledger and writes one window of each series for each check, in the order of time.
    ///
    /// Writing several checks with one commit is faster and makes no other difference.
    func fill(_ path: String, checks: Int, atOnce: Int) throws {
        let ledger = try SQLiteLedger.open(path: path, createIfMissing: true)
        try ledger.record(.deployment(deployment(), excluding: []))
        let guardrails = ["error-rate", "latency-p95", "cpu", "memory"]
        var outcome = pinning((1...4).map { series($0, "checkout", guardrails[$0 - 1]) })
        outcome.baselines = (1...4).map { baseline($0) }
        _ = try ledger.commit(outcome, generation: 1)
        var random = RandomContent(seed: 1)
        for (index, first) in stride(from: 0, to: checks, by: atOnce).enumerated() {
            var outcome = self.outcome(first, &random)
            for check in first + 1..<max(first + 1, min(first + atOnce, checks)) {
                outcome.records += self.outcome(check, &random).records
            }
            _ = try ledger.commit(outcome, generation: index + 2)
        }
    }

    /// What a check comes to.
    func outcome(_ check: Int, _ random: inout RandomContent) -> Outcome {
        let start = Instant.start + check * 300
        var outcome = Outcome(at: start + 465)
        for series in 1...4 {
            let record = record(series, at: outcome.at, &random)
            outcome.records.append(.init(series: series, start: start, record: record, replaced: nil))
        }
        outcome.check = CheckRecord(at: outcome.at, windowsJudged: 4, failures: [])
        return outcome
    }

    private func record(_ series: Int, at instant: Instant, _ random: inout RandomContent) -> WindowRecord {
        let noise = Double.random(in: 0.8..<1.2, using: &random)
        let observation =
            switch series {
            case 1:
                Observation(
                    value: Double(random.below(60)) / 5,
                    outcomes: .init(acceptedAny: true, acceptedErrors: random.below(60), droppedErrors: 0))
            case 2: Observation(value: 0.2 * noise, events: Double(2000 + random.below(3000)))
            case 3: Observation(value: 1.5 * noise)
            default: Observation(value: (3e8 * noise).rounded())
            }
        let lacking = random.below(50) == 0 ? random.below(20) : 0
        let rolling = BaselineValue(
            number: Double.random(in: 0.9..<1.1, using: &random), windowsUsed: 2016 - lacking, windowsPossible: 2016)
        let isClean = random.below(50) > 0
        return WindowRecord(
            observation: observation,
            verdict: RecordedVerdict(
                verdict: isClean ? .clean : .breach, isConfirmed: !isClean,
                basis: Basis(
                    policy: 1,
                    baseline: self == .anchored ? .stored(series) : .inline(rolling, isProvisional: false)),
                evaluatedAt: instant))
    }

    private func baseline(_ series: Int) -> StoredBaseline {
        StoredBaseline(
            id: series, series: series, deployment: 1, from: .start - 604_800, to: .start, rule: BaselineRule(),
            excluded: [], windowsExcluded: 0,
            values: [BaselineValue(number: 1.5, windowsUsed: 2016, windowsPossible: 2016)], windowsOverMedianLimit: 3,
            storedAt: .start + 900)
    }
}
