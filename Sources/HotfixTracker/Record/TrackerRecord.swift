package import HotfixCore

/// What a status file says of a hotfix, with defaults for what it does not.
package struct TrackerRecord: Sendable, Hashable {
    /// The hotfix branch.
    package struct Branch: Sendable, Hashable {
        /// Its name; nil where none is recorded.
        package var name: String?
        /// What it was or will be made from.
        package var base: String
        /// Whether it was created.
        package var isCreated: Bool
        /// Whether it was pushed to origin.
        package var isPushed: Bool
        /// When it was created, as written there.
        package var createdAt: String?
        /// When another hotfix began that has the name of one before; nil where none did.
        package var reusedAt: Instant?
        /// Its milestones, oldest first.
        package var milestoneTags: [MilestoneTag]
    }

    /// A milestone.
    package struct MilestoneTag: Sendable, Hashable {
        /// The name of the tag.
        package var name: String
        /// What was tagged, as it was named then.
        package var ref: String?
        /// When, as written there.
        package var createdAt: String?
    }

    /// Whether what is watched was set up.
    package struct Observability: Sendable, Hashable {
        /// Whether Sentry's thresholds are configured.
        package var isSentryConfigured: Bool
        /// Whether OpenTelemetry's thresholds are configured.
        package var isOtelConfigured: Bool
        /// Whatever somebody noted about them.
        package var notes: String?
    }

    /// User acceptance testing.
    package struct Acceptance: Sendable, Hashable {
        /// Whether it is scheduled.
        package var isScheduled: Bool
        /// When, as written there.
        package var scheduledAt: String?
        /// Whether what the users said is logged.
        package var isFeedbackLogged: Bool
        /// When staging got the hotfix, as written there.
        package var stagingDeployedAt: String?
        /// How many sessions are noted.
        package var sessions: Int
        /// How many issues are noted.
        package var issues: Int
    }

    /// What is left when the hotfix has done its work.
    package struct Decommission: Sendable, Hashable {
        /// Whether it was merged to main.
        package var isMerged: Bool
        /// Whether the legacy branches were removed.
        package var areLegacyBranchesRemoved: Bool
        /// Whether the documentation was updated.
        package var isDocumentationUpdated: Bool
    }

    /// What the newest check said of the streak.
    package struct Stability: Sendable, Hashable {
        /// The state; nil where none is known by that word here.
        package var state: Readiness.State?
        /// Why, where the state does not say it.
        package var reason: Readiness.StateReason?
        /// The time that has to be proven, in seconds.
        package var requiredSeconds: Seconds?
        /// The proven time, in seconds.
        package var provenSeconds: Seconds?
        /// From when on clean windows count.
        package var since: Instant?
        /// When it may be ready.
        package var earliestReady: Instant?
        /// The end of the newest complete window.
        package var evaluatedUntil: Instant?
        /// Until when this may be believed without another check.
        package var freshUntil: Instant?
        /// The service and the guardrail of the newest breach, `checkout/error-rate`; nil where there is none.
        package var lastBreach: String?
        /// The start of its window.
        package var lastBreachAt: Instant?
    }

    /// What is deployed.
    package struct Deployed: Sendable, Hashable {
        /// The commit.
        package var commit: String
        /// The branch of its hotfix; nil where none was named.
        package var branch: String?
        /// When.
        package var at: Instant?
    }

    /// The hotfix branch.
    package var branch: Branch
    /// Whether what is watched was set up.
    package var observability: Observability
    /// User acceptance testing.
    package var acceptance: Acceptance
    /// What is left when the hotfix has done its work.
    package var decommission: Decommission
    /// When the file was last changed, as written there.
    package var lastUpdated: String?
    /// What the newest check said; nil where none wrote here.
    package var stability: Stability?
    /// What is deployed; nil where nothing is.
    package var deployed: Deployed?

    /// Reads what a status file says.
    ///
    /// A key that is missing or null has its default; keys that are not known here are passed over. One of hotfix's own that holds a
    /// value of another type is somebody else's, and counts as missing.
    ///
    /// - Parameters:
    ///   - status: What the file holds.
    ///   - path: What errors call the file.
    /// - Throws: ``StatusFileError`` for the first value of another type than the script's.
    package init(_ status: StatusFile, path: String) throws(StatusFileError) {
        do throws(StatusMisfit) { try self.init(reading: status.root) } catch {
            throw StatusFileError(
                path: path, message: "\(error.text), or restore the file from git; it was left as it was.")
        }
    }
}

