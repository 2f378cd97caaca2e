package import HotfixCore

/// A pull request at GitHub.
package struct PullRequest: Sendable, Hashable {
    /// Its number.
    package var number: Int
    /// What it is called.
    package var title: String
    /// The branch that it merges.
    package var branch: String
    /// The full id of that branch's head, as GitHub knows it.
    package var head: String
    /// The branch that it is merged to.
    package var base: String
    /// Whether it can still be merged or closed.
    package var isOpen: Bool
    /// Whether it was merged.
    package var isMerged: Bool
    /// Whether nothing conflicts; nil where GitHub has not found out yet, and in lists.
    package var isMergeable: Bool?
    /// The page that shows it.
    package var page: String?

    /// Makes a pull request.
    package init(
        number: Int, title: String, branch: String, head: String, base: String, isOpen: Bool, isMerged: Bool,
        isMergeable: Bool? = nil, page: String? = nil
    ) {
        self.number = number
        self.title = title
        self.branch = branch
        self.head = head
        self.base = base
        self.isOpen = isOpen
        self.isMerged = isMerged
        self.isMergeable = isMergeable
        self.page = page
    }
}

/// What somebody said of a pull request when they reviewed it.
package struct PullReview: Sendable, Hashable {
    /// What came of it.
    package enum State: String, Sendable, Hashable {
        case approved = "APPROVED"
        case changesRequested = "CHANGES_REQUESTED"
        case commented = "COMMENTED"
        case dismissed = "DISMISSED"
        case pending = "PENDING"
    }

    /// The account of whoever reviewed it; empty where it is gone.
    package var by: String
    /// Whether that is somebody of the repository: its owner, a member of its organisation, a collaborator.
    package var isOfRepository: Bool
    /// What came of it.
    package var state: State
    /// The full id of the commit that was looked at; nil where it is gone.
    package var commit: String?
    /// When it was handed in; nil where it was not.
    package var at: Instant?

    /// Makes a review.
    package init(by: String, isOfRepository: Bool, state: State, commit: String?, at: Instant?) {
        self.by = by
        self.isOfRepository = isOfRepository
        self.state = state
        self.commit = commit
        self.at = at
    }
}

/// A check of a commit: a commit status, or a check run.
package struct CommitCheck: Sendable, Hashable {
    /// What is known of it.
    package enum State: String, Sendable, Hashable {
        /// It satisfies a requirement: `success`, and of check runs also `neutral` and `skipped`.
        case passed
        /// It has not ended.
        case pending
        /// It has failed, or was ended.
        case failed
        /// Nobody has said anything of it.
        case missing
    }

    /// What it is called.
    package var name: String
    /// What is known of it.
    package var state: State

    /// Makes a check.
    package init(name: String, state: State) {
        self.name = name
        self.state = state
    }
}
