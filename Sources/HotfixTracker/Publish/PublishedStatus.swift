package import HotfixCore

/// The status file as the newest commit on the tracker's branch holds it.
package struct PublishedStatus: Sendable, Hashable {
    /// What it holds; nil where the commit has none that can be read.
    package var status: StatusFile?
    /// When it was committed.
    package var at: Instant

    /// Makes a published status.
    package init(status: StatusFile?, at: Instant) {
        self.status = status
        self.at = at
    }
}

/// Whether a status file is to be published: a change of state at once, mere progress once an hour.
///
/// Progress is what a check finds out of a state that holds on: the members of `stability` beside the state and its reason, and `lastUpdated`.
///
/// - Parameters:
///   - status: The status file.
///   - last: What was published last; nil where nothing was.
///   - now: The instant of asking. A commit of more than an hour later than that is one of a wrong clock, and holds nothing up.
/// - Returns: Whether it is due; where the files are as they were published, there is still nothing to publish.
package func isPublicationDue(of status: StatusFile, last: PublishedStatus?, at now: Instant) -> Bool {
    guard let last, let published = last.status else { return true }
    return status.withoutProgress != published.withoutProgress || abs(now - last.at) >= 3600
}

extension StatusFile {
    /// The file without what every check changes.
    fileprivate var withoutProgress: JSONObject {
        var rest = root
        rest["lastUpdated"] = nil
        guard case .object(let stability)? = rest["stability"] else { return rest }
        rest["stability"] = .object(
            JSONObject(members: stability.members.filter { ["state", "stateReason"].contains($0.key) }))
        return rest
    }

    /// What the commit that publishes the file says of it: the state and the proven time on one line, below it which hotfix it is.
    var publicationMessage: String {
        let state = word("stability", "state") ?? "not evaluated yet"
        var subject = "hotfix tracker: \(state)"
        if let reason = word("stability", "stateReason") { subject += " (\(reason))" }
        if let proven = length("provenSeconds"), let required = length("requiredSeconds") {
            subject += ", \(hours(proven)) of \(hours(required)) proven"
        }
        let facts = [
            word("deployment", "branch").map { "Branch: \($0)" },
            word("deployment", "commit").map { "Commit: \($0)" },
            word("stability", "evaluatedUntil").map { "Evaluated until: \($0)" },
        ].compactMap(\.self)
        return ([subject] + (facts.isEmpty ? [] : [""]) + facts).joined(separator: "\n") + "\n"
    }

    /// A text of the file on one line; nil where none stands there.
    private func word(_ object: JSONString, _ key: JSONString) -> String? {
        guard case .string(let text)? = root[object]?.object?[key], !text.text.isEmpty else { return nil }
        return clipped(oneLine(text.text), bytes: 200)
    }

    private func length(_ key: JSONString) -> Seconds? {
        guard case .number(let spelling)? = root["stability"]?.object?[key] else { return nil }
        return Seconds(spelling)
    }
}
