import HotfixCore

/// What Alertmanager should show at a check: a pure function of the ledger and of what is remembered.
struct AlertmanagerView: Sendable {
    /// For how long an alert that is over is sent again, in seconds, counted from the first check that sees it so: five minutes, in which an
    /// Alertmanager that was away may have missed it, and one check.
    static let afterglow: Seconds = 600

    /// An alert of one thread.
    struct Shown: Sendable, Hashable {
        /// The thread.
        var thread: String
        /// What is remembered of it.
        var standing: AlertmanagerStanding
        /// What is sent; nil where the channel says it better this time.
        var alert: AlertmanagerAlert?
    }

    /// What is sent, in the order in which it began.
    private(set) var shown: [Shown] = []
    /// The threads of which nothing has to be remembered any more.
    private(set) var forgotten: [String] = []

    /// Compares what should be seen with what is remembered.
    ///
    /// - Parameters:
    ///   - view: What should be seen.
    ///   - remembered: How each thread stood after the last check.
    ///   - rule: Which openings the channel is told of; nil means all.
    init(_ view: DisplayState, remembered: [String: AlertmanagerStanding], rule: ChannelRule?) {
        let open = Self.openings(view).filter { head in rule?.wants(head, hasOpening: false) ?? true }
        let said = Dictionary(view.open.map { ($0.thread, $0) }, uniquingKeysWith: { $0.id > $1.id ? $0 : $1 })
        for head in open {
            let message = said[head.thread] ?? Self.message(head, view)
            var standing =
                remembered[head.thread] ?? AlertmanagerStanding(of: message, severity: head.severity)
            standing.end = nil
            let alert = AlertmanagerAlert(message, as: standing, end: nil, at: view.now)
            shown.append(Shown(thread: head.thread, standing: standing, alert: alert))
        }
        let firing = Set(open.map(\.thread))
        for (thread, standing) in remembered.sorted(by: { $0.key < $1.key }) where !firing.contains(thread) {
            finish(thread, standing, view)
        }
        shown.sort { ($0.standing.start, $0.thread) < ($1.standing.start, $1.thread) }
    }

    /// What has begun, was told and is not over.
    private static func openings(_ view: DisplayState) -> [MessageHead] {
        let closed = Set(view.facts.episodes.filter { !$0.isOpen }.map(\.id))
        return ToldThreads(view.facts.messages).open(.breach, .blind).filter { !closed.contains($0.thread) }
    }

    private mutating func finish(_ thread: String, _ remembered: AlertmanagerStanding, _ view: DisplayState) {
        let closing = view.facts.messages.last { $0.thread == thread && $0.kind.isClosing }
        let episode = view.facts.episodes.first { $0.id == thread }
        let seen = closing?.createdAt ?? remembered.end ?? view.now
        guard view.now - seen <= Self.afterglow else {
            forgotten.append(thread)
            return
        }
        var standing = remembered
        standing.silences = []
        standing.end = remembered.end ?? episode?.closedAt ?? closing?.at ?? view.now
        let head =
            closing
            ?? MessageHead(
                id: 0, kind: thread.hasPrefix("blind/") ? .sighted : Self.kind(episode), thread: thread, at: view.now,
                createdAt: view.now, service: remembered.labels["service"], guardrail: remembered.labels["guardrail"],
                severity: .info)
        var alert = AlertmanagerAlert(Self.message(head, view), as: standing, end: standing.end, at: view.now)
        // Without the figures of the message that closed it, its sentence would say less than nothing.
        alert.annotations["description"] = alert.annotations["summary"]
        // The first check that sees it over leaves it to the channel, which has the figures to tell.
        shown.append(Shown(thread: thread, standing: standing, alert: remembered.end == nil ? nil : alert))
    }

    private static func kind(_ episode: Episode?) -> MessageKind {
        switch episode?.ending {
        case .recovered: .recovered
        case .corrected: .corrected
        case .excused: .excused
        case .withdrawn, nil: .withdrawn
        }
    }

    /// What can be said of a thread of which only the head of a message is known.
    private static func message(_ head: MessageHead, _ view: DisplayState) -> Message {
        let episode = view.facts.episodes.first { $0.id == head.thread }
        let service = view.readiness.services.first { $0.name == head.service }
        let reason =
            head.kind == .blind ? service?.stateReason.map { "The reason is '\($0.rawValue)'." } : nil
        let deployment = view.facts.deployments.last { deployment in
            !deployment.isVoid && deployment.at <= head.at && head.service.map(deployment.services.contains) == true
        }
        let hotfix = deployment.map(MessageFacts.HotfixFacts.init)
        return Message(
            id: head.id, kind: head.kind, thread: head.thread, opening: head.opening, at: head.at,
            createdAt: head.createdAt,
            facts: MessageFacts(
                ledgerID: view.facts.ledgerID, service: head.service, guardrail: head.guardrail,
                severity: head.severity, episode: episode, hotfix: hotfix, reason: reason))
    }
}
