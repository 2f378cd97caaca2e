import HotfixCalls
import HotfixConfiguration
import HotfixCore
import HotfixTracker

extension CompleteCommand {
    /// The secrets that carrying it out needs.
    static let secrets: Set<SecretUse> = [.forge]

    /// Carries out what is left to do.
    ///
    /// - Returns: Whether it was carried out; false where `--dry-run` ended it.
    func carryOut(_ place: TrackerPlace, _ status: StatusFile, by: String, _ law: MergeLaw) async throws -> Bool {
        let surroundings = Surroundings.current
        let completion = try await place.completion(status)
        try surroundings.write(overview(of: completion))
        let wasRecorded = status.mergedHead(of: completion.branch) == completion.head
        if !completion.isCertainlyMerged, !wasRecorded { try await requireLeave(completion, law) }
        var wishes = HotfixCompletion.Wishes(
            statusFile: place.statusFile, ownFiles: place.ownFiles(in: completion.repository), at: surroundings.now)
        wishes.into = try names(into.filter { $0 != completion.main.text })
        wishes.removed = try names(remove)
        wishes.changelogEntry = try await entry(completion)
        let runner = PlanRunner(statusFile: place.statusFile, by: by, reason: reason, now: { surroundings.now })
        let (wanted, options) = (wishes, self.plan)
        let wasCarriedOut = try await withClient { client in
            let pulls = place.gitHub(client).map { PullRequests(api: $0, now: { surroundings.now }) }
            let plan = try await completion.plan(
                wanted, pulls: pulls, sleep: surroundings.sleep,
                requireLeave: { try await law.requireLeave(toMerge: $0) })
            return try await options.carryOut(plan, by: runner)
        }
        guard wasCarriedOut else { return false }
        try await recordLegacy(place, status, by: by)
        try surroundings.write(
            "'\(completion.branch)' is merged into '\(completion.main)', and its branch is deleted.\n")
        return true
    }

    private func requireLeave(_ completion: HotfixCompletion, _ law: MergeLaw) async throws {
        guard !override else { return }
        var objections: [String] = []
        if !completion.isAtOrigin {
            objections.append(
                "The branch '\(completion.branch)' is not at origin, so that its head there is not known.")
        }
        if let objection = await law.objection(toMerging: completion.head) { objections.append(objection) }
        if !objections.isEmpty { throw law.refusal(objections) }
    }

    /// Names of branches, each once.
    private func names(_ texts: [String]) throws -> [GitName] {
        try texts.reduce(into: []) { names, text in
            let name = try GitName(text, as: .branch)
            if !names.contains(name) { names.append(name) }
        }
    }

    private func entry(_ completion: HotfixCompletion) async throws -> String? {
        if noChangelog { return nil }
        guard let changelog else { return try await completion.usualEntry() }
        guard try await completion.hasChangelog() else {
            throw CommandError(
                .wrong,
                "'\(completion.main)' at origin has no CHANGELOG.md for the entry. Leave out --changelog, or add the file."
            )
        }
        return changelogEntry(changelog)
    }

    /// Records that no branch of an earlier hotfix is left, where that is so.
    private func recordLegacy(_ place: TrackerPlace, _ status: StatusFile, by: String) async throws {
        let branch = try status.hotfixBranch()
        let left = try await place.repository().branchesAtOrigin().keys.filter {
            isHotfixBranch($0) && $0 != branch.text && $0 != place.settings.main && $0 != place.settings.develop
        }
        guard left.isEmpty, legacy == nil else { return }
        let at = Surroundings.current.now
        try StatusFile.update(path: place.statusFile, at: at) { status in
            guard status["decommission", "legacyBranchesRemoved"] != .boolean(true) else { return }
            status.set("decommission", "legacyBranchesRemoved", to: .boolean(true))
            status.record(
                HistoryEntry(
                    at: at, by: by, step: "complete", did: "Found no branch of an earlier hotfix left at origin."))
        }
    }

    /// Where the hotfix is already, and which branches of earlier ones are left.
    private func overview(of completion: HotfixCompletion) -> String {
        let completeness = completion.completeness
        var text = "The hotfix '\(completion.branch)' is at \(completion.head).\n"
        for entry in completeness.entries {
            let missing = entry.containments.filter { !$0.isContained }.count
            let state =
                entry.isComplete
                ? "has it" : "lacks \(missing) of \(count(completeness.commits.count, "commit"))"
            let offer =
                entry.isComplete || entry.target.role == .main || into.contains(entry.target.branch)
                ? "" : "; to merge it there too, say --into \(oneLine(entry.target.branch))"
            text += "  \(oneLine(entry.target.branch)) at origin \(state)\(offer)\n"
        }
        for branch in completion.legacy {
            let state = branch.missing == 0 ? "merged" : "NOT merged: \(count(branch.missing, "commit")) would be lost"
            let offer = remove.contains(branch.name.text) ? "" : "; to delete it, say --remove \(branch.name)"
            text += "  legacy branch \(branch.name) at origin (\(state))\(offer)\n"
        }
        return text
    }
}
