import HotfixCore

extension Repository {
    /// Creates a local branch at a commit and checks it out; it follows no branch at origin yet.
    ///
    /// Changes of the work tree are carried over where they do not collide.
    ///
    /// - Parameters:
    ///   - name: The branch.
    ///   - commit: The commit that it begins at: an id or an expression.
    /// - Throws: ``GitError``; `unfit` where there is such a branch elsewhere, or where the commit is not known here.
    package func createBranch(_ name: GitName, at commit: String) async throws(GitError) {
        guard let start = try await self.commit(commit) else { throw unknown(commit) }
        if let head = try await head(of: name) {
            guard head == start else {
                throw GitError(
                    .unfit,
                    "the branch '\(name)' is there already, at \(head), not at \(start). Choose another name, or delete it"
                        + " if nobody needs it.")
            }
            guard try await currentBranch() != name.text else { return }
            try await git.run(["switch", "--no-guess", name.text])
        } else {
            try await git.run(["switch", "--no-track", "--create", name.text, start])
        }
    }

    /// The commit that a local branch was made at, as its reflog has it; nil where there is none.
    func firstCommit(of branch: GitName) async throws(GitError) -> String? {
        let log = try await git.run(["reflog", "show", "--format=%H", branch.ref, "--"])
        return log.split(separator: "\n").last.map(String.init)
    }

    /// Creates an annotated tag, signed where git is set to sign tags; one that leads to the commit already is no error.
    ///
    /// - Parameters:
    ///   - name: The tag.
    ///   - commit: The commit that it leads to: an id or an expression.
    ///   - message: Its message; where it is empty, the name.
    /// - Throws: ``GitError``; `unfit` where there is such a tag that leads elsewhere, or where the commit is not known here.
    package func createTag(_ name: GitName, at commit: String, message: String) async throws(GitError) {
        guard let target = try await self.commit(commit) else { throw unknown(commit) }
        if let found = try await tagTarget(name) {
            guard found == target else {
                throw GitError(
                    .unfit,
                    "the tag '\(name)' is there already, and leads to \(found), not to \(target). A tag is never moved: choose"
                        + " another name.")
            }
            return
        }
        try await git.run(
            ["tag", "--annotate", "--cleanup=whitespace", "--file=-", "--", name.text, target],
            input: sendable(message, instead: name.text))
    }

    /// The commit that a local tag leads to; nil where there is no such tag, or where it leads to no commit.
    ///
    /// - Throws: ``GitError``.
    package func tagTarget(_ name: GitName) async throws(GitError) -> String? {
        try await commit(name.ref)
    }

    /// Deletes a local branch while it still leads to a commit; one that is gone already is no error.
    ///
    /// - Parameters:
    ///   - name: The branch.
    ///   - commit: The commit that it has to lead to.
    ///   - other: The branch that is checked out instead where this one is; nil refuses to delete it then.
    /// - Throws: ``GitError``; `unfit` where it leads elsewhere, or is checked out.
    package func deleteBranch(
        _ name: GitName, expecting commit: String, switchingTo other: GitName? = nil
    ) async throws(GitError) {
        guard let head = try await head(of: name) else { return }
        guard head == commit else {
            throw GitError(
                .unfit,
                "the branch '\(name)' was not deleted here: it leads to \(head), not to \(commit). Look at what it holds"
                    + " beside (git log \(commit)..\(head)), and push or drop that first.")
        }
        if let other, other != name, try await currentBranch() == name.text {
            try await git.run(["switch", other.text])
        }
        if let place = try await workTree(of: name) {
            throw GitError(
                .unfit,
                "the branch '\(name)' was not deleted: it is checked out in '\(oneLine(place))'. Check out another branch"
                    + " there, and run the command again.")
        }
        // Unlike `git branch -D` it compares and deletes at once.
        try await git.run(["update-ref", "-d", name.ref, commit])
        let answer = try await git.attempt(["config", "--remove-section", "branch.\(name.text)"])
        // 128: there was no such section.
        guard answer.status == 0 || answer.status == 128 else {
            throw GitError(["config", "--remove-section"], answer)
        }
    }

    /// The work tree that a branch is checked out in; nil where it is in none.
    func workTree(of name: GitName) async throws(GitError) -> String? {
        let text = try await git.run(["worktree", "list", "--porcelain", "-z"])
        var place = ""
        for field in text.unicodeScalars.split(separator: "\0").map({ String(Substring($0)) }) {
            if field.hasPrefix("worktree ") { place = String(field.dropFirst("worktree ".count)) }
            if field == "branch \(name.ref)" { return place }
        }
        return nil
    }
}

/// The error for an expression that stands for no commit here.
func unknown(_ expression: String) -> GitError {
    GitError(
        .unfit,
        "'\(clipped(oneLine(expression), bytes: 300))' stands for no commit in this repository. Check how it is spelled, and"
            + " fetch what is missing (git fetch origin).")
}

/// A message that git takes: without NULs, not empty, ending with a line feed.
func sendable(_ message: String, instead: String) -> String {
    let text = String(message.unicodeScalars.filter { $0 != "\0" }.map(Character.init))
    return (text.trimmed.isEmpty ? instead : text) + "\n"
}
