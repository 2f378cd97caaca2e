import HotfixCalls
import HotfixCore

/// What a pull request at GitHub says of whether a commit was reviewed.
package struct PullRequestReview: Sendable, Hashable {
    /// The pull request.
    package var number: Int
    /// What the review rests on, a sentence.
    package var evidence: String

    /// Reads the reviews and the required checks of a pull request, which have to be of a commit.
    ///
    /// - Parameters:
    ///   - number: The pull request.
    ///   - head: The full id of the hotfix branch's head.
    ///   - branch: The hotfix branch.
    ///   - reviewer: Who is said to have reviewed: the name of an account, or any name, and then somebody has to have approved.
    ///   - leavingOut: Checks that are not asked for, in lower case: the gate, which waits for the hotfix to be proven.
    ///   - pulls: The pull requests.
    /// - Throws: ``Refusal`` where the pull request does not say so, and `ForgeFailure` where GitHub could not be asked.
    package init(
        of number: Int, head: String, branch: GitName, reviewer: String, leavingOut: Set<String>, by pulls: PullRequests
    ) async throws {
        let pull = try await pulls.find(number)
        guard pull.branch == branch.text else {
            throw Refusal(
                "Pull request \(number) merges '\(oneLine(pull.branch))', and the hotfix is '\(branch)'. Name that of the hotfix."
            )
        }
        guard pull.head == head else {
            throw Refusal(
                "The head of pull request \(number) is \(pull.head.prefix(12)), and that of '\(branch)' at origin is"
                    + " \(head.prefix(12)). Wait until GitHub shows the newest commit, and have that one reviewed.")
        }
        let approvers = try Self.approvers(of: number, head, reviewer, try await pulls.reviews(of: number))
        let checks = try await Self.checks(of: pull, leavingOut, pulls)
        self.number = number
        evidence =
            "pull request \(number): approved by \(approvers.map(oneLine).joined(separator: ", ")); "
            + (checks.isEmpty ? "no checks are required" : "passed: \(checks.map(oneLine).joined(separator: ", "))")
    }

    /// Who approves of a commit, whose word still stands.
    ///
    /// On a public repository anybody can approve: that counts of its own people only. What anybody asks to be changed stands until it is
    /// dismissed.
    private static func approvers(
        of number: Int, _ head: String, _ reviewer: String, _ reviews: [PullReview]
    ) throws(Refusal) -> [String] {
        var standing: [(by: String, review: PullReview)] = []
        // A comment changes nothing of what somebody decided before.
        for review in reviews where [.approved, .changesRequested, .dismissed].contains(review.state) {
            // Accounts that are gone have no name, and are not one.
            standing.removeAll { !review.by.isEmpty && $0.by.lowercased() == review.by.lowercased() }
            standing.append((review.by, review))
        }
        let against = standing.filter { $0.review.state == .changesRequested }.map { shownAccount($0.by) }
        guard against.isEmpty else {
            throw Refusal(
                "Pull request \(number): changes are asked for by \(against.joined(separator: ", ")). Make them, or have that"
                    + " review dismissed.")
        }
        let approved = standing.filter { $0.review.state == .approved }
        let ofHead = approved.filter { $0.review.commit == head }
        let current = ofHead.filter(\.review.isOfRepository).map(\.by)
        let name = reviewer.hasPrefix("@") ? String(reviewer.dropFirst()) : reviewer
        let own = current.filter { $0.lowercased() == name.lowercased() }
        guard !current.isEmpty else {
            let strangers = ofHead.map { shownAccount($0.by) }.joined(separator: ", ")
            let older = approved.filter { $0.review.commit != head }.map { shownAccount($0.by) }.joined(separator: ", ")
            throw Refusal(
                "Pull request \(number): nobody of the repository has approved commit \(head.prefix(12))"
                    + (older.isEmpty ? "" : "; \(older) approved an older one")
                    + (strangers.isEmpty
                        ? "." : "; \(strangers) did, and is to GitHub neither owner, member nor collaborator.")
                    + " Have it reviewed, and run the command again.")
        }
        return own.isEmpty ? current : own
    }

    private static func shownAccount(_ name: String) -> String { name.isEmpty ? "a deleted account" : oneLine(name) }

    /// The checks that are required and passed; where none are required, all that there are.
    private static func checks(
        of pull: PullRequest, _ leavingOut: Set<String>, _ pulls: PullRequests
    ) async throws -> [String] {
        var checks = try await pulls.required(of: pull.base, at: pull.head)
        if checks.isEmpty { checks = try await pulls.checks(of: pull.head) }
        checks.removeAll { leavingOut.contains($0.name.lowercased()) }
        let open = checks.filter { $0.state != .passed }
        guard open.isEmpty else {
            let list = open.map { "'\(oneLine($0.name))' (\($0.state.rawValue))" }.joined(separator: ", ")
            throw Refusal(
                "Pull request \(pull.number): not passed: \(clipped(list, bytes: 1000)). Run the command again once they are."
            )
        }
        return checks.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
