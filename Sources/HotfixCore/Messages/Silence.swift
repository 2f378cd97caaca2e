/// That messages about a service, a guardrail or both are not told for a while.
///
/// No verdict changes by it.
package struct Silence: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// The service; nil means all.
    package var service: String?
    /// The guardrail; nil means all.
    package var guardrail: String?
    /// From when on.
    package var start: Instant
    /// Until when.
    package var end: Instant
    /// Why.
    package var reason: String
    /// Who said so.
    package var by: String
    /// When it was recorded.
    package var recordedAt: Instant
    /// When somebody ended it before its time; nil where nobody did.
    package var liftedAt: Instant?
    /// Who ended it.
    package var liftedBy: String?

    /// Makes a silence.
    package init(
        id: Int = 0, service: String? = nil, guardrail: String? = nil, start: Instant, end: Instant, reason: String,
        by: String, recordedAt: Instant, liftedAt: Instant? = nil, liftedBy: String? = nil
    ) {
        self.id = id
        self.service = service
        self.guardrail = guardrail
        self.start = start
        self.end = end
        self.reason = reason
        self.by = by
        self.recordedAt = recordedAt
        self.liftedAt = liftedAt
        self.liftedBy = liftedBy
    }

    /// When it ends, or was ended.
    package var endsAt: Instant { liftedAt.map { min($0, end) } ?? end }

    /// Whether it holds at an instant.
    package func holds(at instant: Instant) -> Bool { start <= instant && instant < endsAt }

    /// Whether it is about messages of a service and a guardrail; nil stands for a message that is about none.
    package func concerns(service: String?, guardrail: String?) -> Bool {
        (self.service == nil || self.service == service) && (self.guardrail == nil || self.guardrail == guardrail)
    }
}

/// That somebody has seen an episode and takes care of it: it is not told again while open.
package struct Acknowledgement: Sendable, Hashable, Codable {
    /// The episode's identity.
    package var episode: String
    /// Who.
    package var by: String
    /// What they have to say of it.
    package var note: String?
    /// When it was recorded.
    package var recordedAt: Instant

    /// Makes an acknowledgement.
    package init(episode: String, by: String, note: String? = nil, recordedAt: Instant) {
        self.episode = episode
        self.by = by
        self.note = note
        self.recordedAt = recordedAt
    }
}
