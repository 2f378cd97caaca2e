package import HotfixCore

/// A deployment as Sentry has it recorded.
package struct SentryDeployment: Sendable, Hashable {
    /// The release's version.
    package var version: String
    /// The first whole second at which it was finished.
    package var at: Instant
    /// The full id of the release's newest commit, where Sentry knows one.
    package var commit: String?
    /// What a reader has to know of the time; nil where it is that of a deploy.
    package var note: String?
}

extension SentrySource {
    /// Looks up the newest deploy of services, or that of a release.
    ///
    /// A release that was never deployed to the environment was deployed when it was finalized, else with its first event, else
    /// when it was made.
    ///
    /// - Parameters:
    ///   - services: The services, each of one project.
    ///   - version: The release, as a person names it; nil for the one that was deployed last.
    /// - Returns: For every service by its name what was found, or why nothing was.
    package func deployments(
        of services: [Service], version: String?
    ) async -> [String: Result<SentryDeployment, SourceError>] {
        var results: [String: Result<SentryDeployment, SourceError>] = [:]
        do throws(SourceError) {
            let region = try await region()
            let projects = try await projects(region: region)
            for service in services {
                do throws(SourceError) {
                    let place = try await releasePlace(service, among: projects, region: region)
                    results[service.name] = .success(try await deployment(at: place, version))
                } catch {
                    results[service.name] = .failure(error)
                }
            }
        } catch {
            for service in services { results[service.name] = .failure(error) }
        }
        return results
    }

    private func deployment(at place: ReleasePlace, _ version: String?) async throws(SourceError) -> SentryDeployment {
        do throws(SentryFailure) {
            if let version { return try await deployment(at: place, named: version) }
            let list = try await releases(at: [place]) { _ in false }
            var newest: (release: SentryRelease, rollout: SentryRollout)?
            for release in list.releases where release.mayBeDeployed {
                let last = release.lastDeploy?.dateFinished.flatMap(ceiledSecond(of:)) ?? .distantFuture
                if let newest, last < newest.rollout.at { continue }
                let rollouts = try await rollouts(of: release, at: place).filter(place.holds)
                guard let rollout = rollouts.max(by: SentryRollout.isOlder) else { continue }
                if newest.map({ SentryRollout.isOlder($0.rollout, than: rollout) }) ?? true {
                    newest = (release, rollout)
                }
            }
            guard let newest else {
                throw SentryFailure(
                    SourceError(
                        .unknownSubject,
                        "\(name): Sentry has no deploy of project '\(place.slug)'\(inEnvironment(place)). Have the roll-out"
                            + " recorded there (sentry-cli deploys new), name its release with --version, or give --commit"
                            + " and --at."))
            }
            return SentryDeployment(
                version: newest.release.version, at: newest.rollout.at,
                commit: try await commit(of: newest.release, at: place))
        } catch {
            throw error.error
        }
    }

    private func deployment(
        at place: ReleasePlace, named version: String
    ) async throws(SentryFailure) -> SentryDeployment {
        // A release that was made but not yet seen in the environment is no longer listed when that is asked for.
        var anywhere = place
        anywhere.environment = nil
        let search = version.first == "v" ? String(version.dropFirst()) : version
        let found = try await releases(at: [anywhere], search: search) { _ in false }
        let same = found.releases.filter { isSameVersion($0.version, version) }
        let exact = same.filter { $0.version == version }
        guard let release = exact.first ?? same.first, exact.count == 1 || same.count == 1 else {
            throw SentryFailure(
                SourceError(
                    same.isEmpty ? .unknownSubject : .ambiguous,
                    same.isEmpty
                        ? "\(name): project '\(place.slug)' has no release '\(version)'"
                            + "\(known(found.releases.map(\.version), insteadOf: version)). Correct --version."
                        : "\(name): '\(version)' may be any of these releases of project '\(place.slug)':"
                            + " \(list(same.map(\.version))). Name one of them with --version."))
        }
        let commit = try await commit(of: release, at: place)
        let rollouts = release.mayBeDeployed ? try await rollouts(of: release, at: place) : []
        if let newest = rollouts.filter(place.holds).max(by: SentryRollout.isOlder) {
            return SentryDeployment(version: release.version, at: newest.at, commit: commit)
        }
        let times = [
            ("it was finalized", release.dateReleased), ("its first event came", release.firstEvent),
            ("it was made", release.dateCreated),
        ]
        for (what, text) in times {
            guard let at = text.flatMap(ceiledSecond(of:)) else { continue }
            return SentryDeployment(
                version: release.version, at: at, commit: commit,
                note: "Sentry has no deploy of '\(release.version)'\(inEnvironment(place)); the time is when \(what).")
        }
        throw SentryFailure(malformed("\(name): the release '\(release.version)' has no time at all"))
    }

    private func inEnvironment(_ place: ReleasePlace) -> String {
        place.environment.map { " in environment '\($0)'" } ?? ""
    }

    /// The full id of a release's newest commit.
    private func commit(of release: SentryRelease, at place: ReleasePlace) async throws(SentryFailure) -> String? {
        var commit = release.lastCommit
        if commit == nil {
            let address = SentryAddress(
                base: place.region ?? base, path: ["organizations", organization, "releases", release.version])
            let about = subject("the release '\(release.version)'", project: place.slug)
            commit = try await caller.get(address, about: about, as: SentryRelease.self).body.lastCommit
        }
        return commit.flatMap { isFullCommit($0.id) ? $0.id.lowercased() : nil }
    }
}
