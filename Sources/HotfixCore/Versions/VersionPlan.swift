/// What has to be asked of a source about the running version of a service.
package struct VersionQuestion: Sendable, Hashable {
    /// The source's name.
    package var source: String
    /// The question.
    package var ask: VersionAsk
}

/// Plans of which windows the running versions have to be asked: those that are due and were not asked, those that may still
/// change, those whose answer may have to be taken back, and all of them once more before a streak is ready.
///
/// - Parameters:
///   - snapshot: What is known.
///   - now: The instant of the check.
///   - services: Only these services; nil means all.
/// - Returns: The questions, one stretch of windows for each service and source; empty where nothing has to be asked.
package func planVersions(_ snapshot: Snapshot, at now: Instant, services: Set<String>? = nil) -> [VersionQuestion] {
    snapshot.services.filter { services?.contains($0.name) ?? true }.flatMap { service -> [VersionQuestion] in
        guard let watch = service.versions, watch.sources.contains(where: { $0.series?.definition != nil }) else {
            return []
        }
        let confirmedFrom = service.streakToConfirm(at: now)
        return watch.sources.compactMap { source in
            source.ask(of: service.name, watch, confirmedFrom: confirmedFrom, at: now)
        }
    }
}

extension VersionWatch.Source {
    fileprivate func ask(
        of service: String, _ watch: VersionWatch, confirmedFrom: Instant?, at now: Instant
    ) -> VersionQuestion? {
        guard let series, let definition = series.definition else { return nil }
        let end = Window(containing: now - timing.settle, length: watch.step).start
        var wanted = Span(start: watch.from, end: end, step: watch.step).windows.filter { window in
            guard let seen = series.seen[window.start] else { return true }
            if let unsettled = series.unsettledFrom, window.start >= unsettled { return true }
            let age = now - window.end
            return age < timing.recheck || seen.isEmpty && age < 86_400
        }.map(\.start)
        if let confirmedFrom {
            wanted += Span(start: confirmedFrom, end: end, step: watch.step).windows.map(\.start)
        }
        // One stretch from the oldest to the newest: asking for a window too many costs less than another request.
        guard let first = wanted.min(), let last = wanted.max() else { return nil }
        let ask = VersionAsk(
            service: service, definition: definition,
            span: Span(start: first, end: last + watch.step, step: watch.step), memo: series.memo,
            isThorough: confirmedFrom != nil)
        return VersionQuestion(source: name, ask: ask)
    }
}

extension ServiceSnapshot {
    /// The start of a streak that has reached its time and whose windows are still to be asked once more.
    fileprivate func streakToConfirm(at now: Instant) -> Instant? {
        guard let running = context.deployments.running, let streak = knownDigest(at: now).count,
            streak.reachedAt != nil
        else { return nil }
        let isConfirmed = pairs.filter { !$0.isDropped }.allSatisfy { pair in
            confirmations.contains {
                $0.pair == pair.pair && $0.deployment == running.id && $0.since == streak.since
            }
        }
        return isConfirmed ? nil : streak.since
    }
}
