extension Roster {
    /// What the ledger knows of running versions, with what was found out now.
    var versions: [VersionSeries] {
        var versions = facts.versions
        versions.take(newVersions)
        return versions
    }

    /// The same of one service.
    func versions(of service: String) -> [VersionSeries] {
        var versions = slices[service]?.versions ?? []
        if !newVersions.isEmpty { versions.take(newVersions.filter { $0.service == service }) }
        return versions
    }

    /// What is known of the versions of a service at a source, as both are named now; nil where that is not found out yet.
    func version(of service: Service, at source: String, window: Seconds) -> VersionSeries? {
        let wish = VersionSeries.Wish(service, at: source, window: window)
        return versions(of: service.name).filter { $0.source == source && $0.wish == wish }
            .max { $0.foundAt < $1.foundAt }
    }

    /// What sources have to be asked to find out whether they know the running versions.
    ///
    /// That is found out anew for every deployment. One that does not know is asked again while the deployment is young, as its
    /// first windows may lack what later ones have, and then every hour; one that saw no version for an hour, at every check.
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
                let isLacking =
                    known.definition == nil
                    ? known.foundAt < running.at + 3600 || now - known.foundAt >= 3600 : known.seesNoMore
                guard known.foundAt < now, known.foundAt < running.recordedAt || isLacking else { return nil }
            }
            let wish = VersionSeries.Wish(service, at: source, window: step)
            let unknown = versions(of: service.name).first {
                $0.source == source && $0.wish == wish && $0.definition == nil
            }
            return VersionWish(service: service, window: step, at: newest.end, memo: unknown?.memo)
        }
    }

    /// Records what was found out about the versions of a service.
    package mutating func pin(_ finding: VersionFinding, for wish: VersionWish, at source: String, now: Instant) {
        var series = VersionSeries(
            service: wish.service.name, source: source,
            wish: VersionSeries.Wish(wish.service, at: source, window: wish.window), definition: nil, foundAt: now)
        switch finding {
        case .known(let definition): series.definition = definition
        case .unknown(let reason, let memo):
            series.unknown = reason
            series.memo = memo
        case .unfinished(let memo):
            // As good as never found out: no window counts by it.
            series.foundAt = Instant(0)
            series.unknown = "not all that it keeps was looked at yet"
            series.memo = memo
        }
        if var same = versions.first(where: { $0.replaces(series) }) {
            let running = entries.first { $0.watch.service.name == wish.service.name }?.deployments.running
            // That the same query is found again for a deployment is nothing new.
            if same.definition != nil, let running, same.foundAt >= running.recordedAt,
                version(of: wish.service, at: source, window: wish.window) == same
            {
                return
            }
            same.foundAt = max(same.foundAt, series.foundAt)
            same.unknown = series.unknown
            if series.definition == nil { same.memo = series.memo }
            series = same
        }
        newVersions.take([series])
    }
}

extension Pair {
    /// What a service's running version is told and accepted under.
    package static func runningVersion(of service: String) -> Pair { Pair(service, "running version") }
}
