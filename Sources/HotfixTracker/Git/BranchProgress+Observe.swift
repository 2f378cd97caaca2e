import HotfixCore

extension BranchProgress {
    /// Asks git how far the hotfix of a status file is; changes nothing.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - status: The status file, which names branch, base, tags and the deployed commit.
    ///   - main: The branch at origin that hotfixes are merged to.
    ///   - asksOrigin: Whether origin itself is asked; where it cannot be reached, what was last fetched of it is believed instead.
    /// - Returns: What git says.
    /// - Throws: ``GitError`` where git fails here.
    package static func observe(
        _ repository: Repository, status: StatusFile, main: String, asksOrigin: Bool
    ) async throws(GitError) -> BranchProgress {
        let named = NamedRefs(status)
        let fetched = try await repository.fetchedRefs(of: named, main: main)
        let (view, origin) = try await repository.originRefs(of: named, main: main, fetched: fetched, asks: asksOrigin)
        let ref = named.branch?.ref
        var progress = BranchProgress(
            branch: named.branch?.text, objections: named.objections, view: view, here: ref.flatMap { fetched[$0] },
            atOrigin: ref.flatMap { origin[$0] },
            tags: tags(named, here: fetched, origin: origin, view: view), main: main,
            deployed: named.deployed,
            hotfixBranches: branches(among: origin).keys.filter(isHotfixBranch).sorted(),
            isShallow: try await repository.git.run(["rev-parse", "--is-shallow-repository"]) == "true")
        progress.head = progress.atOrigin ?? progress.here
        if progress.head == nil, progress.branch != nil {
            progress.head = try await lastKnownHead(
                progress, merged: named.branch.flatMap { status.mergedHead(of: $0) }, in: repository)
        }
        try await progress.look(
            for: origin["refs/heads/\(main)"], base: named.base, start: status.baseCommit, fetched: fetched,
            in: repository)
        return progress
    }

    /// The commit that a branch was last known at which is gone: what was merged of it, else what was deployed, else what its newest tag
    /// leads to.
    private static func lastKnownHead(
        _ progress: BranchProgress, merged: String?, in repository: Repository
    ) async throws(GitError) -> String? {
        if let merged, try await repository.isHere(merged) { return merged }
        if let deployed = progress.deployed, let commit = try await repository.commit(deployed) { return commit }
        return progress.tags.last { $0.isListed }.flatMap { $0.here ?? $0.atOrigin }
    }

    /// Finds out how main has the hotfix.
    private mutating func look(
        for trunk: String?, base: String, start: String?, fetched: [String: String], in repository: Repository
    ) async throws(GitError) {
        guard let head else { return }
        inMain = .unknown
        guard try await repository.isHere(head) else { return }
        var isCurrent = true
        var trunk = trunk
        if let commit = trunk, try await !repository.isHere(commit) {
            // What was in main when it was last fetched is in there still; what was not may be by now.
            trunk = fetched["refs/remotes/origin/\(main)"]
            isCurrent = false
        }
        guard let trunk, try await repository.isHere(trunk) else { return }
        let base = try await repository.commit(base) == nil ? trunk : base
        let target = MergeTarget(branch: main, role: .main, commit: trunk)
        let completeness = try await repository.completeness(base: base, head: head, start: start, targets: [target])
        isStartKnown = completeness.isStartKnown
        hasOwnCommits = completeness.isStartKnown ? !completeness.commits.isEmpty : nil
        let found = completeness.entries.first.map(\.summary) ?? .unknown
        inMain = found == .missing && !(isCurrent && isStartKnown) ? .unknown : found
    }

    private static func tags(
        _ named: NamedRefs, here: [String: String], origin: [String: String], view: View
    ) -> [Tag] {
        let prefix = "refs/tags/"
        let listed = named.tags.map(\.text)
        let found = (Array(here.keys) + Array(origin.keys)).filter { $0.hasPrefix(prefix) && !$0.hasSuffix("^{}") }
        let others = Set(found).map { String($0.dropFirst(prefix.count)) }.filter { !listed.contains($0) }
        return (listed + others.sorted()).map { name in
            Tag(
                name: name, here: here[prefix + name],
                atOrigin: view == .asked ? origin["\(prefix)\(name)^{}"] ?? origin[prefix + name] : nil,
                isListed: listed.contains(name))
        }
    }
}

