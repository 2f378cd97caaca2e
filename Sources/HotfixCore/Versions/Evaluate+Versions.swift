extension ServiceSnapshot {
    /// What was seen of the running version, as far as it was told now.
    struct TakenVersions {
        /// Series that differ from the ledger's.
        var changed: [VersionSeries] = []
        /// The windows that a source which knows the version did not answer thoroughly: none of them is asked once more.
        var lacking: (Instant) -> Bool = { _ in false }
    }

    /// Takes what sources told of the running version; a version is never replaced by none.
    ///
    /// - Parameters:
    ///   - answers: What the sources answered, by their names.
    ///   - now: The instant of the check.
    /// - Returns: What changed, and what a streak that has reached its time still lacks.
    mutating func take(_ answers: [String: [VersionAnswer]], at now: Instant) -> TakenVersions {
        var taken = TakenVersions()
        guard var versions else { return taken }
        let keptFrom = context.deployments.firstOpen?.at.floored(to: versions.step)
        var thorough: [Set<Instant>] = []
        for index in versions.sources.indices {
            let source = versions.sources[index]
            guard let before = source.series else {
                if source.isBound { thorough.append([]) }
                continue
            }
            guard let definition = before.definition else { continue }
            var series = before
            var asked: Set<Instant> = []
            for answer in answers[source.name] ?? []
            where answer.ask.service == name && answer.ask.definition == definition {
                let starts = series.take(answer, timing: source.timing, step: versions.step, at: now)
                if answer.ask.isThorough { asked.formUnion(starts) }
            }
            thorough.append(asked)
            if let keptFrom { series.seen.forget(before: keptFrom) }
            guard series != before else { continue }
            versions.sources[index].series = series
            taken.changed.append(series)
        }
        self.versions = versions
        if !thorough.isEmpty { taken.lacking = { start in thorough.contains { !$0.contains(start) } } }
        return taken
    }
}

extension VersionSeries {
    /// Takes an answer.
    ///
    /// - Returns: The starts of the windows that were answered.
    fileprivate mutating func take(
        _ answer: VersionAnswer, timing: SourceTiming, step: Seconds, at now: Instant
    ) -> Set<Instant> {
        let sourceNow = min(now, answer.sourceNow ?? now)
        var asked: Set<Instant> = []
        for (start, versions) in answer.seen.sorted(by: { $0.key < $1.key }) {
            guard answer.ask.span.contains(start), sourceNow >= start + step + timing.settle else { continue }
            asked.insert(start)
            if versions.isEmpty, seen[start]?.isEmpty == false { continue }
            seen.set(versions, in: Window(containing: start, length: step))
        }
        if answer.isUnsettled {
            unsettledFrom = [unsettledFrom, asked.min()].compactMap(\.self).min()
        } else if let from = unsettledFrom, !asked.isEmpty, answer.ask.span.start <= from {
            unsettledFrom = nil
        }
        if let memo = answer.memo { self.memo = memo }
        if let newest = answer.newest { self.newest = newest }
        return asked
    }
}

/// That the running version of a service could not be asked, or not even whether a source knows it.
package struct VersionFailure: Sendable, Hashable {
    /// The service.
    package var service: String
    /// The source.
    package var source: String
    /// Which windows stay missing; nil where it could not be found out whether the source knows.
    package var span: Span?
    /// Why.
    package var error: SourceError

    /// Makes a failure.
    package init(service: String, source: String, span: Span?, error: SourceError) {
        self.service = service
        self.source = source
        self.span = span
        self.error = error
    }

    static func all(_ answers: [VersionAnswer], of source: String) -> [VersionFailure] {
        answers.flatMap { answer in
            answer.failures.map {
                VersionFailure(service: answer.ask.service, source: source, span: $0.span, error: $0.error)
            }
        }
    }
}
