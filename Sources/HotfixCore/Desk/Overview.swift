/// What pages and reports show beside readiness: the series of guardrails, and what was done over time.
package struct Overview: Sendable, Hashable {
    /// One service with its series.
    package struct Service: Sendable, Hashable {
        /// The name.
        package var name: String
        /// The environment; nil where none is named.
        package var environment: String?
        /// The number of the policy version in force.
        package var policy: Int
        /// When that was adopted.
        package var adoptedAt: Instant
        /// What the streak must reach.
        package var streak: Policy.Streak
        /// The guardrails, in the order of the policy, then those that the configuration dropped.
        package var guardrails: [Guardrail]

        /// Makes a service.
        package init(
            name: String, environment: String?, policy: Int, adoptedAt: Instant, streak: Policy.Streak,
            guardrails: [Guardrail]
        ) {
            self.name = name
            self.environment = environment
            self.policy = policy
            self.adoptedAt = adoptedAt
            self.streak = streak
            self.guardrails = guardrails
        }
    }

    /// One guardrail with its windows.
    package struct Guardrail: Sendable, Hashable {
        /// The name.
        package var name: String
        /// The source; empty where none is known.
        package var source: String
        /// What is asked of it: the name of a measure, or a query.
        package var measure: String
        /// The limits as a policy writes them.
        package var limits: [String]
        /// How its baseline is reached, in words; nil where it needs none.
        package var baseline: String?
        /// When a breach counts: at least so many of so many windows.
        package var confirm: HotfixCore.Guardrail.Confirm
        /// Whether the configuration dropped it.
        package var isDropped: Bool
        /// A page that helps whoever is alerted, as the policy gives it.
        package var link: String?
        /// What was measured, and what it counts as.
        package var plot: Plot

        /// Makes a guardrail.
        package init(
            name: String, source: String, measure: String, limits: [String], baseline: String?,
            confirm: HotfixCore.Guardrail.Confirm, isDropped: Bool, link: String?, plot: Plot
        ) {
            self.name = name
            self.source = source
            self.measure = measure
            self.limits = limits
            self.baseline = baseline
            self.confirm = confirm
            self.isDropped = isDropped
            self.link = link
            self.plot = plot
        }
    }

    /// What the hotfix tracker says.
    package struct Tracker: Sendable, Hashable {
        /// A name with what stands there.
        package struct Fact: Sendable, Hashable {
            /// The name.
            package var name: String
            /// What stands there.
            package var text: String

            /// Makes a fact.
            package init(name: String, text: String) {
                self.name = name
                self.text = text
            }
        }

        /// Something that was done.
        package struct Step: Sendable, Hashable {
            /// When.
            package var at: Instant
            /// Who did it.
            package var by: String
            /// The command.
            package var step: String
            /// What was done.
            package var did: String
            /// Why, where somebody gave a reason.
            package var reason: String?

            /// Makes a step.
            package init(at: Instant, by: String, step: String, did: String, reason: String?) {
                self.at = at
                self.by = by
                self.step = step
                self.did = did
                self.reason = reason
            }
        }

        /// What stands where.
        package var facts: [Fact]
        /// What is left to do: what, and the command that does it.
        package var tasks: [Fact]
        /// What was done, oldest first.
        package var history: [Step]
        /// Why the tracker could not be read; nil where it could.
        package var failure: String?

        /// Makes a tracker.
        package init(facts: [Fact], tasks: [Fact], history: [Step], failure: String? = nil) {
            self.facts = facts
            self.tasks = tasks
            self.history = history
            self.failure = failure
        }
    }

    /// The instant it was asked for.
    package var at: Instant
    /// From when on it tells.
    package var from: Instant
    /// The services that were asked for, in that order; those that the configuration no longer has are left out.
    package var services: [Service]
    /// All deployments that the ledger holds, in the order recorded.
    package var deployments: [Deployment]
    /// The episodes that are open or ended since `from`, in the order opened.
    package var episodes: [Episode]
    /// The acknowledgements of these, in the order recorded.
    package var acknowledgements: [Acknowledgement]
    /// The silences that ended since `from` or hold, in the order recorded.
    package var silences: [Silence]
    /// The excusals since `from`, in the order recorded.
    package var excusals: [Excusal]
    /// The exclusions recorded since `from`, in the order recorded.
    package var exclusions: [Exclusion]
    /// The acceptances since `from`, in the order recorded.
    package var acceptances: [Acceptance]
    /// What the tracker says; nil where none is configured.
    package var tracker: Tracker?
    /// The sources' own pages that show what was measured around an open episode, by its identifier.
    package var links: [String: [MessageLink]] = [:]

    /// Makes an overview.
    package init(
        at: Instant, from: Instant, services: [Service], deployments: [Deployment], episodes: [Episode],
        acknowledgements: [Acknowledgement], silences: [Silence], excusals: [Excusal], exclusions: [Exclusion],
        acceptances: [Acceptance], tracker: Tracker?
    ) {
        self.at = at
        self.from = from
        self.services = services
        self.deployments = deployments
        self.episodes = episodes
        self.acknowledgements = acknowledgements
        self.silences = silences
        self.excusals = excusals
        self.exclusions = exclusions
        self.acceptances = acceptances
        self.tracker = tracker
    }
}