extension TrackerRecord {
    private init(reading root: JSONObject) throws(StatusMisfit) {
        let reader = try StatusReader(.object(root), "")
        let observability = try reader.section("observability")
        let decommission = try reader.section("decommission")
        branch = try Branch(reader.section("branch"))
        self.observability = Observability(
            isSentryConfigured: try observability.isSet("sentryThresholdConfigured"),
            isOtelConfigured: try observability.isSet("otelThresholdConfigured"),
            notes: try observability.text("notes"))
        acceptance = try Acceptance(reader.section("uat"), root["uat"].flatMap(EntryReader.init))
        self.decommission = Decommission(
            isMerged: try decommission.isSet("mergedToMain"),
            areLegacyBranchesRemoved: try decommission.isSet("legacyBranchesRemoved"),
            isDocumentationUpdated: try decommission.isSet("documentationUpdated"))
        lastUpdated = try reader.text("lastUpdated")
        stability = root["stability"].flatMap(EntryReader.init).map(Stability.init)
        deployed = root["deployment"].flatMap(EntryReader.init).flatMap(Deployed.init)
    }
}

extension TrackerRecord.Branch {
    fileprivate init(_ reader: StatusReader) throws(StatusMisfit) {
        name = try reader.text("name").flatMap { $0.isEmpty ? nil : $0 }
        base = try reader.text("base") ?? "origin/main"
        isCreated = try reader.isSet("created")
        isPushed = try reader.isSet("pushed")
        createdAt = try reader.text("createdAt")
        reusedAt = try? reader.text("reusedAt").flatMap { Instant(text: $0) }
        milestoneTags = []
        for tag in try reader.objects("milestoneTags") {
            milestoneTags.append(
                TrackerRecord.MilestoneTag(
                    name: try tag.requiredText("name"), ref: try tag.text("ref"), createdAt: try tag.text("createdAt")))
        }
    }
}

extension TrackerRecord.Acceptance {
    fileprivate init(_ reader: StatusReader, _ own: EntryReader?) throws(StatusMisfit) {
        isScheduled = try reader.isSet("scheduled")
        scheduledAt = try reader.text("scheduledAt")
        isFeedbackLogged = try reader.isSet("feedbackLogged")
        stagingDeployedAt = own?.text("stagingDeployedAt")
        sessions = own?.count(of: "sessions") ?? 0
        issues = own?.count(of: "issues") ?? 0
    }
}

extension TrackerRecord.Stability {
    fileprivate init(_ reader: EntryReader) {
        // A later version may have further states and reasons: none of them means ready here.
        state = reader.text("state").flatMap(Readiness.State.init)
        reason = reader.text("stateReason").flatMap(Readiness.StateReason.init)
        requiredSeconds = reader.whole("requiredSeconds")
        provenSeconds = reader.whole("provenSeconds")
        since = reader.instant("since")
        earliestReady = reader.instant("earliestReady")
        evaluatedUntil = reader.instant("evaluatedUntil")
        freshUntil = reader.instant("freshUntil")
        let breach = reader.entry("lastBreach")
        lastBreach = breach.map { "\($0.text("service") ?? "?")/\($0.text("guardrail") ?? "?")" }
        lastBreachAt = breach?.instant("windowStart")
    }
}

extension TrackerRecord.Deployed {
    fileprivate init?(_ reader: EntryReader) {
        branch = reader.text("branch")
        guard let commit = reader.text("commit") else { return nil }
        self.commit = commit
        at = reader.instant("at")
    }
}
