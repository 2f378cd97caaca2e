import HotfixCore

/// What holds of a release by what GitHub says of it; nothing is asked here.
struct ReleaseChecks {
    let expectation: ReleaseExpectation

    private var place: String { "release '\(shown(expectation.tag))'" }

    /// The fault of a tag without a release.
    var missing: ReleaseFault {
        ReleaseFault(
            .releaseMissing, place, "There is no release of this tag, or the token may not see it.",
            remedy: "Create the release of the tag; a draft is only shown to a token that may write contents.")
    }

    /// What is wrong with the release itself.
    func faults(of release: PublishedRelease) -> [ReleaseFault] {
        var faults: [ReleaseFault] = []
        if release.isDraft {
            faults.append(
                ReleaseFault(
                    .draft, place, "It is a draft, which nobody but the team sees.", expected: "published",
                    found: "draft", remedy: "Publish the release."))
        }
        if release.isPrerelease != expectation.isPrerelease {
            func word(_ isPrerelease: Bool) -> String { isPrerelease ? "a prerelease" : "no prerelease" }
            faults.append(
                ReleaseFault(
                    .prerelease, place, "It is marked otherwise than it should be.",
                    expected: word(expectation.isPrerelease), found: word(release.isPrerelease),
                    remedy: "Change the mark, or 'release.prerelease' in the configuration."))
        }
        if !release.notes.contains(where: { !$0.isWhitespace }) {
            faults.append(
                ReleaseFault(
                    .notesMissing, place, "It has no release notes.",
                    remedy: "Write what was fixed, and how people upgrade."))
        }
        return faults
    }

    /// What is wrong with the commit that the tag leads to.
    func faults(ofCommit commit: String?) -> [ReleaseFault] {
        guard let commit else {
            return [
                ReleaseFault(
                    .otherCommit, "tag '\(shown(expectation.tag))'", "The repository has no such tag.",
                    remedy: "Push the tag; a draft has none until it is published.")
            ]
        }
        return expectation.commits.filter { $0.id != commit }.map { expected in
            ReleaseFault(
                .otherCommit, "tag '\(shown(expectation.tag))'",
                "It leads to another commit than \(expected.source) says.", expected: expected.id,
                found: shown(commit), remedy: "Find out which is the hotfix; a tag is never moved, so release anew.")
        }
    }

    /// The assets that are the artifacts, and what is wrong with the assets.
    func artifacts(among assets: [ReleaseAsset]) -> (found: [ReleaseAsset], faults: [ReleaseFault]) {
        var faults: [ReleaseFault] = []
        var found: [ReleaseAsset] = []
        for pattern in expectation.artifacts {
            let name = pattern.replacing("{version}", with: expectation.version)
                .replacing("{tag}", with: expectation.tag)
            // GitHub puts a dot in the place of a blank.
            let matching = assets.filter { matches($0.name, name) || matches($0.name, name.replacing(" ", with: ".")) }
            switch matching.count {
            case 1: found.append(matching[0])
            case 0:
                faults.append(
                    ReleaseFault(
                        .assetMissing, "artifact '\(shown(name))'", "The release does not hold it.",
                        expected: shown(name),
                        found: assets.isEmpty
                            ? "no artifact" : clipped(oneLine(assets.map(\.name).joined(separator: ", ")), bytes: 500),
                        remedy: "Upload it, or run the release's workflow again."))
            default:
                faults.append(
                    ReleaseFault(
                        .assetAmbiguous, "artifact '\(shown(name))'", "Several files of the release have this name.",
                        expected: "one",
                        found: clipped(oneLine(matching.map(\.name).joined(separator: ", ")), bytes: 500),
                        remedy: "Remove what does not belong there, or write the name more exactly."))
            }
        }
        if assets.isEmpty, expectation.artifacts.isEmpty, expectation.feeds.isEmpty {
            faults.append(
                ReleaseFault(
                    .assetMissing, place, "It holds no artifact, and no feed is known that leads to one.",
                    remedy: "Upload the artifacts; where they are elsewhere, configure 'release.feeds'."))
        }
        for asset in assets {
            if asset.state != "uploaded" {
                faults.append(
                    ReleaseFault(
                        .assetUnfinished, asset.place, "Its upload was not finished.", expected: "uploaded",
                        found: shown(asset.state), remedy: "Delete it from the release, and upload it again."))
            } else if asset.size <= 0 {
                faults.append(
                    ReleaseFault(
                        .size, asset.place, "It is empty.", expected: "more than 0 bytes",
                        found: count(asset.size, "byte"), remedy: "Upload it again."))
            }
        }
        return (expectation.artifacts.isEmpty ? assets : found, faults)
    }

    /// What is wrong with the workflow runs of the tag.
    func faults(of runs: [WorkflowRun]) -> [ReleaseFault] {
        guard !runs.isEmpty else {
            guard let workflow = expectation.workflow else { return [] }
            return [
                ReleaseFault(
                    .workflowMissing, "workflow '\(shown(workflow))'", "It did not run for this tag.",
                    expected: "a run that succeeded", remedy: "Run it for the tag.")
            ]
        }
        return runs.compactMap { run in
            let url = "\(shown(run.url)) (attempt \(run.attempt))"
            guard run.status == "completed" else {
                return ReleaseFault(
                    .workflowUnfinished, run.place, "Its run for the tag is not finished.", expected: "success",
                    found: "\(shown(run.status)): \(url)", remedy: "Wait for its end, and run the command again.")
            }
            guard run.conclusion != "success" else { return nil }
            // What had nothing to do here failed at nothing, unless it is what should have done it.
            if expectation.workflow == nil, ["skipped", "neutral"].contains(run.conclusion) { return nil }
            return ReleaseFault(
                .workflowFailed, run.place, "Its newest run for the tag did not succeed.", expected: "success",
                found: "\(shown(run.conclusion ?? "nothing")): \(url)",
                remedy: "Read its log, mend what failed, and run it again.")
        }
    }

    private func shown(_ text: String) -> String { clipped(oneLine(text), bytes: 300) }
}

/// Whether a name is what a pattern describes, in which `*` stands for any characters, also for none.
func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else { return name == pattern }
    guard name.hasPrefix(first), name.hasSuffix(last), name.utf8.count >= first.utf8.count + last.utf8.count else {
        return false
    }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
        guard let range = rest.firstRange(of: part) else { return false }
        rest = rest[range.upperBound...]
    }
    return true
}
