extension Snapshot {
    /// Whether the hotfix may be merged back: a pure function of the ledger and the instant it is asked for.
    ///
    /// - Parameters:
    ///   - at: Windows that end later are left out; deployments of later have to be left out of `facts`.
    ///   - clock: The reader's own clock.
    ///   - maxAge: The newest complete window must have ended no longer ago than this, in seconds; nil means 4 windows.
    ///   - names: Only these services; nil means all.
    /// - Returns: The readiness of the hotfix, with that of each of its services.
    package func readiness(
        at: Instant, clock: Instant, maxAge: Seconds? = nil, services names: Set<String>? = nil
    ) -> Readiness {
        let open = facts.deployments.filter(\.isOpen)
        // Whoever asks for one service of a thousand does not pay for all.
        let deployed = Set(
            open.flatMap { deployment in deployment.services.filter { names?.contains($0) ?? true } })
        let concerned = services.filter { service in
            names.map { $0.contains(service.name) } ?? (deployed.isEmpty || deployed.contains(service.name))
        }
        let awaiting = servicesAwaitingPolicy
        var results = concerned.map {
            $0.readiness(
                at: at, clock: clock, maxAge: maxAge, awaitsPolicy: awaiting.contains($0.name))
        }
        let known = Set(services.lazy.map(\.name).filter(deployed.contains))
        for name in deployed.subtracting(known).sorted() where !isGivenUp(name, open) {
            results.append(unwatched(name, open))
        }
        let worst = results.min { rank($0.state) < rank($1.state) }
        let isDeployed = !results.isEmpty && results.allSatisfy { $0.deployment != nil }
        let evaluated = results.compactMap(\.evaluatedUntil)
        let episodes = episodes(concerned, since: open.map(\.at).min())
        let shown = Set(results.map(\.name))
        return Readiness(
            state: worst?.state ?? .notDeployed, stateReason: worst?.stateReason,
            requiredSeconds: results.map(\.requiredSeconds).max() ?? 0,
            provenSeconds: results.map(\.provenSeconds).min() ?? 0,
            since: isDeployed ? results.compactMap(\.since).max() : nil,
            earliestReady: isDeployed && results.allSatisfy { $0.earliestReady != nil }
                ? results.compactMap(\.earliestReady).max() : nil,
            evaluatedUntil: evaluated.count == results.count ? evaluated.min() : nil,
            deployment: open.max { ($0.at, $0.id) < ($1.at, $1.id) }, services: results,
            episodes: episodes, notes: notes(concerned, open, at: at),
            unrecordedDeploys: unrecordedDeploys(at: at, services: Set(concerned.map(\.name))),
            silences: facts.silences.filter { silence in
                silence.holds(at: at) && (silence.service.map(shown.contains) ?? true)
            }, acknowledgements: episodes.compactMap(facts.standingAcknowledgements.newest))
    }

    /// The services that were judged by another rule than the one which the next check will adopt.
    private var servicesAwaitingPolicy: Set<String> {
        Set(
            pending.policies.compactMap { new in
                guard let context = services.first(where: { $0.name == new.service })?.context,
                    let old = context.policies.values.filter({ $0.id != new.id }).max(by: { $0.id < $1.id })
                else { return nil }
                let isSame = new.policy.guardrails.allSatisfy { guardrail in
                    old.policy.guardrail(guardrail.name).map { $0.judgingPart == guardrail.judgingPart } ?? true
                }
                return isSame ? nil : new.service
            })
    }

    /// The pairs that an open deployment counts on, that the configuration dropped, and whose absence nobody accepted; with them
    /// the running versions that a source no longer tells.
    package func droppedPairs(_ deployments: [Deployment]) -> [Pair] {
        let configured = Set(services.flatMap { $0.pairs.filter { !$0.isDropped }.map(\.pair) })
        var dropped: Set<Pair> = []
        for service in Set(deployments.flatMap(\.services)) {
            guard
                let newest = deployments.filter({ $0.services.contains(service) }).max(by: {
                    ($0.at, $0.id) < ($1.at, $1.id)
                })
            else { continue }
            for pair in facts.pairs(countedBy: newest, of: service) where !configured.contains(pair) {
                if !facts.isAccepted(pair, since: newest.recordedAt) { dropped.insert(pair) }
            }
        }
        let ids = Set(deployments.map(\.id))
        for service in services {
            guard let versions = service.versions, versions.isDropped, ids.contains(versions.deployment.id) else {
                continue
            }
            dropped.insert(.runningVersion(of: service.name))
        }
        return dropped.sorted()
    }

