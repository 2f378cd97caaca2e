/// The durable record of values and verdicts; streak, readiness, alerts, tracker and pages are views of it.
///
/// Reading gives whole, consistent values; every write is one transaction. Errors are `LedgerError`.
package protocol Ledger: Sendable {
    /// Reads everything but the windows.
    func facts() throws -> LedgerFacts

    /// Reads the windows of series.
    ///
    /// - Parameter starts: For each series by its number, the oldest window start that is wanted.
    /// - Returns: A timeline for each, empty where the ledger holds no window.
    /// - Throws: `LedgerError`.
    func timelines(from starts: [Int: Instant]) throws -> [Int: Timeline]

    /// Reads what the windows of services came to when they were last evaluated.
    ///
    /// - Parameter evidence: The state of the ledger that they have to be of.
    /// - Returns: The digests of that state, in no order; those of services whose windows have to be read are lacking.
    /// - Throws: `LedgerError`.
    func digests(evidence: Int) throws -> [ServiceDigest]

    /// Finds, for each series by its number, the oldest window of a span that has no verdict.
    ///
    /// - Parameter spans: The spans, by the number of the series.
    /// - Returns: The starts of those windows; nothing for a series all of whose windows have one.
    /// - Throws: `LedgerError`.
    func oldestGaps(in spans: [Int: Span]) throws -> [Int: Instant]

    /// Writes what came of an evaluation, in one transaction.
    ///
    /// - Returns: Whether it was written: false where the ledger has changed since `generation`, and nothing was.
    func commit(_ outcome: Outcome, generation: Int) throws -> Bool

    /// Records a statement of a person, in one transaction; its number is given by the ledger.
    func record(_ statement: Statement) throws

    /// Deletes windows, revisions and checks that are older than an instant, except what an open deployment needs, and what was
    /// told of things that ended before it.
    ///
    /// - Parameters:
    ///   - instant: What is older is deleted.
    ///   - keepFrom: For each series by its number, the oldest window start that has to stay.
    /// - Throws: `LedgerError`.
    func prune(before instant: Instant, keepFrom: [Int: Instant]) throws
}

/// What a person records in the ledger.
package enum Statement: Sendable {
    /// A deployment; its number is ignored. Its hotfix 0 means: the open one, or a new one.
    case deployment(Deployment, excluding: [Exclusion])
    /// The open hotfix is closed.
    case close(hotfix: Int, at: Instant)
    /// A deployment is taken back.
    case void(deployment: Int, reason: String, at: Instant)
    /// An interval is left out of look-backs; its number is ignored.
    case exclusion(Exclusion)
    /// An episode is excused.
    case excusal(Excusal)
    /// Dropped guardrails are accepted.
    case acceptance([Acceptance])
    /// Messages are not told for a while; its number is ignored.
    case silence(Silence)
    /// A silence is ended before its time.
    case lift(silence: Int, by: String, at: Instant)
    /// An episode was seen by somebody.
    case acknowledgement(Acknowledgement)
}

/// Everything in a ledger but the windows.
package struct LedgerFacts: Sendable, Hashable {
    /// The identity of the ledger, given when it was made.
    package var ledgerID: String
    /// Grows with every statement of a person and every commit.
    package var generation: Int
    /// Grows with all of these that readiness may depend on: what was told, and what silences it, is left out.
    package var evidence: Int
    /// In the order recorded.
    package var deployments: [Deployment]
    /// In the order recorded.
    package var exclusions: [Exclusion]
    /// In the order recorded.
    package var excusals: [Excusal]
    /// In the order recorded.
    package var acceptances: [Acceptance]
    /// In the order recorded.
    package var confirmations: [Confirmation]
    /// In the order adopted.
    package var policies: [PolicyVersion]
    /// In the order pinned; the last one of a pair is the current one.
    package var series: [SeriesState]
    /// In the order stored.
    package var baselines: [StoredBaseline]
    /// In the order opened.
    package var episodes: [Episode]
    /// In the order found.
    package var versions: [VersionSeries]
    /// In the order recorded.
    package var silences: [Silence]
    /// In the order recorded.
    package var acknowledgements: [Acknowledgement]
    /// In the order made: what was told, or waits to be.
    package var messages: [MessageHead]
    /// In the order made: which channels have to be told, or were, of messages that open something or remind of it.
    package var deliveries: [NewDelivery]
    /// The newest check, nil where there was none.
    package var lastCheck: CheckRecord?

    /// Makes facts; those of an empty ledger, unless told otherwise.
    package init(
        ledgerID: String, generation: Int = 0, evidence: Int = 0, deployments: [Deployment] = [],
        exclusions: [Exclusion] = [],
        excusals: [Excusal] = [], acceptances: [Acceptance] = [], confirmations: [Confirmation] = [],
        policies: [PolicyVersion] = [], series: [SeriesState] = [], baselines: [StoredBaseline] = [],
        episodes: [Episode] = [], versions: [VersionSeries] = [], silences: [Silence] = [],
        acknowledgements: [Acknowledgement] = [], messages: [MessageHead] = [], deliveries: [NewDelivery] = [],
        lastCheck: CheckRecord? = nil
    ) {
        self.ledgerID = ledgerID
        self.generation = generation
        self.evidence = evidence
        self.deployments = deployments
        self.exclusions = exclusions
        self.excusals = excusals
        self.acceptances = acceptances
        self.confirmations = confirmations
        self.policies = policies
        self.series = series
        self.baselines = baselines
        self.episodes = episodes
        self.versions = versions
        self.silences = silences
        self.acknowledgements = acknowledgements
        self.messages = messages
        self.deliveries = deliveries
        self.lastCheck = lastCheck
    }
}

