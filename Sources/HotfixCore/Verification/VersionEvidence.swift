/// What a source says now of the running versions of one service, held against what the ledger keeps of them.
///
/// Only windows that count for the running deployment are asked; the query is the one that the ledger keeps.
package struct VersionEvidence: Sendable {
    /// The service's name.
    package let service: String
    /// The source's name.
    package let source: String
    /// The question, which leaves nothing to what the source wanted remembered; nil where no window of the range was due.
    package let question: VersionQuestion?
    /// How much was derived.
    private(set) var tally = VerificationTally()
    /// The series as it is derived.
    private(set) var derived: VersionSeries
    private let series: VersionSeries
    private let recheck: Seconds
    private let step: Seconds
    private let range: VerificationRange
    private var said: [Instant: [String]] = [:]
    private var taken: [Run] = []

    /// Adjacent windows that differ alike.
    struct Run: Sendable, Hashable {
        /// The windows.
        var span: Span
        /// What the ledger keeps.
        var ledger: [String]
        /// What the source says now.
        var derived: [String]
    }

    /// Finds out what has to be asked of all sources that know versions.
    ///
    /// - Parameters:
    ///   - snapshot: The ledger as the newest check left it.
    ///   - range: Which windows are verified.
    ///   - at: The instant of the newest check: windows that were not due then are not asked.
    /// - Returns: One for each series of a service that a source knows the versions of.
    package static func all(_ snapshot: Snapshot, range: VerificationRange, at: Instant) -> [VersionEvidence] {
        snapshot.services.flatMap { service -> [VersionEvidence] in
            guard let watch = service.versions else { return [] }
            return watch.sources.compactMap { VersionEvidence(service.name, watch, $0, range: range, at: at) }
        }
    }

    private init?(
        _ service: String, _ watch: VersionWatch, _ source: VersionWatch.Source, range: VerificationRange, at: Instant
    ) {
        guard let series = source.series, let definition = series.definition else { return nil }
        self.service = service
        self.source = source.name
        self.series = series
        self.range = range
        derived = series
        recheck = source.timing.recheck
        step = watch.step
        let end = Window(containing: at - source.timing.settle, length: watch.step).start
        let starts = Span(start: min(watch.from, end), end: end, step: watch.step).windows.map(\.start).filter {
            range.contains($0)
        }
        question = starts.first.map { first in
            let ask = VersionAsk(
                service: service, definition: definition,
                span: Span(start: first, end: first + starts.count * watch.step, step: watch.step), isThorough: true)
            return VersionQuestion(source: source.name, ask: ask)
        }
    }

    /// Whether it is about the same series as a source that is watched.
    func isAbout(_ other: VersionWatch.Source) -> Bool { source == other.name && other.series == series }

    /// What differs, oldest first.
    var differences: [Difference] {
        taken.map { run in
            Difference(
                pair: Pair(service, "running version"), start: run.span.start,
                subject: .versions(source: source, until: run.span.end, ledger: run.ledger, derived: run.derived),
                isRepairable: !run.derived.isEmpty)
        }
    }

    /// Whether the derived series is another than the ledger's.
    var isChanged: Bool { derived != series }

    /// Takes what came of the question, and compares.
    ///
    /// - Parameters:
    ///   - answers: What the source answered to everything that it was asked; none where it could not be.
    ///   - clock: The instant now; what is younger than `recheck` may still change.
    /// - Returns: What could not be asked.
    package mutating func take(_ answers: [VersionAnswer], at clock: Instant) -> [VersionFailure] {
        guard let ask = question?.ask else { return [] }
        var failures: [VersionFailure] = []
        for answer in answers where answer.ask == ask {
            failures += answer.failures.map {
                VersionFailure(service: service, source: source, span: $0.span, error: $0.error)
            }
            for (start, versions) in answer.seen { said[start] = versions.sorted() }
        }
        let unsaid = ask.span.windows.map(\.start).filter { said[$0] == nil }
        if failures.isEmpty {
            let error = SourceError(
                .failed, "Source '\(source)' did not say which version of '\(service)' ran in windows that are due.")
            failures += Span.covering(unsaid, step: step).map {
                VersionFailure(service: service, source: source, span: $0, error: error)
            }
        }
        tally.versionsNotVerified += unsaid.count
        let oldestSeen = said.filter { !$0.value.isEmpty }.keys.min()
        for (start, versions) in said.sorted(by: { $0.key < $1.key }) {
            compare(start, versions, oldestSeen: oldestSeen, age: clock - (start + step))
        }
        if tally.versionsGone > 0, oldestSeen == nil {
            tally.unanswered = [Pair(service, "running version")]
        }
        return failures
    }

    private mutating func compare(_ start: Instant, _ said: [String], oldestSeen: Instant?, age: Seconds) {
        guard let held = series.seen[start] else {
            tally.windowsChanging += 1
            return
        }
        guard held != said else {
            tally.versions += 1
            return
        }
        if said.isEmpty {
            guard let oldestSeen, oldestSeen < start else {
                tally.versionsGone += 1
                return
            }
        } else if age < recheck || held.isEmpty && age < 86_400 {
            tally.windowsChanging += 1
            return
        }
        tally.versions += 1
        // A version is never replaced by none.
        if !said.isEmpty { derived.seen.set(said, in: Window(containing: start, length: step)) }
        if let last = taken.last, last.span.end == start, last.ledger == held, last.derived == said {
            taken[taken.count - 1].span = Span(start: last.span.start, end: start + step, step: step)
        } else {
            taken.append(Run(span: Span(start: start, end: start + step, step: step), ledger: held, derived: said))
        }
    }
}

extension LedgerComparison {
    /// Takes what was derived of running versions.
    mutating func take(_ versions: [VersionEvidence]) {
        for one in versions {
            differences += one.differences
            tally.add(one.tally)
            guard one.isChanged else { continue }
            outcome.versions.append(one.derived)
            for service in derived.services.indices where derived.services[service].name == one.service {
                guard let index = derived.services[service].versions?.sources.firstIndex(where: one.isAbout) else {
                    continue
                }
                derived.services[service].versions?.sources[index].series = one.derived
            }
        }
    }
}
