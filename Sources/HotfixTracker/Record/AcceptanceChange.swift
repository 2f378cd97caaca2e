package import HotfixCore

/// What becomes known of user acceptance testing.
package struct AcceptanceChange: Sendable, Hashable {
    /// How much an issue matters, the gravest first.
    package enum Severity: String, Sendable, Hashable, CaseIterable {
        case blocker, critical, major, minor
    }

    /// When it takes place.
    package var scheduledAt: Instant?
    /// Whether what the users said is logged.
    package var isFeedbackLogged: Bool?
    /// When staging got the hotfix.
    package var stagingDeployedAt: Instant?
    /// What happened in a session.
    package var session: String?
    /// What was found not to work.
    package var issue: String?
    /// How much that matters.
    package var severity: Severity?

    /// Makes a change that changes nothing.
    package init() {}

    /// Whether nothing is said.
    package var isEmpty: Bool { self == AcceptanceChange() }

    /// Enters the change into a status file.
    ///
    /// - Parameters:
    ///   - status: The status file.
    ///   - at: When it is entered.
    ///   - by: Who enters it.
    /// - Returns: What was done, sentences in the past tense.
    package func apply(to status: inout StatusFile, at: Instant, by: String) -> String {
        var did: [String] = []
        if let scheduledAt {
            status.set("uat", "scheduled", to: .boolean(true))
            status.setInstant("uat", "scheduledAt", to: scheduledAt)
            did.append("Scheduled UAT for \(scheduledAt).")
        }
        if let stagingDeployedAt {
            status.setInstant("uat", "stagingDeployedAt", to: stagingDeployedAt)
            did.append("Noted that staging got the hotfix at \(stagingDeployedAt).")
        }
        if let session {
            status.append(entry(session, at, by), to: "uat", "sessions")
            did.append("Noted a session of UAT.")
        }
        if let issue {
            var object = entry(issue, at, by).object ?? [:]
            object["severity"] = JSONValue(severity?.rawValue)
            status.append(.object(object), to: "uat", "issues")
            did.append("Noted an issue of UAT\(severity.map { " (\($0.rawValue))" } ?? "").")
        }
        if let isFeedbackLogged {
            status.set("uat", "feedbackLogged", to: .boolean(isFeedbackLogged))
            did.append(isFeedbackLogged ? "Logged the feedback of UAT." : "Marked the feedback of UAT as pending.")
        }
        return did.joined(separator: " ")
    }

    private func entry(_ text: String, _ at: Instant, _ by: String) -> JSONValue {
        .object(["at": JSONValue(stamp: at), "by": JSONValue(by), "text": JSONValue(text)])
    }
}

extension TrackerRecord.Acceptance {
    /// How long after staging got the hotfix its users should have seen it, in seconds.
    package static let longestDelay: Seconds = 4 * 3600

    /// What is wrong with when UAT takes place; nil where nothing is, or one of the times is not known.
    package var objection: String? {
        guard isScheduled, let scheduled = scheduledAt.flatMap({ Instant(text: $0) }),
            let staging = stagingDeployedAt.flatMap({ Instant(text: $0) })
        else { return nil }
        if scheduled < staging {
            return "UAT is scheduled for \(scheduled), before staging got the hotfix at \(staging)."
        }
        guard scheduled - staging > Self.longestDelay else { return nil }
        return
            "UAT is scheduled for \(scheduled), \(hours(scheduled - staging)) after staging got the hotfix at \(staging): "
            + "that is more than \(hours(Self.longestDelay))."
    }
}

extension StatusFile {
    /// Sets an instant; one that is there already in another spelling stays as it is.
    fileprivate mutating func setInstant(_ section: JSONString, _ key: JSONString, to instant: Instant) {
        if case .string(let text) = self[section, key], Instant(text: text.text) == instant { return }
        set(section, key, to: JSONValue(stamp: instant))
    }
}
