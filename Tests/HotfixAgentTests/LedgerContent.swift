import HotfixCore
import HotfixTestSupport

/// What of a ledger must not depend on when it was filled.
struct LedgerContent: Equatable {
    struct Window: Equatable {
        var start: Instant
        var observation: Observation
        var verdict: Verdict
        var reason: Reason?
        var isSevere: Bool
        var isConfirmed: Bool
        var baseline: BaselineValue?
    }

    var windows: [String: [Window]] = [:]
    var episodes: [Episode]
    var readiness: Readiness

    init(_ scene: Scene, at now: Instant) throws {
        let facts = try scene.ledger.facts()
        episodes = facts.episodes.sorted { ($0.pair, $0.start) < ($1.pair, $1.start) }
        readiness = try scene.readiness(at: now)
        for series in facts.series {
            let timeline = try scene.ledger.timelines(from: [series.id: Instant(0)])[series.id]
            windows[series.pair.guardrail] = (timeline.map { Array($0.entries) } ?? []).compactMap { start, record in
                guard let verdict = record.verdict else { return nil }
                let baseline: BaselineValue? =
                    switch verdict.basis.baseline {
                    case .none: nil
                    case .inline(let value, _): value
                    case .stored(let id): facts.baselines.first { $0.id == id }?.value(at: start)
                    }
                return Window(
                    start: start, observation: record.observation, verdict: verdict.verdict, reason: verdict.reason,
                    isSevere: verdict.isSevere, isConfirmed: verdict.isConfirmed, baseline: baseline)
            }
        }
    }

    /// Without what depends on when a breach was seen first, which failures delay.
    var withoutEpisodes: LedgerContent {
        var content = self
        content.episodes = []
        content.readiness.episodes = []
        return content
    }

    /// The first difference in words, nil where there is none.
    func difference(from other: LedgerContent) -> String? {
        for name in windows.keys.sorted() {
            let mine = windows[name] ?? []
            let theirs = other.windows[name] ?? []
            for (left, right) in zip(mine, theirs) where left != right { return "\(name): \(left)\n  against \(right)" }
            if mine.count != theirs.count { return "\(name): \(mine.count) windows against \(theirs.count)" }
        }
        if episodes != other.episodes { return "episodes \(episodes)\n  against \(other.episodes)" }
        if readiness != other.readiness {
            let mine = "\(readiness)"
            let theirs = "\(other.readiness)"
            let same = zip(mine, theirs).prefix { $0 == $1 }.count
            let from = max(0, same - 60)
            return "readiness …\(mine.dropFirst(from).prefix(160))\n  against …\(theirs.dropFirst(from).prefix(160))"
        }
        return nil
    }
}
