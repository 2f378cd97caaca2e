package import ArgumentParser
import HotfixCore
package import HotfixTracker

/// `hotfix uat`: notes in the tracker what becomes of user acceptance testing.
package struct UatCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "uat",
        abstract: "Note when UAT takes place, what its sessions found, and that its feedback is logged.",
        discussion: """
            It is told where UAT is scheduled later than 4 hours after staging got the hotfix.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "When UAT takes place: 2026-11-20T08:00:00Z, with a zone; a date alone means its beginning in UTC.")
    package var scheduled: String?
    @Option(defaultAsFlag: .done, parsing: .next, help: "Whether the feedback is logged: done or pending, yes or no.")
    package var feedback: TrackerBool?
    @Option(help: "When staging got the hotfix.")
    package var stagingDeployedAt: String?
    @Option(help: "What happened in a session.")
    package var session: String?
    @Option(help: "What was found not to work.")
    package var issue: String?
    @Option(help: "How much the issue matters.")
    package var severity: AcceptanceChange.Severity?

    package init() {}

    package func validate() throws {
        if severity != nil, issue == nil { throw ValidationError("--severity goes with --issue.") }
        for (option, text) in [("--session", session), ("--issue", issue)] {
            if let text, let objection = objection(toNote: text) { throw ValidationError("\(option) \(objection)") }
        }
    }

    package mutating func run() async throws {
        var change = AcceptanceChange()
        change.scheduledAt = try scheduled.map { try HotfixCommand.instantOrDay($0, "--scheduled") }
        change.stagingDeployedAt = try stagingDeployedAt.map { try HotfixCommand.instant($0, "--staging-deployed-at") }
        change.isFeedbackLogged = feedback?.isDone
        change.session = session
        change.issue = issue
        change.severity = severity
        guard !change.isEmpty else {
            throw CommandError(
                .wrong, "Say what becomes of UAT: --scheduled, --feedback, --staging-deployed-at, --session or --issue."
            )
        }
        let place = try TrackerPlace(common, tracker)
        let by = try await place.author()
        let now = Surroundings.current.now
        var objection: String?
        let did = try StatusFile.change(path: place.statusFile, at: now, by: by, step: "uat") { status in
            let did = change.apply(to: &status, at: now, by: by)
            objection = try TrackerRecord(status, path: place.statusFile).acceptance.objection
            return did
        }
        try place.tell(did, quietly: common.quiet)
        if let objection, change.scheduledAt != nil || change.stagingDeployedAt != nil {
            Surroundings.current.writeError("hotfix: warning: \(objection)\n")
        }
    }
}

extension AcceptanceChange.Severity: ExpressibleByArgument {}

extension HotfixCommand {
    /// Reads an instant from the command line, or a day, which begins at midnight in UTC.
    static func instantOrDay(_ text: String, _ option: String) throws -> Instant {
        let isDay = text.utf8.count == 10 && Instant(text: "\(text)T00:00:00Z") != nil
        return try instant(isDay ? "\(text)T00:00:00Z" : text, option)
    }
}