extension Completeness.Entry {
    /// How the branch has the whole hotfix: as its commits are, of which the worst counts.
    fileprivate var summary: Containment {
        if hasHead { return .ancestor }
        if containments.contains(.unknown) { return .unknown }
        guard isComplete else { return .missing }
        for containment in containments.reversed() {
            switch containment {
            case .squashed, .samePatch: return containment
            default: continue
            }
        }
        return containments.contains(.ancestor) ? .ancestor : .empty
    }
}

/// The names in a status file that git knows something of.
private struct NamedRefs {
    var branch: GitName?
    var tags: [GitName] = []
    var base = "origin/main"
    var deployed: String?
    var objections: [String] = []

    init(_ status: StatusFile) {
        if let text = status["branch", "name"].string, !text.isEmpty { branch = name(text, as: .branch) }
        if let text = status["branch", "base"].string, !text.isEmpty { base = text }
        if let text = status["deployment", "commit"].string, !text.isEmpty { deployed = text }
        guard case .array(let entries) = status["branch", "milestoneTags"] else { return }
        for entry in entries {
            guard let text = entry.object?["name"]?.string, let tag = name(text, as: .tag), !tags.contains(tag) else {
                continue
            }
            tags.append(tag)
        }
    }

    private mutating func name(_ text: String, as kind: GitName.Kind) -> GitName? {
        do throws(GitError) { return try GitName(text, as: kind) } catch {
            objections.append("The status file holds a name that git refuses: \(error.reason)")
            return nil
        }
    }
}

extension Repository {
    /// The refs here that concern a hotfix, by whole name, also those of origin as they were last fetched; a tag has its commit.
    fileprivate func fetchedRefs(of named: NamedRefs, main: String) async throws(GitError) -> [String: String] {
        var patterns = ["refs/remotes/origin/"] + named.tags.map(\.ref)
        if let branch = named.branch { patterns += [branch.ref, "refs/tags/milestone/\(branch)/"] }
        let text = try await git.run(["for-each-ref", "--format=%(objectname) %(*objectname)%09%(refname)"] + patterns)
        return refsListed(in: text).mapValues { ids in
            ids.split(separator: " ").last.map(String.init) ?? ids
        }
    }

    /// How long origin may take to answer before what was last fetched is told instead.
    private static var patience: Duration { .seconds(20) }

    /// The refs of origin that concern a hotfix, by whole name.
    fileprivate func originRefs(
        of named: NamedRefs, main: String, fetched: [String: String], asks: Bool
    ) async throws(GitError) -> (BranchProgress.View, [String: String]) {
        var view = BranchProgress.View.fetched
        if asks {
            var patterns = ["refs/heads/\(main)", "refs/heads/hotfix/*", "refs/heads/release/hotfix-*"]
            for tag in named.tags { patterns += [tag.ref, "\(tag.ref)^{}"] }
            if let branch = named.branch { patterns += [branch.ref, "refs/tags/milestone/\(branch)/*"] }
            do throws(GitError) { return (.asked, try await within(Self.patience).refsAtOrigin(patterns)) } catch {
                guard [.unreachable, .timedOut, .unfit].contains(error.code) else { throw error }
                // A command that took too long is told of by its name alone.
                let what = error.code == .timedOut ? "git ls-remote: " : ""
                view = .unreachable(what + oneLine(error.reason))
            }
        }
        let branches = fetchedBranches(among: fetched).map { ("refs/heads/\($0)", $1) }
        return (view, Dictionary(uniqueKeysWithValues: branches))
    }
}

extension JSONValue {
    /// The text of a string, nil where the value is another.
    var string: String? {
        if case .string(let string) = self { string.text } else { nil }
    }
}
