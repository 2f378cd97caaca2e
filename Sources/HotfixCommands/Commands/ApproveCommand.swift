package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix approve`: records that somebody approves of a critical release.
package struct ApproveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Record in the tracker that somebody approves of the critical release.",
        discussion: """
            --by names whoever approves; the same person counts once. How many have to is `tracker.approvals`, 1 by default. \
            Approvals behind a deadline are refused (1), unless a new one is given with them.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "Until when the other approvals have to be given: 2026-11-20T08:00:00Z.")
    package var deadline: String?

    package init() {}

    package func validate() throws { _ = try personName(tracker.by, for: "approves") }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let name = try personName(tracker.by, for: "approves")
        let now = surroundings.now
        let last = try deadline.map { try HotfixCommand.instant($0, "--deadline") }
        if let last, last <= now {
            throw CommandError(.wrong, "--deadline \(last) is over: now it is \(now). Give a time to come.")
        }
        let place = try TrackerPlace(common, tracker)
        let by = try await place.recorder(of: name)
        let needed = place.settings.approvals
        var outcome = ApprovalOutcome.recorded
        var given = 0
        try StatusFile.update(path: place.statusFile, at: now) { status in
            let before = status
            outcome = try status.approve(by: name, at: now, deadline: last)
            given = status.standingApprovals.count
            guard status != before else { return }
            let until = last.map { " The others are to be given by \($0)." } ?? ""
            status.record(
                HistoryEntry(at: now, by: by, step: "approve", did: "Recorded the approval of \(name).\(until)"))
        }
        let said =
            switch outcome {
            case .recorded: "Recorded the approval of \(oneLine(name))."
            case .known(let at): "\(oneLine(name)) approved already, at \(at), and counts once."
            }
        let missing = max(0, needed - given)
        try surroundings.write(
            "\(said) \(given) of \(needed) given; "
                + (missing == 0 ? "none is missing.\n" : "\(missing) \(missing == 1 ? "is" : "are") still missing.\n"))
    }
}

extension TrackerPlace {
    /// Who notes that somebody else approved or reviewed: whom git commits as, else whoever did it themselves.
    func recorder(of name: String) async throws -> String {
        var place = self
        place.named = nil
        do { return try await place.author() } catch is CommandError { return name }
    }
}
