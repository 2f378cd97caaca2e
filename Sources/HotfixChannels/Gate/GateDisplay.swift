package import HotfixCore

/// The merge gate: a status beside the head of the hotfix branch and of its requests to merge, and one comment on each of these.
///
/// It never shows success for a commit that is not the branch's head, as the forge says in the same check, and never where the
/// readiness objects. What cannot be found out takes success away and never gives it.
package struct GateDisplay: Display {
    package let name: String
    private let forge: any GateForge
    private let context: String
    private let comments: Bool

    /// Makes a gate.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - forge: Where code is merged.
    ///   - context: What the status is called there, for examinations.
    ///   - comments: Whether requests to merge get a comment.
    package init(name: String, forge: any GateForge, context: String, comments: Bool = true) {
        self.name = name
        self.forge = forge
        self.context = context
        self.comments = comments
    }

    package func update(to state: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        var round = GateRound(forge: forge, state: state, memory: memory)
        do {
            guard try round.begin() else { return round.failures }
            await round.findHeads()
            // What was shown is taken back before anything is given.
            await round.takeBack()
            await round.showHeads()
            if comments { await round.writeComments() }
            try round.forget()
        } catch {
            round.failures.append(DisplayFailure("\(error)"))
        }
        return round.failures
    }

    package func examine(at now: Instant) async -> Diagnosis {
        await forge.examine(.channel(name), context: context, at: now)
    }
}
