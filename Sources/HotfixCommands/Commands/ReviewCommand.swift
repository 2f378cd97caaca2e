package import ArgumentParser
import HotfixConfiguration
import HotfixCore
package import HotfixTracker

/// `hotfix review`: records that somebody looked at the hotfix before its release.
package struct ReviewCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Record in the tracker that somebody reviewed the hotfix.",
        discussion: """
            A review is of the commit that the hotfix branch has at origin; what is pushed later has to be reviewed anew. Where \
            the configuration knows the repository at GitHub, a code review, and any other with --pull-request, is not believed but \
            read: somebody has to have approved that commit there, nobody may ask for changes, and the required checks have to have \
            passed (else 1). The gate's own check is not asked for, since it waits for the hotfix to be proven.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var tracker: TrackerOptions
    @Option(help: "What was looked at.")
    package var kind: Review.Kind
    @Option(help: "The number of the pull request; else the open one of the hotfix branch.")
    package var pullRequest: Int?

    package init() {}

    package func validate() throws {
        _ = try personName(tracker.by, for: "reviewed")
        if let pullRequest, pullRequest < 1 { throw ValidationError("--pull-request is not the number of one.") }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let name = try personName(tracker.by, for: "reviewed")
        let place = try TrackerPlace(common, tracker, secrets: [.forge])
        let by = try await place.recorder(of: name)
        let branch = try place.hotfixBranch()
        let head = try await place.repository().hotfixHead(branch)
        let read = try await self.read(place, branch: branch, head: head, reviewer: name)
        let now = surroundings.now
        let review = Review(
            kind: kind, by: name, at: now, commit: head, pullRequest: read?.number,
            evidence: read?.evidence ?? "the word of \(name); nothing was read at GitHub")
        var isNew = false
        try StatusFile.update(path: place.statusFile, at: now) { status in
            isNew = status.record(review)
            guard isNew else { return }
            status.record(
                HistoryEntry(
                    at: now, by: by, step: "review",
                    did:
                        "Recorded the \(review.kind.rawValue) review of \(head.prefix(12)) by \(name): \(review.evidence)."
                ))
        }
        try surroundings.write(
            isNew
                ? "Recorded the \(kind.rawValue) review of \(head.prefix(12)): \(oneLine(review.evidence)).\n"
                : "Nothing changed: that review is recorded already.\n")
    }

    /// What GitHub says; nil where it is not asked.
    private func read(
        _ place: TrackerPlace, branch: GitName, head: String, reviewer: String
    ) async throws -> PullRequestReview? {
        let surroundings = Surroundings.current
        let (kind, wanted) = (kind, pullRequest)
        let gate = place.workplace?.settings.gate?.context ?? GateSettings.usualContext
        return try await withClient { client in
            guard let api = place.gitHub(client) else {
                guard wanted == nil else {
                    throw CommandError(
                        .wrong,
                        "Pull request \(wanted ?? 0) cannot be read: no repository at GitHub is configured. Give `tracker.github`, or"
                            + " leave --pull-request out to record the reviewer's word.")
                }
                return nil
            }
            let pulls = PullRequests(api: api, now: { surroundings.now })
            var number = wanted
            if number == nil {
                guard kind == .code else { return nil }
                number = try await pulls.open(from: branch).first?.number
            }
            guard let number else {
                throw Refusal(
                    "There is no open pull request of '\(branch)' at GitHub to read the code review from. Open one, or name it by"
                        + " --pull-request.")
            }
            return try await PullRequestReview(
                of: number, head: head, branch: branch, reviewer: reviewer, leavingOut: [gate.lowercased()], by: pulls)
        }
    }
}

extension Review.Kind: ExpressibleByArgument {}
