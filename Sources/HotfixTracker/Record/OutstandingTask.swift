package import HotfixCore

/// Something that is left to do before a hotfix has done its work, in the order of the runbook.
package enum OutstandingTask: String, Sendable, Hashable, CaseIterable {
    case branch
    case milestoneTag = "milestone-tag"
    case sentryThresholds = "sentry-thresholds"
    case otelThresholds = "otel-thresholds"
    case acceptanceScheduled = "uat-scheduled"
    case acceptanceFeedback = "uat-feedback"
    case stability
    case merge
    case legacyBranches = "legacy-branches"
    case documentation

    /// What is left to do of a hotfix.
    ///
    /// - Parameters:
    ///   - record: What the status file says.
    ///   - now: The instant that stability is held against: what an older check said proves nothing.
    /// - Returns: The tasks whose condition is unmet, in their order.
    package static func tasks(of record: TrackerRecord, at now: Instant) -> [OutstandingTask] {
        allCases.filter { !$0.isDone(in: record, at: now) }
    }

    private func isDone(in record: TrackerRecord, at now: Instant) -> Bool {
        switch self {
        case .branch: record.branch.name != nil && record.branch.isCreated && record.branch.isPushed
        case .milestoneTag: !record.branch.milestoneTags.isEmpty
        case .sentryThresholds: record.observability.isSentryConfigured
        case .otelThresholds: record.observability.isOtelConfigured
        case .acceptanceScheduled: record.acceptance.isScheduled
        case .acceptanceFeedback: record.acceptance.isFeedbackLogged
        // Once merged, the branch's streak decides nothing more.
        case .stability: record.decommission.isMerged || record.isProven(at: now)
        case .merge: record.decommission.isMerged
        case .legacyBranches: record.decommission.areLegacyBranchesRemoved
        case .documentation: record.decommission.isDocumentationUpdated
        }
    }

    /// The task as a person is told, in the imperative and without a full stop.
    ///
    /// - Parameters:
    ///   - record: What the status file says.
    ///   - telling: How it is told.
    /// - Returns: The beginning of a sentence, harmless where it is told.
    package func title(of record: TrackerRecord, _ telling: RecordTelling) -> String {
        switch self {
        case .branch:
            guard let name = record.branch.name, record.branch.isCreated else {
                return "Create the hotfix branch and push it"
            }
            return "Push the hotfix branch \(telling.outside(name))"
        case .milestoneTag: return "Tag at least one milestone"
        case .sentryThresholds: return "Configure the Sentry thresholds"
        case .otelThresholds: return "Configure the OpenTelemetry thresholds"
        case .acceptanceScheduled: return "Schedule UAT"
        case .acceptanceFeedback: return "Log the feedback of UAT"
        case .stability:
            let required = hours(record.stability?.requiredSeconds ?? Self.usualStability)
            return "Prove \(required) of stability: \(telling.stability(of: record))"
        case .merge: return "Merge to main"
        case .legacyBranches: return "Remove the legacy branches"
        case .documentation: return "Update the documentation"
        }
    }

    /// The command that does it, or says that it is done.
    package var command: String {
        switch self {
        case .branch: "hotfix init"
        case .milestoneTag: "hotfix tag --name ID"
        case .sentryThresholds: "hotfix observability --sentry --verify"
        case .otelThresholds: "hotfix observability --otel --verify"
        case .acceptanceScheduled: "hotfix uat --scheduled TIME"
        case .acceptanceFeedback: "hotfix uat --feedback"
        case .stability: "hotfix readiness"
        case .merge: "hotfix complete --merged --do"
        case .legacyBranches: "hotfix complete --legacy"
        case .documentation: "hotfix complete --docs"
        }
    }

    /// What has to be proven where no check said otherwise, in seconds.
    static var usualStability: Seconds { 172_800 }
}

extension TrackerRecord {
    /// Whether a check proved the stability that is required, of this hotfix, and is young enough to be believed.
    package func isProven(at now: Instant) -> Bool {
        stability?.state == .ready && !isStale(at: now) && isDeployed
    }

    /// Whether what is deployed is this hotfix: it was recorded with its branch, or without one and at the commit of a milestone of it.
    ///
    /// Where the tracker names no branch, whatever is deployed is what it is about.
    package var isDeployed: Bool {
        guard let deployed else { return false }
        guard let name = branch.name else { return true }
        // What was deployed of an earlier hotfix of the same name is not this one.
        if let reused = branch.reusedAt, deployed.at.map({ $0 < reused }) ?? true { return false }
        if let other = deployed.branch { return other == name }
        return branch.milestoneTags.contains { $0.name.hasPrefix("milestone/\(name)/") && $0.ref == deployed.commit }
    }

    /// Whether the newest check is too old to be believed, or is of later than now.
    package func isStale(at now: Instant) -> Bool {
        guard let stability else { return false }
        guard let until = stability.evaluatedUntil else { return true }
        return until > now || now > stability.freshUntil ?? until + Self.usualMaxAge
    }

    /// Four windows of the usual length, in seconds.
    private static var usualMaxAge: Seconds { 1200 }
}
