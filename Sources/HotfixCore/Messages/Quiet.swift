/// What holds back messages that wait: silences that hold, and episodes that somebody takes care of.
package struct Quiet: Sendable, Hashable {
    /// The silences, also those that are over or yet to come.
    package var silences: [Silence]
    /// The threads of which nobody is reminded, since somebody has seen them.
    package var seen: Set<String>

    /// Makes quiet; none at all, unless told otherwise.
    package init(silences: [Silence] = [], seen: Set<String> = []) {
        self.silences = silences
        self.seen = seen
    }

    /// What a ledger holds of it.
    package init(_ facts: LedgerFacts) {
        self.init(silences: facts.silences, seen: Set(facts.standingAcknowledgements.map(\.episode)))
    }

    /// Whether a message waits, since a silence holds for what it is about.
    package func holds(_ message: Message, at now: Instant) -> Bool {
        message.kind.isMuted && isSilenced(message, at: now)
    }

    /// Whether a silence holds for what a message is about, whether or not it waits for that.
    package func isSilenced(_ message: Message, at now: Instant) -> Bool {
        silences.contains { $0.holds(at: now) && concerns($0, message) }
    }

    /// When the last silence ended that made a message wait; nil where none has.
    func end(of message: Message, before now: Instant) -> Instant? {
        guard message.kind.isMuted else { return nil }
        return silences.filter { $0.endsAt <= now && $0.start < $0.endsAt && concerns($0, message) }.map(\.endsAt).max()
    }

    private func concerns(_ silence: Silence, _ message: Message) -> Bool {
        silence.concerns(service: message.facts.service, guardrail: message.facts.guardrail)
    }
}

extension MessageKind {
    /// Whether a silence mutes it: all that tells of something wrong, or that it is not, and closes nothing that was told.
    fileprivate var isMuted: Bool {
        switch self {
        case .breach, .reminder, .blind, .ready, .neverSeen, .unrecordedDeploy: true
        case .recovered, .corrected, .withdrawn, .excused, .sighted, .lost, .undeliverable, .deployed, .test,
            .announcement:
            false
        }
    }
}

extension LedgerFacts {
    /// The acknowledgements that still hold: not those of what was over since, and told anew.
    package var standingAcknowledgements: [Acknowledgement] {
        guard !acknowledgements.isEmpty else { return [] }
        let told = ToldThreads(messages)
        return acknowledgements.filter { entry in
            told.open[entry.episode].map { entry.recordedAt >= $0.createdAt } ?? true
        }
    }
}
