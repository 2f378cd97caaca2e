extension MessagePlanner {
    /// What a message says.
    func facts(_ draft: Draft, _ older: [Int: Timeline]) -> MessageFacts {
        switch draft.topic {
        case .episode(let episode, let window): facts(draft.kind, of: episode, window, older)
        case .service(let name): facts(draft.kind, ofService: name)
        case .series(let series): facts(neverSeen: series)
        case .rollOut(let found):
            facts(of: Pair(found.service, ""), severity: .warning) { $0.reason = found.note }
        case .deployment(let deployment): facts(of: deployment)
        case .hotfix(let hotfix): facts(draft, ofHotfix: hotfix)
        }
    }

    // MARK: Episodes

    private func facts(
        _ kind: MessageKind, of episode: Episode, _ window: Instant?, _ older: [Int: Timeline]
    ) -> MessageFacts {
        let pair = episode.pair
        var facts = facts(of: pair, severity: severity(of: pair)) { $0.guardrail = pair.guardrail }
        facts.episode = episode
        if let lost = proven(before: episode), ![.corrected, .withdrawn, .excused].contains(kind) {
            facts.streak?.lostSeconds = lost
        }
        let excusal = after.facts.excusals.last { $0.episode == episode.id }
        if kind == .excused, let excusal { facts.reason = "\(excusal.by) said why: \(excusal.reason)" }
        guard let (service, snapshot) = found(pair), let window else {
            facts.links = links(pair, seen: Interval(start: episode.start - Plot.shown, end: episode.lastBreach))
            return facts
        }
        let end = window + service.context.step
        facts.window = windowFacts(snapshot, of: service, at: window)
        facts.links = links(pair, seen: Interval(start: end - Plot.shown, end: end))
        let shown = snapshot.shownSeries.flatMap { older[$0] }.map(snapshot.showing) ?? snapshot
        facts.plot = Plot(shown, of: service, until: end)
        return facts
    }

    private func windowFacts(
        _ pair: PairSnapshot, of service: ServiceSnapshot, at start: Instant
    ) -> MessageFacts.WindowFacts {
        let detail = service.context.detail(of: pair, at: start)
        let series = after.facts.series.last { $0.id == pair.shownSeries }
        return MessageFacts.WindowFacts(
            start: start, end: start + service.context.step,
            // A breach may be that of an earlier query, whose windows stand beside.
            value: (detail?.observation ?? pair.records[start]?.observation).map(\.value) ?? pair.counted(start)?.value,
            unit: series?.definition.unit ?? pair.guardrail.unit, baseline: detail?.baseline?.number,
            baselineWindows: detail?.baseline?.windowsUsed, limit: detail?.judgement?.limitNumber,
            isLimitAbove: detail?.judgement?.limit?.isUpper ?? true, query: series?.definition.query)
    }

    /// What was proven just before an episode's first breach, in seconds; nil where that was nothing.
    private func proven(before episode: Episode) -> Seconds? {
        guard let service = after.services.first(where: { $0.name == episode.pair.service }),
            let proven = service.derived(until: episode.start, at: now).streak?.proven, proven > 0
        else { return nil }
        return proven
    }

    private func severity(of pair: Pair) -> Guardrail.Severity {
        let known = after.facts.policies.last { version in
            version.service == pair.service && version.policy.guardrail(pair.guardrail) != nil
        }
        return found(pair)?.pair.guardrail.severity ?? known?.policy.guardrail(pair.guardrail)?.severity ?? .critical
    }

    // MARK: Services and series

    private func facts(_ kind: MessageKind, ofService name: String) -> MessageFacts {
        facts(of: Pair(name, ""), severity: .error) { facts in
            facts.links = plan.links(Pair(name, ""), nil, Interval(start: clock - Plot.shown, end: clock))
            guard kind == .blind, let service = readiness.services.first(where: { $0.name == name }) else { return }
            facts.reason = whyBlind(service)
            facts.remedy = "See 'hotfix readiness', and 'hotfix doctor' for its sources."
        }
    }

    private func facts(neverSeen series: SeriesState) -> MessageFacts {
        let pair = series.pair
        return facts(of: pair, severity: .warning) { facts in
            facts.guardrail = pair.guardrail
            let start = series.judgedFrom.floored(to: series.window)
            let end = start + max(series.window, 3600)
            facts.window = MessageFacts.WindowFacts(
                start: start, end: end, unit: series.definition.unit, query: series.definition.query)
            facts.reason = "Source '\(series.definition.source)' was asked, and has not had one since."
            facts.remedy = "Look at its query, and at what the service is called at the source: hotfix doctor."
            facts.links = links(pair, seen: Interval(start: end - Plot.shown, end: end))
        }
    }

    // MARK: Deployments and hotfixes

    private func facts(of deployment: Deployment) -> MessageFacts {
        let services = deployment.services
        var facts = MessageFacts(
            ledgerID: after.facts.ledgerID, service: services.count == 1 ? services.first : nil, severity: .info)
        facts.environment = facts.service.flatMap(environment)
        facts.hotfix = MessageFacts.HotfixFacts(deployment)
        if services.count > 1 { facts.reason = "Services: \(services.joined(separator: ", "))." }
        facts.links = hotfixLinks
        return facts
    }

    private func facts(_ draft: Draft, ofHotfix hotfix: Int) -> MessageFacts {
        let newest = after.facts.deployments.filter { $0.hotfix == hotfix }.max { ($0.at, $0.id) < ($1.at, $1.id) }
        let isRunning = readiness.deployment?.hotfix == hotfix
        var facts = MessageFacts(ledgerID: after.facts.ledgerID, severity: draft.kind == .lost ? .warning : .info)
        facts.hotfix = (isRunning ? readiness.deployment : newest).map(MessageFacts.HotfixFacts.init)
        if isRunning {
            facts.streak = MessageFacts.StreakFacts(
                provenSeconds: readiness.provenSeconds, requiredSeconds: readiness.requiredSeconds,
                since: readiness.since, earliestReady: readiness.earliestReady)
        }
        if draft.kind == .lost, let opening = draft.opening {
            facts.streak?.lostSeconds = lostSeconds(since: opening)
            facts.reason = whyLost(since: opening, isRunning: isRunning)
        }
        facts.links = hotfixLinks
        return facts
    }

    private var hotfixLinks: [MessageLink] {
        plan.links(nil, nil, Interval(start: clock - Plot.shown, end: clock))
    }

    // MARK: Of all

    /// What is said of a service in every message about it.
    private func facts(
        of pair: Pair, severity: Guardrail.Severity, adding: (inout MessageFacts) -> Void
    ) -> MessageFacts {
        let service = readiness.services.first { $0.name == pair.service }
        var facts = MessageFacts(
            ledgerID: after.facts.ledgerID, service: pair.service, environment: environment(of: pair.service),
            severity: severity)
        if let service, let deployment = service.deployment {
            facts.hotfix = MessageFacts.HotfixFacts(deployment)
            facts.streak = MessageFacts.StreakFacts(
                provenSeconds: service.provenSeconds, requiredSeconds: service.requiredSeconds, since: service.since,
                earliestReady: service.earliestReady)
        }
        adding(&facts)
        return facts
    }

    private func environment(of service: String) -> String? {
        after.services.first { $0.name == service }?.context.service.environment
    }

    /// The pages that help with a guardrail, each once.
    private func links(_ pair: Pair, seen: Interval) -> [MessageLink] {
        let snapshot = found(pair)?.pair
        let definition = (snapshot?.series ?? after.facts.series.last { $0.pair == pair })?.definition
        var links = plan.links(pair, definition, seen)
        if let url = snapshot?.guardrail.link { links.append(MessageLink(label: "About \(pair.guardrail)", url: url)) }
        var known: Set<String> = []
        return links.filter { known.insert($0.url).inserted }
    }
}

extension MessageFacts.HotfixFacts {
    /// What is said of a deployment.
    package init(_ deployment: Deployment) {
        self.init(
            id: deployment.hotfix, deployment: deployment.id, branch: deployment.branch, commit: deployment.commit,
            version: deployment.version, deployedAt: deployment.at)
    }
}
