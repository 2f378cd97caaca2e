package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix complete`: ends a hotfix.
package struct CompleteCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "End a hotfix: merge it back, take its branch away, and record what is done.",
        discussion: """
            Merging, and recording a merge that was made already, is refused until the head of the branch at origin (or the \
            commit that it was released as) is what was deployed and its streak is ready, as hotfix gate has it; --override with \
            --reason does it all the same, and is recorded.

            --do prints what is left to do and, once it is confirmed, does it: merges into the main branch with an entry in \
            CHANGELOG.md (where a token is configured by a pull request, and with an entry only by --changelog), closes pull requests that are superseded, deletes the \
            branch here and at origin. What is done already is left alone, so that a run that broke off, or a conflict that was \
            solved by hand, is gone on with by the same command.

            BOOL is one of true, 1, yes, y, done, complete, or of false, 0, no, n, pending, todo; an option alone means true.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @OptionGroup package var tracker: TrackerOptions
    @OptionGroup package var plan: PlanOptions
    @Option(defaultAsFlag: .done, parsing: .next, help: "Whether it is merged to the main branch.")
    package var merged: TrackerBool?
    @Option(defaultAsFlag: .done, parsing: .next, help: "Whether legacy branches are removed.")
    package var legacy: TrackerBool?
    @Option(defaultAsFlag: .done, parsing: .next, help: "Whether the documentation is updated.")
    package var docs: TrackerBool?
    @Flag(name: .customLong("do"), help: "Carry out what is left to do.")
    package var carriesOut = false
    @Option(help: "With --do: merge into this branch at origin too; may be repeated.")
    package var into: [String] = []
    @Option(help: "With --do: delete this branch of an earlier hotfix at origin; may be repeated.")
    package var remove: [String] = []
    @Option(
        help:
            "With --do: the entry in CHANGELOG.md; else, without GitHub, made of the branch and its commits' subjects.")
    package var changelog: String?
    @Flag(help: "With --do: leave CHANGELOG.md as it is.")
    package var noChangelog = false
    @Flag(help: "Merge, or record the merge, though the streak is not ready; with --reason.")
    package var override = false
    @Option(help: "Why: with --override.")
    package var reason: String?

    package init() {}

    package func validate() throws {
        guard carriesOut || merged != nil || legacy != nil || docs != nil else {
            throw ValidationError("Say what is complete by --merged, --legacy or --docs, or --do to carry it out.")
        }
        if !carriesOut, !into.isEmpty || !remove.isEmpty || changelog != nil || noChangelog || plan.yes || plan.dryRun {
            throw ValidationError(
                "--into, --remove, --changelog, --no-changelog, --yes and --dry-run say how it is carried out: they go with --do."
            )
        }
        if carriesOut, merged == .pending {
            throw ValidationError("--do merges, and --merged false says that it is not.")
        }
        if changelog != nil, noChangelog { throw ValidationError("--changelog and --no-changelog exclude each other.") }
        if let changelog, !changelog.contains(where: { !$0.isWhitespace }) {
            throw ValidationError("--changelog is empty. Say in a sentence what was mended, or say --no-changelog.")
        }
        if let objection = objection(
            toReason: reason, neededBy: override ? "--override" : nil, optionsOfReason: "--override")
        {
            throw ValidationError(objection)
        }
    }

    package mutating func run() async throws {
        let place = try TrackerPlace(common, tracker, secrets: carriesOut ? Self.secrets : [])
        // Read before anything is done, so that a file that is unusable ends it.
        let status = try StatusFile.read(path: place.statusFile)
        let by = try await place.author()
        let law = MergeLaw(server: server, common: common, isOverridden: override)
        if carriesOut, try await !carryOut(place, status, by: by, law) { return }
        let completion = merged == .done && !carriesOut ? try await judgeMerge(place, status, law) : nil
        try record(place, by: by, completion)
    }

    /// Holds the captain's word that it is merged against the law, and says where git says otherwise.
    ///
    /// - Returns: What git says, where it says the same.
    private func judgeMerge(
        _ place: TrackerPlace, _ status: StatusFile, _ law: MergeLaw
    ) async throws -> HotfixCompletion? {
        let wasRecorded = status["decommission", "mergedToMain"] == .boolean(true)
        let completion: HotfixCompletion
        do {
            completion = try await place.completion(status)
        } catch let error as GitError {
            let objection = "The branch's head could not be asked of origin: \(error)"
            guard override || wasRecorded else { throw law.refusal([objection]) }
            Surroundings.current.writeError("hotfix: \(oneLine(objection))\n")
            return nil
        }
        if wasRecorded, completion.isInMain { return nil }
        try await law.requireLeave(for: completion)
        if !completion.isInMain {
            Surroundings.current.writeError(
                "hotfix: Git says otherwise: '\(completion.main)' at origin does not hold '\(completion.branch)' "
                    + "(\(completion.head)). Look at hotfix complete --do --dry-run.\n")
            return nil
        }
        return completion
    }

    /// Sets the flags that were given, and says so.
    private func record(_ place: TrackerPlace, by: String, _ completion: HotfixCompletion?) throws {
        let surroundings = Surroundings.current
        let given: [(key: JSONString, name: String, value: TrackerBool)] = [
            ("mergedToMain", "merged to main", carriesOut ? nil : merged),
            ("legacyBranchesRemoved", "legacy branches removed", legacy),
            ("documentationUpdated", "documentation updated", docs),
        ].compactMap { key, name, value in value.map { (key, name, $0) } }
        let at = surroundings.now
        try StatusFile.update(path: place.statusFile, at: at) { status in
            for (key, name, value) in given where status["decommission", key] != .boolean(value.isDone) {
                status.set("decommission", key, to: .boolean(value.isDone))
                status.record(
                    HistoryEntry(
                        at: at, by: by, step: "complete", did: "Recorded '\(name)' as \(value.rawValue).",
                        reason: key == "mergedToMain" && value.isDone ? reason : nil))
            }
            if let completion {
                status.recordMerge(of: completion.branch, head: completion.head, into: completion.main)
            }
        }
        for (_, name, value) in given { try surroundings.write("\(name): \(value.rawValue)\n") }
    }
}

extension TrackerPlace {
    /// What is left to do when the hotfix is over.
    ///
    /// - Throws: `GitError`.
    func completion(_ status: StatusFile) async throws -> HotfixCompletion {
        try await HotfixCompletion(
            repository: try await repository(), status: status, main: try GitName(settings.main, as: .branch),
            develop: try GitName(settings.develop, as: .branch), releaseBranches: settings.releaseBranches)
    }
}
