/// One verdict by the law, in the columns of an export.
struct HandVerdict: Sendable {
    var value: Double?
    var baseline: Double?
    var windowsUsed: Int?
    var coverage: Double?
    /// The limit that was crossed, or each that was not.
    var limits: [Double] = []
    var verdict: String
    var reason: String?
    /// The start of the window with which a breach was confirmed.
    var confirmedBy: Int?

    var isConfirmed: Bool { confirmedBy != nil }
}

/// The windows of one guardrail of one service, judged by the law.
struct HandPair: Sendable {
    let service: String
    let rule: HandRule
    /// By the start of the window.
    private(set) var verdicts: [Int: HandVerdict] = [:]

    /// Judges the windows from one that starts at `from` to the end of the data.
    init(_ service: ShopService, _ rule: HandRule, _ samples: HandService, from: Int, isRolling: Bool) {
        self.service = service.name
        self.rule = rule
        let first = from - Shop.week
        let values = stride(from: first, to: Shop.end, by: Shop.window).map {
            samples.value(rule.measure, at: $0 + Shop.window)
        }
        let lookbacks = Lookbacks(values.map(\.value), first: first)
        let anchored = Lookback(lookbacks, endingAt: Shop.anchor)
        let isFixed = !isRolling && rule.statistic != .seasonal
        let fixed = isFixed ? anchored.baseline(rule.statistic, at: Shop.anchor) : nil
        for start in stride(from: from, to: Shop.end, by: Shop.window) {
            let lookback = isRolling ? Lookback(lookbacks, endingAt: start) : anchored
            let value = values[(start - first) / Shop.window]
            verdicts[start] = judged(
                value, rule.isRelative ? fixed ?? lookback.baseline(rule.statistic, at: start) : nil)
        }
        confirm()
    }

    private func judged(_ value: HandValue, _ baseline: (number: Double?, used: Int, of: Int)?) -> HandVerdict {
        let limits = rule.limits.compactMap { limit -> (number: Double, isUpper: Bool, isRelative: Bool)? in
            switch limit {
            case .above(let number): (number, true, false)
            case .relative(let change): baseline?.number.map { ($0 * (1 + change), change > 0, true) }
            }
        }
        var verdict = HandVerdict(
            value: value.value, baseline: baseline?.number, windowsUsed: baseline?.used,
            coverage: baseline.map { Double($0.used) / Double($0.of) }, limits: limits.map(\.number),
            verdict: "unproven")
        func crossed(_ limit: (number: Double, isUpper: Bool, isRelative: Bool), by number: Double) -> Bool {
            limit.isUpper ? number > limit.number * (1 + 1e-9) : number < limit.number * (1 - 1e-9)
        }
        if rule.measure.countsEvents, value.events == 0 {
            verdict.reason = "idle"
        } else if let number = value.value {
            if let minimum = rule.minimumEvents, (value.events ?? 0) < minimum {
                verdict.reason = "too-few-events"
            } else if let limit = limits.first(where: { !$0.isRelative && crossed($0, by: number) }) {
                verdict.verdict = "breach"
                verdict.limits = [limit.number]
            } else if let baseline, Double(baseline.used) < 0.5 * Double(baseline.of) || baseline.used == 0 {
                verdict.reason = "baseline-coverage"
            } else if let limit = limits.first(where: { $0.isRelative && crossed($0, by: number) }) {
                verdict.verdict = "breach"
                verdict.limits = [limit.number]
            } else {
                verdict.verdict = "clean"
            }
        } else {
            verdict.reason = "no-data"
        }
        return verdict
    }

    /// Of the last m windows that are clean or breach, not too long ago, n must breach.
    private mutating func confirm() {
        var proven: [Int] = []
        for start in verdicts.keys.sorted() where verdicts[start]?.verdict != "unproven" {
            proven.append(start)
            let oldest = start + Shop.window - (rule.confirm.of * Shop.window + 3600)
            let breaches = proven.suffix(rule.confirm.of).filter { $0 >= oldest && verdicts[$0]?.verdict == "breach" }
            guard breaches.last == start, breaches.count >= rule.confirm.breaching else { continue }
            for breach in breaches where verdicts[breach]?.confirmedBy == nil { verdicts[breach]?.confirmedBy = start }
        }
    }
}

/// The values of a guardrail's windows, oldest first.
private struct Lookbacks {
    let values: [Double?]
    let first: Int
    /// How many values there are before each window, and their sum.
    let counts: [Int]
    let sums: [Double]

    init(_ values: [Double?], first: Int) {
        self.values = values
        self.first = first
        var counts = [0]
        var sums = [0.0]
        for value in values {
            counts.append(counts[counts.count - 1] + (value == nil ? 0 : 1))
            sums.append(sums[sums.count - 1] + (value ?? 0))
        }
        self.counts = counts
        self.sums = sums
    }
}

/// The seven days of windows that end at an instant.
private struct Lookback {
    private let all: Lookbacks
    private let from: Int
    private let to: Int

    init(_ all: Lookbacks, endingAt end: Int) {
        self.all = all
        to = (end - all.first) / Shop.window
        from = to - Shop.week / Shop.window
    }

    func baseline(_ statistic: HandRule.Statistic, at start: Int) -> (number: Double?, used: Int, of: Int) {
        switch statistic {
        case .mean:
            let used = all.counts[to] - all.counts[from]
            return (used == 0 ? nil : (all.sums[to] - all.sums[from]) / Double(used), used, to - from)
        case .median:
            let values = all.values[from..<to].compactMap { $0 }
            return (median(values), values.count, to - from)
        case .seasonal:
            let daily = 86_400 / Shop.window
            let index = (start - all.first) / Shop.window
            let sameTime = (from..<to).filter { ($0 - index).isMultiple(of: daily) }
            let picked = sameTime.flatMap { [$0 - 1, $0, $0 + 1] }.filter { (from..<to).contains($0) }
            let values = picked.compactMap { all.values[$0] }
            return (median(values), values.count, 21)
        }
    }

    private func median(_ values: [Double]) -> Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
