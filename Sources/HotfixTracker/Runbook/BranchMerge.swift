import HotfixCalls
import HotfixCore

/// The merge of a hotfix into a branch at origin: by a push, or by a pull request where a forge is known.
///
/// Nothing in the work tree is touched, nothing is pushed by force, and what is merged is the commit that was judged.
package struct BranchMerge: Sendable {
    /// The repository.
    package var repository: Repository
    /// The branch of the hotfix.
    package var branch: GitName
    /// The full id of the commit that is merged: the branch's head.
    package var head: String
    /// The branch at origin that it is merged to.
    package var target: GitName
    /// Pull requests; nil where it is merged by a push.
    package var pulls: PullRequests?
    /// What is added to the changelog, in Markdown, in the same push; nil for nothing.
    package var changelogEntry: String?
    /// How it waits.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Asks once more, right before merging a commit, whether that may be; throws where it may not.
    package var requireLeave: @Sendable (_ commit: String) async throws -> Void

    /// Makes a merge.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - branch: The branch of the hotfix.
    ///   - head: The full id of its head.
    ///   - target: The branch at origin that it is merged to.
    ///   - pulls: Pull requests; nil where it is merged by a push.
    ///   - changelogEntry: What is added to the changelog, in Markdown, in the same push; nil for nothing.
    ///   - sleep: How it waits.
    ///   - requireLeave: Asks whether a commit may be merged; throws where it may not.
    package init(
        repository: Repository, branch: GitName, head: String, target: GitName, pulls: PullRequests?,
        changelogEntry: String? = nil, sleep: @escaping @Sendable (Duration) async throws -> Void,
        requireLeave: @escaping @Sendable (_ commit: String) async throws -> Void
    ) {
        self.repository = repository
        self.branch = branch
        self.head = head
        self.target = target
        self.pulls = pulls
        self.changelogEntry = changelogEntry
        self.sleep = sleep
        self.requireLeave = requireLeave
    }

    /// What tells that a step is this merge.
    var identity: String { "Merge '\(branch)' (\(head)) into '\(target)' at origin." }

    /// The merge as a step of a plan; it is done where the branch at origin holds everything of the commit.
    ///
    /// - Parameter note: What the status file then says.
    /// - Returns: The step.
    package func step(note: @escaping @Sendable (inout StatusFile) -> Void) -> Plan.Step {
        let way = pulls == nil ? "" : " by its pull request"
        let withEntry = changelogEntry == nil ? "" : ", with an entry in CHANGELOG.md"
        return Plan.Step(
            title: "Merge '\(branch)' (\(head.prefix(12))) into '\(target)' at origin\(way)\(withEntry).",
            did: "Merged '\(branch)' (\(head)) into '\(target)' at origin\(way)\(withEntry).",
            identity: identity,
            isDone: { try await isDone() }, perform: { try await perform() }, note: note)
    }

    /// Whether the branch at origin holds everything of the commit.
    package func isDone() async throws(GitError) -> Bool {
        try await repository.holds(try await base(), everythingOf: head)
    }

    private func perform() async throws {
        let there = try await repository.refsAtOrigin([branch.ref])[branch.ref]
        guard there == nil || there == head else {
            throw GitError(
                .unfit,
                "'\(branch)' was pushed to meanwhile: its head at origin is \(there ?? ""), not \(head). Nothing was merged; deploy"
                    + " that head, and run the command again once it is proven.")
        }
        if let pulls {
            try await mergeByPullRequest(pulls)
        } else {
            try await mergeByPush()
        }
        // It is merged whether or not this shows here yet.
        try? await repository.fetch()
    }

    private func base() async throws(GitError) -> String {
        guard let base = try await repository.headAtOrigin(of: target) else {
            throw GitError(
                .unfit,
                "origin has no branch '\(target)' to merge into. Name the branches by 'tracker.main' and --into.")
        }
        return base
    }

    private func mergeByPush() async throws {
        for attempt in 1... {
            let base = try await base()
            if try await repository.holds(base, everythingOf: head) { return }
            var merged: String
            do throws(GitError) {
                merged = try await repository.merge(
                    head, into: base, message: "Merge branch '\(branch)' into \(target)")
            } catch {
                throw error.code == .conflict ? conflict(error) : error
            }
            if let changelogEntry {
                merged = try await repository.commit(changelogEntry: changelogEntry, upon: merged, for: branch)
            }
            try await requireLeave(head)
            do throws(GitError) {
                return try await repository.push(target, commit: merged, setsUpstream: false)
            } catch {
                // Somebody else pushed in between: what they pushed is merged with. All else is for people to mend.
                guard attempt < Self.attempts, try await self.base() != base else { throw error }
            }
        }
    }

    private func conflict(_ error: GitError) -> GitError {
        var error = error
        error.reason +=
            " By hand: git fetch origin && git switch --create merge-hotfix origin/\(target) && git merge --no-ff \(head), solve the"
            + " conflicts, git commit, git push origin HEAD:\(target)."
        return error
    }

    private func mergeByPullRequest(_ pulls: PullRequests) async throws {
        let title = "Merge branch '\(branch)' into \(target)"
        let pull = try await pulls.open(
            from: branch, into: target, title: title,
            body: "Merges the hotfix \(markdownText(branch.text)) at \(head).")
        try await waitUntilMergeable(pull.number, pulls)
        try await requireLeave(head)
        try await pulls.merge(pull.number, head: head, title: title)
        for _ in 0..<Self.looks {
            if try await isDone() { return }
            try await sleep(.seconds(2))
        }
        throw ForgeFailure(
            .unknown,
            "GitHub says that pull request \(pull.number) is merged, and '\(target)' at origin does not hold \(head). See that origin"
                + " is the repository \(oneLine(pulls.api.repository)), and run the command again.")
    }

    /// Waits until GitHub knows the head and whether it conflicts.
    private func waitUntilMergeable(_ number: Int, _ pulls: PullRequests) async throws {
        var pull = try await pulls.find(number)
        for _ in 0..<Self.looks where pull.isOpen && (pull.isMergeable == nil || pull.head != head) {
            try await sleep(.seconds(2))
            pull = try await pulls.find(number)
        }
        guard pull.head == head else {
            throw ForgeFailure(
                .refused,
                "Pull request \(number) shows \(pull.head) as its head, not \(head). Nothing was merged; run the command again."
            )
        }
        guard pull.isMergeable == false, pull.isOpen else { return }
        // Git names the files, which GitHub does not.
        _ = try await mergeable()
        throw ForgeFailure(
            .refused, "GitHub says that pull request \(number) conflicts. Nothing was merged; look at its page.")
    }

    private func mergeable() async throws(GitError) -> String {
        do throws(GitError) {
            return try await repository.merge(head, into: try await base(), message: "")
        } catch {
            throw error.code == .conflict ? conflict(error) : error
        }
    }

    private static let attempts = 5
    private static let looks = 15
}
