package import ArgumentParser
import HotfixCore
import HotfixTracker

/// `hotfix rollback`: makes a branch that takes a hotfix back to a milestone.
package struct RollbackCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Make and push a branch that takes the hotfix back to a milestone.",
        discussion: """
            The branch, revert/NAME-DAY, is one commit ahead of the hotfix branch's head, and its files are those of the milestone. \
            Nothing that was pushed is rewritten, and neither the work tree nor the hotfix branch is touched: merge the branch, or \
            deploy it.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(help: "The tag of the milestone: milestone/release/hotfix-20261122/staging.")
    package var to: String

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let milestone = try GitName(to, as: .tag)
        guard milestone.text.hasPrefix("milestone/") else {
            throw CommandError(
                .wrong, "--to '\(oneLine(to))' is no milestone. They are tags whose names begin with milestone/.")
        }
        let place = try TrackerPlace(common, tracker)
        let by = try await place.author()
        let branch = try place.hotfixBranch()
        let repository = try await place.repository()
        let head = try await repository.hotfixHead(branch)
        let day = surroundings.now.description.prefix(10).filter { $0 != "-" }
        let rollback = try await Rollback(to: milestone, branch: branch, head: head, day: day, repository: repository)
        guard try await rollback.isNeeded() else {
            return try surroundings.write("There is nothing to undo: '\(branch)' has the files of '\(milestone)'.\n")
        }
        let (commits, files) = try await rollback.undone()
        try surroundings.write("Undone would be:\n" + Self.listed(commits) + "By changing:\n" + Self.listed(files))
        let runner = PlanRunner(statusFile: place.statusFile, by: by, now: { surroundings.now })
        guard try await plan.carryOut(Plan("rollback", rollback.steps), by: runner) else { return }
        try surroundings.write("'\(rollback.revert)' is at origin. Merge it into '\(branch)', or deploy it.\n")
    }

    private static let mostLines = 60

    private static func listed(_ lines: [String]) -> String {
        let more = lines.count > mostLines ? ["… and \(lines.count - mostLines) more"] : []
        return (lines.prefix(mostLines) + more).map { "  \(oneLine($0).trimmingPrefix(" "))\n" }.joined()
    }
}
