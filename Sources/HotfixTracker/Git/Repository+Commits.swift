import HotfixCore

extension Repository {
    /// The commits of a hotfix: what its head has and its base has not, oldest first, without merges.
    ///
    /// - Parameters:
    ///   - base: An id or an expression.
    ///   - head: An id or an expression.
    /// - Returns: The commits.
    /// - Throws: ``GitError``.
    package func commits(from base: String, to head: String) async throws(GitError) -> [HotfixCommit] {
        guard let start = try await commit(base) else { throw unknown(base) }
        guard let end = try await commit(head) else { throw unknown(head) }
        return try await commits(["--no-merges", "\(start)..\(end)"])
    }

    /// How each commit of a hotfix is in each branch that it has to be in.
    ///
    /// - Parameters:
    ///   - base: What the hotfix began at: an id or an expression, also a branch that it was merged into since.
    ///   - head: The hotfix's head: an id or an expression.
    ///   - start: The commit that the hotfix was made from, where that was recorded; it counts where the base does not show it any more.
    ///   - targets: The branches.
    /// - Returns: A branch whose commit is not here is ``Containment/unknown``.
    /// - Throws: ``GitError``.
    package func completeness(
        base: String, head: String, start: String? = nil, targets: [MergeTarget]
    ) async throws(GitError) -> Completeness {
        let main = targets.first { $0.role == .main }?.branch
        let hotfix = try await hotfix(base: base, head: head, recorded: start, main: main)
        var entries: [Completeness.Entry] = []
        for target in targets {
            guard let commit = try await commit(target.commit) else {
                let unknown = hotfix.commits.map { _ in Containment.unknown }
                entries.append(Completeness.Entry(target: target, hasHead: false, containments: unknown))
                continue
            }
            let hasHead = try await isAncestor(hotfix.head, of: commit)
            let containments =
                hasHead
                ? hotfix.commits.map { _ in .ancestor } : try await self.containments(of: hotfix, in: commit)
            entries.append(Completeness.Entry(target: target, hasHead: hasHead, containments: containments))
        }
        return Completeness(
            commits: hotfix.commits, isStartKnown: hotfix.isStartKnown, isStartRecorded: hotfix.isStartRecorded,
            entries: entries)
    }

    /// The commits that `git rev-list` selects, oldest first.
    private func commits(_ selection: [String]) async throws(GitError) -> [HotfixCommit] {
        let text = try await git.run(
            [
                "rev-list", "--topo-order", "--reverse", "--no-commit-header", "--encoding=UTF-8",
                "--format=%H%x00%s%x00%an <%ae>%x00",
            ] + selection + ["--"])
        var fields = text.unicodeScalars.split(separator: "\0", omittingEmptySubsequences: false)
            .map { String(Substring($0)) }[...]
        var commits: [HotfixCommit] = []
        while fields.count >= 3 {
            let entry = Array(fields.prefix(3))
            commits.append(HotfixCommit(id: entry[0].trimmed, subject: entry[1], author: entry[2]))
            fields = fields.dropFirst(3)
        }
        return commits
    }

    private func hotfix(
        base: String, head: String, recorded: String?, main: String?
    ) async throws(GitError) -> Hotfix {
        guard let first = try await commit(base) else { throw unknown(base) }
        guard let last = try await commit(head) else { throw unknown(head) }
        var start = try await start(of: last, base: first)
        let isStartRecorded = start == nil
        var earlier: String?
        if start == nil, let recorded {
            start = try await self.start(of: last, recorded: recorded)
            // What was main's before is none of the hotfix's, though that was brought up to date with it since it began.
            if let main { earlier = try await place(of: main, before: last) }
        }
        guard let start else {
            let commits = try await commits(["--no-walk", last])
            return Hotfix(
                head: last, commits: commits, isStartKnown: false, isStartRecorded: false, patches: nil, whole: nil)
        }
        let span = ["\(start)..\(last)"] + (earlier.map { ["^\($0)"] } ?? [])
        let merges = try await mergesOfTheirOwn(span)
        let commits = try await commits(span, merges: merges)
        var whole: (identity: String, files: Set<String>)?
        if let fork = try await found(["merge-base", earlier ?? start, last]) {
            whole = try await PatchIndex.change(from: fork, to: last, by: git)
        }
        return Hotfix(
            head: last, commits: commits, isStartKnown: true, isStartRecorded: isStartRecorded,
            patches: try await PatchIndex(of: commits.map(\.id), by: git), whole: whole, merges: merges)
    }

    /// The commits of a span, oldest first; of its merges those that are given.
    private func commits(_ span: [String], merges: Set<String>) async throws(GitError) -> [HotfixCommit] {
        guard !merges.isEmpty else { return try await commits(["--no-merges"] + span) }
        let others = Set(lines(of: try await git.run(["rev-list", "--merges"] + span + ["--"]))).subtracting(merges)
        return try await commits(span).filter { !others.contains($0.id) }
    }

