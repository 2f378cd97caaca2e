import HotfixCore

extension Repository {
    /// Merges a commit into another and makes the merge commit, without touching work tree, index or any branch.
    ///
    /// There is always a merge commit, also where the base could be moved forward: it is what shows later where the merged branch began,
    /// and what can be reverted. It is committed as git's own identity, and signed where git is set to sign commits; hooks for commits
    /// are not run, as it is on no branch yet.
    ///
    /// - Parameters:
    ///   - commit: What is merged: an id or an expression.
    ///   - base: What it is merged into: an id or an expression.
    ///   - message: The message of the merge commit.
    /// - Returns: The merge commit; the base's commit where it contains the other already.
    /// - Throws: ``GitError``; `conflict` names the files.
    package func merge(_ commit: String, into base: String, message: String) async throws(GitError) -> String {
        guard let other = try await self.commit(commit) else { throw unknown(commit) }
        guard let first = try await self.commit(base) else { throw unknown(base) }
        if try await isAncestor(other, of: first) { return first }
        let tree = try await mergedTree(of: other, into: first, base: base)
        return try await commitTree(
            tree, parents: [first, other], message: sendable(message, instead: "Merge \(other)"))
    }

    /// Makes a commit of a tree, on no branch; signed where git is set to sign commits.
    ///
    /// - Parameters:
    ///   - tree: The id of the tree.
    ///   - parents: The ids of the commits before it, the first one first.
    ///   - message: Its message, which is not empty.
    /// - Returns: The full id.
    /// - Throws: ``GitError``; `unfit` where git does not know who commits.
    func commitTree(_ tree: String, parents: [String], message: String) async throws(GitError) -> String {
        let signature = try await found(["config", "--type=bool", "--get", "commit.gpgSign"]) == "true" ? ["-S"] : []
        let answer = try await git.attempt(
            ["commit-tree", tree] + parents.flatMap { ["-p", $0] } + signature + ["-F", "-"], input: message)
        guard answer.status == 0 else { throw refusal(["commit-tree", tree], answer) }
        return answer.output
    }

    /// The tree of a merge.
    ///
    /// - Throws: ``GitError``; `conflict` names the files.
    func mergedTree(of other: String, into first: String, base: String) async throws(GitError) -> String {
        let arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", first, other]
        let answer = try await git.attempt(arguments)
        let fields = answer.output.unicodeScalars.split(separator: "\0").map { String(Substring($0)) }
        switch answer.status {
        case 0:
            guard let tree = fields.first else { throw GitError(arguments, answer) }
            return tree
        case 1:
            let files = fields.dropFirst().map { "'\(oneLine($0))'" }
            let shown = files.prefix(20).joined(separator: ", ")
            throw GitError(
                .conflict, arguments, said: answer.said,
                reason: "merging \(other) into \(clipped(oneLine(base), bytes: 200)) conflicts in \(shown)"
                    + (files.count > 20 ? " and \(files.count - 20) more" : "")
                    + ". Nothing was changed: merge by hand (git switch, git merge, git push), and run the command again."
            )
        case 129:
            let version = try await git.attempt(["version"]).output
            throw GitError(
                .notRun, arguments, said: answer.said,
                reason: "git 2.38 or later is needed to merge without touching the work tree; this is"
                    + " \(oneLine(version)). Update git, or merge by hand, and run the command again.")
        default:
            throw GitError(arguments, answer)
        }
    }
}

/// The error for a commit that could not be made.
private func refusal(_ arguments: [String], _ answer: GitAnswer) -> GitError {
    let error = GitError(arguments, answer)
    let knowsNobody = ["tell me who you are", "empty ident name", "unable to auto-detect"].contains {
        answer.said.contains($0)
    }
    guard knowsNobody else { return error }
    return GitError(
        .unfit, arguments, said: answer.said,
        reason: "git does not know who commits. Set user.name and user.email (git config), and run the command again.")
}
