import Foundation
package import HotfixCore

/// Versions by the deploys that Sentry has recorded.
///
/// A check reads the list of releases, which is one page of a hundred, for all projects; the deploys of a release are read when there
/// are more of them than before. Of a list of more than three pages a steady check reads the newest releases only, and everything
/// half an hour later: the windows until then are asked again, since an older release may have been rolled out once more.
extension SentrySource: VersionSource {
    package func findVersions(_ wishes: [VersionWish]) async -> [String: Result<VersionFinding, SourceError>] {
        var results: [String: Result<VersionFinding, SourceError>] = [:]
        do throws(SourceError) {
            let region = try await region()
            let projects = try await projects(region: region)
            for wish in wishes {
                do throws(SourceError) {
                    let place = try await releasePlace(wish.service, among: projects, region: region)
                    results[wish.service.name] = .success(try await finding(place, memo: wish.memo))
                } catch {
                    results[wish.service.name] = .failure(error)
                }
            }
        } catch {
            for wish in wishes { results[wish.service.name] = .failure(error) }
        }
        return results
    }

    package func versions(_ asks: [VersionAsk]) async -> [VersionAnswer] {
        var answers: [VersionAnswer] = []
        var readable: [VersionTarget] = []
        for ask in asks {
            if let place = pinnedPlace(ask.definition) {
                readable.append(VersionTarget(ask, at: place))
            } else {
                let error = SourceError(
                    .refused,
                    "\(name): the stored query of the version of '\(ask.service)' is not one of this Sentry's.")
                answers.append(VersionAnswer(ask: ask, failures: ask.span.isEmpty ? [] : [(ask.span, error)]))
            }
        }
        for targets in Dictionary(grouping: readable, by: \.place.region).values { answers += await read(targets) }
        return answers
    }

    /// Where a service's releases are.
    func releasePlace(
        _ service: Service, among projects: [SentryProject], region: String?
    ) async throws(SourceError) -> ReleasePlace {
        guard let project = service.bindings[name]?["project"], !project.isEmpty else {
            throw SourceError(
                .refused,
                "\(name): the service '\(service.name)' names no Sentry project."
                    + " Give it `\(name): {project: …}` with the project's slug or id.")
        }
        let place = SentryPlace(project: project, environment: service.environment)
        let found = try await find(place, among: projects, region: region).get()
        return ReleasePlace(
            region: region, project: found.id, slug: found.slug, environment: found.environment)
    }

    /// How many releases' deploys are read at most to find out whether one is in the environment.
    private static let mostFindingReads = 30

