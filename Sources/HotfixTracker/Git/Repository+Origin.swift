import HotfixCore

extension Repository {
    /// Takes over what origin has: all its branches as `refs/remotes/origin/…`, and the tags that are new here.
    ///
    /// Branches that are gone at origin are gone from `refs/remotes/origin` too. Local branches and local tags are left as they are,
    /// whatever the remote's own configuration says.
    ///
    /// - Throws: ``GitError``; `unfit` where there is no origin, `unreachable` where it cannot be reached.
    package func fetch() async throws(GitError) {
        try await atOrigin([
            "fetch", "--quiet", "--prune", "--no-prune-tags", "--no-recurse-submodules", "--no-auto-maintenance",
            "--no-write-fetch-head", "--refmap=", "--", "origin", "+refs/heads/*:refs/remotes/origin/*",
        ])
    }

    /// Pushes a commit as a branch, or a tag, by its whole name; never by force.
    ///
    /// What origin has already is left as it is, and is no error.
    ///
    /// - Parameters:
    ///   - name: The branch or tag at origin. A tag has to be there locally: its own object is pushed, with message and signature.
    ///   - commit: The commit that the branch becomes, or that the tag leads to: an id or an expression.
    ///   - setsUpstream: Whether the local branch of this name follows the one at origin from now on.
    /// - Throws: ``GitError``; `rejected` where origin or a hook refuses it, saying what origin has.
    package func push(_ name: GitName, commit: String, setsUpstream: Bool) async throws(GitError) {
        // By its id: `+NAME` would push by force, and nothing would delete the branch.
        guard let target = try await self.commit(commit) else { throw unknown(commit) }
        let object = name.kind == .tag ? try await object(of: name, leadingTo: target) : target
        let arguments = [
            "push", "--porcelain", "--no-follow-tags", "--no-recurse-submodules", "--", "origin",
            "\(object):\(name.ref)",
        ]
        let answer = try await answerAtOrigin(arguments)
        guard answer.status == 0 else { throw await rejection(of: name, arguments, answer) }
        guard setsUpstream, name.kind == .branch, try await head(of: name) != nil else { return }
        try await git.run(["config", "--replace-all", "branch.\(name.text).remote", "origin"])
        try await git.run(["config", "--replace-all", "branch.\(name.text).merge", name.ref])
    }

    /// The branches at origin and their commits by name, asked of origin itself.
    ///
    /// - Throws: ``GitError``.
    package func branchesAtOrigin() async throws(GitError) -> [String: String] {
        branches(among: try await refsAtOrigin(["refs/heads/*"]))
    }

    /// The branch that origin calls its own; nil where it names none.
    ///
    /// - Throws: ``GitError``.
    package func defaultBranchAtOrigin() async throws(GitError) -> String? {
        try await headAtOrigin([]).branch
    }

    /// Deletes a branch at origin while it still leads to a commit; one that is gone already is no error.
    ///
    /// - Parameters:
    ///   - name: The branch; the default branch of origin is refused.
    ///   - commit: The commit that it has to lead to.
    /// - Throws: ``GitError``; `rejected` where it leads elsewhere, or where origin refuses it.
    package func deleteBranchAtOrigin(_ name: GitName, expecting commit: String) async throws(GitError) {
        let origin = try await headAtOrigin([name.ref])
        guard let found = origin.refs[name.ref] else { return }
        guard origin.branch != name.text else {
            throw GitError(.unfit, "'\(name)' is the default branch of origin, and is not deleted.")
        }
        guard found == commit else {
            throw GitError(
                .rejected,
                "'\(name)' was not deleted at origin: it leads to \(found), not to \(commit). Somebody pushed to it; look at"
                    + " what came in, and run the command again.")
        }
        let arguments = [
            "push", "--porcelain", "--no-follow-tags", "--force-with-lease=\(name.ref):\(commit)", "--", "origin",
            ":\(name.ref)",
        ]
        let answer = try await answerAtOrigin(arguments)
        guard answer.status != 0 else { return }
        // Somebody else may have deleted it in between.
        guard try await refsAtOrigin([name.ref])[name.ref] != nil else { return }
        throw await rejection(of: name, arguments, answer)
    }

    /// Runs a command that talks with origin, and has to end with 0.
    @discardableResult
    func atOrigin(_ arguments: [String]) async throws(GitError) -> String {
        let answer = try await answerAtOrigin(arguments)
        guard answer.status == 0 else { throw GitError(atOrigin: arguments, answer) }
        return answer.output
    }

    /// Runs a command that talks with origin; what it says of an origin that cannot be reached is an error.
    private func answerAtOrigin(_ arguments: [String]) async throws(GitError) -> GitAnswer {
        try await requireOrigin()
        var git = git
        // Hooks run whole test suites before a push.
        if ["push", "fetch"].contains(arguments.first) { git.deadline = git.deadline * 5 }
        let answer = try await git.attempt(arguments)
        if answer.status != 0 {
            let error = GitError(atOrigin: arguments, answer)
            if error.code == .unreachable { throw error }
        }
        return answer
    }

    /// Makes sure that there is a remote called origin.
    ///
    /// Without one, git would take a directory of that name for it.
    private func requireOrigin() async throws(GitError) {
        let arguments = ["remote", "get-url", "--", "origin"]
        let answer = try await git.attempt(arguments)
        if answer.status == 0 { return }
        guard answer.status == 2 else { throw GitError(arguments, answer) }
        let others = try await git.run(["remote"]).split(separator: "\n").map { "'\(oneLine(String($0)))'" }
        throw GitError(
            .unfit,
            "the repository has no remote called 'origin'. "
                + (others.isEmpty
                    ? "Add it: git remote add origin URL."
                    : "It has \(others.joined(separator: ", ")): rename the one that releases come from (git remote rename NAME"
                        + " origin)."))
    }

