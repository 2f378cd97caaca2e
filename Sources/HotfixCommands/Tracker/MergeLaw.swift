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

    /// Refuses a commit that may not be merged.
    ///
    /// - Throws: `CommandError` with the reasons.
    func requireLeave(toMerge commit: String) async throws {
        guard !isOverridden, let objection = await objection(toMerging: commit) else { return }
        throw refusal([objection])
    }

    /// The error of a merge that may not be.
    func refusal(_ objections: [String]) -> CommandError {
        CommandError(
            .no,
            "The merge is refused: \(objections.joined(separator: " ")) Wait until 'hotfix gate' opens for the branch's head, or"
                + " say --override with --reason, which is recorded.")
    }
}
