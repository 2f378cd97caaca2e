package import HotfixCore

extension StatusFile {
    /// The tag of the release that was pushed last, as the key `release` keeps it; nil where none was.
    package var releasedTag: String? { EntryReader(self["release"])?.text("tag") }

    /// The full id of the commit that it is on.
    package var releasedCommit: String? { EntryReader(self["release"])?.text("commit") }

    /// Says that a tag was pushed; what is said of this tag and commit already is kept.
    ///
    /// - Parameters:
    ///   - tag: The tag.
    ///   - commit: The full id of the commit that it is on.
    ///   - at: When it was pushed.
    package mutating func noteRelease(tag: String, commit: String, at: Instant) {
        guard releasedTag != tag || releasedCommit != commit else { return }
        set(
            "release",
            to: .object([
                "tag": JSONValue(tag), "commit": JSONValue(commit), "releasedAt": JSONValue(stamp: at),
                "workflow": .null,
            ]))
    }

    /// Says how the workflow of the release ended.
    ///
    /// - Parameter run: The run that decided.
    package mutating func noteWorkflow(_ run: WorkflowRun) {
        set(
            "release", "workflow",
            to: .object(["url": JSONValue(run.page), "conclusion": JSONValue(run.conclusion ?? run.status)]))
    }
}
