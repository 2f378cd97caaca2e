import HotfixCore

extension Verification {
    /// Asks afresh which versions ran, and whether sources that the ledger takes for not knowing still do not.
    ///
    /// - Returns: What was answered, compared with the ledger.
    func verifyVersions(
        _ snapshot: Snapshot, range: VerificationRange, at: Instant, clock: Instant,
        _ report: inout VerificationReport
    ) async -> [VersionEvidence] {
        var evidence = VersionEvidence.all(snapshot, range: range, at: at)
        let knowing = sources.compactMap { $0 as? any VersionSource }
        let answers = await VersionRounds(sources).answers(to: evidence.compactMap(\.question))
        for index in evidence.indices {
            let name = evidence[index].source
            guard knowing.contains(where: { $0.name == name }) else {
                let error = SourceError(
                    .unreachable,
                    "Source '\(name)' is no longer in the configuration, so that the versions it told cannot be verified."
                )
                _ = evidence[index].take([], at: clock)
                report.noteVersions(
                    VersionFailure(service: evidence[index].service, source: name, span: nil, error: error))
                continue
            }
            for failure in evidence[index].take(answers[name] ?? [], at: clock) { report.noteVersions(failure) }
        }
        for source in knowing { await verifyUnknown(source, snapshot, at: at, &report) }
        return evidence
    }

    /// A window counts as unwatched only as long as its source does not know the version.
    private func verifyUnknown(
        _ source: any VersionSource, _ snapshot: Snapshot, at: Instant, _ report: inout VerificationReport
    ) async {
        let wishes = snapshot.services.compactMap { service -> VersionWish? in
            guard let watch = service.versions,
                watch.sources.contains(where: { known in
                    known.name == source.name && known.series.map { $0.definition == nil } ?? false
                })
            else { return nil }
            let newest = Window(containing: at - source.versionTiming(watch).settle - watch.step, length: watch.step)
            return VersionWish(service: service.context.service, window: watch.step, at: newest.end)
        }
        guard !wishes.isEmpty else { return }
        let findings = await source.findVersions(wishes)
        for wish in wishes {
            let error: SourceError
            switch findings[wish.service.name] {
            case .success(.unknown): continue
            case .success(.unfinished):
                error = SourceError(
                    .partial, "Source '\(source.name)' has not looked at everything yet; 'hotfix check' goes on.")
            case .success(.known):
                error = SourceError(
                    .failed,
                    "Source '\(source.name)' knows the running version of '\(wish.service.name)' by now, and the ledger was filled as if it did not. 'hotfix check' finds that out within an hour."
                )
            case .failure(let failure): error = failure
            case nil:
                error = SourceError(
                    .malformed,
                    "Source '\(source.name)' did not say whether it knows the version of '\(wish.service.name)'.")
            }
            report.noteVersions(
                VersionFailure(service: wish.service.name, source: source.name, span: nil, error: error))
        }
    }
}

extension VersionSource {
    /// How the source's data arrives.
    fileprivate func versionTiming(_ watch: VersionWatch) -> SourceTiming {
        watch.sources.first { $0.name == name }?.timing ?? .sentry
    }
}
