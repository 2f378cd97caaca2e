package import HotfixCore

/// What a command is going to do, a step at a time, each of which knows whether it is done already.
///
/// What was done is derived from git and the forge, not from the status file, so that a run that broke off is gone on with by running the
/// command again.
package struct Plan: Sendable {
    /// The command: `init`, `complete`.
    package var command: String
    /// The steps in their order.
    package var steps: [Step]

    /// Makes a plan.
    package init(_ command: String, _ steps: [Step]) {
        self.command = command
        self.steps = steps
    }

    /// One step.
    package struct Step: Sendable {
        /// What it does, in the imperative.
        ///
        /// For example `Push 'release/hotfix-20261122' to origin.`
        package var title: String
        /// What it did, in the past tense, for the history.
        ///
        /// For example `Pushed 'release/hotfix-20261122' to origin.`
        package var did: String
        /// Whether it is done already: asked before the plan is shown, and again before it is carried out.
        package var isDone: @Sendable () async throws -> Bool
        /// Does it.
        ///
        /// It throws where it was not done, or where that is not known.
        package var perform: @Sendable () async throws -> Void
        /// Notes in the status file that it is done; asked each time it is found done, and changes nothing where the file says so already.
        package var note: @Sendable (inout StatusFile) -> Void

        /// Makes a step.
        package init(
            title: String, did: String, isDone: @escaping @Sendable () async throws -> Bool,
            perform: @escaping @Sendable () async throws -> Void,
            note: @escaping @Sendable (inout StatusFile) -> Void = { _ in }
        ) {
            self.title = title
            self.did = did
            self.isDone = isDone
            self.perform = perform
            self.note = note
        }
    }
}

/// Carries plans out, and keeps the status file at what was really done.
package struct PlanRunner: Sendable {
    /// The status file.
    package var statusFile: String
    /// Who does it.
    package var by: String
    /// Why, where a reason was given.
    package var reason: String?
    /// The clock.
    package var now: @Sendable () -> Instant

    /// Makes a runner.
    package init(statusFile: String, by: String, reason: String? = nil, now: @escaping @Sendable () -> Instant) {
        self.statusFile = statusFile
        self.by = by
        self.reason = reason
        self.now = now
    }

    /// Carries out what is left of a plan; after each step the status file says that it is done.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - say: Is told each step when it begins to be carried out, or was found done.
    /// - Throws: What a step threw: the file then says what was done until there, and running the command again goes on.
    package func carryOut(_ plan: Plan, say: @Sendable (Plan.Step, _ wasDone: Bool) throws -> Void) async throws {
        try StatusFile.read(path: statusFile).requireRoom(forPlanOf: plan.command, path: statusFile)
        for step in plan.steps {
            let wasDone = try await step.isDone()
            try say(step, wasDone)
            if !wasDone {
                try await step.perform()
                // A command that says nothing of its failure is found out here, before anything is recorded or built upon it.
                guard try await step.isDone() else {
                    throw GitError(
                        .failed,
                        "what was to be done ended without an error, and yet is not done: \(step.title) Run the command again."
                    )
                }
            }
            let at = now()
            try StatusFile.update(path: statusFile, at: at) { status in
                step.note(&status)
                guard !wasDone else { return }
                status.record(HistoryEntry(at: at, by: by, step: plan.command, did: step.did, reason: reason))
            }
        }
    }
}
