import HotfixCore

/// A channel that is no longer configured, or under another name, and for which something waits.
struct AbandonedChannel {
    let name: String
    /// The rules of the channels that are configured.
    let rules: [ChannelRule]

    /// Drops what waits for it, and tells whoever wants to hear of what is not delivered.
    func drop(in outbox: any Outbox, at now: Instant, _ report: inout DispatchReport) throws {
        let waiting = try outbox.waiting(of: name)
        let losses = waiting.filter { $0.message.kind.isOpening || $0.message.kind.isClosing }
        // It is told before it is done: a crash in between leaves the oldest, by which it is known that it was told.
        if let first = losses.first { try outbox.add([message(losses, first)], for: wanted(message(losses, first))) }
        for delivery in waiting.reversed() {
            let state = DeliveryState.dropped(reason: "The channel is no longer configured.")
            try outbox.settle(delivery.id, as: state, at: now)
            report.dropped += 1
        }
        report.failures += losses.map { loss in
            DispatchReport.Failure(
                name, .givenUp,
                "The channel is no longer configured, and “\(MessageText(loss.message).title)” was not told by it.")
        }

        func wanted(_ message: Message) -> [ChannelRule] { rules.filter { $0.wants(message.head, hasOpening: false) } }

        func message(_ losses: [QueuedDelivery], _ first: QueuedDelivery) -> Message {
            let titles = losses.prefix(3).map { "“\(MessageText($0.message).title)”" }.joined(separator: ", ")
            let more = losses.count > 3 ? " and \(losses.count - 3) more" : ""
            return Message(
                id: 0, kind: .undeliverable, thread: "undeliverable/\(name)/unconfigured/\(first.message.id)", at: now,
                createdAt: now,
                facts: MessageFacts(
                    ledgerID: first.message.facts.ledgerID, severity: .error, hotfix: first.message.facts.hotfix,
                    reason: "Channel '\(clipped(oneLine(name), units: 120))' is no longer configured, and what waited"
                        + " for it was not told by it: \(titles)\(more).",
                    remedy: "`hotfix alerts list` shows what was told to whom."))
        }
    }
}
