import HotfixCore

extension Repository {
    /// The head that a hotfix branch has at origin, which is known here too.
    ///
    /// - Parameter branch: The hotfix branch.
    /// - Returns: The full id.
    /// - Throws: ``GitError``; `unfit` where origin has no such branch, or where it lacks commits of the local one.
    package func hotfixHead(_ branch: GitName) async throws(GitError) -> String {
        guard let head = try await headAtOrigin(of: branch) else {
            throw GitError(
                .unfit, "origin has no branch '\(branch)'. Push the hotfix (git push origin \(branch)) first.")
        }
        if let local = try await self.head(of: branch), try await !isAncestor(local, of: head) {
            throw GitError(
                .unfit,
                "the branch '\(branch)' has commits here that origin has not: it is at \(local), there at \(head). Push them, or"
                    + " take over what origin has (git switch \(branch), git pull).")
        }
        return head
    }

    /// The head of a hotfix that is released: that of its branch at origin or, once that is gone, what a first run merged of it.
    ///
    /// - Parameters:
    ///   - branch: The hotfix branch.
    ///   - main: The branch at origin that it is merged to.
    ///   - status: What the status file says.
    /// - Returns: The full id.
    /// - Throws: ``GitError``; `unfit` where origin has no such branch and main does not hold what was merged of it.
    package func releasedHead(
        _ branch: GitName, into main: GitName, status: StatusFile
    ) async throws(GitError) -> String {
        if let merged = status.mergedHead(of: branch), try await headAtOrigin(of: branch) == nil {
            let tip = try await tipAtOrigin(main)
            if try await isHere(merged), try await holds(tip, everythingOf: merged) { return merged }
        }
        return try await hotfixHead(branch)
    }

    /// The commit by which a branch at origin came to contain another: the merge, or the commit itself where it was moved forward to it.
    ///
    /// - Parameters:
    ///   - head: The full id of what was merged.
    ///   - main: The branch at origin.
    /// - Returns: The full id; nil where the branch does not contain it.
    /// - Throws: ``GitError``; `unfit` where origin has no such branch.
    package func mergePoint(of head: String, in main: GitName) async throws(GitError) -> String? {
        let tip = try await tipAtOrigin(main)
        guard try await isAncestor(head, of: tip) else { return nil }
        let span = "\(head)..\(tip)"
        // Oldest first: the commits of the branch itself, and those that contain what was merged.
        let own = lines(of: try await git.run(["rev-list", "--reverse", "--first-parent", span]))
        guard let first = own.first else { return head }
        if try await commit("\(first)^1") == head { return head }
        let containing = Set(lines(of: try await git.run(["rev-list", "--ancestry-path", span])))
        return own.first(where: containing.contains) ?? head
    }

    /// The head of a branch at origin, which is known here too.
    func tipAtOrigin(_ branch: GitName) async throws(GitError) -> String {
        guard let tip = try await headAtOrigin(of: branch) else {
            throw GitError(.unfit, "origin has no branch '\(branch)'. Correct 'tracker.main', or push it first.")
        }
        return tip
    }

    /// The commit that a tag at origin leads to; nil where there is no such tag.
    func tagTargetAtOrigin(_ tag: GitName) async throws(GitError) -> String? {
        let refs = try await refsAtOrigin([tag.ref, tag.ref + "^{}"])
        return refs[tag.ref + "^{}"] ?? refs[tag.ref]
    }
}
