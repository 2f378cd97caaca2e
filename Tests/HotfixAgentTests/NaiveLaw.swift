import HotfixCore

/// A second, deliberately naive reading of the law for a random world: every question is answered by going through all windows again.
///
/// It shares no arithmetic and no structure with the product, only the words for verdicts and the world that is judged.
struct NaiveLaw {
    /// What a window of one guardrail comes to.
    struct Outcome: Equatable {
        var verdict: String
        var isConfirmed = false
        var isSevere = false
    }

    private let world: World
    private let step = World.step
    private(set) var outcomes: [String: [Outcome]] = [:]

    init(_ world: World) {
        self.world = world
        for guardrail in world.guardrails {
            var outcomes: [Outcome] = []
            for window in 0..<world.windows {
                outcomes.append(judge(window, guardrail, outcomes))
                confirm(&outcomes, guardrail)
            }
            self.outcomes[guardrail.name] = outcomes
        }
    }

    // MARK: Verdicts

    private func judge(_ window: Int, _ rule: Guardrail, _ earlier: [Outcome]) -> Outcome {
        let seen = world.values[rule.name]?[window] ?? Observation(value: nil)
        let counts = rule.measure.text == "prometheus/latency-p95"
        let isErrors = rule.measure.text == "sentry/error-rate"
        if counts && seen.events == 0 { return Outcome(verdict: "unproven idle") }
        guard let value = seen.value else {
            return Outcome(verdict: rule.noData == .breach ? "breach no-data" : "unproven no-data")
        }
        if value < 0 { return Outcome(verdict: "unproven invalid-value") }
        if counts, let least = rule.minimumEvents, (seen.events ?? 0) < least {
            return Outcome(verdict: "unproven too-few-events")
        }
        let end = lookbackEnd(window, rule)
        let used = lookbackWindows(endingAt: end, rule, earlier)
        let baseline = statistic(window, endingAt: end, rule, used)
        if isErrors, value == 0, let number = baseline.number, number * Double(step) / 60 >= 10,
            seen.outcomes?.acceptedAny != true
        {
            return Outcome(verdict: "unproven silent")
        }
        for limit in rule.limits {
            if case .above(let number) = limit, value > number, !isTouching(value, number) {
                return Outcome(verdict: "breach", isSevere: isSevere(value, number, above: true, rule))
            }
            if case .below(let number) = limit, value < number, !isTouching(value, number) {
                return Outcome(verdict: "breach", isSevere: isSevere(value, number, above: false, rule))
            }
        }
        let isSilent =
            isErrors && !used.isEmpty && used.allSatisfy { $0.value == 0 } && !wasAnythingAccepted(endingAt: end, rule)
        let isRelative = rule.limits.contains { if case .relative = $0 { true } else { false } }
        if isSilent && (isRelative || value == 0 && seen.outcomes?.acceptedAny != true) {
            return Outcome(verdict: "unproven silent-baseline")
        }
        if isRelative {
            guard let number = baseline.number,
                Double(baseline.used) / Double(baseline.possible) >= rule.baseline.minimumCoverage
            else { return Outcome(verdict: "unproven baseline-coverage") }
            if let relative = judgeRelative(value, number, rule) { return relative }
        }
        if isErrors, let outcomes = seen.outcomes, outcomes.droppedErrors >= 10,
            Double(outcomes.droppedErrors) > 0.05 * Double(outcomes.droppedErrors + outcomes.acceptedErrors)
        {
            return Outcome(verdict: "unproven dropped-events")
        }
        return Outcome(verdict: "clean")
    }

    private func judgeRelative(_ value: Double, _ baseline: Double, _ rule: Guardrail) -> Outcome? {
        let changes = rule.limits.compactMap { if case .relative(let change) = $0 { change } else { nil } }
        for change in changes where change >= 0 {
            let number = baseline + baseline * change
            if value > number, !isTouching(value, number), rule.floor.map({ value > $0 }) ?? true {
                return Outcome(verdict: "breach", isSevere: isSevere(value, number, above: true, rule))
            }
        }
        for change in changes where change < 0 {
            if let floor = rule.floor, baseline <= floor { return Outcome(verdict: "unproven too-few-events") }
            let number = baseline - baseline * -change
            if value < number, !isTouching(value, number) {
                return Outcome(verdict: "breach", isSevere: isSevere(value, number, above: false, rule))
            }
        }
        return nil
    }

    private func isTouching(_ value: Double, _ number: Double) -> Bool { abs(value - number) <= 1e-9 * abs(number) }

    private func isSevere(_ value: Double, _ number: Double, above: Bool, _ rule: Guardrail) -> Bool {
        guard let factor = rule.severe else { return false }
        let farther = above ? number * factor : number / factor
        return (above ? value > farther : value < farther) && !isTouching(value, farther)
    }

    // MARK: Baselines

    private func start(_ window: Int) -> Int { World.start.seconds + window * step }

    /// The number of the window with which the look-back ends.
    private func lookbackEnd(_ window: Int, _ rule: Guardrail) -> Int {
        guard rule.baseline.anchor == .deployment else { return window }
        var end = window
        for (index, deployment) in world.deployments.enumerated() where deployment.window <= window {
            if index == 0 || deployment.newBaseline { end = deployment.window }
        }
        return end
    }

