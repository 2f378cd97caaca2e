package import HotfixCore

/// How a person is told what a status file says.
package struct RecordTelling: Sendable {
    /// How exactly times are told.
    package enum Detail: Sendable, Hashable {
        /// To the minute.
        case exact
        /// To the hour before, so that a text does not change with every check.
        case hourly
    }

    /// How exactly times are told.
    package var detail: Detail
    /// The instant that stability is held against.
    package var now: Instant
    /// Makes text from outside harmless where it is told.
    package var outside: @Sendable (String) -> String

    /// Makes a way of telling.
    package init(_ detail: Detail, at now: Instant, outside: @escaping @Sendable (String) -> String) {
        self.detail = detail
        self.now = now
        self.outside = outside
    }
}

extension RecordTelling {
    /// What stands where, each as a name and a value, both harmless.
    package func facts(of record: TrackerRecord) -> [(name: String, value: String)] {
        var facts = [
            (name: "Branch", value: branch(record.branch)),
            (name: "Milestones", value: milestones(record.branch.milestoneTags)),
            (name: "Observability", value: observability(record.observability)),
            (name: "UAT", value: acceptance(record.acceptance)), (name: "Stability", value: stability(of: record)),
        ]
        if let breach = record.stability?.lastBreach, let at = record.stability?.lastBreachAt {
            // While it breaches, each check has a newer one.
            let isTimed = detail == .exact || record.stability?.state != .breaching
            facts.append(("Last breach", outside(breach) + (isTimed ? " at \(at)" : "")))
        }
        if let deployed = record.deployed {
            facts.append(("Deployed", outside(deployed.commit) + (deployed.at.map { " at \($0)" } ?? "")))
        }
        facts.append(("Decommission", decommission(record.decommission)))
        return facts
    }

    /// The time proven so far, what holds and when the hotfix may be ready, as a part of a sentence.
    package func stability(of record: TrackerRecord) -> String {
        guard let stability = record.stability else { return "no check has written here yet" }
        let proven = stability.provenSeconds ?? 0
        let reason = stability.reason.map { " (\($0.text))" } ?? ""
        var parts = [
            "\(hours(detail == .exact ? proven : proven - proven % 3600)) proven",
            "\(stability.state?.rawValue ?? "in a state that is not known here")\(reason)",
        ]
        if let earliest = stability.earliestReady, stability.state != .ready {
            parts.append(
                detail == .exact
                    ? "ready at \(earliest) at the earliest" : "not ready before \(earliest.floored(to: 3600))")
        }
        if record.isStale(at: now) {
            let until = stability.evaluatedUntil.map { "until \($0)" } ?? "never"
            parts.append("but evaluated \(until), which proves nothing now: is the agent running?")
        }
        if stability.state == .ready, !record.isDeployed {
            let other = record.deployed?.branch.map { "of \(outside($0)), which" } ?? "of what"
            parts.append("but \(other) is not this hotfix")
        }
        return parts.joined(separator: ", ")
    }

    private func branch(_ branch: TrackerRecord.Branch) -> String {
        let base = outside(branch.base)
        guard let name = branch.name else { return "none yet, from \(base)" }
        let created = word(branch.isCreated, "created", "not created")
        return "\(outside(name)) from \(base), \(created), \(word(branch.isPushed, "pushed", "not pushed"))"
    }

    private func milestones(_ tags: [TrackerRecord.MilestoneTag]) -> String {
        guard let newest = tags.last else { return "none" }
        return "\(tags.count), the newest is \(outside(newest.name))"
    }

    private func observability(_ observability: TrackerRecord.Observability) -> String {
        let sentry = word(observability.isSentryConfigured, "configured", "pending")
        let otel = word(observability.isOtelConfigured, "configured", "pending")
        let notes = observability.notes.map { ", notes: \(outside($0))" } ?? ""
        return "Sentry thresholds \(sentry), OpenTelemetry thresholds \(otel)\(notes)"
    }

    private func acceptance(_ acceptance: TrackerRecord.Acceptance) -> String {
        let time = acceptance.scheduledAt.map { " for \(moment($0))" } ?? ""
        let noted = [(acceptance.sessions, "session"), (acceptance.issues, "issue")].filter { $0.0 > 0 }
        let parts = [
            acceptance.isScheduled ? "scheduled\(time)" : "not scheduled",
            "feedback \(word(acceptance.isFeedbackLogged, "logged", "pending"))",
        ]
        return (parts + noted.map { count($0.0, $0.1) }).joined(separator: ", ")
    }

    private func decommission(_ decommission: TrackerRecord.Decommission) -> String {
        [
            word(decommission.isMerged, "merged to main", "not merged to main"),
            "legacy branches \(word(decommission.areLegacyBranchesRemoved, "removed", "not removed"))",
            "documentation \(word(decommission.isDocumentationUpdated, "updated", "not updated"))",
        ].joined(separator: ", ")
    }

    /// A time as it is written in the file, which may be any text.
    private func moment(_ text: String) -> String { Instant(text: text)?.description ?? outside(text) }

    private func word(_ isDone: Bool, _ done: String, _ pending: String) -> String { isDone ? done : pending }
}
