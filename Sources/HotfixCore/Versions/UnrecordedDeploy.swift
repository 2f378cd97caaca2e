/// A roll-out that a source knows of and that nobody has recorded as a deployment.
package struct UnrecordedDeploy: Sendable, Hashable {
    /// The service.
    package var service: String
    /// The source that knows of it.
    package var source: String
    /// The version, as the source writes it.
    package var version: String
    /// When it was finished, or the start of the first window in which the version was seen.
    package var at: Instant
    /// The number of the running deployment, where the source does not say when the version was rolled out and it was only seen.
    package var deployment: Int?

    /// Makes a roll-out.
    package init(service: String, source: String, version: String, at: Instant, deployment: Int? = nil) {
        self.service = service
        self.source = source
        self.version = version
        self.at = at
        self.deployment = deployment
    }

    /// A sentence that says so, and what to do.
    package var note: String {
        "'\(source)' knows of version \(version) of '\(service)' since \(at), newer than the recorded deployment."
            + " Record it, if it is one: hotfix deployed --commit SHA --version \(version) --service \(service)"
    }
}

extension VersionWatch {
    /// What the sources know of roll-outs that are newer than the running deployment.
    ///
    /// A roll-out of the deployed version that was finished within half an hour of the deployment is the deployment itself;
    /// one of a version that it names beside its own is expected whenever it comes.
    /// Where a source only sees what runs, a version is new when windows before it had others and no deployment names it.
    ///
    /// - Parameters:
    ///   - service: The service's name.
    ///   - deployments: The deployments of the service that stand.
    ///   - until: What was seen later is left out.
    /// - Returns: The roll-outs by source, the oldest first.
    func unrecorded(of service: String, _ deployments: [Deployment], until: Instant) -> [UnrecordedDeploy] {
        let recorded = deployments.flatMap { [$0.version].compactMap(\.self) + $0.beside }
        return sources.flatMap { source -> [UnrecordedDeploy] in
            guard let series = source.series, series.definition != nil else { return [] }
            func found(_ sighting: VersionSighting) -> UnrecordedDeploy {
                UnrecordedDeploy(service: service, source: source.name, version: sighting.version, at: sighting.at)
            }
            if let newest = series.newest {
                let isItself =
                    isSameVersion(newest.version, version) && newest.at <= deployment.at + 1800
                    || deployment.beside.contains { isSameVersion(newest.version, $0) }
                return newest.at > deployment.at && newest.at <= until && !isItself ? [found(newest)] : []
            }
            let runs = series.seen.runs.filter { $0.end > from && $0.start + step <= until }
            var known = Set(runs.first { !$0.versions.isEmpty }?.versions ?? [])
            var new: [UnrecordedDeploy] = []
            for run in runs {
                for version in run.versions where known.insert(version).inserted {
                    guard !recorded.contains(where: { isSameVersion(version, $0) }) else { continue }
                    var seen = found(VersionSighting(version: version, at: run.start))
                    seen.deployment = deployment.id
                    new.append(seen)
                }
            }
            return new
        }
    }
}

extension Snapshot {
    /// The roll-outs that sources know of and nobody has recorded, by service.
    ///
    /// - Parameters:
    ///   - at: What was seen later is left out; nil means nothing is.
    ///   - names: Only these services; nil means all.
    /// - Returns: The roll-outs, in the order of the services.
    package func unrecordedDeploys(at: Instant? = nil, services names: Set<String>? = nil) -> [UnrecordedDeploy] {
        services.filter { names?.contains($0.name) ?? true }.flatMap { service in
            service.versions?.unrecorded(
                of: service.name, service.context.deployments.standing, until: at ?? .distantFuture) ?? []
        }
    }
}
