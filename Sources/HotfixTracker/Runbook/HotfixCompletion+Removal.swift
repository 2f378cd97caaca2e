import HotfixCore

extension HotfixCompletion {
    /// Deletes the branch here, once everything of it is in the main branch at origin.
    func deletionHere(_ wishes: Wishes) -> Plan.Step {
        Plan.Step(
            title: "Delete the branch '\(branch)' here (switching to '\(main)' where it is checked out).",
            did: "Deleted the branch '\(branch)' here.",
            isDone: { try await repository.head(of: branch) == nil },
            perform: {
                guard let here = try await repository.head(of: branch) else { return }
                try await requireMerged(here, "here")
                guard try await repository.currentBranch() == branch.text else {
                    return try await repository.deleteBranch(branch, expecting: here)
                }
                try await repository.requireCleanTree(for: "hotfix complete --do", leavingOut: wishes.ownFiles)
                try await repository.moveForward(main)
                try await repository.keeping(wishes.ownFiles) {
                    try await repository.deleteBranch(branch, expecting: here, switchingTo: main)
                }
            }, changesWorkTree: true)
    }

    /// Deletes the branch at origin, once everything of it is in the main branch there.
    var deletionAtOrigin: Plan.Step {
        Plan.Step(
            title: "Delete the branch '\(branch)' at origin.", did: "Deleted the branch '\(branch)' at origin.",
            isDone: { try await repository.refsAtOrigin([branch.ref])[branch.ref] == nil },
            perform: {
                guard let there = try await repository.headAtOrigin(of: branch) else { return }
                try await requireMerged(there, "at origin")
                try await repository.deleteBranchAtOrigin(branch, expecting: there)
            })
    }

    /// Deletes the branch of an earlier hotfix at origin, as it was when the plan was shown.
    func removal(of name: GitName) -> Plan.Step {
        let found = legacy.first { $0.name == name }
        let loss = found.map {
            $0.missing == 0 ? " (merged)" : " (NOT merged: \(count($0.missing, "commit")) would be lost)"
        }
        return Plan.Step(
            title: "Delete the legacy branch '\(name)' at origin\(loss ?? "").",
            did: "Deleted the legacy branch '\(name)' at origin\(found.map { ", which led to \($0.commit)" } ?? "").",
            identity: "Delete the legacy branch '\(name)' at origin.",
            isDone: { try await repository.refsAtOrigin([name.ref])[name.ref] == nil },
            perform: {
                guard let found else {
                    throw GitError(.unfit, "the branch '\(name)' came back to origin meanwhile. Run the command again.")
                }
                try await repository.deleteBranchAtOrigin(name, expecting: found.commit)
            })
    }

    /// Refuses what would hinder the deletion of the branch here, before anything is merged.
    ///
    /// - Throws: ``GitError``; `unfit` says what hinders it.
    func requireRemovable(_ wishes: Wishes) async throws(GitError) {
        guard let here = try await repository.head(of: branch) else { return }
        if here != head, try await !repository.isAncestor(here, of: head) {
            let mainHead = try await repository.headAtOrigin(of: main)
            guard let mainHead, try await repository.holds(mainHead, everythingOf: here) else {
                throw GitError(
                    .unfit,
                    "the branch '\(branch)' has commits here that are not part of what is merged: here it is at \(here), and \(head)"
                        + " is merged. Nothing was changed: push them (git push origin \(branch)) and prove them, or drop them."
                )
            }
        }
        guard try await repository.currentBranch() == branch.text else {
            guard let place = try await repository.workTree(of: branch) else { return }
            throw GitError(
                .unfit,
                "the branch '\(branch)' is checked out in '\(oneLine(place))', so that it cannot be deleted. Nothing was changed:"
                    + " run the command there, or check out another branch there.")
        }
        try await repository.requireCleanTree(for: "hotfix complete --do", leavingOut: wishes.ownFiles)
        if let place = try await repository.workTree(of: main) {
            throw GitError(
                .unfit,
                "the branch '\(main)' is checked out in '\(oneLine(place))', so that it cannot be switched to here. Nothing was"
                    + " changed: check out another branch there, or one beside '\(branch)' here, and run the command again."
            )
        }
    }

    private func requireMerged(_ commit: String, _ place: String) async throws(GitError) {
        guard let mainHead = try await repository.headAtOrigin(of: main),
            try await repository.holds(mainHead, everythingOf: commit)
        else {
            throw GitError(
                .unfit,
                "the branch '\(branch)' was not deleted: \(place) it is at \(commit), which '\(main)' at origin does not hold. Merge"
                    + " or drop what it holds beside, and run the command again.")
        }
    }
}

extension Repository {
    /// Moves a local branch forward to what was fetched of it, or makes it; one that went elsewhere is left as it is.
    func moveForward(_ branch: GitName) async throws(GitError) {
        try await fetch()
        let there = "refs/remotes/origin/\(branch)"
        let here = try await head(of: branch)
        if let here {
            guard try await isAncestor(here, of: there) else { return }
        }
        // Unlike update-ref this leaves a branch alone that another work tree has checked out.
        try await git.run(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", ".", "\(there):\(branch.ref)"])
    }
}
