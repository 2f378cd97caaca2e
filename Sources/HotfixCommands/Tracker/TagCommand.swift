package import ArgumentParser
import HotfixCore
import HotfixTracker

/// `hotfix tag`: keeps a point on the way of a hotfix as a tag.
package struct TagCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Keep a milestone of the hotfix as an annotated tag, milestone/<branch>/<name>.",
        discussion:
            "A tag that is there already at the same commit is done; one at another commit is an error, and never moved."
    )

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(help: "What the milestone is called; runs of white space become '-'.")
    package var name: String
    @Option(help: "What is tagged: a commit, a branch or a tag.")
    package var ref = "HEAD"
    @Option(help: "The hotfix branch; else the one that is recorded.")
    package var branch: String?
    @Option(help: "What the tag says; else the names of milestone and branch.")
    package var message: String?
    @Flag(help: "Leave the tag unpushed.")
    package var noPush = false

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let place = try TrackerPlace(common, tracker)
        let repository = try await place.repository()
        let status = try StatusFile.read(path: place.statusFile)
        let by = try await place.author()
        let milestone = try await Milestone(
            repository: repository,
            branch: try branch.map { name throws(GitError) in try GitName(name, as: .branch) } ?? status.hotfixBranch(),
            name: name, ref: ref, message: message, isPushed: !noPush, at: surroundings.now)
        let runner = PlanRunner(statusFile: place.statusFile, by: by, now: { surroundings.now })
        guard try await plan.carryOut(milestone.plan(), by: runner) else { return }
        try surroundings.write("The milestone '\(milestone.tag)' is at \(milestone.commit).\n")
    }
}
