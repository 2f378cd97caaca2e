/// What a service's windows come to: streak, episodes, and what each window is.
package struct DerivedService: Sendable {
    /// A window of the service.
    package struct WindowState: Sendable {
        /// The start of the window.
        package var start: Instant
        /// What it comes to for the streak.
        package var kind: WindowKind
        /// The worst verdict of its guardrails; nil while one is missing and none breaches.
        package var verdict: Verdict?
        /// Whether all guardrails have a verdict.
        package var isComplete: Bool
    }

    /// The streak; nil while the service is not deployed.
    package var streak: Streak?
    /// The windows that were derived, oldest first.
    package var windows: [WindowState]
    /// Confirmed breaches and episodes of each guardrail.
    package var folds: [Pair: BreachFold]
    /// The length of a window in seconds.
    package var step: Seconds

    /// The newest window in which all guardrails have a verdict.
    package var newestComplete: WindowState? { windows.last { $0.isComplete } }

    /// The end of the newest complete window.
    package var evaluatedUntil: Instant? { newestComplete.map { $0.start + step } }
}

extension ServiceSnapshot {
    /// Derives streak and episodes from the verdicts of windows that end by `until`.
    ///
    /// - Parameters:
    ///   - until: Later windows are left out; nil means none is.
    ///   - now: Missing windows that are 7 days old at this instant count as asked.
    /// - Returns: The streak, the windows and the episodes.
    package func derived(until: Instant? = nil, at now: Instant) -> DerivedService {
        let step = context.step
        guard let decidedFrom = pairs.map(\.decidedFrom).min() else {
            return DerivedService(streak: nil, windows: [], folds: [:], step: step)
        }
        let first = pairs.map { max($0.decidedFrom, $0.series?.judgedFrom ?? $0.decidedFrom) }.min() ?? decidedFrom
        let last = min(pairs.map(\.lastRecordEnd).max() ?? first, (until ?? now).floored(to: step))
        let starts =
            first < last ? Array(stride(from: first.seconds, to: last.seconds, by: step)).map(Instant.init) : []
        // By the pair's place: thousands of windows would look each up by its name.
        var folds: [BreachFold] = []
        var counted: [[CountedVerdict?]] = []
        for pair in pairs {
            let verdicts = starts.map { pair.counted($0) }
            var fold = BreachFold(pair, context)
            for start in stride(from: min(pair.records.start, first).seconds, to: first.seconds, by: step).map(
                Instant.init)
            {
                if let verdict = pair.counted(start) {
                    fold.seed(start, verdict, isConfirmed: pair.isStoredConfirmed(start))
                }
            }
            for (start, verdict) in zip(starts, verdicts) {
                guard let verdict else { continue }
                if start < pair.decidedFrom {
                    fold.seed(start, verdict, isConfirmed: pair.isStoredConfirmed(start))
                } else {
                    fold.advance(start, verdict)
                }
            }
            folds.append(fold)
            counted.append(verdicts)
        }
        var streak = context.deployments.running.map {
            Streak(deployedAt: $0.at, rule: context.streakRule, step: step)
        }
        let isDropped = pairs.map(\.isDropped)
        var windows: [DerivedService.WindowState] = []
        windows.reserveCapacity(starts.count)
        for (index, start) in starts.enumerated() {
            var verdicts: [(counted: CountedVerdict?, isConfirmed: Bool)] = []
            verdicts.reserveCapacity(pairs.count)
            for place in pairs.indices where !isDropped[place] || pairs[place].takesPart(start) {
                let verdict = counted[place][index]
                verdicts.append(
                    (verdict, verdict?.verdict == .breach && folds[place].confirmed.contains(start)))
            }
            let worst = verdicts.map(\.counted?.verdict).reduce(Verdict?.some(.clean)) {
                isWorse($1, than: $0) ? $1 : $0
            }
            let window = DerivedService.WindowState(
                start: start, kind: WindowKind(verdicts), verdict: worst,
                isComplete: !verdicts.isEmpty && verdicts.allSatisfy { $0.counted != nil }
            ).held(against: self.versions)
            windows.append(window)
            streak?.advance(start, window.kind, now: now)
        }
        return DerivedService(
            streak: streak, windows: windows, folds: Dictionary(zip(pairs.map(\.pair), folds)) { $1 }, step: step)
    }
}
