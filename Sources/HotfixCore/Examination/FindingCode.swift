/// What an examination can find; the raw values stay the same from version to version.
package enum FindingCode: String, Sendable, Hashable, CaseIterable {
    // The way to a source.
    case unresolvedName = "unresolved-name"
    case noConnection = "no-connection"
    case tls = "tls"
    case timeout = "timeout"
    case redirect = "redirect"
    case notTheAPI = "not-the-api"
    case rateLimited = "rate-limited"
    case serverFailed = "server-failed"
    case malformedAnswer = "malformed-answer"
    case partialAnswer = "partial-answer"
    case clockDifference = "clock-difference"

    // What a source lets itself be asked.
    case credentialsRefused = "credentials-refused"
    case scopeMissing = "scope-missing"
    case organizationToken = "organization-token"
    case tenantMissing = "tenant-missing"
    case unknownOrganization = "unknown-organization"
    case unknownProject = "unknown-project"
    case unknownEnvironment = "unknown-environment"
    case unlabelledEnvironment = "unlabelled-environment"
    case unknownService = "unknown-service"
    case unknownRepository = "unknown-repository"
    case severalEnvironments = "several-environments"
    case severalSeries = "several-series"
    case queryRefused = "query-refused"

    // What its values say.
    case rawCounter = "raw-counter"
    case notANumber = "not-a-number"
    case negativeValues = "negative-values"
    case eventsMissing = "events-missing"
    case neverHadData = "never-had-data"
    case dataStopped = "data-stopped"
    case shortHistory = "short-history"
    case shortRetention = "short-retention"
    case lowCoverage = "low-coverage"
    case thinWindows = "thin-windows"
    case silent = "silent"
    case droppedEvents = "dropped-events"

    // What they say of the policy.
    case saturatedHistogram = "saturated-histogram"
    case limitBeyondBuckets = "limit-beyond-buckets"
    case tooFewEvents = "too-few-events"
    case zeroBaseline = "zero-baseline"
    case negativeBaseline = "negative-baseline"
    case noisyLimit = "noisy-limit"
    case guardrailUnused = "guardrail-unused"
    case serviceUnwatched = "service-unwatched"
    case sourceUnused = "source-unused"
    case windowChanged = "window-changed"

    // Files, and the agent that writes them.
    case noLedger = "no-ledger"
    case ledgerUnusable = "ledger-unusable"
    case ledgerAhead = "ledger-ahead"
    case notWritable = "not-writable"
    case networkFileSystem = "network-file-system"
    case statusFile = "status-file"
    case unpublishable = "unpublishable"
    case originUnreachable = "origin-unreachable"
    case noIdentity = "no-identity"
    case trackerDiffers = "tracker-differs"
    case readableSecret = "readable-secret"
    case writableByAll = "writable-by-all"
    case noCheckYet = "no-check-yet"
    case agentSilent = "agent-silent"
    case checkStuck = "check-stuck"
    case lastCheckFailed = "last-check-failed"

    // How messages are signed.
    case unsigned = "unsigned"
    case unusableSecret = "unusable-secret"

    // Who is told.
    case noChannel = "no-channel"
    case noHeartbeat = "no-heartbeat"
    case gateWithoutBranch = "gate-without-branch"

    /// Could not be looked at.
    case notExamined = "not-examined"

    /// Where a problem has to be mended.
    package enum Place: Sendable, Hashable {
        /// In the configuration, in what it names, or in who may read it.
        case setUp
        /// At the source, or on the way to it.
        case source
        /// In the ledger.
        case state
    }

    /// Where a problem has to be mended.
    package var place: Place {
        switch self {
        case .unresolvedName, .noConnection, .tls, .timeout, .rateLimited, .serverFailed, .malformedAnswer,
            .partialAnswer, .clockDifference, .dataStopped, .silent, .droppedEvents, .originUnreachable:
            .source
        case .ledgerUnusable, .ledgerAhead: .state
        default: .setUp
        }
    }

    /// What a source's failure is called.
    package init(_ error: SourceError) {
        self =
            switch error.code {
            case .unreachable: .noConnection
            case .timedOut: .timeout
            case .rateLimited: .rateLimited
            case .credentials: .credentialsRefused
            case .failed: .serverFailed
            case .clock: .clockDifference
            case .partial: .partialAnswer
            case .malformed: .malformedAnswer
            case .refused: .queryRefused
            case .unknownSubject: .unknownService
            case .ambiguous: .severalSeries
            }
    }
}

extension Finding {
    /// Makes the problem that a source's failure is.
    ///
    /// - Parameters:
    ///   - error: The failure; its message says what happened and holds no secret.
    ///   - subject: What was asked about.
    package init(_ error: SourceError, about subject: Subject) {
        let remedy =
            switch error.code {
            case .unreachable: "See that the source runs and can be reached from here."
            case .timedOut: "See to the load of the source, or raise its `timeout`; then run hotfix doctor again."
            case .rateLimited: "Give hotfix credentials of its own, or raise the source's limit on requests."
            case .credentials: "Give the source credentials that may read this."
            case .failed: "Look in the source's own log; then run hotfix doctor again."
            case .clock: "Synchronise both clocks (NTP)."
            case .partial: "See to the stores behind the source, so that its answers are whole."
            case .malformed: "See what stands between here and the source, and that its version is supported."
            case .refused: "Mend the query, or the names in it, in the policy; ask the source the same by hand to see."
            case .unknownSubject:
                "Correct the service's entry in the configuration, or have the service send this data."
            case .ambiguous:
                "Let the query return one series for each service: aggregate it, or name the label in `by`."
            }
        self.init(.problem, FindingCode(error), subject, error.message, remedy: remedy)
    }
}
