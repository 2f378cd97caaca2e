/// Something that people are told, with all that is said of it.
///
/// Made by the evaluation that it follows from and committed with it; what a channel makes of it is a pure function of the message.
package struct Message: Sendable, Hashable, Codable {
    /// The number in the ledger, in the order in which messages have to be told.
    package var id: Int
    /// What it tells.
    package var kind: MessageKind
    /// What it is about, the same in every message about the same thing: an episode's identity, `blind/SERVICE/START`, `ready/HOTFIX`, ….
    package var thread: String
    /// The number of the message that opened what this one closes or reminds of; nil where none did, or none was told.
    package var opening: Int?
    /// When what it tells happened: the end of the window, or the instant of the statement.
    package var at: Instant
    /// When it was made.
    package var createdAt: Instant
    /// What is said.
    package var facts: MessageFacts

    /// Makes a message.
    package init(
        id: Int, kind: MessageKind, thread: String, opening: Int? = nil, at: Instant, createdAt: Instant,
        facts: MessageFacts
    ) {
        self.id = id
        self.kind = kind
        self.thread = thread
        self.opening = opening
        self.at = at
        self.createdAt = createdAt
        self.facts = facts
    }

    /// The message without what is said.
    package var head: MessageHead {
        MessageHead(
            id: id, kind: kind, thread: thread, opening: opening, at: at, createdAt: createdAt,
            service: facts.service, guardrail: facts.guardrail, severity: facts.severity)
    }
}

/// A message without what is said: enough to know what was told.
package struct MessageHead: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// What it tells.
    package var kind: MessageKind
    /// What it is about.
    package var thread: String
    /// The number of the message that opened what this one closes or reminds of.
    package var opening: Int?
    /// When what it tells happened.
    package var at: Instant
    /// When it was made.
    package var createdAt: Instant
    /// The service, where it is about one.
    package var service: String?
    /// The guardrail, where it is about one.
    package var guardrail: String?
    /// How much it matters.
    package var severity: Guardrail.Severity

    /// Makes a head.
    package init(
        id: Int, kind: MessageKind, thread: String, opening: Int? = nil, at: Instant, createdAt: Instant,
        service: String? = nil, guardrail: String? = nil, severity: Guardrail.Severity
    ) {
        self.id = id
        self.kind = kind
        self.thread = thread
        self.opening = opening
        self.at = at
        self.createdAt = createdAt
        self.service = service
        self.guardrail = guardrail
        self.severity = severity
    }
}