    private func lookbackWindows(endingAt end: Int, _ rule: Guardrail, _ earlier: [Outcome]) -> [(
        window: Int, value: Double
    )] {
        var used: [(window: Int, value: Double)] = []
        for window in (end - 86_400 / step)..<end {
            let (from, to) = (start(window), start(window + 1))
            if let excluded = world.excluded, from < excluded.end?.seconds ?? .max, to > excluded.start.seconds {
                continue
            }
            let isNearDeployment = world.deployments.contains { deployment in
                let at = start(deployment.window) + 700
                return from < at + 30 * 60 && to > at
            }
            if rule.baseline.exclude.contains(.deployments), isNearDeployment { continue }
            if rule.baseline.exclude.contains(.breaches), confirmed(before: end, earlier, rule).contains(window) {
                continue
            }
            if let value = world.values[rule.name]?[window]?.value { used.append((window, value)) }
        }
        return used
    }

    /// The windows whose breach is confirmed by what came before a window.
    private func confirmed(before end: Int, _ outcomes: [Outcome], _ rule: Guardrail) -> Set<Int> {
        var known = Array(outcomes.prefix(max(0, end)))
        for index in known.indices { known[index].isConfirmed = false }
        confirm(&known, rule)
        return Set(known.indices.filter { known[$0].isConfirmed })
    }

    private func statistic(
        _ window: Int, endingAt end: Int, _ rule: Guardrail, _ used: [(window: Int, value: Double)]
    ) -> (number: Double?, used: Int, possible: Int) {
        let day = 86_400 / step
        guard rule.baseline.statistic == .seasonal else {
            guard !used.isEmpty else { return (nil, 0, day) }
            if rule.baseline.statistic == .median { return (middle(used.map(\.value)), used.count, day) }
            return (used.map { $0.value / Double(used.count) }.reduce(0, +), used.count, day)
        }
        // A look-back of one day: the window at the same time of day, and its neighbours in the look-back.
        var same = window
        while same >= end { same -= day }
        let picked = used.filter { abs($0.window - same) <= 1 }.map(\.value)
        return (picked.isEmpty ? nil : middle(picked), picked.count, 3)
    }

    private func middle(_ values: [Double]) -> Double {
        let smaller = values.sorted()[(values.count - 1) / 2]
        let larger = values.sorted()[values.count / 2]
        return (smaller + larger) / 2
    }

    private func wasAnythingAccepted(endingAt end: Int, _ rule: Guardrail) -> Bool {
        (max(0, end - 86_400 / step)..<max(0, end)).contains {
            world.values[rule.name]?[$0]?.outcomes?.acceptedAny == true
        }
    }

    // MARK: Confirmation and streak

    private func confirm(_ outcomes: inout [Outcome], _ rule: Guardrail) {
        for window in outcomes.indices where outcomes[window].verdict.hasPrefix("breach") {
            let reach = rule.confirm.of * step + world.streak.longestGap
            let decided = outcomes.indices.filter { $0 <= window && !outcomes[$0].verdict.hasPrefix("unproven") }
            let last = decided.filter { start($0) >= start(window + 1) - reach }.suffix(rule.confirm.of)
            let breaching = last.filter { outcomes[$0].verdict.hasPrefix("breach") }
            if breaching.count >= rule.confirm.breaching {
                for index in breaching { outcomes[index].isConfirmed = true }
            }
            if outcomes[window].isSevere { outcomes[window].isConfirmed = true }
        }
    }

    /// The number of the window from which the streak counts, and how many windows it has; nil without a deployment.
    func streak() -> (since: Int, proven: Int)? {
        guard let newest = world.deployments.last else { return nil }
        let earliest = start(newest.window) + 700 + world.streak.warmUp
        let first = (0...).first { start($0) >= earliest } ?? 0
        var since = first
        let counted = first..<max(first, world.windows)
        for window in counted where all(window).contains(where: { $0.isConfirmed }) { since = window + 1 }
        func isProven(_ window: Int) -> Bool {
            all(window).allSatisfy { $0.verdict == "clean" } && !isOfOtherVersion(window)
        }
        // A run is what lies between two clean windows.
        for run in counted.split(whereSeparator: isProven) {
            let lengthening = run.filter { window in
                isOfOtherVersion(window)
                    || all(window).contains { outcome in
                        outcome.isConfirmed
                            || outcome.verdict.hasPrefix("unproven")
                                && !["unproven idle", "unproven too-few-events"].contains(outcome.verdict)
                    }
            }
            if lengthening.count * step > world.streak.longestGap, let last = lengthening.last {
                since = max(since, last + 1)
            }
        }
        let proven = counted.count { $0 >= since && isProven($0) }
        return (since, proven)
    }

    /// Whether the version of the newest deployment was not seen in a window, or another that it does not name.
    private func isOfOtherVersion(_ window: Int) -> Bool {
        guard let versions = world.versions, let newest = world.deployments.indices.last else { return false }
        let seen = Set((versions[window] ?? []).map { $0.hasPrefix("v") ? String($0.dropFirst()) : $0 })
        let named = World.beside(newest) + [World.version(newest)]
        return !seen.contains(World.version(newest)) || !seen.isSubset(of: named)
    }

    private func all(_ window: Int) -> [Outcome] { world.guardrails.compactMap { outcomes[$0.name]?[window] } }
}
