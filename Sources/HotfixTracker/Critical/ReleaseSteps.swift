package import HotfixCore
import Synchronization

/// The steps of a critical release: merge to main, tag, push the tag.
package struct ReleaseSteps: Sendable {
    /// The merge of the hotfix.
    let merge: BranchMerge
    /// The tag of the release.
    let tag: GitName
    /// The clock.
    let now: @Sendable () -> Instant
    private let found = Found()

    /// What was found out last, for the status file.
    private final class Found: Sendable {
        let point = Mutex<String?>(nil)
        let run = Mutex<WorkflowRun?>(nil)
    }

    /// Makes the steps.
    ///
    /// - Parameters:
    ///   - merge: The merge of the hotfix.
    ///   - tag: The tag of the release.
    ///   - now: The clock.
    package init(merge: BranchMerge, tag: GitName, now: @escaping @Sendable () -> Instant) {
        self.merge = merge
        self.tag = tag
        self.now = now
    }

    private var repository: Repository { merge.repository }
    private var branch: GitName { merge.branch }

    /// The steps in their order.
    package var steps: [Plan.Step] {
        [
            merge.step { $0.noteMerge(of: branch, head: merge.head, into: merge.target) },
            Plan.Step(
                title: "Create the annotated tag '\(tag)' on the merge.", did: "Created the tag '\(tag)'.",
                isDone: { try await isTagged() }, perform: { try await createTag() }),
            Plan.Step(
                title: "Push the tag '\(tag)' to origin.", did: "Pushed the tag '\(tag)' to origin.",
                isDone: { try await taggedAtOrigin() != nil },
                perform: {
                    try await repository.push(tag, commit: try await merged(), setsUpstream: false)
                }, note: { noteRelease(&$0) }),
        ]
    }

    /// Watches the workflow that the tag sets off, to its end.
    ///
    /// - Parameters:
    ///   - watch: How it is watched.
    ///   - record: Keeps how a run ended that failed.
    /// - Returns: The step; it throws ``Refusal`` where a run has failed.
    package func watchStep(
        _ watch: WorkflowWatch, record: @escaping @Sendable (WorkflowRun) throws -> Void
    ) -> Plan.Step {
        Plan.Step(
            title: "Watch the release workflow of '\(tag)' to its end.",
            did: "Saw the release workflow of '\(tag)' end well.",
            isDone: {
                guard let commit = try await taggedAtOrigin() else { return false }
                let runs = try await watch.found(on: commit)
                found.run.withLock { $0 = runs.last }
                return !runs.isEmpty && runs.allSatisfy(\.isWell)
            },
            perform: {
                guard let commit = try await taggedAtOrigin() else {
                    throw GitError(.unfit, "the tag '\(tag)' is gone from origin. Run the command again.")
                }
                let runs = try await watch.end(on: commit)
                let failed = runs.first { $0.isOver && !$0.isWell }
                found.run.withLock { $0 = failed ?? runs.last }
                guard let failed else { return }
                try record(failed)
                throw Refusal(
                    "The release workflow '\(oneLine(failed.name))' of '\(tag)' ended with"
                        + " \(oneLine(failed.conclusion ?? failed.status))"
                        + (failed.page.map { ": \(oneLine($0))" } ?? "")
                        + ". Mend it, run it again there, and then this command.")
            }, note: { status in if let run = found.run.withLock({ $0 }) { status.noteWorkflow(run) } })
    }

    /// The commit that the tag is on at origin; nil where it is not there yet.
    package func taggedAtOrigin() async throws(GitError) -> String? {
        guard let target = try await repository.tagTargetAtOrigin(tag), try await mergePoint(or: target) == target
        else {
            return nil
        }
        return target
    }

    /// The commit that the tag belongs on; nil where the hotfix is not merged.
    ///
    /// Where the hotfix came in as other commits of the same content (squashed, picked), no merge tells which one it is: then it is the one that
    /// the tag is on already, if main holds that and it holds the hotfix, else the head of main.
    ///
    /// - Parameter target: Where the tag is.
    /// - Returns: The full id.
    /// - Throws: ``GitError``.
    private func mergePoint(or target: String? = nil) async throws(GitError) -> String? {
        var point = try await repository.mergePoint(of: merge.head, in: merge.target)
        if point == nil, try await merge.isDone() {
            point = try await repository.tipAtOrigin(merge.target)
            if let target, let tip = point, try await repository.isAncestor(target, of: tip),
                try await repository.holds(target, everythingOf: merge.head)
            {
                point = target
            }
        }
        found.point.withLock { $0 = point }
        return point
    }

    private func merged() async throws(GitError) -> String {
        guard let point = try await mergePoint(or: try await repository.tagTarget(tag)) else {
            throw GitError(
                .unfit, "'\(merge.target)' at origin does not contain '\(branch)'. Run the command again to merge it.")
        }
        return point
    }

    private func isTagged() async throws(GitError) -> Bool {
        let there = try await repository.tagTargetAtOrigin(tag)
        let here = try await repository.tagTarget(tag)
        let point = try await mergePoint(or: there ?? here)
        for (target, place) in [(there, "at origin"), (here, "here")] {
            guard let target, target != point else { continue }
            throw GitError(
                .unfit,
                "the tag '\(tag)' is there already \(place), and leads to \(target), "
                    + (point.map { "not to the merge \($0)" }
                        ?? "while '\(branch)' is not merged to '\(merge.target)' yet")
                    + ". A tag is never moved: choose another name.")
        }
        return there != nil || here != nil
    }

    private func createTag() async throws(GitError) {
        try await repository.createTag(tag, at: try await merged(), message: "\(tag): \(branch)")
    }

    private func noteRelease(_ status: inout StatusFile) {
        guard let commit = found.point.withLock({ $0 }) else { return }
        status.noteRelease(tag: tag.text, commit: commit, at: now())
    }
}
