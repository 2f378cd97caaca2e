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
    /// How the hotfix is in the branches that it has to be in, as far as patches tell.
    package let completeness: Completeness
    /// Of these branches those at origin that hold everything of the head, so that merging it would change nothing.
    package let holders: Set<String>
    /// The commit of a critical release that the head was merged for, which may be what is deployed; nil where there is none.
    package let released: String?
    /// Whether it is recorded that the head was merged to the main branch, by leave or by override, and main holds it.
    package let isMergeRecorded: Bool
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
        var kept: Set = [main.text, develop.text, TrackerBranch.name]
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
        var holders: Set<String> = []
        for target in targets where try await repository.isHere(target.commit) {
            if try await repository.holds(target.commit, everythingOf: head) { holders.insert(target.branch) }
        }
        self.holders = holders
        isMergeRecorded = holders.contains(main.text) && status.recordsMerge(of: branch, head: head)
        released = try await repository.released(head, of: branch, status: status, mainHead: mainHead)
        isAtOrigin = origin[branch.ref] != nil
        self.repository = repository
        self.branch = branch
        self.head = head
        self.main = main
        self.legacy = legacy
        self.kept = kept
    }

    /// Whether main at origin holds everything of the hotfix's head.
    package var isInMain: Bool { holders.contains(main.text) }

    /// Whether main at origin holds the whole hotfix, and it is certain that it came there by a merge.
    ///
    /// A branch without commits of its own is in main from the beginning, and one that main was moved forward to looks the same.
    package var isCertainlyMerged: Bool {
        completeness.isStartKnown && !completeness.commits.isEmpty && isInMain
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

    /// Whether it is recorded that a commit was merged to the main branch as the end of its hotfix, by leave or by override.
    ///
    /// The merge of a critical release alone is none: it comes before its proof.
    func recordsMerge(of branch: GitName, head: String) -> Bool {
        mergedHead(of: branch) == head && self["merge", "completed"] == .boolean(true)
            && self["decommission", "mergedToMain"] == .boolean(true)
    }

    /// Notes which commit was merged to the main branch, and not that the hotfix is at its end.
    mutating func noteMerge(of branch: GitName, head: String, into main: GitName) {
        guard mergedHead(of: branch) != head else { return }
        set("merge", "completed", to: .boolean(false))
        set("merge", "branch", to: JSONValue(branch.text))
        set("merge", "head", to: JSONValue(head))
        set("merge", "into", to: JSONValue(main.text))
    }

    /// Records that a hotfix was merged to the main branch.
    package mutating func recordMerge(of branch: GitName, head: String, into main: GitName) {
        noteMerge(of: branch, head: head, into: main)
        set("merge", "completed", to: .boolean(true))
        set("decommission", "mergedToMain", to: .boolean(true))
    }
}

extension Repository {
    /// The commit of the release that a hotfix's head was merged for, where main holds it; nil where there was none.
    fileprivate func released(
        _ head: String, of branch: GitName, status: StatusFile, mainHead: String
    ) async throws(GitError) -> String? {
        guard status.mergedHead(of: branch) == head, let released = status.releasedCommit, isFullCommit(released),
            try await isHere(released), try await isAncestor(released, of: mainHead),
            try await holds(released, everythingOf: head)
        else { return nil }
        return released
    }
}
