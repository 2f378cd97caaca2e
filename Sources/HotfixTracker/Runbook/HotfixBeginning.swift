package import HotfixCore

/// How a hotfix begins: its branch is made from a base, pushed, and recorded.
package struct HotfixBeginning: Sendable {
    /// The repository.
    package var repository: Repository
    /// The branch of the hotfix.
    package var branch: GitName
    /// What it is made from: `origin/main`, a tag, a branch or a commit.
    package var base: String
    /// Whether the branch is pushed.
    package var isPushed = true
    /// Whether another hotfix that is recorded and not finished is given up.
    package var replaces = false
    /// Whether it mends an older line than the latest release's.
    package var mendsOlderLine = false
    /// Branches that no hotfix may have, beside origin's default branch and the tracker's own.
    package var keptBranches: Set<String> = []
    /// The tracker's own files, from the top of the repository: they may be changed.
    package var ownFiles: [String]
    /// The time now.
    package var at: Instant

    /// Makes a beginning.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - branch: The branch of the hotfix.
    ///   - base: What it is made from.
    ///   - ownFiles: The tracker's own files, from the top of the repository.
    ///   - at: The time now.
    package init(
        repository: Repository, branch: GitName, base: String, ownFiles: [String], at: Instant
    ) {
        self.repository = repository
        self.branch = branch
        self.base = base
        self.ownFiles = ownFiles
        self.at = at
    }

    /// The name that a hotfix gets that begins at a time: `release/hotfix-20261122`, by the day in UTC.
    package static func usualName(at: Instant) -> String {
        "release/hotfix-" + at.description.prefix(10).filter { $0 != "-" }
    }

    /// Looks at the repository and origin, without changing either, and says what is to be done.
    ///
    /// - Parameter status: What the status file says.
    /// - Returns: The plan.
    /// - Throws: ``GitError``; `unfit` where the hotfix cannot begin so.
    package func plan(_ status: StatusFile) async throws -> Plan {
        try await repository.requireCleanTree(for: "hotfix init", leavingOut: ownFiles)
        try await refuseKept()
        let origin = try await repository.refsAtOrigin(["refs/heads/*", "refs/tags/*"])
        let here = try await repository.head(of: branch)
        try await refuseOther(status, origin)
        let start = try await baseCommit(origin)
        var wanted = origin[branch.ref] == nil ? [] : [branch.ref]
        wanted += start.ref.map { [$0] } ?? []
        try await repository.fetchObjects(of: wanted)
        if here == nil, origin[branch.ref] == nil {
            try await refuseVersion(origin, base: start.commit)
        } else if !(isRecorded(status) && status["branch", "created"] == .boolean(true)) {
            try await refuseElsewhere(here, origin[branch.ref], base: start.commit)
        }
        try await refuseDiverged(here, origin[branch.ref])
        // A branch that is there already may have begun at an older commit of its base.
        let first = here == nil ? start.commit : try await repository.firstCommit(of: branch)
        let isNew = origin[branch.ref] == nil && first == start.commit
        let creation = creation(
            at: origin[branch.ref] ?? start.commit, isAtOrigin: origin[branch.ref] != nil,
            isAnew: try await isAnew(status, here, origin[branch.ref], start: start.commit),
            baseCommit: isNew ? start.commit : nil)
        return Plan("init", isPushed ? [creation, push] : [creation])
    }

    private func isRecorded(_ status: StatusFile) -> Bool { status["branch", "name"] == JSONValue(branch.text) }

    private func creation(at commit: String, isAtOrigin: Bool, isAnew: Bool, baseCommit: String?) -> Plan.Step {
        let whence = isAtOrigin ? "what origin has of it" : "'\(base)'"
        return Plan.Step(
            title: "Fetch origin, and create the branch '\(branch)' from \(whence) (\(commit.prefix(12))).",
            did: "Created the branch '\(branch)' from \(whence) (\(commit)).",
            isDone: { try await repository.head(of: branch) != nil },
            perform: {
                try await repository.fetch()
                try await repository.keeping(ownFiles) { try await repository.createBranch(branch, at: commit) }
            }, changesWorkTree: true,
            note: {
                $0.begin(
                    branch: branch.text, base: base, baseCommit: baseCommit, isPushed: isAtOrigin, isAnew: isAnew,
                    at: at)
            })
    }

    private var push: Plan.Step {
        Plan.Step(
            title: "Push '\(branch)' to origin, and follow it there.", did: "Pushed '\(branch)' to origin.",
            isDone: { try await repository.refsAtOrigin([branch.ref])[branch.ref] != nil },
            perform: {
                guard let head = try await repository.head(of: branch) else {
                    throw GitError(.unfit, "the branch '\(branch)' is not here (any more). Run hotfix init again.")
                }
                try await repository.push(branch, commit: head, setsUpstream: true)
            },
            note: { $0.set("branch", "pushed", to: .boolean(true)) })
    }

    /// The commit of the base, and its whole name at origin where it is one of origin's.
    private func baseCommit(_ origin: [String: String]) async throws(GitError) -> (commit: String, ref: String?) {
        if base.hasPrefix("origin/") {
            let name = try GitName(String(base.dropFirst("origin/".count)), as: .branch)
            if let commit = origin[name.ref] { return (commit, name.ref) }
            throw GitError(
                .unfit,
                "origin has no branch '\(name)', which the hotfix was to begin from. Name another by --base: origin/BRANCH, a"
                    + " tag or a commit.")
        }
        if !base.isEmpty, let commit = try await repository.commit(base) { return (commit, nil) }
        for ref in ["refs/tags/\(base)", "refs/heads/\(base)"] {
            if let commit = origin[ref + "^{}"] ?? origin[ref] { return (commit, ref) }
        }
        throw GitError(
            .unfit,
            "'\(clipped(oneLine(base), bytes: 200))' stands for no commit, here or at origin. Name what the hotfix begins from by"
                + " --base: origin/BRANCH, a tag or a commit.")
    }
}

