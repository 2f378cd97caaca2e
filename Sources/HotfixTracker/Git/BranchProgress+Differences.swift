import HotfixCore

extension BranchProgress {
    /// Where git and a status file differ, in sentences; what is not known differs from nothing.
    ///
    /// - Parameter status: The status file that this was observed for.
    /// - Returns: The sentences: the branch, its tags, what is deployed, the decommissioning.
    package func differences(from status: StatusFile) -> [String] {
        objections + branchDifferences(status) + tagDifferences(status) + deploymentDifferences
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

    private var deploymentDifferences: [String] {
        guard let branch, let deployed, let head, !isGone, isHeadDeployed == false else { return [] }
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
        } else if !saysMerged, isMerged, hasOwnCommits == true || isGone || isHeadDeployed == true {
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

/// The commit that a status file gives for a tag; nil where it gives a name only.
private func recordedCommit(of tag: String, in status: StatusFile) -> String? {
    guard case .array(let entries) = status["branch", "milestoneTags"] else { return nil }
    let entry = entries.last { $0.object?["name"]?.string == tag }
    guard let ref = entry?.object?["ref"]?.string else { return nil }
    return (40...64).contains(ref.utf8.count) && ref.allSatisfy(\.isHexDigit) ? ref : nil
}

private func quoted(_ name: String) -> String { "'\(clipped(oneLine(name), bytes: 250))'" }
