/// What a service's verdicts add up to by the law.
struct HandReadiness: Sendable {
    /// A run of breaches of one guardrail that ends with two clean windows.
    struct Episode: Equatable, Sendable {
        var id: String
        var opened: Int
        var closed: Int?
        var windows: Int
        var peak: Double
    }

    private enum Kind {
        case clean, breach, unproven
        /// Quiet, or a breach that waits for its confirmation.
        case neutral(isQuiet: Bool)
    }

    static let required = 48 * 3600
    static let longestGap = 3600

    private(set) var state = "counting"
    private(set) var since: Int
    private(set) var proven = 0
    private(set) var unprovenWindows = 0
    private(set) var earliestReady = 0
    private(set) var episodes: [Episode] = []

    init(_ pairs: [HandPair]) {
        let first = (Shop.deployedAt + Shop.window - 1) / Shop.window * Shop.window
        let starts = Array(stride(from: first, to: Shop.end, by: Shop.window))
        let kinds = starts.map { start in Self.kind(pairs.compactMap { $0.verdicts[start] }) }
        since = Self.since(first, Array(zip(starts, kinds)))
        var reached: Int?
        for (start, kind) in zip(starts, kinds) where start >= since {
            guard case .clean = kind else {
                unprovenWindows += 1
                continue
            }
            proven += Shop.window
            if proven == Self.required { reached = start + Shop.window }
        }
        earliestReady = reached ?? Shop.end + Self.required - proven
        episodes = pairs.flatMap(Self.episodes)
        state = state(kinds, pairs)
    }

    private static func kind(_ verdicts: [HandVerdict]) -> Kind {
        if verdicts.contains(where: { $0.verdict == "breach" && $0.isConfirmed }) { return .breach }
        let rest = verdicts.filter { $0.verdict != "clean" }
        if rest.isEmpty { return .clean }
        let isPending = rest.contains { $0.verdict == "breach" }
        let loud = rest.filter { $0.verdict == "unproven" && $0.reason != "idle" && $0.reason != "too-few-events" }
        return loud.isEmpty ? .neutral(isQuiet: !isPending) : .unproven
    }

    /// The latest of the first window, the ends of confirmed breaches, and the ends of runs without a clean window that
    /// last longer than the longest gap.
    private static func since(_ first: Int, _ windows: [(start: Int, kind: Kind)]) -> Int {
        var since = first
        var run = 0
        for (start, kind) in windows {
            switch kind {
            case .neutral: continue
            case .clean: run = 0
            case .breach:
                run += Shop.window
                since = start + Shop.window
            case .unproven:
                run += Shop.window
                if run > longestGap { since = start + Shop.window }
            }
        }
        return since
    }

    private func state(_ kinds: [Kind], _ pairs: [HandPair]) -> String {
        let newest = Shop.end - Shop.window
        let isPending = pairs.contains { $0.verdicts[newest]?.verdict == "breach" }
        if isPending || episodes.contains(where: { $0.closed == nil }) { return "breaching" }
        let latest = kinds.suffix(4).map { kind in
            switch kind {
            case .unproven: (isUnproven: true, isQuiet: false)
            case .neutral(let isQuiet): (isUnproven: isQuiet, isQuiet: isQuiet)
            case .clean, .breach: (isUnproven: false, isQuiet: false)
            }
        }
        if latest.allSatisfy(\.isUnproven), !latest.allSatisfy(\.isQuiet) { return "blind" }
        let loud = kinds.last { if case .neutral(isQuiet: true) = $0 { false } else { true } }
        if proven >= Self.required, case .clean? = loud { return "ready" }
        return "counting"
    }

    private static func episodes(_ pair: HandPair) -> [Episode] {
        var episodes: [Episode] = []
        var clean = 0
        let isUpper = !pair.rule.limits.contains { if case .relative(let change) = $0 { change < 0 } else { false } }
        for (start, verdict) in pair.verdicts.sorted(by: { $0.key < $1.key }) {
            let open = episodes.indices.last { episodes[$0].closed == nil }
            switch verdict.verdict {
            case "clean":
                clean += 1
                if let open, clean == 2 { episodes[open].closed = start + Shop.window }
            case "breach":
                clean = 0
                let newly = pair.verdicts.filter { $0.value.confirmedBy == start }
                guard let first = newly.keys.min() else { continue }
                let values = newly.values.compactMap(\.value)
                if open == nil {
                    let id = "\(pair.service)/\(pair.rule.name)/\(instantText(first))"
                    episodes.append(Episode(id: id, opened: start + Shop.window, windows: 0, peak: values[0]))
                }
                let last = episodes.count - 1
                let peaks = values + [episodes[last].peak]
                episodes[last].windows += newly.count
                episodes[last].peak = (isUpper ? peaks.max() : peaks.min()) ?? 0
            default: continue
            }
        }
        return episodes
    }
}

/// An instant as the exports write it.
func instantText(_ seconds: Int) -> String {
    let (day, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
    // Days from 1 March of year 0 on, in cycles of 400 years (Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))"
    return "\(date)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}
