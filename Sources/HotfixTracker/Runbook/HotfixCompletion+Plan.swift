import HotfixCore

extension HotfixCompletion {
    /// What somebody wants of a completion.
    package struct Wishes: Sendable {
        /// Branches at origin beside the main branch that it is merged to.
        package var into: [GitName] = []
        /// Branches of earlier hotfixes that are deleted at origin.
        package var removed: [GitName] = []
        /// What is added to the changelog, in Markdown; nil for nothing.
        package var changelogEntry: String?
        /// What the history says where the hotfix is found in the main branch, and the file does not say so yet.
        package var finding: HistoryEntry?
        /// The status file.
        package var statusFile: String
        /// The tracker's own files, from the top of the repository: they may be changed.
        package var ownFiles: [String]

        /// Makes wishes.
        package init(statusFile: String, ownFiles: [String]) {
            self.statusFile = statusFile
            self.ownFiles = ownFiles
        }
    }

    /// Says what is to be done, each step of which finds out whether it is done.
    ///
    /// - Parameters:
    ///   - wishes: What is wanted.
    ///   - pulls: Pull requests; nil where it is merged by pushes.
    ///   - sleep: How it waits.
    ///   - requireLeave: Asks whether a commit may be merged; throws where it may not.
    /// - Returns: The plan.
    /// - Throws: ``GitError``, `ForgeFailure`.
    package func plan(
        _ wishes: Wishes, pulls: PullRequests?, sleep: @escaping @Sendable (Duration) async throws -> Void,
        requireLeave: @escaping @Sendable (_ commit: String) async throws -> Void
    ) async throws -> Plan {
        for name in wishes.removed { try requireLegacy(name) }
        try await requireRemovable(wishes)
        var steps: [Plan.Step] = []
        let isInMain = isInMain
        for target in [main] + wishes.into {
            let merge = BranchMerge(
                repository: repository, branch: branch, head: head, target: target, pulls: pulls,
                changelogEntry: target == main && pulls == nil ? wishes.changelogEntry : nil, sleep: sleep,
                requireLeave: { commit in
                    if target != main, try await isRecorded(commit, in: wishes.statusFile) { return }
                    try await requireLeave(commit)
                })
            steps.append(
                merge.step { status in
                    guard target == main else { return }
                    if isInMain, let finding = wishes.finding, !status.recordsMerge(of: branch, head: head),
                        !status.intends(merge.identity, of: "complete")
                    {
                        status.record(finding)
                    }
                    status.recordMerge(of: branch, head: head, into: main)
                })
        }
        if let pulls {
            let handled = [main] + wishes.into
            for pull in try await pulls.open(from: branch) where !handled.contains(where: { $0.text == pull.base }) {
                steps.append(closing(pull, pulls))
            }
        }
        steps.append(deletionHere(wishes))
        steps.append(deletionAtOrigin)
        steps += try wishes.removed.map { name throws(GitError) in removal(of: name) }
        // Else the entry goes along with the merge. It comes last, as a branch that takes no pushes hinders nothing else then.
        if let entry = wishes.changelogEntry, pulls != nil || isInMain { steps.append(changelogStep(entry)) }
        return Plan("complete", steps, endsHotfix: true)
    }

    /// Whether a commit's merge to the main branch is recorded by now, and main at origin still holds it: then it needs no more leave.
    private func isRecorded(_ commit: String, in statusFile: String) async throws -> Bool {
        guard try StatusFile.read(path: statusFile).recordsMerge(of: branch, head: commit),
            let mainHead = try await repository.headAtOrigin(of: main)
        else { return false }
        return try await repository.holds(mainHead, everythingOf: commit)
    }

    /// Whether the main branch at origin has a changelog.
    ///
    /// - Throws: ``GitError``.
    package func hasChangelog() async throws(GitError) -> Bool {
        guard let mainHead = try await repository.headAtOrigin(of: main) else { return false }
        return try await repository.changelog(of: mainHead) != nil
    }

    /// The entry of the changelog that the hotfix gets where nobody gives another: its branch and the subjects of its commits.
    ///
    /// - Returns: nil where the hotfix has changed the changelog itself, where its commits are not known, and without a changelog.
    /// - Throws: ``GitError``.
    package func usualEntry() async throws(GitError) -> String? {
        let commits = completeness.commits
        guard completeness.isStartKnown, !completeness.isStartRecorded, let first = commits.first,
            try await hasChangelog()
        else { return nil }
        let changes = try await repository.git.run([
            "rev-list", "--count", head, "--not", "\(first.id)^@", "--", Changelog.path,
        ])
        guard changes == "0" else { return nil }
        let subjects = commits.prefix(20).map(\.subject).joined(separator: "; ")
        return changelogEntry("Hotfix \(branch): \(subjects)")
    }

    private func changelogStep(_ entry: String) -> Plan.Step {
        Plan.Step(
            title: "Add to CHANGELOG.md on '\(main)' at origin: \(entry)",
            did: "Added to CHANGELOG.md on '\(main)' at origin: \(entry)",
            isDone: {
                guard let mainHead = try await repository.headAtOrigin(of: main) else { return false }
                guard let changelog = try await repository.changelog(of: mainHead) else { return true }
                return changelog.holds(entry)
            },
            perform: {
                guard let mainHead = try await repository.headAtOrigin(of: main) else {
                    throw GitError(.unfit, "origin has no branch '\(main)' (any more).")
                }
                let commit = try await repository.commit(changelogEntry: entry, upon: mainHead, for: branch)
                do throws(GitError) {
                    try await repository.push(main, commit: commit, setsUpstream: false)
                } catch {
                    guard error.code == .rejected else { throw error }
                    var error = error
                    error.reason += " To leave the changelog as it is, say --no-changelog."
                    throw error
                }
                try await repository.fetch()
            })
    }

    private func closing(_ pull: PullRequest, _ pulls: PullRequests) -> Plan.Step {
        Plan.Step(
            title: "Close pull request \(pull.number) of '\(branch)' into '\(pull.base)', which is superseded.",
            did: "Closed pull request \(pull.number) of '\(branch)' into '\(pull.base)'.",
            isDone: { try await !pulls.find(pull.number).isOpen },
            perform: { try await pulls.close(pull.number) })
    }
}
