package import HotfixCore
package import Logging

/// One verification: plans and asks as a check does, derives everything afresh, and compares instead of committing.
package struct Verification: Sendable {
    /// What is verified.
    package var ledger: any VerifiableLedger
    /// Where values come from.
    package var sources: [any MetricSource]
    /// What is watched; policies are those that the ledger has adopted.
    package var watch: Watch
    /// Where progress is told.
    package var logger: Logger

    /// Makes a verification.
    package init(ledger: any VerifiableLedger, sources: [any MetricSource], watch: Watch, logger: Logger) {
        self.ledger = ledger
        self.sources = sources
        self.watch = watch
        self.logger = logger
    }

    /// Derives the ledger afresh.
    ///
    /// - Parameters:
    ///   - clock: The instant now.
    ///   - range: Which windows are compared; nothing is left out unless told otherwise.
    ///   - services: Only these services; nil means all.
    ///   - writes: Whether what differs is recorded as revisions.
    /// - Returns: What differs, and what could not be asked.
    /// - Throws: `LedgerError`, and `Roster.WindowChange`.
    package func run(
        at clock: Instant, range: VerificationRange = VerificationRange(), services: Set<String>? = nil,
        writes: Bool = false
    ) async throws -> VerificationReport {
        try ledger.verifyIntegrity()
        var report = VerificationReport(at: clock)
        guard let state = try load(range, services, at: clock, &report) else { return report }
        report.checkedAt = state.at
        var evidence = state.evidence
        for (from, to) in chunks(of: evidence) {
            let asks = evidence.flatMap { $0.asks(from: from, to: to) }
            guard !asks.isEmpty else { continue }
            logger.debug("Asking", metadata: ["from": "\(from)", "questions": "\(asks.count)"])
            take(await observe(asks), into: &evidence, at: clock, &report)
        }
        let versions = await verifyVersions(state.snapshot, range: range, at: state.at, clock: clock, &report)
        var verified = verify(
            state.snapshot, evidence, versions: versions, history: state.history, range: range, at: state.at,
            clock: clock)
        if range == VerificationRange() { verified.compare(state.digests, with: state.snapshot, at: state.at) }
        report.changing = evidence.flatMap { one in
            one.changing.filter { range.contains($0.key) }.map { start, source in
                VerificationReport.Changing(
                    pair: one.series.pair, start: start, ledger: one.ledger[start]?.observation, source: source)
            }
        }.sorted { ($0.pair, $0.start) < ($1.pair, $1.start) }
        report.take(verified)
        report.snapshot = state.snapshot
        if writes, !verified.outcome.isEmpty || !verified.outcome.digests.isEmpty {
            report.isWritten = try ledger.commit(verified.outcome, generation: state.generation)
        }
        return report
    }

    // MARK: Plan

    private struct State {
        var snapshot: Snapshot
        var generation: Int
        var digests: [ServiceDigest]
        var evidence: [SeriesEvidence]
        var history: [Int: [Instant: [WindowRecord]]]
        var at: Instant
    }

    /// Reads the ledger; nil where no check has ever filled it.
    private func load(
        _ range: VerificationRange, _ services: Set<String>?, at clock: Instant, _ report: inout VerificationReport
    ) throws -> State? {
        while true {
            let facts = try ledger.facts()
            guard let at = facts.lastCheck?.at else { return nil }
            let adopted = adoptedWatch(facts, services)
            report.take(adopted.notices)
            let snapshot = try likelySnapshot(adopted.watch, facts, at: at)
            let planned = Dictionary(grouping: plan(snapshot, at: at)) { $0.pair }
            let names = Set(adopted.watch.entries.map(\.service.name))
            let current = Set(snapshot.services.flatMap(\.pairs).compactMap { $0.series?.id })
            var evidence: [SeriesEvidence] = []
            var history: [Int: [Instant: [WindowRecord]]] = [:]
            for series in facts.series where names.contains(series.pair.service) {
                let timeline = try ledger.timelines(from: [series.id: Instant(0)])[series.id]
                guard let timeline else { continue }
                history[series.id] = try ledger.replacedRecords(of: series.id)
                evidence.append(
                    SeriesEvidence(
                        series, ledger: timeline, baselines: facts.baselines.filter { $0.series == series.id },
                        planned: current.contains(series.id) ? planned[series.pair] ?? [] : [], range: range,
                        facts: facts))
            }
            let digests = try ledger.digests(evidence: facts.evidence)
            // What was read belongs together only if nobody has written in between.
            guard try ledger.facts().generation == facts.generation else { continue }
            return State(
                snapshot: snapshot, generation: facts.generation, digests: digests, evidence: evidence,
                history: history,
                at: at)
        }
    }

    /// What is watched, judged by the policies that the newest check knew.
    private func adoptedWatch(_ facts: LedgerFacts, _ services: Set<String>?) -> (watch: Watch, notices: [String]) {
        var notices: [String] = []
        let entries = watch.entries.filter { services?.contains($0.service.name) ?? true }.compactMap {
            entry -> Watch.Entry? in
            let name = entry.service.name
            guard let adopted = facts.policies.last(where: { $0.service == name }) else {
                notices.append("'\(name)' was never checked: there is nothing of it to verify.")
                return nil
            }
            if adopted.policy != entry.policy {
                notices.append(
                    "The policy of '\(name)' has changed since the newest check: the ledger is verified by the one before. Run 'hotfix check' first to verify by the new one."
                )
            }
            return Watch.Entry(service: entry.service, policy: adopted.policy)
        }
        var adopted = watch
        adopted.entries = entries
        return (adopted, notices)
    }

    /// The ledger as the newest check left it: what people have said since, it may or may not have taken in.
    private func likelySnapshot(_ watch: Watch, _ facts: LedgerFacts, at: Instant) throws -> Snapshot {
        let whole = try Snapshot(try Roster(watch, facts, at: at), from: ledger, at: at)
        let before = facts.said(by: at)
        guard before != facts else { return whole }
        let earlier = try Snapshot(try Roster(watch, before, at: at), from: ledger, at: at)
        func changes(_ snapshot: Snapshot) -> Int {
            let outcome = evaluate(snapshot, [], at: at).outcome
            return outcome.records.count + outcome.episodes.count + outcome.baselines.count
        }
        return changes(whole) <= changes(earlier) ? whole : earlier
    }

    // MARK: Observe

    /// The stretches that are asked about one after the other, so that no answer has to be held for longer than it is compared.
    private func chunks(of evidence: [SeriesEvidence]) -> [(from: Instant, to: Instant)] {
        let week = 7 * 86_400
        guard let oldest = evidence.map(\.span.start).min(), let newest = evidence.map(\.span.end).max() else {
            return []
        }
        return stride(from: oldest.floored(to: week).seconds, to: newest.seconds, by: week).map {
            (Instant($0), Instant($0 + week))
        }
    }

    private func observe(_ asks: [Ask]) async -> [Answer] {
        let bySource = Dictionary(grouping: asks) { $0.definition.source }
        let known = Set(sources.map(\.name))
        var answers = await withTaskGroup(of: [Answer].self) { group in
            for source in sources {
                guard let mine = bySource[source.name] else { continue }
                group.addTask { await source.answer(mine) }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for (name, asks) in bySource where !known.contains(name) {
            let error = SourceError(
                .unreachable,
                "Source '\(name)' is no longer in the configuration, so that nothing of it can be verified.")
            answers += asks.map { Answer(ask: $0, failures: [($0.span, error)]) }
        }
        return answers
    }

    private func take(
        _ answers: [Answer], into evidence: inout [SeriesEvidence], at clock: Instant,
        _ report: inout VerificationReport
    ) {
        for answer in answers {
            let timing = watch.timings[answer.ask.definition.source] ?? .sentry
            for failure in answer.failures { report.note(answer.ask.pair, failure.span, failure.error) }
            for index in evidence.indices where evidence[index].series.isAsked(by: answer.ask) {
                for span in evidence[index].take(answer, timing: timing, at: clock) {
                    report.note(
                        answer.ask.pair, span,
                        SourceError(.failed, "The source says that windows which the ledger holds are not due yet."))
                }
            }
        }
    }
}

extension SeriesState {
    /// Whether a question is about the series.
    fileprivate func isAsked(by ask: Ask) -> Bool {
        pair == ask.pair && definition == ask.definition && window == ask.span.step && wish.over == ask.over
            && wish.measuresSamples == ask.measuresSamples
    }
}

extension LedgerFacts {
    /// The facts without what people have said after an instant.
    fileprivate func said(by instant: Instant) -> LedgerFacts {
        var facts = self
        facts.deployments = deployments.filter { $0.recordedAt <= instant }.map { deployment in
            var deployment = deployment
            if let closed = deployment.closedAt, closed > instant { deployment.closedAt = nil }
            if let voided = deployment.voidedAt, voided > instant {
                deployment.voidedAt = nil
                deployment.voidReason = nil
            }
            return deployment
        }
        facts.exclusions = exclusions.filter { $0.recordedAt <= instant }
        facts.excusals = excusals.filter { $0.recordedAt <= instant }
        facts.acceptances = acceptances.filter { $0.recordedAt <= instant }
        return facts
    }
}
