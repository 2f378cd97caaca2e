import HotfixCore

/// A mark that dashboards should show.
struct WantedAnnotation: Sendable, Hashable {
    /// When what it marks was over.
    struct End: Sendable, Hashable {
        /// The instant.
        var at: Instant
        /// Whether it is that of readiness, which stays though the hotfix is closed later.
        var isReadiness = false
    }

    /// What it marks: `deployment/7`, or an episode's identity.
    var thing: String
    /// When that began.
    var time: Instant
    /// When it was over; nil while it is not.
    var end: End?
    /// What is said of it: HTML, as Grafana shows it.
    var text: String
    /// What is said of it once it is over; nil means the same.
    var endText: String?
    /// What it is found by beside its own tag.
    var tags: [String]
}

/// Which marks dashboards should show: a pure function of the ledger.
struct AnnotationView: Sendable {
    /// For how long something that is over is seen to, in seconds: a Grafana that was away for a week has it all.
    static let memory: Seconds = 604_800

    /// The marks, in the order in which they began.
    private(set) var wanted: [WantedAnnotation] = []

    /// Finds the marks.
    ///
    /// - Parameters:
    ///   - view: What should be seen.
    ///   - first: When it was looked first: what was over by then is history that nobody asked for.
    init(_ view: DisplayState, since first: Instant) {
        for deployment in view.facts.deployments {
            let end = Self.end(of: deployment, view)
            guard Self.isWanted(from: deployment.recordedAt, to: end?.at, since: first, now: view.now) else { continue }
            wanted.append(Self.mark(deployment, end, view))
        }
        let said = Dictionary(view.open.map { ($0.thread, $0) }, uniquingKeysWith: { $0.id > $1.id ? $0 : $1 })
        for episode in view.facts.episodes {
            guard Self.isWanted(from: episode.openedAt, to: episode.closedAt, since: first, now: view.now) else {
                continue
            }
            wanted.append(Self.mark(episode, said[episode.id], view))
        }
        wanted.sort { ($0.time, $0.thing) < ($1.time, $1.thing) }
    }

    private static func isWanted(from start: Instant, to end: Instant?, since first: Instant, now: Instant) -> Bool {
        guard let end else { return true }
        return max(start, end) >= first && now - end <= memory
    }

    /// When a deployment was no longer watched: taken back, closed, followed by others on all its services, or ready.
    private static func end(of deployment: Deployment, _ view: DisplayState) -> WantedAnnotation.End? {
        func end(_ at: Instant, isReadiness: Bool = false) -> WantedAnnotation.End {
            WantedAnnotation.End(at: max(at, deployment.at), isReadiness: isReadiness)
        }
        if let voided = deployment.voidedAt { return end(voided) }
        let later = view.facts.deployments.filter { other in
            !other.isVoid && (other.at, other.id) > (deployment.at, deployment.id)
        }
        let followed = deployment.services.map { service in
            later.filter { $0.services.contains(service) }.map(\.at).min() ?? .distantFuture
        }
        let superseded = followed.max().flatMap { $0 == .distantFuture ? nil : $0 }
        if let over = [deployment.closedAt, superseded].compactMap(\.self).min() { return end(over) }
        let services = view.readiness.services.filter { $0.deployment?.id == deployment.id }
        let ready = services.compactMap { $0.state == .ready ? $0.earliestReady : nil }
        guard ready.count == services.count, let last = ready.max() else { return nil }
        return end(last, isReadiness: true)
    }

    private static func mark(
        _ deployment: Deployment, _ end: WantedAnnotation.End?, _ view: DisplayState
    ) -> WantedAnnotation {
        let message = Message(
            id: 0, kind: .deployed, thread: "deployment/\(deployment.id)", at: deployment.at,
            createdAt: deployment.recordedAt,
            facts: MessageFacts(
                ledgerID: view.facts.ledgerID, severity: .info, hotfix: MessageFacts.HotfixFacts(deployment)))
        let text = MessageText(message)
        let services = "Services: \(clipped(oneLine(deployment.services.joined(separator: ", ")), units: 600))"
        return WantedAnnotation(
            thing: message.thread, time: deployment.at, end: end,
            text: html([text.title] + text.lines.map { "\($0.label): \($0.value)" } + [services]),
            tags: ["hotfix", deployment.branch, deployment.commit].compactMap(\.self))
    }

    private static func mark(_ episode: Episode, _ said: Message?, _ view: DisplayState) -> WantedAnnotation {
        let deployment = view.facts.deployments.last { deployment in
            !deployment.isVoid && deployment.at <= episode.openedAt
                && deployment.services.contains(episode.pair.service)
        }
        func words(_ kind: MessageKind) -> MessageText {
            MessageText(
                Message(
                    id: 0, kind: kind, thread: episode.id, at: episode.closedAt ?? view.now, createdAt: view.now,
                    facts: MessageFacts(
                        ledgerID: view.facts.ledgerID, service: episode.pair.service,
                        guardrail: episode.pair.guardrail, severity: .info, episode: episode,
                        hotfix: deployment.map(MessageFacts.HotfixFacts.init))))
        }
        let opening = said.map { MessageText($0) }.map { [$0.title, $0.sentence] } ?? [words(.breach).title]
        let closing: MessageKind? =
            switch episode.ending {
            case .recovered: .recovered
            case .corrected: .corrected
            case .withdrawn: .withdrawn
            case .excused: .excused
            case nil: nil
            }
        let ended = closing.map(words).map { text in
            html([text.title] + text.lines.filter { $0.label == "Lasted" }.map { "\($0.label): \($0.value)" })
        }
        return WantedAnnotation(
            thing: episode.id, time: episode.start,
            end: episode.closedAt.map { WantedAnnotation.End(at: max($0, episode.start)) },
            text: html(opening), endText: ended,
            tags: [
                "hotfix", "breach", episode.pair.service, episode.pair.guardrail, deployment?.branch,
                deployment?.commit,
            ]
            .compactMap(\.self))
    }

    /// Lines as Grafana shows them: it takes the text of an annotation for HTML.
    private static func html(_ lines: [String]) -> String {
        clippedHTML(lines.map { clipped(oneLine($0), units: 1000) }).joined(separator: "<br>")
    }

    private static func clippedHTML(_ lines: [String]) -> [String] {
        lines.prefix(12).map { escaping($0, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"]) }
    }
}

extension MessageFacts.HotfixFacts {
    /// What is said of a deployment.
    fileprivate init(_ deployment: Deployment) {
        self.init(
            id: deployment.hotfix, deployment: deployment.id, branch: deployment.branch, commit: deployment.commit,
            version: deployment.version, deployedAt: deployment.at)
    }
}
