extension Roster {
    /// What is known of the versions of a service at a source, as both are named now; nil where that is not found out yet.
    func version(of service: Service, at source: String, window: Seconds) -> VersionSeries? {
        let wish = VersionSeries.Wish(service, at: source, window: window)
        return (newVersions + facts.versions).first {
            $0.service == service.name && $0.source == source && $0.wish == wish
        }
    }

    /// What sources have to be asked to find out whether they know the running versions.
    ///
    /// One that does not know is asked again while the deployment is young, as its first windows may lack what later ones have,
    /// and then once a day.
    ///
    /// - Parameters:
    ///   - source: The source's name.
    ///   - now: The instant of the check.
    /// - Returns: A wish for every service; empty where all is found out.
    package func versionWishes(at source: String, now: Instant) -> [VersionWish] {
        guard versionSources.contains(source), let timing = timings[source] else { return [] }
        return entries.compactMap { entry in
            let service = entry.watch.service
            let step = entry.policy.policy.window
            guard service.bindings[source] != nil, let running = entry.deployments.running, running.version != nil
            else { return nil }
            let newest = Window(containing: now - timing.settle - step, length: step)
            guard newest.start >= running.at else { return nil }
            if let known = version(of: service, at: source, window: step) {
                guard known.definition == nil, known.foundAt < now,
                    known.foundAt < running.recordedAt || now - running.at < 3600 || now - known.foundAt >= 86_400
                else { return nil }
            }
            return VersionWish(service: service, window: step, at: newest.end)
        }
    }

    /// Records what was found out about the versions of a service.
    package mutating func pin(_ finding: VersionFinding, for wish: VersionWish, at source: String, now: Instant) {
        var series = VersionSeries(
            service: wish.service.name, source: source,
            wish: VersionSeries.Wish(wish.service, at: source, window: wish.window), definition: nil, foundAt: now)
        switch finding {
        case .known(let definition): series.definition = definition
        case .unknown(let reason): series.unknown = reason
        }
        newVersions.take([series])
    }
}