    /// Whether the project has a deploy in the environment; releases that are as they were are not read again.
    private func finding(_ place: ReleasePlace, memo: String?) async throws(SourceError) -> VersionFinding {
        do throws(SentryFailure) {
            let list = try await releases(at: [place]) { $0.contains { isCertainly($0, in: place) } }
            if list.releases.contains(where: { isCertainly($0, in: place) }) { return .known(definition(place)) }
            let before = memo.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) } ?? [:]
            var marks: [String: String] = [:]
            var reads = 0
            var isUnfinished = false
            for release in list.releases where release.mayBeDeployed {
                if before[release.version] != release.deployMark {
                    guard reads < Self.mostFindingReads else {
                        isUnfinished = true
                        continue
                    }
                    if release.deployCount != 1 { reads += 1 }
                    if try await rollouts(of: release, at: place).contains(where: place.holds) {
                        return .known(definition(place))
                    }
                }
                marks[release.version] = release.deployMark
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = (try? encoder.encode(marks)).map { String(decoding: $0, as: UTF8.self) }
            if isUnfinished { return .unfinished(memo: text ?? "") }
            let environment = place.environment.map { " in environment '\($0)'" } ?? ""
            return .unknown("Sentry has no deploy of project '\(place.slug)'\(environment)", memo: text)
        } catch {
            throw error.error
        }
    }

    private func isCertainly(_ release: SentryRelease, in place: ReleasePlace) -> Bool {
        guard release.mayBeDeployed, let last = release.lastDeploy else { return false }
        return place.environment == nil || place.environment == last.environment
    }

    private func definition(_ place: ReleasePlace) -> SeriesDefinition {
        var details = ["project": place.project, "slug": place.slug]
        details["environment"] = place.environment
        details["region"] = place.region
        let address = SentryAddress(
            base: place.region ?? base, path: ["organizations", organization, "releases"],
            query: [.init("project", place.project)] + (place.environment.map { [.init("environment", $0)] } ?? []))
        return SeriesDefinition(
            source: name, query: "GET " + address.readable, details: details, variant: "deploys")
    }

    private func pinnedPlace(_ definition: SeriesDefinition) -> ReleasePlace? {
        let details = definition.details
        guard let project = details["project"], let slug = details["slug"] else { return nil }
        if let region = details["region"], !(findsRegion && isSentryHost(region)) { return nil }
        return ReleasePlace(
            region: details["region"], project: project, slug: slug, environment: details["environment"])
    }

    /// Reads the versions of services of one region: of all at once, and of each project alone where Sentry refuses that.
    private func read(_ targets: [VersionTarget]) async -> [VersionAnswer] {
        let list: SentryReleaseList
        do throws(SentryFailure) {
            list = try await releases(at: targets.map(\.place)) { read in
                targets.allSatisfy { $0.isSatisfied(by: read) }
            }
        } catch {
            let projects = Dictionary(grouping: targets, by: \.place.project)
            guard projects.count > 1, error.mayBeOfOneProject else { return targets.map { $0.failure(error) } }
            var answers: [VersionAnswer] = []
            for (_, targets) in projects.sorted(by: { $0.key < $1.key }) { answers += await read(targets) }
            return answers
        }
        var deploys: [String: [SentryRollout]] = [:]
        var answers: [VersionAnswer] = []
        for var target in targets {
            do throws(SentryFailure) {
                try await complete(&target, list.releases, &deploys)
                answers.append(target.answer(list))
            } catch {
                answers.append(target.failure(error))
            }
        }
        return answers
    }

    /// Reads the deploys that matter and are not known yet, from the newest release on.
    private func complete(
        _ target: inout VersionTarget, _ releases: [SentryRelease], _ deploys: inout [String: [SentryRollout]]
    ) async throws(SentryFailure) {
        for release in target.candidates(releases) {
            guard target.matters(release) else { return }
            guard !target.knows(release) else { continue }
            let read: [SentryRollout]
            if let known = deploys[release.version] {
                read = known
            } else {
                read = try await rollouts(of: release, at: target.place)
                deploys[release.version] = read
            }
            target.take(read, of: release)
        }
    }
}

extension SentrySource.ReleasePlace {
    /// Whether a roll-out concerns the place.
    func holds(_ rollout: SentryRollout) -> Bool { environment == nil || environment == rollout.environment }
}

/// An ask with what is known of its place's roll-outs.
private struct VersionTarget: Sendable {
    let ask: VersionAsk
    let place: SentrySource.ReleasePlace
    /// What was remembered, as far as it reaches back to the ask's windows.
    private let memo: SentryVersionMemo?
    private var rollouts: [String: [SentryRollout]]
    private var marks: [String: String]

    /// How long roll-outs stay remembered before the windows that are asked, in seconds.
    private static let memory: Seconds = 7 * 86_400

    init(_ ask: VersionAsk, at place: SentrySource.ReleasePlace) {
        self.ask = ask
        self.place = place
        let known = ask.memo.flatMap { try? JSONDecoder().decode(SentryVersionMemo.self, from: Data($0.utf8)) }
        memo = known.flatMap { $0.from <= ask.span.start ? $0 : nil }
        rollouts = Dictionary(grouping: memo?.rollouts ?? [], by: \.version)
        marks = ask.isThorough ? [:] : memo?.marks ?? [:]
    }

