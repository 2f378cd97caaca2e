import HotfixCore

extension BranchProgress {
    /// Where git and a status file differ, in sentences; what is not known differs from nothing.
    ///
    /// - Parameter status: The status file that this was observed for.
    /// - Returns: The sentences: the branch, its tags, what is deployed, the decommissioning.
    package func differences(from status: StatusFile) -> [String] {
        objections + branchDifferences(status) + tagDifferences(status) + deploymentDifferences(status)
            + decommissionDifferences(status)
    }

    private func branchDifferences(_ status: StatusFile) -> [String] {
        guard let branch = branch.map(quoted) else { return [] }
        var sentences: [String] = []
        let isCreated = status["branch", "created"] == .boolean(true)
        let isPushed = status["branch", "pushed"] == .boolean(true)
        if isCreated, isGone, !isMerged {
            sentences.append(
                "The file says that \(branch) was created; it is neither here nor at \(origin), and "
                    + (inMain == .missing ? "\(quoted(main)) does not have it." : "it is not known to be merged."))
        } else if !isCreated, !isGone {
            sentences.append(
                "The file says that \(branch) was not created; it is there, at \(head ?? "no known commit").")
        }
        if isPushed, atOrigin == nil, here != nil {
            sentences.append("The file says that \(branch) was pushed; \(origin) has no such branch.")
        } else if !isPushed, let atOrigin {
            sentences.append("The file says that \(branch) was not pushed; \(origin) has it, at \(atOrigin).")
        }
        if let here, let atOrigin, here != atOrigin {
            sentences.append("\(branch) is at \(here) here and at \(atOrigin) at \(origin).")
        }
        return sentences
    }

    private func tagDifferences(_ status: StatusFile) -> [String] {
        tags.flatMap { tag in
            let name = quoted(tag.name)
            guard tag.isListed else { return ["There is a tag \(name) that the file does not list."] }
            var sentences: [String] = []
            if tag.here == nil, tag.atOrigin == nil {
                let asked = view == .asked ? " nor at origin" : ""
                sentences.append("The file lists the tag \(name); it is not here\(asked).")
            } else if view == .asked, tag.atOrigin == nil {
                sentences.append("The file lists the tag \(name); it is not at origin.")
            } else if let here = tag.here, let there = tag.atOrigin, here != there {
                sentences.append("The tag \(name) leads to \(here) here and to \(there) at origin.")
            }
            if let recorded = recordedCommit(of: tag.name, in: status), let found = tag.atOrigin ?? tag.here,
                !isSameCommit(recorded, found)
            {
                sentences.append("The file says that the tag \(name) leads to \(recorded); it leads to \(found).")
            }
            return sentences
        }
    }

    /// What is to be done yet of a hotfix that a critical release merged.
    ///
    /// - Parameter status: The status file that this was observed for.
    /// - Returns: A sentence; nil where there was no such release, or the hotfix is at its end.
    package func remainder(of status: StatusFile) -> String? {
        guard let branch, isMerged, isMergedForRelease(status) else { return nil }
        let release = status.releasedTag.map { "is released as \(quoted($0))" } ?? "was merged for its release"
        return "\(quoted(branch)) \(release); it is to be proven yet, and completed then (hotfix complete --do)."
    }

    /// Whether the tool itself merged the head for a critical release, which comes before its proof.
    private func isMergedForRelease(_ status: StatusFile) -> Bool {
        guard let head, let branch, status["decommission", "mergedToMain"] != .boolean(true) else { return false }
        return status.isMerged(head, of: branch)
    }

    private func deploymentDifferences(_ status: StatusFile) -> [String] {
        guard let branch, let deployed, let head, !isGone, isHeadDeployed == false else { return [] }
        // After a critical release what is deployed is the commit of its tag.
        if let released = status.releasedCommit, isSameCommit(released, deployed), status.isMerged(head, of: branch) {
            return []
        }
        return [
            "The file says that \(clipped(oneLine(deployed), bytes: 100)) is deployed; the head of \(quoted(branch)) is"
                + " \(head)."
        ]
    }

    private func decommissionDifferences(_ status: StatusFile) -> [String] {
        var sentences: [String] = []
        let saysMerged = status["decommission", "mergedToMain"] == .boolean(true)
        if saysMerged, inMain == .missing {
            sentences.append("The file says that the hotfix is merged; \(quoted(main)) at \(origin) does not have it.")
        } else if !saysMerged, isMerged, !isMergedForRelease(status) {
            sentences.append(
                "The file says that the hotfix is not merged; \(quoted(main)) at \(origin) has it\(manner).")
        }
        if status["decommission", "legacyBranchesRemoved"] == .boolean(true), !hotfixBranches.isEmpty {
            let names = hotfixBranches.prefix(10).map(quoted).joined(separator: ", ")
            let more = hotfixBranches.count > 10 ? " and \(hotfixBranches.count - 10) more" : ""
            sentences.append("The file says that legacy branches were removed; \(origin) has \(names)\(more).")
        }
        return sentences
    }

    private var manner: String {
        switch inMain {
        case .samePatch(let commit): ", by commits that make the same changes (\(commit))"
        case .squashed(let commit): ", squashed into \(commit)"
        default: ""
        }
    }

    private var origin: String { view == .asked ? "origin" : "origin (as last fetched)" }
}

extension StatusFile {
    /// Whether a commit is the one that is noted as merged of a branch.
    fileprivate func isMerged(_ commit: String, of branch: String) -> Bool {
        self["merge", "branch"] == JSONValue(branch) && self["merge", "head"] == JSONValue(commit)
    }
}

/// The commit that a status file gives for a tag; nil where it gives a name only.
private func recordedCommit(of tag: String, in status: StatusFile) -> String? {
    guard case .array(let entries) = status["branch", "milestoneTags"] else { return nil }
    let entry = entries.last { $0.object?["name"]?.string == tag }
    guard let ref = entry?.object?["ref"]?.string else { return nil }
    return (40...64).contains(ref.utf8.count) && ref.allSatisfy(\.isHexDigit) ? ref : nil
}

private func quoted(_ name: String) -> String { "'\(clipped(oneLine(name), bytes: 250))'" }
