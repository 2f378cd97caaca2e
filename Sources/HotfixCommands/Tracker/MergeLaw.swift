import HotfixCore
import HotfixTracker

/// Whether a hotfix may be merged: the same rule as that of `hotfix gate`.
struct MergeLaw: Sendable {
    /// Whose ledger proves it.
    var server: ServerOptions
    /// The options of every command.
    var common: CommonOptions
    /// Whether it is merged whatever is proven.
    var isOverridden: Bool

    /// Why a commit may not be merged; nil where it may.
    ///
    /// What cannot be asked proves nothing, and is an objection too.
    func objection(toMerging commit: String) async -> String? {
        do {
            let answer = try await server.desk(common).gate(GateQuery(commit: commit, maxAge: nil))
            return answer.readiness.objection(toMerging: commit)
        } catch {
            let messages = EntryPoint.ending(of: error)?.messages ?? ["\(error)"]
            return "Nothing is proven, as the ledger cannot be asked. \(messages.joined(separator: " "))"
        }
    }

    /// Why a hotfix may not be merged, or be said to be; empty where it may.
    ///
    /// Where it was released, the commit of the release may be what is deployed and proven.
    func objections(to completion: HotfixCompletion, at commit: String? = nil) async -> [String] {
        var objections: [String] = []
        if !completion.isAtOrigin, !completion.isCertainlyMerged {
            objections.append(
                "The branch '\(completion.branch)' is not at origin, so that its head there is not known.")
        }
        if let objection = await objection(toMerging: commit ?? completion.head) {
            guard let released = completion.released, await self.objection(toMerging: released) == nil else {
                return objections + [objection]
            }
        }
        return objections
    }

    /// Refuses a hotfix that may not be merged, nor be said to be.
    ///
    /// - Throws: `CommandError` with the reasons.
    func requireLeave(for completion: HotfixCompletion, at commit: String? = nil) async throws {
        guard !isOverridden else { return }
        let objections = await objections(to: completion, at: commit)
        if !objections.isEmpty { throw refusal(objections) }
    }

    /// The error of a merge that may not be.
    func refusal(_ objections: [String]) -> CommandError {
        CommandError(
            .no,
            "The merge is refused: \(objections.joined(separator: " ")) Wait until 'hotfix gate' opens for the branch's head, or"
                + " say --override with --reason, which is recorded.")
    }
}
