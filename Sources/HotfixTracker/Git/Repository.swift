import HotfixCore

/// A work tree of git and its `origin`, asked and changed by the real git.
package struct Repository: Sendable {
    /// Git, running at the top of the work tree.
    package let git: Git
    /// The top of the work tree, absolute.
    package var directory: String { git.directory }

    /// Finds the repository that a directory is in.
    ///
    /// - Throws: ``GitError`` where it is in none.
    package init(containing git: Git) async throws(GitError) {
        let answer = try await git.attempt(["rev-parse", "--show-toplevel"])
        guard answer.status == 0, !answer.output.isEmpty else {
            throw GitError(
                .noRepository,
                "'\(oneLine(git.directory))' is in no work tree of git (\(clipped(oneLine(answer.said), bytes: 300))). Run the"
                    + " command in the repository of the hotfix.")
        }
        var git = git
        git.directory = answer.output
        self.git = git
    }

    /// The commit that a name, an id or an expression stands for; nil where it stands for none.
    ///
    /// - Throws: ``GitError`` where git failed: that a commit is not there is only what git said, never that git said nothing.
    package func commit(_ expression: String) async throws(GitError) -> String? {
        try await found(["rev-parse", "--verify", "--quiet", "--end-of-options", "\(expression)^{commit}"])
    }

    /// The branch that is checked out; nil where none is.
    ///
    /// - Throws: ``GitError``.
    package func currentBranch() async throws(GitError) -> String? {
        try await found(["symbolic-ref", "--quiet", "--short", "HEAD"])
    }

    /// What a command prints that ends with 1 where there is nothing to find.
    func found(_ arguments: [String]) async throws(GitError) -> String? {
        let answer = try await git.attempt(arguments)
        if answer.status == 1 { return nil }
        guard answer.status == 0, !answer.output.isEmpty else { throw GitError(arguments, answer) }
        return answer.output
    }

    /// The commit of a local branch; nil where there is none.
    package func head(of branch: GitName) async throws(GitError) -> String? {
        try await commit(branch.ref)
    }

    /// The commits of branches and tags at origin by their whole names (`refs/heads/main`), asked of origin itself; an annotated tag also
    /// has its commit under `refs/tags/NAME^{}`.
    package func refsAtOrigin(_ patterns: [String] = []) async throws(GitError) -> [String: String] {
        refsListed(in: try await atOrigin(["ls-remote", "--quiet", "--", "origin"] + patterns))
    }

    /// Whether a commit is another, or is reached from it.
    package func isAncestor(_ commit: String, of descendant: String) async throws(GitError) -> Bool {
        try await git.asks(["merge-base", "--is-ancestor", commit, descendant])
    }

    /// What is changed or untracked in the work tree, by path from its top; without the files that are left out.
    ///
    /// - Parameter leavingOut: Paths from the top of the work tree.
    /// - Returns: The paths.
    /// - Throws: ``GitError``.
    package func changes(leavingOut: [String] = []) async throws(GitError) -> [String] {
        let text = try await git.run(["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
        return text.split(separator: "\0").map { String($0.dropFirst(3)) }.filter { !leavingOut.contains($0) }
    }

    /// Who commits here: `NAME <ADDRESS>`; nil where git knows nobody.
    package func identity() async throws(GitError) -> String? {
        let answer = try await git.attempt(["var", "GIT_COMMITTER_IDENT"])
        guard answer.status == 0, let end = answer.output.lastIndex(of: ">") else { return nil }
        return String(answer.output[...end])
    }
}
