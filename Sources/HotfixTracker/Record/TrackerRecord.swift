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
    /// A key that is missing or null has its default; keys that are not known here are passed over.
    ///
    /// - Parameters:
    ///   - status: What the file holds.
    ///   - path: What errors call the file.
    /// - Throws: ``StatusFileError`` for the first value of another type than the script's.
    package init(_ status: StatusFile, path: String) throws(StatusFileError) {
        do throws(JSONContentError) { self = try Self.read(status.root) } catch {
            throw StatusFileError(
                path: path,
                message:
                    "\(oneLine(error.description)). Correct it, or restore the file from git; it was left as it was."
            )
        }
    }
}

extension TrackerRecord {
    private init(
        branch: Branch, observability: Observability, acceptance: Acceptance, decommission: Decommission,
        lastUpdated: String?, stability: Stability?, deployed: Deployed?
    ) {
        self.branch = branch
        self.observability = observability
        self.acceptance = acceptance
        self.decommission = decommission
        self.lastUpdated = lastUpdated
        self.stability = stability
        self.deployed = deployed
    }

    private static func read(_ root: JSONObject) throws(JSONContentError) -> TrackerRecord {
        let decommission = try section("decommission", of: root)
        let observability = try section("observability", of: root)
        return TrackerRecord(
            branch: try Branch(section("branch", of: root)),
            observability: Observability(
                isSentryConfigured: try observability.isSet("sentryThresholdConfigured"),
                isOtelConfigured: try observability.isSet("otelThresholdConfigured"),
                notes: try observability.optionalText("notes")),
            acceptance: try Acceptance(section("uat", of: root)),
            decommission: Decommission(
                isMerged: try decommission.isSet("mergedToMain"),
                areLegacyBranchesRemoved: try decommission.isSet("legacyBranchesRemoved"),
                isDocumentationUpdated: try decommission.isSet("documentationUpdated")),
            lastUpdated: try JSONReader(.object(root), "the file").optionalText("lastUpdated"),
            stability: try optionalSection("stability", of: root).map { reader throws(JSONContentError) in
                try Stability(reader)
            },
            deployed: try optionalSection("deployment", of: root).flatMap { reader throws(JSONContentError) in
                try Deployed(reader)
            })
    }

    private static func optionalSection(
        _ name: JSONString, of root: JSONObject
    ) throws(JSONContentError) -> JSONReader? {
        guard let value = root[name], value != .null else { return nil }
        return try JSONReader(value, name.text)
    }

    private static func section(_ name: JSONString, of root: JSONObject) throws(JSONContentError) -> JSONReader {
        if let section = try optionalSection(name, of: root) { return section }
        return try JSONReader(.object([:]), name.text)
    }
}

extension TrackerRecord.Branch {
    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        name = try reader.optionalText("name").flatMap { $0.isEmpty ? nil : $0 }
        base = try reader.optionalText("base") ?? "origin/main"
        isCreated = try reader.isSet("created")
        isPushed = try reader.isSet("pushed")
        createdAt = try reader.optionalText("createdAt")
        milestoneTags = []
        guard reader.has("milestoneTags") else { return }
        milestoneTags = try reader.objects("milestoneTags") { tag throws(JSONContentError) in
            TrackerRecord.MilestoneTag(
                name: try tag.text("name"), ref: try tag.optionalText("ref"),
                createdAt: try tag.optionalText("createdAt"))
        }
    }
}

extension TrackerRecord.Acceptance {
    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        isScheduled = try reader.isSet("scheduled")
        scheduledAt = try reader.optionalText("scheduledAt")
        isFeedbackLogged = try reader.isSet("feedbackLogged")
        stagingDeployedAt = try reader.optionalText("stagingDeployedAt")
        sessions = reader.has("sessions") ? try reader.elements("sessions").count : 0
        issues = reader.has("issues") ? try reader.elements("issues").count : 0
    }
}

extension TrackerRecord.Stability {
    fileprivate init(_ reader: JSONReader) throws(JSONContentError) {
        // A later version may have further states and reasons: none of them means ready here.
        state = try reader.optionalText("state").flatMap { Readiness.State(rawValue: $0) }
        reason = try reader.optionalText("stateReason").flatMap { Readiness.StateReason(rawValue: $0) }
        requiredSeconds = try reader.optionalWhole("requiredSeconds")
        provenSeconds = try reader.optionalWhole("provenSeconds")
        since = try reader.optionalInstant("since")
        earliestReady = try reader.optionalInstant("earliestReady")
        evaluatedUntil = try reader.optionalInstant("evaluatedUntil")
        freshUntil = try reader.optionalInstant("freshUntil")
        guard reader.has("lastBreach") else { return }
        let breach = try reader.optionalObject("lastBreach") { breach throws(JSONContentError) in
            (
                name: "\(try breach.optionalText("service") ?? "?")/\(try breach.optionalText("guardrail") ?? "?")",
                at: try breach.optionalInstant("windowStart")
            )
        }
        lastBreach = breach?.name
        lastBreachAt = breach?.at
    }
}

extension TrackerRecord.Deployed {
    fileprivate init?(_ reader: JSONReader) throws(JSONContentError) {
        at = try reader.optionalInstant("at")
        branch = try reader.optionalText("branch")
        guard let commit = try reader.optionalText("commit") else { return nil }
        self.commit = commit
    }
}

extension JSONReader {
    /// True or false; false where nothing is said.
    fileprivate func isSet(_ key: JSONString) throws(JSONContentError) -> Bool {
        has(key) ? try flag(key) : false
    }
}
