import HotfixCore

extension Repository {
    /// The branches at origin that a hotfix has to be in: main, develop where there is one, each open release branch.
    ///
    /// A release branch is open while it has something that main has not; branches of hotfixes (`hotfix/…`, `release/hotfix-…`) are none.
    ///
    /// - Parameters:
    ///   - main: The branch that hotfixes are merged to.
    ///   - develop: The branch that development goes on in.
    ///   - releaseBranches: Which branches are release branches: a name that may hold `*`.
    ///   - hotfix: The hotfix's own branch.
    ///   - asksOrigin: Whether origin itself is asked, or what was last fetched of it is believed.
    /// - Returns: The branches: main, develop, the others by name.
    /// - Throws: ``GitError``; `unfit` where origin has no such main.
    package func mergeTargets(
        main: String, develop: String, releaseBranches: String, hotfix: String, asksOrigin: Bool
    ) async throws(GitError) -> [MergeTarget] {
        let commits = asksOrigin ? try await branchesAtOrigin() : try await branchesFetched()
        guard let trunk = commits[main] else {
            throw GitError(
                .unfit,
                "origin has no branch '\(oneLine(main))'. Name the branch that hotfixes are merged to as 'tracker.main', or"
                    + " fetch it (git fetch origin).")
        }
        var targets = [MergeTarget(branch: main, role: .main, commit: trunk)]
        if develop != main, let commit = commits[develop] {
            targets.append(MergeTarget(branch: develop, role: .develop, commit: commit))
        }
        let candidates = commits.keys.sorted().filter { name in
            name != main && name != develop && name != hotfix && name != TrackerBranch.name
                && !isHotfixBranch(name) && matches(name, pattern: releaseBranches)
        }
        for name in candidates {
            guard let commit = commits[name] else { continue }
            // What is not here is not known to be in main.
            if try await isHere(commit), try await isHere(trunk), try await isAncestor(commit, of: trunk) { continue }
            targets.append(MergeTarget(branch: name, role: .release, commit: commit))
        }
        return targets
    }

    /// The branches at origin and their commits by name, as they were last fetched.
    ///
    /// - Throws: ``GitError``.
    package func branchesFetched() async throws(GitError) -> [String: String] {
        let text = try await git.run(["for-each-ref", "--format=%(objectname)%09%(refname)", fetchedPrefix])
        return fetchedBranches(among: refsListed(in: text))
    }

    /// Whether a commit, by its whole id, is in this repository.
    func isHere(_ commit: String) async throws(GitError) -> Bool {
        try await self.commit(commit) != nil
    }
}

/// What the branches of origin are called here.
private let fetchedPrefix = "refs/remotes/origin/"

/// The branches of origin among refs by whole name, as they were last fetched, by their own names.
func fetchedBranches(among refs: [String: String]) -> [String: String] {
    var branches: [String: String] = [:]
    for (name, commit) in refs where name.hasPrefix(fetchedPrefix) && name != fetchedPrefix + "HEAD" {
        branches[String(name.dropFirst(fetchedPrefix.count))] = commit
    }
    return branches
}

/// Whether a branch is a hotfix's, by its name.
package func isHotfixBranch(_ name: String) -> Bool {
    name.hasPrefix("hotfix/") || name.hasPrefix("release/hotfix-")
}

/// Whether a name is as a pattern says, in which `*` stands for any text, also for none.
func matches(_ name: String, pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard let first = parts.first, let last = parts.last, parts.count > 1 else { return name == pattern }
    guard name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
        guard let range = rest.firstRange(of: part) else { return false }
        rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
}
