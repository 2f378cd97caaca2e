import HotfixCore

extension Repository {
    /// Takes over the commits of branches and tags of origin, and nothing else: no ref, index or work tree is changed.
    ///
    /// So a plan can be looked at before anything is changed.
    ///
    /// - Parameter refs: Whole names: `refs/heads/main`.
    /// - Throws: ``GitError``.
    func fetchObjects(of refs: [String]) async throws(GitError) {
        guard !refs.isEmpty else { return }
        try await atOrigin(
            [
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules",
                "--no-auto-maintenance", "--", "origin",
            ] + refs.sorted())
    }

    /// The commit that a branch has at origin, known here from then on; nil where origin has no such branch.
    func headAtOrigin(of branch: GitName) async throws(GitError) -> String? {
        guard let head = try await refsAtOrigin([branch.ref])[branch.ref] else { return nil }
        if try await commit(head) == nil { try await fetchObjects(of: [branch.ref]) }
        return head
    }

    /// Whether everything that a commit brings is in another: it is an ancestor, or merging it would change nothing.
    ///
    /// The same patches are not enough, since they may have been taken back. A commit that brings nothing is only held by its
    /// descendants.
    func holds(_ target: String, everythingOf commit: String) async throws(GitError) -> Bool {
        if try await isAncestor(commit, of: target) { return true }
        guard let fork = try await found(["merge-base", target, commit]),
            try await tree(of: fork) != tree(of: commit)
        else { return false }
        do throws(GitError) {
            return try await mergedTree(of: commit, into: target, base: target) == tree(of: target)
        } catch {
            guard error.code == .conflict else { throw error }
            return false
        }
    }

    /// Refuses a work tree with changes that are not committed.
    ///
    /// - Parameters:
    ///   - command: What needs it clean, as it is typed.
    ///   - ownFiles: Paths from the top that do not count.
    /// - Throws: ``GitError``; `unfit` names the files.
    func requireCleanTree(for command: String, leavingOut ownFiles: [String]) async throws(GitError) {
        let changes = try await changes(leavingOut: ownFiles + ownFiles.map(asideName))
        guard !changes.isEmpty else { return }
        let shown = changes.prefix(10).map { "'\(oneLine($0))'" }.joined(separator: ", ")
        let more = changes.count > 10 ? " and \(changes.count - 10) more" : ""
        throw GitError(
            .unfit,
            "the work tree has changes that are not committed: \(shown)\(more). Commit them, or put them aside (git stash"
                + " --include-untracked), and run \(command) again.")
    }

    /// Does what changes the work tree, and keeps the tracker's own files as they are, whatever other branches hold in their places.
    ///
    /// Nobody else writes them meanwhile, so that the body has to be short. What is staged of them is unstaged: git would carry it to no
    /// branch that holds them otherwise.
    ///
    /// - Parameters:
    ///   - ownFiles: Their paths from the top.
    ///   - body: What changes the work tree.
    /// - Throws: What `body` throws, ``StatusFileError``, ``GitError``.
    func keeping(_ ownFiles: [String], _ body: () async throws -> Void) async throws {
        guard !ownFiles.isEmpty else { return try await body() }
        let literal: [String: String?] = ["GIT_LITERAL_PATHSPECS": "1"]
        let staged = try await git.run(["diff", "--cached", "--name-only", "--"] + ownFiles, extra: literal)
        if !staged.isEmpty { try await git.run(["reset", "--quiet", "--"] + ownFiles, extra: literal) }
        let files = try LockedFiles(ownFiles.map { "\(directory)/\($0)" })
        defer { files.unlock() }
        try await files.aside(body)
    }

    /// The directory, absolute, that holds what all work trees of a repository share.
    ///
    /// - Throws: ``GitError``.
    package func sharedDirectory() async throws(GitError) -> String {
        try await git.run(["rev-parse", "--path-format=absolute", "--git-common-dir"])
    }
}
