/// Which breaches of a series are confirmed, by each rule of confirmation that was ever in force.
///
/// A change of the rule holds for what is decided from then on, and leaves the rest as it is. Which of two rules decided a window
/// of long ago the ledger does not tell, so that what any of them gives is what the law gives.
struct ConfirmationVariants: Sendable {
    private struct Rule: Hashable {
        var confirm: Guardrail.Confirm
        var recoverAfter: Int
        var isUpper: Bool
        var longestGap: Seconds
        var countsOthers: Bool
        var countsExcusals: Bool
    }

    private struct Variant {
        var rule: Rule
        var policies: Set<Int>
        var fold: BreachFold
        /// For each confirmed window, the start of the window that confirmed it.
        var confirmedAt: [Instant: Instant] = [:]
    }

    private var variants: [Variant] = []
    private let others: [Timeline]
    private let excusals: [Excusal]
    private let step: Seconds
    private let reach: Seconds

    /// Makes the variants of a series.
    ///
    /// - Parameters:
    ///   - series: The series.
    ///   - versions: The versions of the service's policy, oldest first.
    ///   - others: The windows of the pair's other queries.
    ///   - excusals: What was excused.
    init(_ series: SeriesState, versions: [PolicyVersion], others: [Timeline], excusals: [Excusal]) {
        self.others = others
        self.excusals = excusals
        step = series.window
        let longest = versions.map(\.policy.streak.longestGap).max() ?? 0
        var reach = 0
        for version in versions {
            guard let guardrail = version.policy.guardrail(series.pair.guardrail) else { continue }
            for gap in Set([version.policy.streak.longestGap, longest]).sorted() {
                reach = max(reach, BreachFold.reach(of: guardrail, step: series.window, longestGap: gap))
                for countsOthers in others.isEmpty ? [false] : [false, true] {
                    for countsExcusals in excusals.isEmpty ? [true] : [true, false] {
                        let rule = Rule(
                            confirm: guardrail.confirm, recoverAfter: guardrail.recoverAfter,
                            isUpper: guardrail.limits.contains(where: \.isUpper), longestGap: gap,
                            countsOthers: countsOthers, countsExcusals: countsExcusals)
                        if let index = variants.firstIndex(where: { $0.rule == rule }) {
                            variants[index].policies.insert(version.id)
                            continue
                        }
                        variants.append(
                            Variant(
                                rule: rule, policies: [version.id],
                                fold: BreachFold(
                                    pair: series.pair, guardrail: guardrail, step: series.window, longestGap: gap)))
                    }
                }
            }
        }
        self.reach = reach
    }

    /// How far a confirmation may reach back, in seconds.
    var longestReach: Seconds { reach }

    /// Whether one rule was in force all the time, so that what was confirmed when is certain.
    var isOneRule: Bool { variants.count == 1 }

    /// Takes the next window; nil where it is missing.
    mutating func advance(_ start: Instant, _ record: WindowRecord?) {
        let own = record.flatMap(Self.counted)
        let before = others.compactMap { $0[start].flatMap(Self.counted) }
        guard own != nil || !before.isEmpty else { return }
        let isExcused = excusals.contains { $0.covers(start) }
        for index in variants.indices {
            let rule = variants[index].rule
            var counted = own
            if rule.countsOthers {
                for verdict in before where isWorse(verdict.rank, than: counted?.rank) { counted = verdict }
            }
            guard var counted else { continue }
            if rule.countsExcusals, isExcused, counted.verdict == .breach {
                counted = CountedVerdict(verdict: .unproven, reason: .excused)
            }
            let known = variants[index].fold.confirmed.count
            variants[index].fold.advance(start, counted)
            guard variants[index].fold.confirmed.count != known else { continue }
            for window in Span(start: start - reach, end: start + step, step: step).windows
            where variants[index].confirmedAt[window.start] == nil
                && variants[index].fold.confirmed.contains(window.start)
            {
                variants[index].confirmedAt[window.start] = start
            }
        }
    }

    /// Whether a window may be confirmed or not by the law; both, where two rules of different times give different answers.
    func answers(at start: Instant) -> Set<Bool> { Set(variants.map { $0.fold.confirmed.contains(start) }) }

    /// Whether a window is confirmed by the rule of a policy version.
    func isConfirmed(_ start: Instant, by policy: Int) -> Bool {
        (variants.first { $0.policies.contains(policy) } ?? variants.last)?.fold.confirmed.contains(start) ?? false
    }

    /// The numbers of the variants, those of a policy version first.
    func order(preferring policy: Int?) -> [Int] {
        variants.indices.sorted { left, right in
            func rank(_ index: Int) -> Int { policy.map { variants[index].policies.contains($0) ? 0 : 1 } ?? 0 }
            return (rank(left), left) < (rank(right), right)
        }
    }

    /// Whether a variant had confirmed a window before another was judged.
    func isConfirmed(_ start: Instant, variant: Int, before end: Instant) -> Bool {
        variants[variant].confirmedAt[start].map { $0 < end } ?? false
    }

    /// The episodes of every variant, those of the newest rule first.
    var episodes: [[Episode]] { variants.reversed().map(\.fold.episodes) }

    private static func counted(_ record: WindowRecord) -> CountedVerdict? {
        record.verdict.map {
            CountedVerdict(
                verdict: $0.verdict, reason: $0.reason, isSevere: $0.isSevere, value: record.observation.value)
        }
    }
}
