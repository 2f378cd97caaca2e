/// An interval that is left out of look-backs, recorded with its reason.
package struct Exclusion: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// The service it holds for; nil means all.
    package var service: String?
    /// What is left out; an open end means: until now, whenever now is.
    package var interval: Interval
    /// Why.
    package var reason: String
    /// Who said so.
    package var by: String?
    /// When it was recorded.
    package var recordedAt: Instant

    /// Makes an exclusion.
    package init(
        id: Int, service: String? = nil, interval: Interval, reason: String, by: String? = nil, recordedAt: Instant
    ) {
        self.id = id
        self.service = service
        self.interval = interval
        self.reason = reason
        self.by = by
        self.recordedAt = recordedAt
    }
}

/// An episode whose windows are `unproven (excused)`, with the reason.
package struct Excusal: Sendable, Hashable, Codable {
    /// The episode's identity.
    package var episode: String
    /// Whose windows.
    package var pair: Pair
    /// Breach windows that start in here are excused.
    package var interval: Interval
    /// Why.
    package var reason: String
    /// Who said so.
    package var by: String
    /// When it was recorded.
    package var recordedAt: Instant

    /// Makes an excusal.
    package init(
        episode: String, pair: Pair, interval: Interval, reason: String, by: String, recordedAt: Instant
    ) {
        self.episode = episode
        self.pair = pair
        self.interval = interval
        self.reason = reason
        self.by = by
        self.recordedAt = recordedAt
    }

    /// Whether the breach window that starts at an instant is excused.
    package func covers(_ start: Instant) -> Bool {
        start >= interval.start && (interval.end.map { start < $0 } ?? true)
    }
}

/// A dropped guardrail that was accepted: its windows without a verdict no longer count against the streak.
package struct Acceptance: Sendable, Hashable, Codable {
    /// The guardrail that the configuration dropped.
    package var pair: Pair
    /// Why.
    package var reason: String
    /// Who said so.
    package var by: String?
    /// When it was recorded.
    package var recordedAt: Instant

    /// Makes an acceptance.
    package init(pair: Pair, reason: String, by: String? = nil, recordedAt: Instant) {
        self.pair = pair
        self.reason = reason
        self.by = by
        self.recordedAt = recordedAt
    }
}

/// A policy as a service adopted it.
package struct PolicyVersion: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// The service.
    package var service: String
    /// The policy.
    package var policy: Policy
    /// The check that first used it.
    package var adoptedAt: Instant

    /// Makes a version.
    package init(id: Int, service: String, policy: Policy, adoptedAt: Instant) {
        self.id = id
        self.service = service
        self.policy = policy
        self.adoptedAt = adoptedAt
    }
}

/// That the windows of a streak that had reached the required time were asked once more.
package struct Confirmation: Sendable, Hashable, Codable {
    /// Whose windows.
    package var pair: Pair
    /// The deployment from which the streak counts.
    package var deployment: Int
    /// The start of the streak.
    package var since: Instant
    /// When the asking had succeeded.
    package var at: Instant

    /// Makes a confirmation.
    package init(pair: Pair, deployment: Int, since: Instant, at: Instant) {
        self.pair = pair
        self.deployment = deployment
        self.since = since
        self.at = at
    }
}