/// Which ledger, and which state of it: what is read at one mark is the same each time.
package struct LedgerMark: Sendable, Hashable {
    /// The identity of the ledger.
    package var ledgerID: String
    /// Grows with every statement of a person and every commit.
    package var generation: Int

    /// Makes a mark.
    package init(ledgerID: String, generation: Int) {
        self.ledgerID = ledgerID
        self.generation = generation
    }
}

extension Statement {
    /// Whether readiness may depend on it, beside what it tells of messages.
    package var bearsOnReadiness: Bool {
        switch self {
        case .silence, .lift, .acknowledgement: false
        case .deployment, .close, .void, .exclusion, .excusal, .acceptance: true
        }
    }
}

extension LedgerFacts {
    /// The state that these are the facts of.
    package var mark: LedgerMark { LedgerMark(ledgerID: ledgerID, generation: generation) }

    /// Whether the absence of a guardrail was accepted: after the deployment, and after it was last part of a policy.
    package func isAccepted(_ pair: Pair, since: Instant?) -> Bool {
        let lastWatched = policies.last { $0.service == pair.service && $0.policy.guardrail(pair.guardrail) != nil }
        return acceptances.contains { acceptance in
            acceptance.pair == pair && (since.map { acceptance.recordedAt >= $0 } ?? true)
                && (lastWatched.map { acceptance.recordedAt >= $0.adoptedAt } ?? true)
        }
    }

    /// The guardrails that a deployment counts on for a service: those that watched it when it was recorded, and those that came later.
    package func pairs(countedBy deployment: Deployment, of service: String) -> Set<Pair> {
        let later = series.filter { $0.createdAt >= deployment.recordedAt }.map(\.pair)
        return Set((deployment.pairs + later).filter { $0.service == service })
    }
}

/// One run of the agent.
package struct CheckRecord: Sendable, Hashable, Codable {
    /// The instant up to which it evaluated.
    package var at: Instant
    /// How many windows got a new verdict.
    package var windowsJudged: Int
    /// What could not be asked, one text each.
    package var failures: [String]
    /// When it was made; nil where that was not kept, and is not known to differ from `at`.
    package var clock: Instant?
    /// The services that it was of; nil where it was of all.
    package var services: [String]?

    /// Makes a record.
    package init(
        at: Instant, windowsJudged: Int, failures: [String], clock: Instant? = nil, services: [String]? = nil
    ) {
        self.at = at
        self.windowsJudged = windowsJudged
        self.failures = failures
        self.clock = clock
        self.services = services
    }
}

/// Why a ledger could not be read or written.
package struct LedgerError: Error, Sendable, Hashable {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable {
        /// The file is not a ledger, or is damaged.
        case damaged
        /// A newer version of the program made it.
        case newerSchema
        /// It could not be opened, read or written.
        case inaccessible
        /// Somebody else holds it for longer than we wait.
        case busy
        /// What was to be read or written does not fit what it holds: an unknown number, or one that is settled already.
        case rejected
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, to what, and what to do next.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension LedgerError: CustomStringConvertible {
    package var description: String { message }
}
