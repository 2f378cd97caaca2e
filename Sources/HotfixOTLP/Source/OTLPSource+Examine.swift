package import HotfixCore

extension OTLPSource: ExaminableSource {
    /// Without a point for longer than this, a sender that exports every minute has stopped, in seconds.
    private static let patience: Seconds = 300

    package func examine(_ wishes: [SeriesWish], at now: Instant) async -> SourceExamination {
        var examination = SourceExamination()
        let known: [StoredSubject]
        switch subjects() {
        case .failure(let error):
            examination.giveUp(Finding(error, about: .source(name)))
            return examination
        case .success(let subjects): known = subjects
        }
        guard let newest = known.map(\.newest).max() else {
            examination.giveUp(
                Finding(
                    .problem, .neverHadData, .source(name), "No point of it was ever received.",
                    remedy: origin.isEmpty
                        ? "Run `hotfix serve --otlp 127.0.0.1:4318`, and have a Collector or an SDK send its metrics there."
                        : "Run `hotfix serve`, which scrapes it every minute, and see what it says of the page."))
            return examination
        }
        tell(of: known, newest, at: now, &examination)
        for (pair, result) in await define(wishes) {
            switch result {
            case .success(let definition): examination.definitions[pair] = definition
            case .failure(let error): examination.find(Finding(error, about: .guardrail(pair)))
            }
        }
        for wish in wishes {
            if let definition = examination.definitions[wish.pair] { examine(wish, definition, &examination) }
        }
        return examination
    }

    /// Says when the newest point came, and of which services.
    private func tell(
        of known: [StoredSubject], _ newest: Instant, at now: Instant, _ examination: inout SourceExamination
    ) {
        let current = Set(known.filter { $0.newest > now - Self.patience }.map(\.subject.name))
        let all = Set(known.map(\.subject.name))
        guard !current.isEmpty else {
            examination.find(
                Finding(
                    .problem, .dataStopped, .source(name),
                    "Its newest point is of \(newest); before that came points of \(list(all)).",
                    remedy:
                        "See that `hotfix serve` runs with --otlp, and what the Collector's log says of its exporter."))
            return
        }
        examination.diagnosis.pass(
            .source(name), "Its newest point is of \(newest); in the last 5 minutes came points of \(list(current)).")
    }

    /// Looks at the points of the last hour: whether they were whole, and how far their histograms reach.
    private func examine(_ wish: SeriesWish, _ definition: SeriesDefinition, _ examination: inout SourceExamination) {
        do {
            let query = try StoredQuery(definition, origin: origin)
            let cells = try open().pointCells(of: query.subject, from: wish.at - 3600, to: wish.at)
            let sums = try cells.map { (start: $0.start, sum: try CellSum(packed: $0.content)) }
            let obstacles = sums.compactMap { cell in
                cell.sum.obstacle(to: query.measure).map { (start: cell.start, text: $0) }
            }
            if let newest = obstacles.last {
                examination.find(
                    Finding(
                        .problem, .partialAnswer, .guardrail(wish.pair),
                        "In the last hour \(obstacles.count) of \(sums.count) stretches gave no value, the newest at \(newest.start):"
                            + " \(newest.text).",
                        remedy: "See to what sends the points; until then its windows stay without a value."))
            }
            if wish.guardrail.measure == .builtIn(.latencyP95) {
                // No quantile can be above the highest bound.
                examination.highestValues[wish.pair] = Self.highestBound(sums.flatMap(\.sum.buckets))
            }
        } catch {
            examination.diagnosis.leaveOut(
                .guardrail(wish.pair), "its newest points: they cannot be read.",
                remedy: "Run `hotfix verify`, then hotfix doctor again.")
        }
    }

    /// The highest bound, in seconds; nil where one of the histograms has none.
    private static func highestBound(_ groups: [CellSum.Buckets]) -> Double? {
        let bounds = groups.compactMap { group -> Double? in
            guard case .explicit(let counts) = group.counts else { return nil }
            return counts.bounds.last.map { $0 / Double(group.divisor) }
        }
        return bounds.count == groups.count ? bounds.max() : nil
    }
}
