import HotfixCore

/// What came of a push.
enum TrackerPush: Sendable {
    /// Origin has it.
    case taken
    /// Origin did not take it, and says why; somebody else may have been quicker.
    case refused(GitError, mayBeRace: Bool)
}

extension TrackerBranch {
    /// Pushes a commit as the branch, never by force.
    ///
    /// - Throws: ``GitError`` where origin was not reached, or the push ended for another reason than a refusal.
    func push(_ commit: String) async throws(GitError) -> TrackerPush {
        let arguments = pushing(commit)
        let answer = try await git.attempt(arguments)
        if answer.status == 0, answer.output.hasSuffix("Done") {
            // A clone of a single branch does not note by itself what origin has of this one.
            try await git.run(["update-ref", "--no-deref", Self.refAtOrigin, commit])
            return .taken
        }
        // !	COMMIT:refs/heads/hotfix-tracker	[remote rejected] (hook declined)
        guard let line = answer.output.split(separator: "\n").first(where: { $0.hasPrefix("!\t") }) else {
            throw GitError(arguments, answer)
        }
        let summary = line.split(separator: "\t").last.map(String.init) ?? ""
        // Git pads what origin says with blanks.
        let said = answer.said.split(separator: "\n").filter { $0.hasPrefix("remote:") }
            .map { $0.dropFirst(7).split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
            .joined(separator: "; ")
        let why = clipped(oneLine(said.isEmpty ? summary : "\(summary): \(said)"), bytes: 1000)
        let isRace = summary.hasPrefix("[rejected]") || summary.contains("lock") || summary.contains("update ref")
        return .refused(
            GitError(
                .failed, arguments, said: answer.said,
                reason: "origin did not take the branch '\(Self.name)': \(why). Let this user push that branch."),
            mayBeRace: isRace)
    }

    private func pushing(_ commit: String, _ options: [String] = []) -> [String] {
        ["push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"] + options
            + ["--", "origin", "\(commit):\(Self.ref)"]
    }

    /// Goes all the way of a push but the last step, in which origin's own rules would speak.
    ///
    /// - Throws: ``GitError`` where origin does not let this user come so far.
    func rehearsePush(_ commit: String) async throws(GitError) {
        let arguments = pushing(commit, ["--dry-run"])
        let answer = try await git.attempt(arguments)
        // That others were quicker is found out from what origin answered.
        guard answer.status == 0 || answer.output.contains("\t[rejected]") else { throw GitError(arguments, answer) }
    }

    /// Asks origin where the branch stands there.
    ///
    /// - Throws: ``GitError``.
    func fetch() async throws(GitError) {
        let arguments = [
            "fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance",
            "--no-recurse-submodules", "--refmap=", "--", "origin", "+\(Self.ref):\(Self.refAtOrigin)",
        ]
        let answer = try await git.attempt(arguments)
        // That there is no such branch at origin is an answer too.
        guard answer.status == 0 || answer.said.contains("couldn't find remote ref") else {
            throw GitError(arguments, answer)
        }
    }
}
