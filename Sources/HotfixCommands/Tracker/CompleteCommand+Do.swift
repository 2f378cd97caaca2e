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
        if !completion.isMergeRecorded { try await law.requireLeave(for: completion) }
        var wishes = HotfixCompletion.Wishes(
            statusFile: place.statusFile, ownFiles: place.ownFiles(in: completion.repository))
        wishes.into = try names(into.filter { $0 != completion.main.text })
        wishes.removed = try names(remove)
        wishes.finding = finding(completion, by: by)
        warn(of: completion)
        let runner = PlanRunner(statusFile: place.statusFile, by: by, reason: reason, now: { surroundings.now })
        let (wanted, options) = (wishes, self.plan)
        let wasCarriedOut = try await withClient { client in
            let pulls = place.gitHub(client).map { PullRequests(api: $0, now: { surroundings.now }) }
            var wanted = wanted
            wanted.changelogEntry = try await entry(completion, mayBeUsual: pulls == nil)
            let plan = try await completion.plan(
                wanted, pulls: pulls, sleep: surroundings.sleep,
                requireLeave: { try await law.requireLeave(for: completion, at: $0) })
            return try await options.carryOut(plan, by: runner)
        }
        guard wasCarriedOut else { return false }
        try await recordLegacy(place, status, by: by)
        try surroundings.write(
            "'\(completion.branch)' is merged into '\(completion.main)', and its branch is deleted.\n")
        return true
    }

    /// What the history says of a merge that somebody else made.
    private func finding(_ completion: HotfixCompletion, by: String) -> HistoryEntry {
        HistoryEntry(
            at: Surroundings.current.now, by: by, step: "complete",
            did: "Found '\(completion.branch)' (\(completion.head)) merged into '\(completion.main)' at origin, "
                + (override ? "not proven." : "and proven."),
            reason: reason)
    }

    /// Says which branches lack the hotfix also when all is carried out: once its branch is gone, that is easily forgotten.
    private func warn(of completion: HotfixCompletion) {
        let left = completion.completeness.entries.map(\.target).filter {
            $0.role != .main && !completion.holders.contains($0.branch) && !into.contains($0.branch)
        }
        for target in left {
            let what = completion.completeness.isStartKnown ? "will lack the hotfix" : "may lack the hotfix"
            Surroundings.current.writeError(
                "hotfix: '\(oneLine(target.branch))' at origin \(what) when this is carried out. Merge it there too"
                    + " (--into \(oneLine(target.branch))), or see to it that it comes there otherwise.\n")
        }
    }

    /// Names of branches, each once.
    private func names(_ texts: [String]) throws -> [GitName] {
        try texts.reduce(into: []) { names, text in
            let name = try GitName(text, as: .branch)
            if !names.contains(name) { names.append(name) }
        }
    }

    /// The entry of the changelog; one is made where none is given, unless the main branch is changed by pull requests, which it would be
    /// pushed past.
    private func entry(_ completion: HotfixCompletion, mayBeUsual: Bool) async throws -> String? {
        if noChangelog { return nil }
        guard let changelog else { return mayBeUsual ? try await completion.usualEntry() : nil }
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
            let has = completion.holders.contains(entry.target.branch)
            let state =
                has
                ? "has it"
                : !completeness.isStartKnown
                    ? "does not have its head; whether it has the changes is not known, as it is not known where the hotfix began"
                    : missing > 0
                        ? "lacks \(missing) of \(count(completeness.commits.count, "commit"))"
                        : entry.isComplete
                            ? "has the same changes in other commits, and merging the hotfix would still change it"
                            : "lacks its head"
            let offer =
                has || entry.target.role == .main || into.contains(entry.target.branch)
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