    private var all: [SentryRollout] {
        rollouts.values.flatMap(\.self).filter(place.holds).sorted(by: SentryRollout.isOlder)
    }

    /// The newest roll-out that is known to be finished when the first window starts.
    private var before: SentryRollout? { all.last { $0.at <= ask.span.start } }

    /// The most releases of which every check reads all.
    private static let fewReleases = 300
    /// How long a check may do without reading all releases, in seconds.
    private static let whole: Seconds = 1800

    /// Whether releases on further pages can wait.
    func isSatisfied(by releases: [SentryRelease]) -> Bool {
        guard !ask.isThorough, let memo, let count = memo.releases, let readUntil = memo.readUntil,
            count > Self.fewReleases, (0..<Self.whole).contains(ask.span.end - readUntil),
            let oldest = releases.last?.listedAt
        else { return false }
        // Releases may be listed a little out of order.
        return memo.newestRelease.map { oldest < $0 - 86_400 } ?? false
    }

    /// The answer where nothing could be read.
    func failure(_ failure: SentryFailure) -> VersionAnswer {
        VersionAnswer(ask: ask, failures: ask.span.isEmpty ? [] : [(ask.span, failure.error)])
    }

    /// The releases of the project that may have been deployed, the last deployed one first.
    func candidates(_ releases: [SentryRelease]) -> [SentryRelease] {
        releases.filter { release in
            release.mayBeDeployed && (release.projects?.contains { $0.id == place.project } ?? true)
        }.sorted { lastFinished($0) > lastFinished($1) }
    }

    /// Whether a release may have been rolled out late enough to have run in a window.
    func matters(_ release: SentryRelease) -> Bool { before.map { lastFinished(release) >= $0.at } ?? true }

    /// Whether all deploys of a release are known.
    func knows(_ release: SentryRelease) -> Bool { marks[release.version] == release.deployMark }

    mutating func take(_ read: [SentryRollout], of release: SentryRelease) {
        rollouts[release.version] = read
        marks[release.version] = release.deployMark
    }

    private func lastFinished(_ release: SentryRelease) -> Instant {
        release.lastDeploy?.dateFinished.flatMap(ceiledSecond(of:)) ?? .distantFuture
    }

    /// Puts together what the windows say.
    func answer(_ list: SentryReleaseList) -> VersionAnswer {
        let all = all
        var answer = VersionAnswer(ask: ask, sourceNow: list.date, isUnsettled: !list.isWhole)
        for window in ask.span.windows {
            let running = all.last { $0.at <= window.start }.map { [$0.version] } ?? []
            let rolledOut = all.filter { $0.at > window.start && $0.at < window.end }.map(\.version)
            answer.seen[window.start] = Set(running + rolledOut)
        }
        answer.newest = all.last { $0.at <= list.now }.map { VersionSighting(version: $0.version, at: $0.at) }
        answer.memo = text(all, list)
        return answer
    }

    private func text(_ all: [SentryRollout], _ list: SentryReleaseList) -> String? {
        let from = max(memo?.from ?? ask.span.start, ask.span.start - Self.memory)
        let first = all.lastIndex { $0.at <= from } ?? 0
        let kept = Array(all[min(first, all.count)...])
        let listed = Set(list.releases.map(\.version))
        let memo = SentryVersionMemo(
            from: from, rollouts: kept, marks: list.isWhole ? marks.filter { listed.contains($0.key) } : marks,
            newestRelease: ([self.memo?.newestRelease] + list.releases.map(\.listedAt)).compactMap(\.self).max(),
            releases: list.isWhole ? list.releases.count : self.memo?.releases,
            readUntil: list.isWhole ? ask.span.end : self.memo?.readUntil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(memo)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension SentryFailure {
    /// Whether one project of several may be why a request for all of them was refused.
    fileprivate var mayBeOfOneProject: Bool {
        switch error.code {
        case .credentials, .refused, .unknownSubject: true
        case .unreachable, .timedOut, .rateLimited, .failed, .clock, .partial, .malformed, .ambiguous: false
        }
    }
}