    /// Whether all that a deployed service was watched for was dropped, and that was accepted.
    private func isGivenUp(_ name: String, _ open: [Deployment]) -> Bool {
        guard let newest = open.filter({ $0.services.contains(name) }).max(by: { ($0.at, $0.id) < ($1.at, $1.id) })
        else { return true }
        return !facts.pairs(countedBy: newest, of: name).isEmpty && !droppedPairs(open).contains { $0.service == name }
    }

    /// A deployed service that the configuration dropped altogether: nothing of it is watched, and nothing proven.
    private func unwatched(_ name: String, _ open: [Deployment]) -> ServiceReadiness {
        ServiceReadiness(
            name: name, state: .blind, stateReason: .unproven,
            deployment: open.filter { $0.services.contains(name) }.max { ($0.at, $0.id) < ($1.at, $1.id) },
            requiredSeconds: Policy.Streak().required, provenSeconds: 0, since: nil, sinceOrigin: nil,
            earliestReady: nil, evaluatedUntil: nil, unprovenWindows: 0, missingWindows: 0, guardrails: [],
            lastBreach: nil, notWatched: [])
    }

    private func rank(_ state: Readiness.State) -> Int { Readiness.State.allCases.firstIndex(of: state) ?? 0 }

    private func episodes(_ concerned: [ServiceSnapshot], since: Instant?) -> [Episode] {
        let names = Set(concerned.map(\.name))
        return facts.episodes.filter { episode in
            names.contains(episode.pair.service)
                && (episode.isOpen || since.map { (episode.closedAt ?? $0) >= $0 } ?? false)
        }.sorted { ($0.start, $0.pair) < ($1.start, $1.pair) }
    }

    private func notes(_ concerned: [ServiceSnapshot], _ open: [Deployment], at: Instant) -> [String] {
        var notes: [String] = []
        for service in concerned {
            for (old, new) in service.context.policyChanges {
                notes.append(
                    "The policy of '\(service.name)' changed at \(new.adoptedAt): \(differences(old.policy, new.policy))."
                )
            }
            for pair in service.pairs where pair.isDropped {
                notes.append(
                    pair.isAccepted
                        ? "\(pair.pair) was dropped from the configuration, which was accepted."
                        : "\(pair.pair) was dropped from the configuration: its windows are unproven (not-watched) until 'hotfix accept'."
                )
            }
            if service.context.deployments.running?.incident == .unstated {
                for pair in service.pairs {
                    guard let over = pair.baselines.last?.windowsOverMedianLimit, over > 0 else { continue }
                    notes.append(
                        "\(over) windows of the look-back of \(pair.pair) lie over the limit that its median would give; name the incident (hotfix deployed --incident) or say that there was none (--no-incident)."
                    )
                }
            }
            for exclusion in service.context.exclusions {
                notes.append("Left out of look-backs: \(exclusion.interval), \(exclusion.reason).")
            }
        }
        for deployment in open {
            if let reason = deployment.newBaselineReason {
                notes.append("Deployment \(deployment.id) moved the baseline: \(reason).")
            }
        }
        notes += versionNotes(concerned, open, until: at)
        for excusal in facts.excusals where concerned.contains(where: { $0.name == excusal.pair.service }) {
            notes.append("Episode \(excusal.episode) was excused by \(excusal.by): \(excusal.reason).")
        }
        var seen: Set<String> = []
        return notes.filter { seen.insert($0).inserted }
    }
}

extension ServiceContext {
    /// The policy versions that replaced another since the running deployment was recorded.
    package var policyChanges: [(old: PolicyVersion, new: PolicyVersion)] {
        guard let since = deployments.running?.recordedAt else { return [] }
        let versions = policies.values.sorted { $0.id < $1.id }
        return zip(versions, versions.dropFirst()).filter { $1.adoptedAt > since }.map { ($0, $1) }
    }
}

/// What differs between two policies, in words.
private func differences(_ old: Policy, _ new: Policy) -> String {
    var parts: [String] = []
    if old.streak != new.streak { parts.append("streak (the stricter of both counts)") }
    if old.window != new.window { parts.append("window") }
    let before = Set(old.guardrails.map(\.name))
    let after = Set(new.guardrails.map(\.name))
    parts += before.subtracting(after).sorted().map { "'\($0)' dropped" }
    parts += after.subtracting(before).sorted().map { "'\($0)' added" }
    for guardrail in new.guardrails {
        if let earlier = old.guardrail(guardrail.name), earlier != guardrail {
            parts.append("'\(guardrail.name)' changed")
        }
    }
    return parts.isEmpty ? "order only" : parts.joined(separator: ", ")
}
