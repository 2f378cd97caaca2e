package import HotfixCore

/// Publishes the tracker's two files on a branch of their own, `hotfix-tracker`.
///
/// The files are what they are in the work tree: of several who publish the same file, the last one's stands on the branch, with those of all
/// others in its history, which is one line. Other files of the branch stay as they are. A hotfix branch is never committed to, since its head has to stay
/// the commit that is deployed.
package struct TrackerPublication: Sendable {
    /// What came of it.
    package enum Outcome: Sendable, Hashable {
        /// Nothing was due.
        case nothingDue
        /// The files are in a commit here.
        case committed(String)
        /// The files are in a commit that origin has.
        case pushed(String)
    }

    /// The absolute path of the status file.
    package var statusFile: String
    /// The absolute path of the outstanding report.
    package var outstandingFile: String
    /// Whether commits are pushed to origin.
    package var pushes: Bool
    /// The environment that git runs in.
    package var environment: [String: String]
    /// How long all of it may take.
    package var budget: Duration

    /// Makes a publication.
    package init(
        statusFile: String, outstandingFile: String, pushes: Bool, environment: [String: String],
        budget: Duration = .seconds(20)
    ) {
        self.statusFile = statusFile
        self.outstandingFile = outstandingFile
        self.pushes = pushes
        self.environment = environment
        self.budget = budget
    }

    /// Publishes the files where that is due, and pushes what origin lacks.
    ///
    /// - Parameter now: The date of the commit.
    /// - Returns: What came of it.
    /// - Throws: ``GitError`` or ``StatusFileError``. What was committed before is still there, and the next call goes on with it.
    package func publish(at now: Instant) async throws -> Outcome {
        guard let outcome = try await within(budget, { try await publishInTime(at: now) }) else {
            throw GitError(
                .timedOut,
                "it had not ended after \(budget.components.seconds) s, and was ended. Check that origin can be reached from here"
                    + " without being asked for a password.")
        }
        return outcome
    }

    private static let attempts = 5

    private func publishInTime(at now: Instant) async throws -> Outcome {
        guard let file = try TrackerFile(reading: statusFile) else { return .nothingDue }
        let status = try status(file)
        let branch = try await branch(in: file.directory)
        let files = try [file, try TrackerFile(reading: outstandingFile)].compactMap(\.self).map { file in
            (path: try path(of: file, in: branch), text: file.text)
        }
        var refusal = GitError(.failed, "others kept publishing at the same time.")
        for _ in 0..<Self.attempts {
            var tips = try await branch.tips()
            let old = try await branch.settled(tips)
            var tip = old
            var last: PublishedStatus?
            if let old { last = try await branch.published(old, path: files[0].path) }
            if isPublicationDue(of: status, last: last, at: now) {
                try branch.requireMovable(tips)
                tip = try await branch.commit(files, onto: old, message: status.publicationMessage, at: now) ?? old
            }
            guard let tip else { return .nothingDue }
            if tip != tips.here, tip != tips.atOrigin {
                guard try await branch.advance(from: tips, to: tip) else { continue }
                tips.here = tip
            }
            guard pushes, tip != tips.atOrigin else { return tip == old ? .nothingDue : .committed(tip) }
            switch try await branch.push(tip) {
            case .taken: return .pushed(tip)
            case .refused(let error, let mayBeRace):
                refusal = error
                try await branch.fetch()
                let hasMoved = try await branch.tips() != tips
                guard mayBeRace || hasMoved else { throw error }
            }
        }
        throw refusal
    }

    /// The branch in the repository that a directory is in.
    func branch(in directory: String) async throws(GitError) -> TrackerBranch {
        try await TrackerBranch(containing: Git(directory: directory, environment: environment, deadline: budget))
    }

    private func status(_ file: TrackerFile) throws(StatusFileError) -> StatusFile {
        do throws(JSONSyntaxError) {
            if let root = try JSONParser.value(of: Array(file.text.utf8)).object { return StatusFile(root: root) }
        } catch {
            throw StatusFileError(path: statusFile, error)
        }
        throw StatusFileError(path: statusFile, JSONSyntaxError(line: 1, column: 1, message: "this is not an object"))
    }

    func path(of file: TrackerFile, in branch: TrackerBranch) throws(GitError) -> String {
        if let path = file.path(from: branch.top) { return path }
        throw GitError(
            .unfit,
            "'\(oneLine("\(file.directory)/\(file.name)"))' does not lie in '\(oneLine(branch.top))', the repository of the"
                + " status file. Keep the tracker's two files in one repository: see 'tracker.status_file' and 'tracker.outstanding_file'."
        )
    }
}
