import HotfixConfiguration
package import HotfixCore
import HotfixStore
import HotfixTracker

extension LocalDesk {
    /// Records a deployment.
    package func record(_ entry: DeploymentEntry) throws -> DeploymentReceipt {
        try refuse(entry.objection)
        let commit = entry.commit
        guard (7...64).contains(commit.utf8.count), commit.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw CommandError(
                .wrong, "--commit '\(oneLine(commit))' is not a commit id: give 7 to 64 hexadecimal digits.")
        }
        let now = now
        let at = try instant(of: entry, at: now)
        let names =
            try workplace.selected(entry.services).map { chosen in
                workplace.settings.services.map(\.service.name).filter(chosen.contains)
            } ?? workplace.settings.services.map(\.service.name)
        let interval = try entry.incident.map { try HotfixCommand.interval($0, "--incident", openEnd: at) }
        let ledger = try workplace.openLedger(createIfMissing: makesLedger)
        let facts = try ledger.facts()
        let branch = try branch(of: entry, facts)
        let newer = facts.deployments.last { $0.isOpen && $0.at > at }?.id
        let same = facts.deployments.first {
            $0.isOpen && $0.commit == commit.lowercased() && $0.at == at && $0.services == names && entry.at != nil
        }
        if let same { return DeploymentReceipt(deployment: same.forDesk, wasKnown: true) }
        let deployment = Deployment(
            id: 0, hotfix: 0, branch: branch, commit: commit.lowercased(), version: entry.version,
            beside: entry.beside, at: at, recordedAt: now, services: names,
            pairs: workplace.settings.pairs.filter { names.contains($0.service) },
            incident: interval != nil ? .named : entry.noIncident ? .none : .unstated,
            newBaselineReason: entry.newBaseline ? entry.reason : nil)
        let exclusions = interval.map { interval in
            [Exclusion(id: 0, interval: interval, reason: "incident: \(entry.reason ?? "")", recordedAt: now)]
        }
        try ledger.record(.deployment(deployment, excluding: exclusions ?? []))
        // Somebody else may have recorded another at the same moment.
        let recorded = try ledger.facts().deployments.last {
            $0.commit == deployment.commit && $0.at == at && $0.recordedAt == now && $0.services == names
        }
        guard let recorded else {
            throw CommandError(
                .unusable, "The deployment was recorded, but the ledger no longer holds it. See: hotfix deployed --list"
            )
        }
        return DeploymentReceipt(deployment: recorded.forDesk, wasKnown: false, newer: newer)
    }

    /// Closes the open hotfix.
    package func closeHotfix() throws -> Deployment {
        let ledger = try workplace.openLedger()
        guard let open = try ledger.facts().deployments.last(where: \.isOpen) else {
            throw CommandError(.wrong, "No hotfix is open.", concern: .conflict)
        }
        try ledger.record(.close(hotfix: open.hotfix, at: now))
        return (try ledger.facts().deployments.first { $0.id == open.id } ?? open).forDesk
    }

    /// Takes a deployment back.
    package func takeBack(_ entry: TakingBackEntry) throws -> Deployment {
        try refuse(entry.objection)
        let id = entry.deployment
        let ledger = try workplace.openLedger()
        guard let deployment = try ledger.facts().deployments.first(where: { $0.id == id }) else {
            throw CommandError(
                .wrong, "There is no deployment \(id). List them: hotfix deployed --list", concern: .unknown)
        }
        guard !deployment.isVoid else {
            throw CommandError(
                .wrong, "Deployment \(id) was taken back already: \(oneLine(deployment.voidReason ?? "")).",
                concern: .conflict)
        }
        try ledger.record(.void(deployment: id, reason: entry.reason, at: now))
        return (try ledger.facts().deployments.first { $0.id == id } ?? deployment).forDesk
    }

    /// Leaves an interval out of look-backs.
    package func exclude(_ entry: ExclusionEntry) throws -> Exclusion {
        try refuse(entry.objection)
        if let service = entry.service { _ = try workplace.selected([service]) }
        let interval = try HotfixCommand.interval(entry.interval, "The interval", openEnd: nil)
        let exclusion = Exclusion(
            id: 0, service: entry.service, interval: interval, reason: entry.reason, by: entry.by, recordedAt: now)
        let ledger = try workplace.openLedger(createIfMissing: makesLedger)
        try ledger.record(.exclusion(exclusion))
        let recorded = try ledger.facts().exclusions.last { known in
            var same = known
            same.id = 0
            return same == exclusion
        }
        return recorded ?? exclusion
    }

    /// Excuses an episode.
    package func excuse(_ entry: ExcusalEntry) throws -> Excusal {
        try refuse(entry.objection)
        let ledger = try workplace.openLedger()
        let facts = try ledger.facts()
        let found = try episode(named: entry.episode, facts)
        guard !facts.excusals.contains(where: { $0.episode == found.id }) else {
            throw CommandError(
                .wrong, "Episode '\(oneLine(found.id))' is excused already.", concern: .conflict)
        }
        let step = workplace.settings.service(found.pair.service)?.policy.window ?? 300
        // What breaches after this opens an episode of its own.
        let end = found.closedAt ?? found.lastBreach + step
        let excusal = Excusal(
            episode: found.id, pair: found.pair, interval: Interval(start: found.start, end: end),
            reason: entry.reason, by: entry.by, recordedAt: now)
        try ledger.record(.excusal(excusal))
        return excusal
    }

    /// Accepts that guardrails were dropped.
    package func accept(_ entry: AcceptanceEntry) throws -> [Acceptance] {
        try refuse(entry.objection)
        let now = now
        let ledger = try workplace.openLedger()
        let snapshot = try workplace.snapshot(ledger, at: now)
        let dropped = snapshot.droppedPairs(snapshot.facts.deployments.filter(\.isOpen))
        guard !dropped.isEmpty else {
            throw CommandError(
                .wrong, "No guardrail that the deployment counts on was dropped; there is nothing to accept.",
                concern: .conflict)
        }
        let acceptances = dropped.map { Acceptance(pair: $0, reason: entry.reason, by: entry.by, recordedAt: now) }
        try ledger.record(.acceptance(acceptances))
        return acceptances
    }

    /// The episode that a person names: by its identity, or by its service and guardrail where it is open.
    func episode(named name: String, _ facts: LedgerFacts) throws -> Episode {
        if let known = facts.episodes.first(where: { $0.id == name }) { return known }
        if let open = facts.episodes.last(where: { $0.isOpen && $0.pair.description == name }) { return open }
        let known = facts.episodes.filter(\.isOpen).map { oneLine($0.id) }.joined(separator: ", ")
        throw CommandError(
            .wrong, "There is no episode '\(oneLine(name))'. Open are: \(known.isEmpty ? "none" : known).",
            concern: .unknown)
    }

    /// Refuses an entry that is wrong in itself.
    func refuse(_ objection: String?) throws {
        if let objection { throw CommandError(.wrong, objection) }
    }

    private func instant(of entry: DeploymentEntry, at now: Instant) throws -> Instant {
        let at = try entry.at.map { try HotfixCommand.instant($0, "--at") } ?? now
        guard at <= now else {
            throw CommandError(
                .wrong, "--at \(at) lies in the future; it is \(now). Record a deployment when it is done.")
        }
        let retention = workplace.settings.ledgerRetention
        guard now - at <= retention else {
            throw CommandError(
                .wrong,
                "--at \(at) lies further back than the ledger reaches (`retention`, \(formatDuration(retention))).")
        }
        return at
    }

    private func branch(of entry: DeploymentEntry, _ facts: LedgerFacts) throws -> String? {
        let open = facts.deployments.last { $0.isOpen }
        let branch = try entry.branch ?? open?.branch ?? branchOfTracker()
        if let named = open?.branch, let branch, named != branch {
            throw CommandError(
                .wrong, "The hotfix '\(oneLine(named))' is open. Close it first: hotfix deployed --close",
                concern: .conflict)
        }
        return branch
    }

    private func branchOfTracker() throws -> String? {
        guard let tracker = workplace.settings.tracker else { return nil }
        let status = try StatusFile.read(path: tracker.statusFile)
        guard case .string(let name)? = status.root["branch"]?.object?["name"] else { return nil }
        return name.text
    }
}
