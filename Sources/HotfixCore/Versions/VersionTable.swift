/// What one source says of windows, as to the running version.
struct VersionTable: Sendable, Hashable {
    private struct Stretch: Hashable {
        var start: Instant
        var end: Instant
        var isAsDeployed: Bool
    }

    /// What is known of the source now.
    private enum Knowledge: Hashable {
        /// It knows, and has to be asked of every window.
        case known
        /// It does not know, as was found out for the windows that end by an instant.
        case unknown(until: Instant)
        /// It is not found out yet whether it knows.
        case unfound
        /// The service does not name it any more.
        case unbound
    }

    private let knowledge: Knowledge
    /// For each query that was ever known, that of now first, what it was asked of.
    private let answers: [[Stretch]]
    private let isDropped: Bool
    private let step: Seconds

    init(
        _ source: VersionWatch.Source, of deployment: Deployment, version: String, from: Instant, step: Seconds
    ) {
        self.step = step
        isDropped = source.isDropped(since: deployment, from: from)
        if let series = source.series {
            if series.definition != nil {
                knowledge = .known
            } else if series.foundAt < deployment.recordedAt {
                // What another deployment ran as says nothing of this one.
                knowledge = .unfound
            } else {
                let isYoung = series.foundAt < deployment.at + 3600
                knowledge = .unknown(
                    until: series.foundAt
                        + (isYoung ? VersionSeries.unknownHoldsAtFirst : VersionSeries.unknownHolds))
            }
        } else {
            knowledge = source.isBound ? .unfound : .unbound
        }
        answers = source.known.map { series in
            let names = VersionNames(version, beside: deployment.beside, seen: series.seen, from: from)
            return series.seen.runs.map {
                Stretch(start: $0.start, end: $0.end, isAsDeployed: names.areSeen($0.versions))
            }
        }
    }

    /// What the window that starts at an instant is: the worst that any query said that was asked of it.
    func state(at start: Instant) -> VersionWatch.State {
        let asked = answers.map { Self.stretch(at: start, in: $0) }
        switch knowledge {
        case .known where asked.first.flatMap(\.self) == nil, .unfound: return .unasked
        case .unknown(let until) where start + step > until: return .unasked
        case .known, .unknown, .unbound: break
        }
        let answered = asked.compactMap(\.self)
        if answered.contains(where: { !$0.isAsDeployed }) { return .other }
        if !answered.isEmpty { return .asDeployed }
        return isDropped ? .notWatched : .unwatched
    }

    private static func stretch(at start: Instant, in stretches: [Stretch]) -> Stretch? {
        var low = 0
        var high = stretches.count
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].end <= start { low = middle + 1 } else { high = middle }
        }
        guard low < stretches.count, stretches[low].start <= start else { return nil }
        return stretches[low]
    }
}
