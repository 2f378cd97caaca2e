/// How a commit of a hotfix is in a branch.
package enum Containment: Sendable, Hashable {
    /// The branch was made of it: it is one of the branch's own commits.
    case ancestor
    /// Another commit of the branch makes the same changes, as a cherry-pick or a rebase does.
    case samePatch(String)
    /// One commit of the branch makes the changes of the whole hotfix at once, as a squash merge does.
    case squashed(String)
    /// It changes nothing, so that nothing of it can be missing.
    case empty
    /// It is not in the branch.
    case missing
    /// That is not known, since the branch's commit is not in this repository.
    case unknown

    /// Whether what it changes is in the branch.
    package var isContained: Bool {
        switch self {
        case .ancestor, .samePatch, .squashed, .empty: true
        case .missing, .unknown: false
        }
    }
}

/// A commit of a hotfix.
///
/// Subject and author came from outside: they may hold control characters.
package struct HotfixCommit: Sendable, Hashable {
    /// Its whole id, hexadecimal.
    package var id: String
    /// The first line of its message.
    package var subject: String
    /// Who wrote it: `NAME <ADDRESS>`.
    package var author: String

    /// Makes a commit.
    package init(id: String, subject: String, author: String) {
        self.id = id
        self.subject = subject
        self.author = author
    }
}

/// A branch that a hotfix has to be in.
package struct MergeTarget: Sendable, Hashable {
    /// Why it has to be in there.
    package enum Role: String, Sendable, Hashable {
        case main, develop, release
    }

    /// The branch at origin: `main`.
    package var branch: String
    /// What it is.
    package var role: Role
    /// Its commit.
    package var commit: String

    /// Makes a target.
    package init(branch: String, role: Role, commit: String) {
        self.branch = branch
        self.role = role
        self.commit = commit
    }
}

/// How the commits of a hotfix are in the branches that it has to be in.
package struct Completeness: Sendable, Hashable {
    /// One branch.
    package struct Entry: Sendable, Hashable {
        /// The branch.
        package var target: MergeTarget
        /// Whether the branch has the hotfix's head itself, and all that it was made of.
        package var hasHead: Bool
        /// How each commit of the hotfix is in there, in the order of the commits.
        package var containments: [Containment]

        /// Makes an entry.
        package init(target: MergeTarget, hasHead: Bool, containments: [Containment]) {
            self.target = target
            self.hasHead = hasHead
            self.containments = containments
        }

        /// Whether the whole hotfix is in the branch, as far as patches tell.
        ///
        /// A patch that was taken back since is still found: this informs, and is no leave to delete anything. Commits that change
        /// nothing are found everywhere, and tell nothing alone.
        package var isComplete: Bool {
            hasHead || (containments.contains { $0 != .empty } && containments.allSatisfy(\.isContained))
        }
    }

    /// The hotfix's commits, oldest first, merges only where they change something themselves; its head alone where ``isStartKnown`` is false.
    package var commits: [HotfixCommit]
    /// Whether it is known where the hotfix began.
    ///
    /// It is not where its base was moved forward to it instead of merging it, and where it has no commits yet: then only its head is
    /// held against the branches, and only a branch that has the head itself is complete.
    package var isStartKnown: Bool
    /// Whether the record alone tells where it began, and no longer the graph: then what it took over from its base may be among the commits.
    package var isStartRecorded: Bool
    /// The branches, in the order asked for.
    package var entries: [Entry]

    /// Makes a completeness.
    package init(commits: [HotfixCommit], isStartKnown: Bool, isStartRecorded: Bool, entries: [Entry]) {
        self.commits = commits
        self.isStartKnown = isStartKnown
        self.isStartRecorded = isStartRecorded
        self.entries = entries
    }

    /// Whether every branch has the whole hotfix.
    package var isComplete: Bool { entries.allSatisfy(\.isComplete) }
}
