/// Where questions about a ledger are asked and statements are made, near at hand or at a server.
///
/// Queries and entries hold what a person wrote, as it was written: whoever has the ledger checks it, by its own clock and
/// configuration. What comes back is the same wherever the ledger is, but that no deployment names its guardrails (`pairs`).
package protocol LedgerDesk: Sendable {
    /// Whether the hotfix is ready.
    func readiness(_ query: ReadinessQuery) async throws -> Readiness

    /// Whether a commit may be merged.
    func gate(_ query: GateQuery) async throws -> GateAnswer

    /// Verdicts with everything they were reached from, one a guardrail.
    func explanations(_ query: ExplanationQuery) async throws -> [Explanation]

    /// The series of services, and what was done over time.
    func overview(_ query: OverviewQuery) async throws -> Overview

    /// Hands over every verdict as a text of CSV or JSON, piece by piece.
    func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) async throws

    /// All deployments, in the order recorded.
    func deployments() async throws -> [Deployment]

    /// Records a deployment.
    func record(_ entry: DeploymentEntry) async throws -> DeploymentReceipt

    /// Closes the open hotfix and gives its newest deployment.
    func closeHotfix() async throws -> Deployment

    /// Takes a deployment back.
    func takeBack(_ entry: TakingBackEntry) async throws -> Deployment

    /// What is left out of look-backs, and the stored baselines.
    func lookback() async throws -> LookbackBook

    /// Leaves an interval out of look-backs.
    func exclude(_ entry: ExclusionEntry) async throws -> Exclusion

    /// Excuses an episode.
    func excuse(_ entry: ExcusalEntry) async throws -> Excusal

    /// Accepts that guardrails were dropped.
    func accept(_ entry: AcceptanceEntry) async throws -> [Acceptance]

    /// All silences, in the order recorded.
    func silences() async throws -> [Silence]

    /// Lets messages not be told for a while.
    func silence(_ entry: SilenceEntry) async throws -> Silence

    /// Ends a silence before its time.
    func lift(_ entry: LiftingEntry) async throws -> Silence

    /// Says that an open episode was seen.
    func acknowledge(_ entry: AcknowledgementEntry) async throws -> Acknowledgement

    /// What is open, and what was told of it to whom.
    func alerts(_ query: AlertsQuery) async throws -> AlertsBook
}

/// What readiness is asked for.
package struct ReadinessQuery: Sendable, Hashable {
    /// The services; none means all.
    package var services: [String]
    /// The instant, as written; nil means now.
    package var at: String?
    /// How old the newest window may be, as written; nil means 4 windows.
    package var maxAge: String?

    /// Makes a query.
    package init(services: [String] = [], at: String? = nil, maxAge: String? = nil) {
        self.services = services
        self.at = at
        self.maxAge = maxAge
    }
}

/// What the gate is asked for.
package struct GateQuery: Sendable, Hashable {
    /// The head of the branch, as written.
    package var commit: String
    /// How old the newest window may be, as written; nil means 4 windows.
    package var maxAge: String?

    /// Makes a query.
    package init(commit: String, maxAge: String? = nil) {
        self.commit = commit
        self.maxAge = maxAge
    }
}

/// Which verdicts are to be explained.
package struct ExplanationQuery: Sendable, Hashable {
    /// The service.
    package var service: String
    /// The guardrail; nil means all of the service's.
    package var guardrail: String?
    /// An instant in the window, as written; nil means the newest window with a verdict.
    package var at: String?

    /// Makes a query.
    package init(service: String, guardrail: String? = nil, at: String? = nil) {
        self.service = service
        self.guardrail = guardrail
        self.at = at
    }
}

/// Which verdicts are to be exported, and how.
package struct ExportQuery: Sendable, Hashable {
    /// How rows are printed.
    package enum Format: String, CaseIterable, Sendable {
        case csv, json
    }

    /// Windows that start at or after this time, as written; nil means from the oldest.
    package var from: String?
    /// Windows that start before this time, as written; nil means to the newest.
    package var to: String?
    /// CSV with a header, or a JSON array.
    package var format: Format

    /// Makes a query.
    package init(from: String? = nil, to: String? = nil, format: Format = .csv) {
        self.from = from
        self.to = to
        self.format = format
    }
}
