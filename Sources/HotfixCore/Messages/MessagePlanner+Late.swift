extension MessagePlanner {
    /// The channels that have to be told, or were, of an opening, or that were reminded of it.
    func channels(toldOf opening: MessageHead) -> Set<String> {
        let reminders = before.messages.filter { $0.kind == .reminder && $0.opening == opening.id }.map(\.id)
        let told = Set(reminders + [opening.id])
        return Set(before.deliveries.filter { told.contains($0.message) }.map(\.channel))
    }

    /// Who has to be told, or told again, of what was opened before and is open still.
    ///
    /// A channel that was added or renamed has no delivery of it. Where it was refused or given up, the next reminder is told in its
    /// place; where there are no reminders, it is tried again as often as there would be one.
    func lateDeliveries() -> [NewDelivery] {
        let closed = Set(drafts.filter(\.kind.isClosing).map(\.thread))
        let open = told.open(.breach, .blind, .ready).filter { !closed.contains($0.thread) && isStillSo($0) }
        guard !open.isEmpty, !plan.channels.isEmpty else { return [] }
        let known = Dictionary(grouping: before.deliveries, by: \.message)
        return open.flatMap { head in
            plan.channels.filter { rule in
                guard rule.wants(head, hasOpening: false) else { return false }
                let mine = known[head.id]?.first { $0.channel == rule.name }
                guard let mine else { return true }
                return mine.abandonedAt.map { isDueAgain(head, rule, since: $0) } ?? false
            }.map { NewDelivery(message: head.id, channel: $0.name) }
        }
    }

    /// Whether what was opened, and is not closed by a message, still holds.
    private func isStillSo(_ head: MessageHead) -> Bool {
        switch head.kind {
        case .breach: after.facts.episodes.contains { $0.id == head.thread && $0.isOpen }
        // Whoever completed the hotfix took no readiness away, and nobody has to hear of it any more.
        case .ready: hotfix(of: head) == readiness.deployment?.hotfix
        default: true
        }
    }

    private func isDueAgain(_ head: MessageHead, _ rule: ChannelRule, since abandoned: Instant) -> Bool {
        let isReminded = head.kind == .breach && plan.remindEvery > 0 && rule.kinds.contains(.reminder)
        return !isReminded && clock - abandoned >= (plan.remindEvery > 0 ? plan.remindEvery : 3600)
    }
}
