package import HotfixCore

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
    /// What a step is about to do, by whom and why, stands in the status file before: a run that breaks off loses neither.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - say: Is told each step when it begins to be carried out, or was found done.
    /// - Throws: What a step threw: the file then says what was done until there, and running the command again goes on. Where the
    ///   status file could not be written, `StatusFileError` before anything is changed.
    package func carryOut(_ plan: Plan, say: @Sendable (Plan.Step, _ wasDone: Bool) throws -> Void) async throws {
        try StatusFile.read(path: statusFile).requireRoom(forPlanOf: plan.command, path: statusFile)
        var isWritable = false
        for step in plan.steps {
            let wasDone = try await step.isDone()
            try say(step, wasDone)
            if wasDone {
                try recordFound(step, of: plan)
                continue
            }
            if !isWritable { try StatusFile.requireWritable(path: statusFile) }
            isWritable = true
            try await carryOut(step, of: plan)
        }
        if plan.endsHotfix { try StatusFile.update(path: statusFile, at: now()) { $0.settleIntents() } }
    }

    private func carryOut(_ step: Plan.Step, of plan: Plan) async throws {
        let entry = entry(of: step, plan)
        if !step.changesWorkTree {
            try StatusFile.update(path: statusFile, at: entry.at) { $0.intend(entry, as: step.identity) }
        }
        do {
            try await step.perform()
        } catch {
            // An answer that was lost is no deed that was not done. What is not known stays intended, and is looked at by the next run.
            if let isDone = try? await step.isDone() {
                try isDone ? record(step, entry) : forget(step, entry)
            }
            throw error
        }
        // A command that says nothing of its failure is found out here, before anything is recorded or built upon it.
        guard try await step.isDone() else {
            try forget(step, entry)
            throw GitError(
                .failed,
                "what was to be done ended without an error, and yet is not done: \(step.title) Run the command again.")
        }
        try record(step, entry)
    }

    private func entry(of step: Plan.Step, _ plan: Plan) -> HistoryEntry {
        HistoryEntry(at: now(), by: by, step: plan.command, did: step.did, reason: reason)
    }

    private func record(_ step: Plan.Step, _ entry: HistoryEntry) throws {
        var entry = entry
        entry.at = now()
        try StatusFile.update(path: statusFile, at: entry.at) { status in
            step.note(&status)
            _ = status.takeIntent(step.identity, of: entry.step)
            status.record(entry)
        }
    }

    private func forget(_ step: Plan.Step, _ entry: HistoryEntry) throws {
        try StatusFile.update(path: statusFile, at: now()) { _ = $0.takeIntent(step.identity, of: entry.step) }
    }

    /// Records a step that was found done: as that of the run that broke off before it said so, else where the file did not know of it.
    private func recordFound(_ step: Plan.Step, of plan: Plan) throws {
        var found = entry(of: step, plan)
        try StatusFile.update(path: statusFile, at: found.at) { status in
            let before = status
            step.note(&status)
            if let intent = status.takeIntent(step.identity, of: plan.command) {
                found.by = intent.by
                found.reason = intent.reason
                found.did = "\(intent.did) (Begun at \(intent.at); found done.)"
            } else {
                guard status != before else { return }
                found.did = "\(step.did) (Found done.)"
            }
            status.record(found)
        }
    }
}

extension StatusFile {
    /// Whether a step was about to be done by a run that broke off.
    func intends(_ identity: String, of command: String) -> Bool {
        var file = self
        return file.takeIntent(identity, of: command) != nil
    }

    /// Moves what was about to be done to the history, once no run takes it up any more.
    mutating func settleIntents() {
        guard holdsOwn("intents"), case .array(let all) = self["intents"] else { return }
        for var entry in all.compactMap(HistoryEntry.init) {
            entry.did = "Began, and did not see the end of: \(entry.did)"
            record(entry)
        }
        root["intents"] = nil
    }

    /// Says what is about to be done, in place of what was said of the same step before.
    mutating func intend(_ entry: HistoryEntry, as identity: String) {
        _ = takeIntent(identity, of: entry.step)
        append(entry, to: "intents", more: identity == entry.did ? [:] : ["identity": JSONValue(identity)])
    }

    /// Takes away what was said of a step that was about to be done.
    ///
    /// - Parameters:
    ///   - identity: The step.
    ///   - command: The command that it is a step of.
    /// - Returns: Who was about to do it, when and why; nil where nothing was said.
    mutating func takeIntent(_ identity: String, of command: String) -> HistoryEntry? {
        guard case .array(let all) = self["intents"] else { return nil }
        var found: HistoryEntry?
        let left = all.filter { value in
            guard let intent = HistoryEntry(value), intent.step == command,
                (value.object?["identity"] ?? JSONValue(intent.did)) == JSONValue(identity)
            else { return true }
            found = intent
            return false
        }
        if left.isEmpty { root["intents"] = nil } else { set("intents", to: .array(left)) }
        return found
    }
}
