package import HotfixCore
package import Logging

/// One check: plan, observe, evaluate, commit.
///
/// Run every five minutes by a timer; what one run leaves undone the next one does.
package struct Check: Sendable {
    /// Where verdicts are kept.
    package var ledger: any Ledger
    /// Where values come from.
    package var sources: [any MetricSource]
    /// What is watched.
    package var watch: Watch
    /// Values older than this many seconds are deleted, once a day.
    package var retention: Seconds
    /// Who is told what.
    package var messagePlan: MessagePlan
    /// Where it is noted how often each source was asked, as soon as it was.
    package var asked: TallyBook
    /// Where progress is told.
    package var logger: Logger

    /// Makes a check; one that tells nobody, unless told otherwise, and yet records what there was to tell.
    package init(
        ledger: any Ledger, sources: [any MetricSource], watch: Watch, retention: Seconds = 90 * 86_400,
        plan: MessagePlan = MessagePlan(), asked: TallyBook = TallyBook(), logger: Logger
    ) {
        self.ledger = ledger
        self.sources = sources
        self.watch = watch
        self.retention = retention
        messagePlan = plan
        self.asked = asked
        self.logger = logger
    }

    /// Runs the check.
    ///
    /// - Parameters:
    ///   - now: Windows that are due at this instant are judged.
    ///   - clock: When the check runs, where that is later than `now`: from then on a changed policy holds.
    ///   - services: Only these services; nil means all.
    ///   - isDryRun: Whether nothing is committed.
    /// - Returns: What was judged, and what could not be asked.
    /// - Throws: `LedgerError`, `Roster.WindowChange`, and `CancellationError` where it was broken off: what was committed by then
    ///   stays, and the next check does the rest.
    package func run(
        at now: Instant, clock: Instant? = nil, services: Set<String>? = nil, isDryRun: Bool = false
    ) async throws -> CheckReport {
        let clock = clock ?? now
        var report = CheckReport(at: now)
        var answers: [Answer] = []
        var versions = VersionRounds(sources, noting: asked)
        var asked: [Asked: [Span]] = [:]
        var state = try await load(at: now, clock: clock, services: services, report: &report)
        report.unrecordedBefore = state.snapshot.unrecordedDeploys()
        let moment = Moment(
            now: now, clock: clock, services: services?.sorted(), lastCheck: state.snapshot.facts.lastCheck)
        // A round ends with a commit; its verdicts may call for more, such as asking a finished streak once more.
        for _ in 0..<6 {
            let asks = fresh(plan(state.snapshot, at: now, services: services), &asked)
            let questions = versions.fresh(planVersions(state.snapshot, at: now, services: services))
            if asks.isEmpty && questions.isEmpty && !report.rounds.isEmpty { break }
            async let seen = versions.answers(to: questions)
            answers += await observe(asks)
            versions.take(await seen)
            // What was not answered for being broken off is not held against the source, and nothing is judged by it.
            try Task.checkCancellation()
            logger.debug("Asked", metadata: ["questions": "\(asks.count)", "round": "\(report.rounds.count + 1)"])
            var evaluation = evaluate(state.snapshot, answers, versions: versions.answers, at: now)
            report.take(evaluation, previously: state.snapshot)
            try complete(&evaluation, of: state.snapshot, answers, report, at: moment)
            if !isDryRun {
                while try !ledger.commit(evaluation.outcome, generation: state.generation) {
                    logger.notice("The ledger changed during the check; evaluating again")
                    state = try await load(at: now, clock: clock, services: services, report: &report)
                    evaluation = evaluate(state.snapshot, answers, versions: versions.answers, at: now)
                    report.retake(evaluation, previously: state.snapshot)
                    try complete(&evaluation, of: state.snapshot, answers, report, at: moment)
                }
            }
            report.messages += evaluation.outcome.messages
            if !evaluation.outcome.isEmpty, !isDryRun { state.generation += 1 }
            state.snapshot = evaluation.snapshot
        }
        report.snapshot = state.snapshot
        if !isDryRun { try prune(state.snapshot, at: now) }
        return report
    }

    private struct State {
        var snapshot: Snapshot
        var generation: Int
    }

    /// When a check runs, and after which one.
    private struct Moment {
        var now: Instant
        var clock: Instant
        /// The services that it is of; nil where it is of all.
        var services: [String]?
        /// The newest check before this one.
        var lastCheck: CheckRecord?
    }

    /// Adds to what an evaluation has to commit what depends on all of it: the record of the check, and the messages.
    private func complete(
        _ evaluation: inout Evaluation, of snapshot: Snapshot, _ answers: [Answer], _ report: CheckReport,
        at moment: Moment
    ) throws {
        evaluation.holdBackRefused(
            at: moment.clock, isAnswered: answers.contains { !$0.observations.isEmpty })
        evaluation.outcome.check = report.record(clock: moment.clock, services: moment.services)
        var before = snapshot.facts
        // Where the ledger changed after a round was committed, its newest check is this one.
        before.lastCheck = moment.lastCheck
        let planner = MessagePlanner(
            before: before, after: evaluation.snapshot, plan: messagePlan,
            failures: report.failures.map { ($0.pair, $0.error.message) }, at: moment.now, clock: moment.clock)
        let wanted = planner.wantedStarts
        evaluation.tell(planner.planned(wanted.isEmpty ? [:] : try ledger.timelines(from: wanted)))
    }

    /// What windows were asked for.
    private struct Asked: Hashable {
        var pair: Pair
        var purpose: Ask.Purpose
    }

    private func load(
        at now: Instant, clock: Instant, services: Set<String>?, report: inout CheckReport
    ) async throws -> State {
        let facts = try ledger.facts()
        var roster = try Roster(watch, facts, at: clock)
        let wishes = roster.wishes(at: now).filter { services?.contains($0.service.name) ?? true }
        for source in sources {
            let mine = wishes.filter { $0.guardrail.source == source.name && report.definitionFailures[$0.pair] == nil }
            guard !mine.isEmpty else { continue }
            let began = ContinuousClock.now
            let definitions = await source.define(mine)
            asked.note(
                source.name, .now - began,
                isFailure: mine.contains { (try? definitions[$0.pair]?.get()) == nil })
            for wish in mine {
                switch definitions[wish.pair] {
                case .success(let definition): roster.pin(definition, for: wish, at: now)
                case .failure(let error): report.definitionFailures[wish.pair] = error
                case nil:
                    report.definitionFailures[wish.pair] = SourceError(
                        .malformed, "Source '\(source.name)' gave no definition for \(wish.pair).")
                }
            }
        }
        await findVersions(&roster, at: now, services: services, report: &report)
        return State(snapshot: try Snapshot(roster, from: ledger, at: now), generation: facts.generation)
    }

    /// Leaves out what was asked in this check already, whatever came of it.
    private func fresh(_ asks: [Ask], _ asked: inout [Asked: [Span]]) -> [Ask] {
        var fresh: [Ask] = []
        for ask in asks {
            let key = Asked(pair: ask.pair, purpose: ask.purpose)
            let known = asked[key] ?? []
            let starts = ask.span.windows.map(\.start).filter { start in !known.contains { $0.contains(start) } }
            let spans = Span.covering(starts, step: ask.span.step)
            asked[key] = known + spans
            for span in spans {
                var part = ask
                part.span = span
                fresh.append(part)
            }
        }
        return fresh
    }

    private func observe(_ asks: [Ask]) async -> [Answer] {
        let bySource = Dictionary(grouping: asks) { $0.definition.source }
        let found = await withTaskGroup(of: (source: String, answers: [Answer], time: Duration).self) { group in
            for source in sources {
                guard let mine = bySource[source.name] else { continue }
                group.addTask {
                    let began = ContinuousClock.now
                    let answers = await source.answer(mine)
                    return (source.name, answers, .now - began)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (source, answers, time) in found {
            asked.note(source, time, isFailure: answers.contains { !$0.failures.isEmpty })
        }
        return found.flatMap(\.answers)
    }

    private func prune(_ snapshot: Snapshot, at now: Instant) throws {
        let day = 86_400
        if let last = snapshot.facts.lastCheck?.at, last.floored(to: day) == now.floored(to: day) { return }
        var keepFrom: [Int: Instant] = [:]
        for service in snapshot.services {
            guard let first = service.context.deployments.firstOpen else { continue }
            for pair in service.pairs {
                let needed = first.at.floored(to: service.context.step) - pair.guardrail.baseline.lookback - day
                for series in snapshot.facts.series where series.pair == pair.pair { keepFrom[series.id] = needed }
            }
        }
        try ledger.prune(before: now - retention, keepFrom: keepFrom)
    }
}

extension Evaluation {
    /// Keeps out of the ledger what has to be mended first: a query that its source refuses is not pinned, nor a policy adopted
    /// by which nothing could be asked.
    fileprivate mutating func holdBackRefused(at clock: Instant, isAnswered: Bool) {
        let answered = Set(outcome.records.map(\.series))
        let wrong = Set(failures.filter(\.error.isConfigurationError).map(\.pair))
        let refused = outcome.series.filter {
            $0.createdAt == clock && wrong.contains($0.pair) && !answered.contains($0.id)
        }
        outcome.series.removeAll { series in refused.contains { $0.id == series.id } }
        snapshot.pending.series += refused
        // What was judged again by a policy without an answer refers to it.
        guard !wrong.isEmpty, !isAnswered, outcome.isEmptyBesidePolicies else { return }
        snapshot.pending.policies += outcome.policies
        outcome.policies = []
    }
}
