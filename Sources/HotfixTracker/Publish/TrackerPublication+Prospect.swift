extension TrackerPublication {
    /// What a publication would meet.
    package struct Prospect: Sendable, Hashable {
        /// The top of the work tree.
        package var repository: String
        /// Whom it would commit as: `NAME <ADDRESS>`.
        package var identity: String
        /// Whether git knows nobody here, so that it is hotfix itself.
        package var isFallback: Bool
        /// What could be pushed to try the way to origin: a commit; nil where there is none at all.
        package var commit: String?
    }

    /// Finds out whether the files could be committed, and changes nothing.
    ///
    /// - Parameter directory: Where the status file is, or the nearest directory that is there.
    /// - Returns: What a publication would meet.
    /// - Throws: ``GitError`` or ``StatusFileError`` that says what is in the way.
    package func prospect(in directory: String) async throws -> Prospect {
        let branch = try await branch(in: directory)
        for path in [statusFile, outstandingFile] {
            if let file = try TrackerFile(reading: path) { _ = try self.path(of: file, in: branch) }
        }
        let tips = try await branch.tips()
        try branch.requireMovable(tips)
        let known = try await branch.identity()
        let identity = known ?? TrackerBranch.fallback
        let head = try await branch.git.attempt(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        return Prospect(
            repository: branch.top, identity: "\(identity.name) <\(identity.address)>", isFallback: known == nil,
            commit: tips.here ?? tips.atOrigin ?? (head.status == 0 ? head.output : nil))
    }

    /// Goes all the way of a push but the last step.
    ///
    /// - Parameter prospect: What was found out before.
    /// - Throws: ``GitError`` where origin cannot be reached, or does not let this user push.
    package func rehearsePush(_ prospect: Prospect) async throws(GitError) {
        guard let commit = prospect.commit else { return }
        try await branch(in: prospect.repository).rehearsePush(commit)
    }
}