/// Whose overview is asked for, and from when on.
package struct OverviewQuery: Sendable, Hashable {
    /// The services whose series are wanted.
    package var services: [String]
    /// From when on, as written; nil means 7 days ago.
    package var from: String?

    /// Makes a query.
    package init(services: [String] = [], from: String? = nil) {
        self.services = services
        self.from = from
    }

    /// How far back an overview goes unless told otherwise, in seconds: 7 days.
    package static let usualLength: Seconds = 7 * 86_400
    /// How far back it goes at most, in seconds: 30 days.
    package static let longest: Seconds = 30 * 86_400
    /// How many services are given at once at most.
    package static let mostServices = 20
    /// How many open episodes are given with links at most, the newest.
    package static let mostLinked = 50
}

extension Overview {
    /// Reads an overview from what a ledger holds.
    ///
    /// - Parameters:
    ///   - snapshot: The ledger, with the windows of the services since `from` loaded.
    ///   - names: The services, each one of the snapshot's.
    ///   - from: From when on.
    ///   - now: The instant it is asked for.
    ///   - tracker: What the tracker says.
    package init(_ snapshot: Snapshot, of names: [String], from: Instant, at now: Instant, tracker: Tracker?) {
        let facts = snapshot.facts
        let episodes = facts.episodes.filter { $0.closedAt.map { $0 >= from } ?? true }
        let shown = Set(episodes.map(\.id))
        self.init(
            at: now, from: from,
            services: names.compactMap { name in
                snapshot.services.first { $0.name == name }.map { Service($0, from: from, at: now) }
            }, deployments: facts.deployments.map(\.forDesk), episodes: episodes,
            acknowledgements: facts.standingAcknowledgements.filter { shown.contains($0.episode) },
            silences: facts.silences.filter { $0.endsAt >= from },
            excusals: facts.excusals.filter { $0.recordedAt >= from },
            exclusions: facts.exclusions.filter { $0.recordedAt >= from },
            acceptances: facts.acceptances.filter { $0.recordedAt >= from }, tracker: tracker)
    }
}

extension Overview.Service {
    fileprivate init(_ service: ServiceSnapshot, from: Instant, at now: Instant) {
        let context = service.context
        let step = context.step
        // What is due since a moment only is not missing yet: the next check may be about to ask for it.
        let settle = service.pairs.map(\.timing.settle).max() ?? 0
        let due = (now - settle - 2 * step).floored(to: step)
        let judged = service.pairs.map(\.lastRecordEnd).min() ?? due
        let end = max(due, min(judged, now.floored(to: step)))
        let span = Span(start: min(from.floored(to: step), end - step), end: end, step: step)
        self.init(
            name: service.name, environment: context.service.environment, policy: context.policy.id,
            adoptedAt: context.policy.adoptedAt, streak: context.streakRule,
            guardrails: service.pairs.map { Overview.Guardrail($0, of: service, in: span) })
    }
}

extension Overview.Guardrail {
    fileprivate init(_ pair: PairSnapshot, of service: ServiceSnapshot, in span: Span) {
        let rule = pair.guardrail
        var plot = Plot(pair, of: service, in: span)
        // A dropped guardrail whose absence was accepted says nothing of windows that nobody judged.
        for (index, window) in span.windows.enumerated() where !pair.takesPart(window.start) {
            plot.points[index].outcome = .unjudged
        }
        self.init(
            name: rule.name, source: rule.source,
            measure: {
                switch rule.measure {
                case .builtIn(let measure): measure.name
                case .query(let query): query.text
                }
            }(), limits: rule.limits.map(\.description),
            baseline: rule.hasRelativeLimit ? rule.baseline.words : nil, confirm: rule.confirm,
            isDropped: pair.isDropped, link: rule.link, plot: plot)
    }
}

extension BaselineRule {
    /// The rule in a few words.
    fileprivate var words: String {
        let end = anchor == .deployment ? "that end with the deployment" : "before each window"
        return "\(statistic.rawValue) of the \(formatDuration(lookback)) \(end)"
    }
}
