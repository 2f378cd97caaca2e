/// One roll-out of the hotfix, of one commit, over named services.
package struct Deployment: Sendable, Hashable, Codable {
    /// The number in the ledger, in the order recorded.
    package var id: Int
    /// The hotfix that it belongs to.
    package var hotfix: Int
    /// The hotfix branch, where it was named.
    package var branch: String?
    /// The commit that was deployed.
    package var commit: String
    /// The version that runs since, where it was named.
    package var version: String?
    /// Versions that may run beside it (blue and green).
    package var beside: [String]
    /// When the roll-out was finished.
    package var at: Instant
    /// When it was recorded.
    package var recordedAt: Instant
    /// The services that it covers.
    package var services: [String]
    /// The guardrails that watched them when it was recorded.
    package var pairs: [Pair]
    /// Whether the regression that it mends was named, or said not to exist.
    package var incident: IncidentStatement
    /// Why it moves the baseline's anchor; nil where it does not.
    package var newBaselineReason: String?
    /// When its hotfix was closed; windows from then on use the rolling look-back.
    package var closedAt: Instant?
    /// Why it was taken back; nil where it stands.
    package var voidReason: String?
    /// When it was taken back.
    package var voidedAt: Instant?

    /// What was said of the regression that the hotfix mends.
    package enum IncidentStatement: String, Sendable, Hashable, Codable {
        /// Nothing: readiness shows how many windows of the look-back look like one.
        case unstated
        /// An interval was named and is excluded.
        case named
        /// There was none in the look-back.
        case none
    }

    /// Makes a deployment.
    package init(
        id: Int, hotfix: Int, branch: String? = nil, commit: String, version: String? = nil, beside: [String] = [],
        at: Instant, recordedAt: Instant, services: [String], pairs: [Pair] = [],
        incident: IncidentStatement = .unstated, newBaselineReason: String? = nil, closedAt: Instant? = nil,
        voidReason: String? = nil, voidedAt: Instant? = nil
    ) {
        self.id = id
        self.hotfix = hotfix
        self.branch = branch
        self.commit = commit
        self.version = version
        self.beside = beside
        self.at = at
        self.recordedAt = recordedAt
        self.services = services
        self.pairs = pairs
        self.incident = incident
        self.newBaselineReason = newBaselineReason
        self.closedAt = closedAt
        self.voidReason = voidReason
        self.voidedAt = voidedAt
    }

    /// Whether it was taken back.
    package var isVoid: Bool { voidedAt != nil }

    /// Whether it stands and its hotfix is open.
    package var isOpen: Bool { voidedAt == nil && closedAt == nil }

    /// Whether `commit` is a full commit id: 40 or 64 hexadecimal digits.
    package var hasFullCommit: Bool { isFullCommit(commit) }
}

/// Whether a text is a full commit id: 40 or 64 hexadecimal digits.
package func isFullCommit(_ text: String) -> Bool {
    (text.utf8.count == 40 || text.utf8.count == 64)
        && text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
        }
}
