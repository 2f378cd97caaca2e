import HotfixCore

/// What is left to do when a hotfix is over: merging it back, and taking its branch away.
package struct HotfixCompletion: Sendable {
    /// A hotfix branch at origin beside the one that is completed.
    package struct LegacyBranch: Sendable, Hashable {
        /// The branch.
        package var name: GitName
        /// Its head.
        package var commit: String
        /// How many of its commits the main branch at origin lacks.
        package var missing: Int
    }

    /// The repository.
    package let repository: Repository
    /// The branch of the hotfix.
    package let branch: GitName
    /// The full id of its head.
    package let head: String
    /// The branch at origin that hotfixes are merged to.
    package let main: GitName
    /// Whether origin has the branch.
    package let isAtOrigin: Bool
    /// How the hotfix is in the branches that it has to be in.
    package let completeness: Completeness
    /// The hotfix branches at origin beside it, by name.
    package let legacy: [LegacyBranch]
    /// Branches that are never deleted.
    private let kept: Set<String>

    /// Looks at the repository and origin, without changing either.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - status: What the status file says.
    ///   - main: The branch at origin that hotfixes are merged to.
    ///   - develop: The branch at origin that development goes on in; it need not be there.
    ///   - releaseBranches: Which branches at origin are release branches: a name that may hold `*`.
    /// - Throws: ``GitError``; `unfit` where no hotfix is recorded, or its head is not known.
    package init(
        repository: Repository, status: StatusFile, main: GitName, develop: GitName, releaseBranches: String
    ) async throws(GitError) {
        let branch = try status.hotfixBranch()
        let origin = try await repository.refsAtOrigin(["refs/heads/*"])
        guard let mainHead = origin[main.ref] else {
            throw GitError(
                .unfit, "origin has no branch '\(main)'. Name the one that hotfixes are merged to as 'tracker.main'.")
        }
        var kept: Set = [main.text, develop.text]
        if let usual = try await repository.defaultBranchAtOrigin() { kept.insert(usual) }
        guard !kept.contains(branch.text) else {
            throw GitError(
                .unfit, "'\(branch)' is recorded as the hotfix, and is a branch that is kept. Mend 'branch.name'.")
        }
        let others = branches(among: origin).filter {
            isHotfixBranch($0.key) && $0.key != branch.text && !kept.contains($0.key)
        }
        let targets = try await repository.mergeTargets(
            main: main.text, develop: develop.text, releaseBranches: releaseBranches, hotfix: branch.text,
            asksOrigin: true)
        let wanted = Set([branch.text] + targets.map(\.branch) + others.keys).map { "refs/heads/" + $0 }
        try await repository.fetchObjects(of: wanted.filter { origin[$0] != nil })
        var known = origin[branch.ref]
        if known == nil { known = try await repository.commit(status.mergedHead(of: branch) ?? branch.ref) }
        guard let head = known else {
            throw GitError(
                .unfit,
                "the branch '\(branch)' is neither here nor at origin, so that nobody can say what to merge. If it was merged, say so:"
                    + " hotfix complete --merged done --override --reason TEXT.")
        }
        var legacy: [LegacyBranch] = []
        for (name, commit) in others.sorted(by: { $0.key < $1.key }) {
            let missing = try await repository.git.run(["rev-list", "--count", commit, "^\(mainHead)"])
            legacy.append(
                LegacyBranch(name: try GitName(name, as: .branch), commit: commit, missing: Int(missing) ?? 0))
        }
        completeness = try await repository.completeness(
            base: mainHead, head: head, start: status.baseCommit, targets: targets)
        isAtOrigin = origin[branch.ref] != nil
        self.repository = repository
        self.branch = branch
        self.head = head
        self.main = main
        self.legacy = legacy
        self.kept = kept
    }

    /// Whether main at origin holds the whole hotfix, and it is certain that it came there by a merge.
    ///
    /// A branch without commits of its own is in main from the beginning, and one that main was moved forward to looks the same.
    package var isCertainlyMerged: Bool {
        completeness.isStartKnown && !completeness.commits.isEmpty
            && completeness.entries.first { $0.target.role == .main }?.isComplete == true
    }

    /// Whether a branch may be deleted at origin for being one of an earlier hotfix.
    ///
    /// - Throws: ``GitError`` where it is none.
    package func requireLegacy(_ name: GitName) throws(GitError) {
        guard isHotfixBranch(name.text), name != branch, !kept.contains(name.text) else {
            throw GitError(
                .invalidName,
                "'\(name)' is not the branch of an earlier hotfix (release/hotfix-…, hotfix/…), and is not removed.")
        }
    }
}

extension StatusFile {
    /// The branch of the hotfix that is recorded.
    ///
    /// - Throws: ``GitError``; `unfit` where none is.
    package func hotfixBranch() throws(GitError) -> GitName {
        guard case .string(let name) = self["branch", "name"] else {
            throw GitError(.unfit, "no hotfix is recorded in the status file. Begin one: hotfix init.")
        }
        return try GitName(name.text, as: .branch)
    }

    /// The commit that was merged to the main branch as the head of a hotfix, where that was recorded.
    package func mergedHead(of branch: GitName) -> String? {
        guard self["merge", "branch"] == JSONValue(branch.text), case .string(let head) = self["merge", "head"],
            isFullCommit(head.text)
        else { return nil }
        return head.text
    }

    /// Records that a hotfix was merged to the main branch.
    package mutating func recordMerge(of branch: GitName, head: String, into main: GitName) {
        set("merge", "branch", to: JSONValue(branch.text))
        set("merge", "head", to: JSONValue(head))
        set("merge", "into", to: JSONValue(main.text))
        set("decommission", "mergedToMain", to: .boolean(true))
    }
}
