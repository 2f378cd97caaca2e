/// What is known of the running version of a service whose deployment has one.
package struct VersionReadiness: Sendable, Hashable {
    /// The deployed version.
    package var deployed: String
    /// The versions that may run beside it.
    package var beside: [String]
    /// The sources that know which version runs, with what each saw in its newest window.
    package var watched: [Watched]
    /// The sources that do not know, each with the reason.
    package var unwatched: [Unwatched]
    /// The sources of which it could not be found out whether they know.
    package var unfound: [String]

    /// What a source saw in its newest window.
    package struct Watched: Sendable, Hashable {
        /// The source.
        package var source: String
        /// The start of the newest window that it was asked of; nil where there is none.
        package var windowStart: Instant?
        /// The versions in that window.
        package var seen: [String]
        /// Whether they are those that the deployment names, its own among them.
        package var isAsDeployed: Bool
    }

    /// A source that does not know.
    package struct Unwatched: Sendable, Hashable {
        /// The source.
        package var source: String
        /// Why.
        package var reason: String
    }

    init(_ watch: VersionWatch, until: Instant) {
        deployed = watch.version
        beside = watch.deployment.beside
        watched = []
        unwatched = []
        unfound = []
        for source in watch.sources {
            if source.isDropped(since: watch.deployment, from: watch.from) {
                let reason = source.isBound ? "it no longer tells what it told before" : "it is no longer asked"
                unwatched.append(
                    Unwatched(
                        source: source.name,
                        reason: reason + "; windows since are unproven (not-watched) until 'hotfix accept'"))
                continue
            }
            guard let series = source.series else {
                guard source.isBound else {
                    unwatched.append(
                        Unwatched(source: source.name, reason: "it is no longer asked, which was accepted"))
                    continue
                }
                unfound.append(source.name)
                continue
            }
            guard series.definition != nil || series.foundAt >= watch.deployment.recordedAt else {
                unfound.append(source.name)
                continue
            }
            guard series.definition != nil else {
                unwatched.append(Unwatched(source: source.name, reason: series.unknown ?? ""))
                continue
            }
            let newest = series.seen.runs.last { $0.start + watch.step <= until && $0.end > watch.from }
            let seen = newest?.versions ?? []
            watched.append(
                Watched(
                    source: source.name,
                    windowStart: newest.map { min($0.end, until.floored(to: watch.step)) - watch.step },
                    seen: seen,
                    isAsDeployed: watch.isAsDeployed(seen, by: series)))
        }
    }
}

extension Snapshot {
    /// What a reader has to know of the running versions.
    func versionNotes(_ concerned: [ServiceSnapshot], _ open: [Deployment], until: Instant) -> [String] {
        var notes: [String] = []
        for deployment in open {
            guard let version = deployment.version else { continue }
            let known = concerned.filter { $0.versions?.deployment.id == deployment.id }.compactMap { service in
                service.versions.map { (service.name, VersionReadiness($0, until: until)) }
            }
            if !known.isEmpty, known.allSatisfy({ $0.1.watched.isEmpty && $0.1.unfound.isEmpty }) {
                notes.append(
                    "That version \(version) runs since deployment \(deployment.id) was said, and is not watched.")
            }
            for (name, state) in known { notes += state.notes(of: name) }
        }
        let names = Set(concerned.map(\.name))
        return notes + unrecordedDeploys(at: until, services: names).map(\.note)
    }
}

extension VersionReadiness {
    fileprivate func notes(of service: String) -> [String] {
        let other = watched.filter { $0.windowStart != nil && !$0.isAsDeployed }.map { source in
            let seen = source.seen.isEmpty ? "no version" : source.seen.joined(separator: ", ")
            return "'\(source.source)' saw \(seen) of '\(service)' in its newest window; deployed: \(deployed)"
                + (beside.isEmpty ? "." : ", beside \(beside.joined(separator: ", ")).")
        }
        let unknown = unwatched.map {
            "The running version of '\(service)' is not watched at '\($0.source)': \($0.reason)."
        }
        let open = unfound.map {
            "Whether '\($0)' knows the running version of '\(service)' is not found out yet; until then its windows are missing."
        }
        return other + unknown + open
    }
}