    /// The merges of a span that hold something else than what merging their parents gives.
    private func mergesOfTheirOwn(_ span: [String]) async throws(GitError) -> Set<String> {
        var merges: Set<String> = []
        for line in lines(of: try await git.run(["rev-list", "--merges", "--parents"] + span + ["--"])) {
            let ids = line.split(separator: " ").map(String.init)
            guard ids.count == 3 else {
                if let merge = ids.first { merges.insert(merge) }
                continue
            }
            do throws(GitError) {
                let made = try await mergedTree(of: ids[2], into: ids[1], base: ids[1])
                if try await tree(of: ids[0]) != made { merges.insert(ids[0]) }
            } catch {
                guard error.code == .conflict else { throw error }
                merges.insert(ids[0])
            }
        }
        return merges
    }

    /// The tree of a commit.
    func tree(of commit: String) async throws(GitError) -> String {
        try await git.run(["rev-parse", "--verify", "--end-of-options", "\(commit)^{tree}"])
    }

    /// The newest commit of a base that does not have the hotfix yet, also where the hotfix was merged into it since.
    ///
    /// - Returns: nil where the head is on the base's own line, so that nothing shows where the hotfix began, or whether it did.
    private func start(of head: String, base: String) async throws(GitError) -> String? {
        let trunk = lines(of: try await git.run(["rev-list", "--first-parent", base, "--"]))
        let isOfTrunk = Set(trunk)
        let own = lines(of: try await git.run(["rev-list", "--first-parent", head, "--"]))
            .prefix { !isOfTrunk.contains($0) }
        guard let oldest = own.last else { return nil }
        let descendants = Set(
            lines(of: try await git.run(["rev-list", "--ancestry-path", "\(oldest)..\(base)", "--"])))
        guard let merge = trunk.lastIndex(where: descendants.contains) else { return base }
        return merge + 1 < trunk.count ? trunk[merge + 1] : base
    }

    /// The commit that a hotfix is recorded to have begun at; nil where its head does not come from there.
    private func start(of head: String, recorded: String) async throws(GitError) -> String? {
        guard let start = try await commit(recorded), try await isAncestor(start, of: head) else { return nil }
        return start
    }

    /// Where the main branch at origin was last before it had a commit, as far as it was fetched then; nil where that is not known.
    private func place(of main: String, before head: String) async throws(GitError) -> String? {
        let log = try await git.attempt(["reflog", "show", "--format=%H", "refs/remotes/origin/\(main)", "--"])
        guard log.status == 0 else { return nil }
        for id in lines(of: log.output).prefix(Self.oldestPlace) where try await isHere(id) {
            if try await !isAncestor(head, of: id) { return id }
        }
        return nil
    }

    /// How many entries of a reflog are looked at: those of a hotfix's days.
    private static let oldestPlace = 200

    /// How each commit of a hotfix is in a commit that does not have its head.
    private func containments(of hotfix: Hotfix, in target: String) async throws(GitError) -> [Containment] {
        guard hotfix.isStartKnown, let patches = hotfix.patches else { return hotfix.commits.map { _ in .missing } }
        let absent = Set(
            lines(of: try await git.run(["rev-list", hotfix.head, "^\(target)", "--"])))
        let candidates = lines(
            of: try await git.run(["rev-list", "--no-merges", target, "^\(hotfix.head)", "--"]))
        var wanted = Set(hotfix.commits.filter { absent.contains($0.id) }.compactMap { patches.files[$0.id] })
        if let whole = hotfix.whole { wanted.insert(whole.files) }
        let theirs = try await PatchIndex(of: candidates, changing: wanted, by: git)
        let byIdentity = Dictionary(theirs.identities.map { ($1, $0) }, uniquingKeysWith: min)
        let squashed = hotfix.whole.flatMap { byIdentity[$0.identity] }
        return hotfix.commits.map { commit in
            if !absent.contains(commit.id) { return .ancestor }
            if hotfix.merges.contains(commit.id) { return squashed.map(Containment.squashed) ?? .missing }
            if patches.files[commit.id] == nil { return .empty }
            if let same = patches.identities[commit.id].flatMap({ byIdentity[$0] }) { return .samePatch(same) }
            return squashed.map(Containment.squashed) ?? .missing
        }
    }
}

/// What is sought in the branches.
private struct Hotfix {
    var head: String
    var commits: [HotfixCommit]
    var isStartKnown: Bool
    /// Whether only the record tells where it began, and not the graph.
    var isStartRecorded: Bool
    /// What each commit changes; nil where only the head itself counts.
    var patches: PatchIndex?
    /// What all of them change at once; nil where that is nothing, or not sought.
    var whole: (identity: String, files: Set<String>)?
    /// The merges among the commits, which have no patch.
    var merges: Set<String> = []
}
