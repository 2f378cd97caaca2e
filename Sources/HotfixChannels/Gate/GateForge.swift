package import HotfixCalls
package import HotfixCore

/// A place where code is merged, as far as the gate needs it.
package protocol GateForge: Sendable {
    /// What people call it: `GitHub`.
    var title: String { get }

    /// The most statuses that a commit may get; nil where there is no limit.
    var mostStatuses: Int? { get }

    /// The head of a branch.
    func head(of branch: String, at now: Instant) async throws(ForgeFailure) -> String

    /// The open requests to merge a branch.
    func requests(from branch: String, at now: Instant) async throws(ForgeFailure) -> [MergeRequest]

    /// Shows a status beside a commit.
    func post(_ status: GateStatus, of commit: String, branch: String?, at now: Instant) async throws(ForgeFailure)

    /// Finds the comment of a request that holds a mark; nil where there is none, or none can be had.
    func comment(marked mark: String, on request: Int, at now: Instant) async throws(ForgeFailure) -> Int?

    /// Writes a comment, in place of an older one where its number is given.
    ///
    /// - Returns: Its number; nil where the forge takes no comments from us.
    func write(
        comment text: String, over number: Int?, on request: Int, at now: Instant
    ) async throws(ForgeFailure) -> Int?

    /// Asks whether the forge would take statuses, changing nothing.
    func examine(_ subject: Finding.Subject, context: String, at now: Instant) async -> Diagnosis
}

/// An open request to merge the hotfix branch.
package struct MergeRequest: Sendable, Hashable {
    /// Its number.
    package var number: Int
    /// The head that it would merge.
    package var head: String

    /// Makes a request.
    package init(number: Int, head: String) {
        self.number = number
        self.head = head
    }
}
