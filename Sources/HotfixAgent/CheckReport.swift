package import HotfixCore

/// What came of a check.
package struct CheckReport: Sendable {
    /// A thing that could not be asked, or must be mended.
    package struct Failure: Sendable, Hashable {
        /// Whose windows stay missing.
        package var pair: Pair
        /// Which windows; nil where the query could not even be found.
        package var span: Span?
        /// Why.
        package var error: SourceError
        /// The source, where it was asked for running versions: no guardrail names that.
        package var source: String?
    }

    /// A window that got a verdict.
    package struct Judged: Sendable, Hashable {
        /// Whose window.
        package var pair: Pair
        /// The start of the window.
        package var start: Instant
        /// The value.
        package var value: Double?
        /// The verdict.
        package var verdict: Verdict
        /// Its reason.
        package var reason: Reason?
        /// Whether a breach is confirmed.
        package var isConfirmed: Bool
    }

    /// The instant of the check.
    package var at: Instant
    /// How many windows got a verdict in each round.
    package private(set) var rounds: [Int] = []
    /// Episodes that opened, changed or closed.
    package private(set) var episodes: [Episode] = []
    /// Pairs for which no query was found.
    package var definitionFailures: [Pair: SourceError] = [:]
    /// Where it could not be found out whether a source knows the running version.
    package var unfoundVersions: [VersionFailure] = []
    /// What is known after the check.
    package var snapshot: Snapshot?
    /// What people have to be told of it, in the order made; of a check that commits nothing, what they would have been.
    package internal(set) var messages: [Message] = []
    /// Roll-outs that were known to be unrecorded before the check.
    var unrecordedBefore: [UnrecordedDeploy] = []
    private var askFailures: [Failure] = []
    private var versionFailures: [VersionFailure] = []
    private var judgedWindows: [Pair: [Instant: Judged]] = [:]

    init(at: Instant) {
        self.at = at
    }

    /// How many windows got a verdict.
    package var windowsJudged: Int { rounds.reduce(0, +) }

    /// Windows that got a verdict, by pair and start.
    package var judged: [Judged] {
        judgedWindows.keys.sorted().flatMap { pair in
            (judgedWindows[pair] ?? [:]).values.sorted { $0.start < $1.start }
        }
    }

    /// The guardrails of which a window got a verdict.
    package var judgedPairs: [Pair] { Array(judgedWindows.keys) }

    /// The start of the newest window of a guardrail that was judged now and is not unproven; nil where there is none.
    package func newestProven(of pair: Pair) -> Instant? {
        judgedWindows[pair]?.values.lazy.filter { $0.verdict != .unproven }.map(\.start).max()
    }

    private func hasJudged(_ condition: (Judged) -> Bool) -> Bool {
        judgedWindows.values.contains { $0.values.contains(where: condition) }
    }

    /// What could not be asked, by pair.
    package var failures: [Failure] {
        definitionFailures.map { Failure(pair: $0.key, span: nil, error: $0.value) }.sorted { $0.pair < $1.pair }
            + askFailures
            + (unfoundVersions + versionFailures).map { failure in
                Failure(
                    pair: .runningVersion(of: failure.service), span: failure.span, error: failure.error,
                    source: failure.source)
            }
    }

    /// Roll-outs that a source knows of and that nobody has recorded.
    package var unrecordedDeploys: [UnrecordedDeploy] { snapshot?.unrecordedDeploys() ?? [] }

    /// Whether it is known already that a source cannot say whether it knows the version of a service.
    func hasVersionFailure(of service: String, at source: String) -> Bool {
        unfoundVersions.contains { $0.service == service && $0.source == source }
    }

    /// Whether a window that was judged now is a confirmed breach.
    package var hasBreach: Bool { hasJudged { $0.verdict == .breach && $0.isConfirmed } }

    /// Whether a window that was judged now breaches, an episode opened, changed or closed, or an unrecorded roll-out was found.
    package var hasNews: Bool {
        !episodes.isEmpty || hasJudged { $0.verdict == .breach }
            || unrecordedDeploys.contains { !unrecordedBefore.contains($0) }
    }

    /// What the ledger keeps of the check.
    func record(clock: Instant, services: [String]?) -> CheckRecord {
        var texts: [String] = []
        for failure in failures {
            let text = "\(failure.pair): \(failure.error.message)"
            if !texts.contains(text) { texts.append(text) }
        }
        return CheckRecord(
            at: at, windowsJudged: windowsJudged, failures: texts, clock: clock == at ? nil : clock, services: services)
    }

    mutating func take(_ evaluation: Evaluation, previously snapshot: Snapshot) {
        rounds.append(evaluation.windowsJudged)
        note(evaluation, snapshot)
    }

    /// Takes an evaluation that was made again, since the ledger had changed.
    mutating func retake(_ evaluation: Evaluation, previously snapshot: Snapshot) {
        if !rounds.isEmpty { rounds[rounds.count - 1] = evaluation.windowsJudged }
        note(evaluation, snapshot)
    }

    private mutating func note(_ evaluation: Evaluation, _ snapshot: Snapshot) {
        let pairs = Dictionary(
            evaluation.snapshot.facts.series.map { ($0.id, $0.pair) }, uniquingKeysWith: { $1 })
        for change in evaluation.outcome.records {
            guard let pair = pairs[change.series], let verdict = change.record.verdict else { continue }
            let entry = Judged(
                pair: pair, start: change.start, value: change.record.observation.value, verdict: verdict.verdict,
                reason: verdict.reason, isConfirmed: verdict.isConfirmed)
            judgedWindows[pair, default: [:]][change.start] = entry
        }
        for episode in evaluation.outcome.episodes {
            episodes.removeAll { $0.id == episode.id }
            episodes.append(episode)
        }
        versionFailures = evaluation.versionFailures
        askFailures = evaluation.failures.map { Failure(pair: $0.pair, span: $0.span, error: $0.error) }
    }
}
