import HotfixCore

/// The way back to a milestone: a branch with one commit behind the hotfix's head, whose files are those of the milestone.
package struct Rollback: Sendable {
    /// The repository.
    let repository: Repository
    /// The hotfix branch.
    let branch: GitName
    /// The full id of its head at origin.
    let head: String
    /// The tag of the milestone.
    let milestone: GitName
    /// The full id of the commit that it is on.
    let target: String
    /// The branch that is made.
    package let revert: GitName
    /// The files of the milestone.
    let tree: String

    /// Looks at a milestone.
    ///
    /// - Parameters:
    ///   - milestone: Its tag.
    ///   - branch: The hotfix branch.
    ///   - head: The full id of its head at origin.
    ///   - day: The day in UTC that the branch is named after: `20261122`.
    ///   - repository: The repository.
    /// - Throws: ``GitError``; `unfit` where there is no such tag, or it is not one of this hotfix.
    package init(
        to milestone: GitName, branch: GitName, head: String, day: String, repository: Repository
    ) async throws(GitError) {
        guard let target = try await repository.tagTarget(milestone) else {
            throw GitError(
                .unfit,
                "there is no tag '\(milestone)' here. 'hotfix status' shows the milestones; fetch what is missing.")
        }
        guard try await repository.isAncestor(target, of: head) else {
            throw GitError(
                .unfit,
                "the milestone '\(milestone)' (\(target.prefix(12))) is not behind the head of '\(branch)' (\(head.prefix(12))), so"
                    + " there is no way back to it. Choose a milestone of this branch.")
        }
        let prefix = "milestone/"
        let name = milestone.text.hasPrefix(prefix) ? String(milestone.text.dropFirst(prefix.count)) : milestone.text
        revert = try GitName("revert/\(name)-\(day)", as: .branch)
        tree = try await repository.git.run(["rev-parse", "--verify", "--end-of-options", "\(target)^{tree}"])
        self.repository = repository
        self.branch = branch
        self.head = head
        self.milestone = milestone
        self.target = target
    }

    /// Whether the hotfix has other files than the milestone.
    package func isNeeded() async throws(GitError) -> Bool {
        try await repository.git.run(["rev-parse", "--verify", "--end-of-options", "\(head)^{tree}"]) != tree
    }

    /// What would be undone: the commits, newest first, and the files with how much of them changes; a line each.
    package func undone() async throws(GitError) -> (commits: [String], files: [String]) {
        let commits = try await repository.git.run([
            "log", "--format=%h %s", "--no-color", "--no-show-signature", "\(target)..\(head)",
        ])
        let files = try await repository.git.run([
            "diff", "--stat=100", "--no-color", "--no-ext-diff", "--no-textconv", head, target,
        ])
        return (lines(of: commits), lines(of: files))
    }

    /// The steps in their order.
    package var steps: [Plan.Step] {
        [
            Plan.Step(
                title: "Create the branch '\(revert)' with one commit that makes the files those of '\(milestone)'.",
                did: "Created the branch '\(revert)': behind \(head.prefix(12)), with the files of '\(milestone)'.",
                isDone: { try await made() != nil }, perform: { try await make() }),
            Plan.Step(
                title: "Push '\(revert)' to origin.", did: "Pushed '\(revert)' to origin.",
                isDone: { try await madeAtOrigin() != nil },
                perform: {
                    guard let commit = try await made() else {
                        throw GitError(.unfit, "the branch '\(revert)' is gone. Run the command again.")
                    }
                    try await repository.push(revert, commit: commit, setsUpstream: false)
                }),
        ]
    }

    /// The commit of the revert branch, at origin or here; nil where there is no such branch.
    private func made() async throws(GitError) -> String? {
        if let there = try await madeAtOrigin() { return there }
        guard let here = try await repository.head(of: revert) else { return nil }
        try await check(here, "here")
        return here
    }

    private func madeAtOrigin() async throws(GitError) -> String? {
        guard let there = try await repository.headAtOrigin(of: revert) else { return nil }
        try await check(there, "at origin")
        return there
    }

    /// Makes sure that a branch of this name is the one that would be made.
    private func check(_ commit: String, _ place: String) async throws(GitError) {
        let parents = try await repository.git.run(["rev-list", "--parents", "--max-count=1", commit, "--"])
        let found = try await repository.git.run(["rev-parse", "--verify", "--end-of-options", "\(commit)^{tree}"])
        guard parents == "\(commit) \(head)", found == tree else {
            throw GitError(
                .unfit,
                "the branch '\(revert)' is there already \(place), at \(commit), and is something else. Delete it if nobody"
                    + " needs it, and run the command again.")
        }
    }

    private func make() async throws(GitError) {
        let message = """
            Revert to \(milestone)

            This makes the files those of \(milestone) (\(target)) again; '\(branch)' was at \(head).
            """
        let commit = try await repository.commitTree(tree, parents: [head], message: message)
        // The empty old value lets it fail where somebody made such a branch meanwhile.
        try await repository.git.run(["update-ref", revert.ref, commit, ""])
    }
}