extension HotfixBeginning {
    /// Whether the hotfix that is recorded under this name is another one, whose branch was taken away.
    private func isAnew(
        _ status: StatusFile, _ here: String?, _ there: String?, start: String
    ) async throws(GitError) -> Bool {
        guard isRecorded(status), status["branch", "created"] == .boolean(true) else { return false }
        if here == nil, there == nil { return true }
        // A run that broke off may have made the branch, and not have recorded it.
        guard let merged = status.mergedHead(of: branch), here == start, there == nil || there == start,
            merged != start,
            try await repository.commit(merged) != nil
        else { return false }
        return try await repository.isAncestor(merged, of: start)
    }

    /// Refuses a branch that is no hotfix's.
    private func refuseKept() async throws(GitError) {
        var kept = keptBranches.union([TrackerBranch.name])
        if let usual = try await repository.defaultBranchAtOrigin() { kept.insert(usual) }
        guard kept.contains(branch.text) else { return }
        throw GitError(
            .invalidName,
            "'\(branch)' is a branch that is kept (main, develop, origin's default branch or the tracker's own), and no hotfix's."
                + " Name another by --branch: hotfix/NAME.")
    }

    /// Refuses to begin while another hotfix is under way.
    private func refuseOther(_ status: StatusFile, _ origin: [String: String]) async throws(GitError) {
        guard !replaces, !isRecorded(status), case .string(let recorded) = status["branch", "name"] else { return }
        let other = try GitName(recorded.text, as: .branch)
        let places = [
            try await repository.head(of: other) == nil ? nil : "here", origin[other.ref] == nil ? nil : "at origin",
        ].compactMap { $0 }
        let isMerged = status["decommission", "mergedToMain"] == .boolean(true)
        let wasCreated = status["branch", "created"] == .boolean(true)
        guard !places.isEmpty || (wasCreated && !isMerged) else { return }
        let state =
            places.isEmpty
            ? "it is not recorded as merged" : "its branch is still \(places.joined(separator: " and "))"
        throw GitError(
            .unfit,
            "another hotfix is recorded, '\(other)', and \(state). Finish it (hotfix complete --do), or say --replace with"
                + " --reason to give it up.")
    }

    /// Refuses a version in the name that does not come after the latest release.
    private func refuseVersion(_ origin: [String: String], base: String) async throws(GitError) {
        guard let version = ReleaseVersion.inName(ofBranch: branch.text) else { return }
        var tags = origin.filter { $0.key.hasPrefix("refs/tags/") }
        if mendsOlderLine {
            let line = Set(lines(of: try await repository.git.run(["rev-list", base])))
            tags = tags.filter { line.contains(origin[$0.key + "^{}"] ?? $0.value) }
        }
        var names = tags.keys.filter { !$0.hasSuffix("^{}") }.map { String($0.dropFirst("refs/tags/".count)) }
        if !mendsOlderLine { names += lines(of: try await repository.git.run(["tag", "--list"])) }
        let releases = names.compactMap { name in ReleaseVersion(name).map { (name: name, version: $0) } }
        guard
            let latest = releases.filter({ !$0.version.isPreRelease }).max(by: { $0.version < $1.version }),
            version <= latest.version
        else { return }
        throw GitError(
            .unfit,
            "'\(branch)' names the version \(version), which does not come after "
                + "\(mendsOlderLine ? "the latest release of its line" : "the latest release"), \(oneLine(latest.name)). Name a later "
                + "version\(mendsOlderLine ? "." : ", or say --older-line where it mends an older line.")")
    }

    /// Refuses a branch of this name that was made from elsewhere.
    private func refuseElsewhere(_ here: String?, _ there: String?, base start: String) async throws(GitError) {
        for (commit, place) in [(here, "here"), (there, "at origin")] {
            guard let commit, try await !repository.isAncestor(start, of: commit) else { continue }
            throw GitError(
                .unfit,
                "the branch '\(branch)' is there already \(place), at \(commit), and does not hold '\(oneLine(base))' (\(start))."
                    + " Choose another name by --branch, or say by --base what it was made from.")
        }
    }

    /// Refuses a branch that has other commits here than at origin.
    private func refuseDiverged(_ here: String?, _ there: String?) async throws(GitError) {
        guard let here, let there, here != there, try await !repository.isAncestor(here, of: there),
            try await !repository.isAncestor(there, of: here)
        else { return }
        throw GitError(
            .unfit,
            "the branch '\(branch)' is at \(here) here and at \(there) at origin, and neither holds the other. Bring them together"
                + " (git pull --rebase origin, or choose another name), and run hotfix init again.")
    }
}