    /// What origin calls its default branch, with the commits of some refs.
    private func headAtOrigin(
        _ refs: [String]
    ) async throws(GitError) -> (branch: String?, refs: [String: String]) {
        let text = try await atOrigin(["ls-remote", "--quiet", "--symref", "--", "origin", "HEAD"] + refs)
        let prefix = "ref: refs/heads/"
        let line = lines(of: text).first { $0.hasPrefix(prefix) && $0.hasSuffix("\tHEAD") }
        return (line.map { String($0.dropFirst(prefix.count).dropLast("\tHEAD".count)) }, refsListed(in: text))
    }

    /// The id of a tag's own object.
    private func object(of tag: GitName, leadingTo commit: String) async throws(GitError) -> String {
        guard let target = try await tagTarget(tag) else {
            throw GitError(.unfit, "there is no tag '\(tag)' here to push. Create it first.")
        }
        guard target == commit else {
            throw GitError(
                .unfit,
                "the tag '\(tag)' leads to \(target), not to \(commit); nothing was pushed. Choose another name.")
        }
        return try await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", tag.ref])
    }

    /// The error for a push that origin answered with no.
    private func rejection(of name: GitName, _ arguments: [String], _ answer: GitAnswer) async -> GitError {
        guard answer.status == 1 else {
            return GitError(
                .failed, arguments, said: answer.said,
                reason: "\(answer.heard) Whether it was pushed is not known: run the command again, which looks first."
            )
        }
        // `!<tab>FROM:TO<tab>[rejected] (WHY)`: without such a line, a hook here ended it.
        let line = lines(of: answer.output).first { $0.hasPrefix("!\t") }
        guard let why = line?.split(separator: "\t").last.map(String.init) else {
            return GitError(
                .rejected, arguments, said: answer.said,
                reason:
                    "\(answer.heard) Nothing was pushed; where a hook 'pre-push' refused it, do what it says, and run"
                    + " the command again.")
        }
        // Only to say what is there; that it was refused is known without.
        let refs = try? await refsAtOrigin([name.ref])
        let there =
            refs.map { $0[name.ref].map { "origin has it at \($0)" } ?? "origin does not have it" }
            ?? "what origin has is not known"
        let heard = lines(of: answer.said).filter { $0.hasPrefix("remote:") }
            .map { oneLine(String($0.dropFirst("remote:".count))).trimmed }.filter { !$0.isEmpty }
        let hook = heard.isEmpty ? "" : " Origin says: \(clipped(heard.joined(separator: "; "), bytes: 500))."
        return GitError(
            .rejected, arguments, said: answer.said,
            reason: "the \(name.kind.rawValue) '\(name)' was refused: \(clipped(oneLine(why), bytes: 300));"
                + " \(there).\(hook) \(advice(why, name)) Nothing is ever pushed by force.")
    }
}

/// What to do after a push was refused for a reason that git gives in brackets.
private func advice(_ why: String, _ name: GitName) -> String {
    if why.contains("remote rejected") {
        return
            "Protection or a hook at origin is in the way: do what it says, or have somebody push who may, and run the"
            + " command again."
    }
    if name.kind == .tag { return "A tag of this name is there already: choose another name." }
    return "Somebody else pushed it meanwhile: look at what came in (git fetch origin), and run the command again."
}

/// The branches among refs by whole name, by their own names.
func branches(among refs: [String: String]) -> [String: String] {
    var branches: [String: String] = [:]
    for (name, commit) in refs where name.hasPrefix("refs/heads/") {
        branches[String(name.dropFirst("refs/heads/".count))] = commit
    }
    return branches
}

/// The ids of refs by whole name, as `git ls-remote` lists them.
func refsListed(in text: String) -> [String: String] {
    var refs: [String: String] = [:]
    for line in lines(of: text) where !line.hasPrefix("ref: ") {
        let parts = line.split(separator: "\t", maxSplits: 1)
        if parts.count == 2 { refs[String(parts[1])] = String(parts[0]) }
    }
    return refs
}

/// The lines of what git printed; a line feed behind a carriage return ends one too, which it does not for `Character`s.
func lines(of text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n").map { String(Substring($0)) }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        guard let start = firstIndex(where: { !$0.isWhitespace }), let end = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }
}

extension GitError {
    /// Makes an error of how a command ended that talks with origin.
    init(atOrigin arguments: [String], _ answer: GitAnswer) {
        self.init(arguments, answer)
        guard answer.status >= 128, signsOfNoOrigin.contains(where: answer.said.contains) else { return }
        code = .unreachable
        reason =
            "origin could not be reached: "
            + clipped(oneLine(lines(of: withoutCredentials(answer.said)).joined(separator: "; ")), bytes: 700)
            + ". Check the network, origin's address (git remote -v), and that git gets in there without being asked for a"
            + " password; then run the command again."
    }
}

/// What git says where it did not get through to a remote.
private let signsOfNoOrigin = [
    "Could not read from remote repository", "unable to access", "Could not resolve host", "unable to connect",
    "does not appear to be a git repository", "Connection refused", "Connection timed out", "Connection reset",
    "Authentication failed", "could not read Username", "could not read Password", "terminal prompts disabled",
    "Permission denied (", "Host key verification failed", "the remote end hung up", "early EOF", "unable to look up",
    "The requested URL returned error", "unexpected disconnect", "no such device or address",
    "unable to find remote helper", "repository not exported", "Repository not found",
]
