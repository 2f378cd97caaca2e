/// A silence that a person wants.
package struct SilenceEntry: Sendable, Hashable {
    /// The service; nil means all.
    package var service: String?
    /// The guardrail; nil means all.
    package var guardrail: String?
    /// When it ends, as written; nil where a length is given.
    package var until: String?
    /// How long it lasts from now on, as written; nil where an end is given.
    package var duration: String?
    /// Why.
    package var reason: String
    /// Who says so.
    package var by: String

    /// Makes an entry.
    package init(
        service: String? = nil, guardrail: String? = nil, until: String? = nil, duration: String? = nil,
        reason: String, by: String
    ) {
        self.service = service
        self.guardrail = guardrail
        self.until = until
        self.duration = duration
        self.reason = reason
        self.by = by
    }

    /// How long a silence lasts at most, in seconds: 30 days.
    package static let longest: Seconds = 30 * 86_400

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? {
        if service == nil && guardrail == nil {
            return "Say what is silenced: --service, --guardrail or both."
        }
        if (until == nil) == (duration == nil) { return "Say when it ends: either --until TIME or --for DURATION." }
        return isBlank(reason) || isBlank(by) ? lacksReasonOrAuthor : nil
    }
}

/// A silence that a person wants ended before its time.
package struct LiftingEntry: Sendable, Hashable {
    /// The number of the silence.
    package var silence: Int
    /// Who says so.
    package var by: String

    /// Makes an entry.
    package init(silence: Int, by: String) {
        self.silence = silence
        self.by = by
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? { isBlank(by) ? "--by must say who lifts the silence." : nil }
}

/// An episode that a person has seen and takes care of.
package struct AcknowledgementEntry: Sendable, Hashable {
    /// The episode's identity, or `service/guardrail` of one that is open.
    package var episode: String
    /// Who.
    package var by: String
    /// What they have to say of it.
    package var note: String?

    /// Makes an entry.
    package init(episode: String, by: String, note: String? = nil) {
        self.episode = episode
        self.by = by
        self.note = note
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? {
        if isBlank(by) { return "--by must say who has seen the episode." }
        return note != nil && isBlank(note) ? "--note says nothing. Leave it out, or say something." : nil
    }
}

/// How much of what was told is asked for.
package struct AlertsQuery: Sendable, Hashable {
    /// How many messages, 1 to 1000, the newest first.
    package var limit: Int

    /// Makes a query.
    package init(limit: Int = Self.usualLimit) {
        self.limit = limit
    }

    /// How many messages are given unless told otherwise.
    package static let usualLimit = 20
    /// How many messages may be asked for.
    package static let limits = 1...1000

    /// What is wrong with the query by itself; nil where nothing is.
    package var objection: String? {
        Self.limits.contains(limit) ? nil : "--limit is a number from 1 to 1000."
    }
}

private let lacksReasonOrAuthor = "--reason must say why, and --by who says so."