/// What is said in a message: figures as the ledger has them, so that every channel says the same.
package struct MessageFacts: Sendable, Hashable, Codable {
    /// The identity of the ledger.
    package var ledgerID: String
    /// The service, where it is about one.
    package var service: String?
    /// Where the service runs.
    package var environment: String?
    /// The guardrail, where it is about one.
    package var guardrail: String?
    /// How much it matters: the guardrail's for episodes.
    package var severity: Guardrail.Severity
    /// The window that it is about: for an episode's end, its worst one.
    package var window: WindowFacts?
    /// The episode, where it is about one.
    package var episode: Episode?
    /// The hotfix that is deployed.
    package var hotfix: HotfixFacts?
    /// What the streak lost, has, and still needs.
    package var streak: StreakFacts?
    /// Why, in a sentence, where figures do not say it: what could not be asked, which channel fails.
    package var reason: String?
    /// What to do next, in a sentence.
    package var remedy: String?
    /// Pages that help, best first.
    package var links: [MessageLink]
    /// The last 6 hours with baseline, limit and breach.
    package var plot: Plot?
    /// What somebody announces in their own words.
    package var announcement: Announcement?

    /// Makes facts.
    package init(
        ledgerID: String, service: String? = nil, environment: String? = nil, guardrail: String? = nil,
        severity: Guardrail.Severity, window: WindowFacts? = nil, episode: Episode? = nil, hotfix: HotfixFacts? = nil,
        streak: StreakFacts? = nil, reason: String? = nil, remedy: String? = nil, links: [MessageLink] = [],
        plot: Plot? = nil, announcement: Announcement? = nil
    ) {
        self.ledgerID = ledgerID
        self.service = service
        self.environment = environment
        self.guardrail = guardrail
        self.severity = severity
        self.window = window
        self.episode = episode
        self.hotfix = hotfix
        self.streak = streak
        self.reason = reason
        self.remedy = remedy
        self.links = links
        self.plot = plot
        self.announcement = announcement
    }

    /// A window and what it was judged by.
    package struct WindowFacts: Sendable, Hashable, Codable {
        /// The start of the window.
        package var start: Instant
        /// The end of the window.
        package var end: Instant
        /// The value; nil where the absence of one is the breach.
        package var value: Double?
        /// The unit of value, baseline and limit.
        package var unit: String?
        /// The baseline, where there is one.
        package var baseline: Double?
        /// How many windows went into the baseline.
        package var baselineWindows: Int?
        /// The limit that was crossed.
        package var limit: Double?
        /// Whether the value must not be above the limit, rather than below it.
        package var isLimitAbove: Bool
        /// The source's query, as a person would repeat it.
        package var query: String?

        /// Makes a window's facts.
        package init(
            start: Instant, end: Instant, value: Double? = nil, unit: String? = nil, baseline: Double? = nil,
            baselineWindows: Int? = nil, limit: Double? = nil, isLimitAbove: Bool = true, query: String? = nil
        ) {
            self.start = start
            self.end = end
            self.value = value
            self.unit = unit
            self.baseline = baseline
            self.baselineWindows = baselineWindows
            self.limit = limit
            self.isLimitAbove = isLimitAbove
            self.query = query
        }

        /// The change against the baseline in per cent: (value / baseline − 1) · 100; nil without a baseline, or where that is 0.
        package var changePercent: Double? {
            guard let value, let baseline, baseline != 0 else { return nil }
            return (value / baseline - 1) * 100
        }
    }

    /// The deployment that is watched.
    package struct HotfixFacts: Sendable, Hashable, Codable {
        /// The number of the hotfix in the ledger.
        package var id: Int
        /// The number of the deployment in the ledger.
        package var deployment: Int
        /// The branch, where it was named.
        package var branch: String?
        /// The commit.
        package var commit: String
        /// The version, where it was named.
        package var version: String?
        /// When it was deployed.
        package var deployedAt: Instant

        /// Makes a hotfix's facts.
        package init(
            id: Int, deployment: Int, branch: String? = nil, commit: String, version: String? = nil,
            deployedAt: Instant
        ) {
            self.id = id
            self.deployment = deployment
            self.branch = branch
            self.commit = commit
            self.version = version
            self.deployedAt = deployedAt
        }
    }

    /// The service's streak; the hotfix's where the message is about no service.
    package struct StreakFacts: Sendable, Hashable, Codable {
        /// What was proven when it was lost, in seconds; nil where nothing was lost.
        package var lostSeconds: Seconds?
        /// What is proven now, in seconds.
        package var provenSeconds: Seconds
        /// What has to be proven, in seconds.
        package var requiredSeconds: Seconds
        /// From when on clean windows count.
        package var since: Instant?
        /// When it may be ready; when it became ready, once it is.
        package var earliestReady: Instant?

        /// Makes a streak's facts.
        package init(
            lostSeconds: Seconds? = nil, provenSeconds: Seconds, requiredSeconds: Seconds, since: Instant? = nil,
            earliestReady: Instant? = nil
        ) {
            self.lostSeconds = lostSeconds
            self.provenSeconds = provenSeconds
            self.requiredSeconds = requiredSeconds
            self.since = since
            self.earliestReady = earliestReady
        }
    }
}

/// A page that helps.
package struct MessageLink: Sendable, Hashable, Codable {
    /// What is found there.
    package var label: String
    /// Its address, http or https.
    package var url: String

    /// Makes a link.
    package init(label: String, url: String) {
        self.label = label
        self.url = url
    }
}
