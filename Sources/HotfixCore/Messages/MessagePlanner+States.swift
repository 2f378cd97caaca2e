extension MessagePlanner {
    // MARK: Deployments

    /// Deployments that were recorded since the last check, silenced or not: nobody is paged for one.
    func deploymentDrafts() -> [Draft] {
        after.facts.deployments.compactMap { deployment in
            let thread = Self.deployed + "\(deployment.id)"
            guard !deployment.isVoid, isNew(deployment), !told.contains(thread) else { return nil }
            return Draft(kind: .deployed, thread: thread, at: deployment.at, topic: .deployment(deployment))
        }
    }

    private static let deployed = "deployed/"

    /// Whether a deployment was recorded since the last check.
    ///
    /// One whose clock ran ahead says nothing of that; then it is what came after the newest deployment that was told.
    private func isNew(_ deployment: Deployment) -> Bool {
        guard let last = before.lastCheck?.at, deployment.recordedAt < last else { return true }
        guard last > clock else { return false }
        let newest = before.messages.filter { $0.kind == .deployed }.compactMap {
            Int($0.thread.dropFirst(Self.deployed.count))
        }.max()
        return deployment.id > newest ?? 0
    }

    /// Roll-outs that a source knows of and nobody recorded.
    func rollOutDrafts() -> [Draft] {
        after.unrecordedDeploys(at: clock).compactMap { found in
            // When a version was first seen moves as windows are asked again; when a roll-out was finished does not.
            let since = found.deployment.map { "deployment-\($0)" } ?? "\(found.at)"
            let thread = "unrecorded-deploy/\(found.service)/\(found.source)/\(found.version)/\(since)"
            guard !told.contains(thread), !isSilenced(found.service) else { return nil }
            return Draft(kind: .unrecordedDeploy, thread: thread, at: found.at, topic: .rollOut(found))
        }
    }

    // MARK: Series

    /// Series that had no value in their first hour, nor since.
    func neverSeenDrafts() -> [Draft] {
        after.services.flatMap { service in
            service.pairs.compactMap { pair -> Draft? in
                guard !pair.isDropped, let series = pair.series, let end = pair.endOfFirstHour(of: series) else {
                    return nil
                }
                let thread = "never-seen/\(pair.pair)/\(series.id)"
                guard !told.contains(thread), !isSilenced(service.name, pair.pair.guardrail) else { return nil }
                return Draft(kind: .neverSeen, thread: thread, at: end, topic: .series(series))
            }
        }
    }

    // MARK: Sight

    /// Services that can no longer be judged, and those that can be again.
    func sightDrafts() -> [Draft] {
        let open = told.open(.blind)
        let blind = Set(readiness.services.filter { $0.state == .blind && $0.deployment != nil }.map(\.name))
        let sighted = open.filter { head in head.service.map { !blind.contains($0) } ?? true }.map { head in
            Draft(
                kind: .sighted, thread: head.thread, opening: head, at: now, topic: .service(head.service ?? ""))
        }
        let known = Set(open.compactMap(\.service))
        let new = readiness.services.filter { service in
            blind.contains(service.name) && !known.contains(service.name) && !isSilenced(service.name)
        }.map { service in
            let since = lastJudged(service)
            return Draft(
                kind: .blind, thread: "blind/\(service.name)/\(since)", at: since, topic: .service(service.name))
        }
        return sighted + new
    }

    /// The end of the newest window that came to more than unproven, the deployment where that is later.
    private func lastJudged(_ readiness: ServiceReadiness) -> Instant {
        let deployed = readiness.deployment?.at ?? now
        guard let service = after.services.first(where: { $0.name == readiness.name }) else { return deployed }
        let judged = service.derived(until: clock, at: clock).windows.last {
            $0.isComplete && ($0.verdict == .clean || $0.verdict == .breach)
        }
        return max(deployed, judged.map { $0.start + service.context.step } ?? deployed)
    }

    // MARK: The hotfix

    /// That the hotfix has become ready, and that it no longer is.
    func readyDrafts() -> [Draft] {
        let running = readiness.deployment?.hotfix
        let open = told.open(.ready).compactMap { head in hotfix(of: head).map { (head: head, hotfix: $0) } }
        let lost = open.filter { head, hotfix in
            let deployments = after.facts.deployments.filter { $0.hotfix == hotfix }
            // What was completed has served: nothing is lost by it.
            guard !deployments.contains(where: { $0.closedAt != nil }) else { return false }
            return hotfix != running || isLost(since: head)
        }
        var drafts = lost.map { head, hotfix in
            Draft(kind: .lost, thread: head.thread, opening: head, at: now, topic: .hotfix(hotfix))
        }
        if let running, readiness.isReady, !isSilenced(nil),
            !open.contains(where: { $0.hotfix == running }) || lost.contains(where: { $0.hotfix == running })
        {
            drafts.append(
                Draft(
                    kind: .ready, thread: "\(Self.ready)\(running)", at: readiness.earliestReady ?? now,
                    topic: .hotfix(running)))
        }
        return drafts
    }

    private static let ready = "ready/"

    /// The number of the hotfix of which a message tells that it is ready.
    func hotfix(of head: MessageHead) -> Int? { Int(head.thread.dropFirst(Self.ready.count)) }

    private func isLost(since head: MessageHead) -> Bool {
        readiness.state == .breaching || readiness.state == .blind
            || readiness.services.contains { hasMoved($0, since: head) }
    }

    /// Whether a service's streak counts from elsewhere than when readiness was told.
    ///
    /// Whatever is ready was asked once more, and of that the ledger holds from where the streak counted.
    func hasMoved(_ service: ServiceReadiness, since head: MessageHead) -> Bool {
        guard let deployment = service.deployment, let since = service.since else { return true }
        guard let watched = after.services.first(where: { $0.name == service.name }) else { return false }
        return watched.pairs.contains { !$0.isDropped }
            && !watched.confirmations.contains {
                $0.deployment == deployment.id && $0.since == since
                    && $0.at <= head.createdAt
            }
    }
}

extension PairSnapshot {
    /// The end of the first hour of judged windows, where all of them were asked and neither they nor any other had a value.
    fileprivate func endOfFirstHour(of series: SeriesState) -> Instant? {
        let step = series.window
        let first = series.judgedFrom.floored(to: step)
        let end = first + max(step, Seconds(3600).ceiled(to: step))
        guard loadedFrom.map({ $0 <= first }) ?? true,
            baselines.allSatisfy({ $0.values.allSatisfy { $0.windowsUsed == 0 } })
        else { return nil }
        let hour = Span(start: first, end: end, step: step)
        guard hour.windows.allSatisfy({ records[$0.start].map { $0.observation.value == nil } ?? false }),
            records.entries.allSatisfy({ $0.record.observation.value == nil })
        else { return nil }
        return end
    }
}

extension Seconds {
    fileprivate func ceiled(to step: Seconds) -> Seconds { (self + step - 1) / step * step }
}
