package import ArgumentParser
import HotfixCalls
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix release`: merges a critical hotfix, tags it and watches the workflow of the release.
package struct ReleaseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Merge the critical hotfix to main, tag it, and watch its release workflow.",
        discussion: """
            Refused (1) until it is assessed, approved by as many people as `tracker.approvals` says, and reviewed: for code always, \
            and for whatever else a review is recorded of, each of the commit that the hotfix branch has at origin. The 48 proven \
            hours are not asked for: a critical release comes before its deployment.

            The tag is put on the merge, and pushed. Where the configuration knows the repository at GitHub, the runs that the tag \
            sets off are watched to their end; one that fails ends the command with 1, and one that does not end in time with 3. \
            Each step looks first whether it is done: after whatever went wrong, the same command goes on.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(help: "The tag of the release: v1.0.1-hotfix1.")
    package var tag: String
    @Option(help: "How long the release workflow is watched.")
    package var timeout = "30m"
    @Flag(help: "Do not watch the release workflow.")
    package var noWatch = false

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        guard let timeout = parseDuration(timeout), timeout > 0 else {
            throw CommandError(
                .wrong, "--timeout '\(oneLine(timeout))' is not a duration. Write one such as 30m or 1h.")
        }
        let tag = try GitName(tag, as: .tag)
        let place = try TrackerPlace(common, tracker, secrets: [.forge])
        let by = try await place.author()
        let branch = try place.hotfixBranch()
        let main = try place.mainBranch()
        let repository = try await place.repository()
        let head = try await repository.releasedHead(
            branch, into: main, status: try StatusFile.read(path: place.statusFile))
        try place.requireLeave(toRelease: head)
        let (options, watches) = (plan, !noWatch)
        try await withClient { client in
            let api = place.gitHub(client)
            let merge = BranchMerge(
                repository: repository, branch: branch, head: head, target: main,
                pulls: api.map { PullRequests(api: $0, now: { surroundings.now }) }, sleep: surroundings.sleep,
                requireLeave: { try place.requireLeave(toRelease: $0) })
            let steps = ReleaseSteps(merge: merge, tag: tag, now: { surroundings.now })
            var all = steps.steps
            if watches, let api {
                let watch = WorkflowWatch(
                    runs: WorkflowRuns(api: api, now: { surroundings.now }), tag: tag.text, timeout: timeout,
                    sleep: surroundings.sleep)
                all.append(
                    steps.watchStep(watch) { run in
                        try StatusFile.update(path: place.statusFile, at: surroundings.now) { $0.noteWorkflow(run) }
                    })
            }
            let runner = PlanRunner(statusFile: place.statusFile, by: by, now: { surroundings.now })
            guard try await options.carryOut(Plan("release", all), by: runner) else { return }
            try surroundings.write("'\(tag)' is released from '\(main)'.\n")
            if !watches || api == nil {
                let why = watches ? "no repository at GitHub is configured (`tracker.github`)" : "--no-watch"
                try surroundings.write(
                    "Its release workflow was not watched: \(why). Look at it, then run: hotfix verify-release --tag \(tag)\n"
                )
            }
        }
    }
}

extension TrackerPlace {
    /// Makes sure that a commit may be released.
    ///
    /// - Parameter commit: The full id of the hotfix branch's head.
    /// - Throws: `Refusal` with all that is missing, `StatusFileError`.
    func requireLeave(toRelease commit: String) throws {
        let objections = try StatusFile.read(path: statusFile)
            .objections(toReleasing: commit, approvals: settings.approvals)
        guard objections.isEmpty else { throw Refusal("The release is refused. " + objections.joined(separator: " ")) }
    }
}
