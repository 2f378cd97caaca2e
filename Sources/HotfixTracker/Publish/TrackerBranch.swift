import Glibc
import HotfixCore

/// The branch that the tracker's files are published on, kept by git's plumbing.
///
/// Neither the index nor the work tree nor another branch is looked at or touched, and no hook is run: hooks are made for what people commit,
/// may change the work tree, and would hold the check up.
struct TrackerBranch: Sendable {
    /// The name of the branch, here and at origin.
    static let name = "hotfix-tracker"
    static let ref = "refs/heads/hotfix-tracker"
    static let refAtOrigin = "refs/remotes/origin/hotfix-tracker"

    /// Git at the top of the work tree.
    private(set) var git: Git
    /// The top of the work tree, behind all symbolic links.
    var top: String { git.directory }

    /// Finds the repository that the directory of git is in.
    ///
    /// - Throws: ``GitError``.
    init(containing git: Git) async throws(GitError) {
        var git = git
        git.isUnattended = true
        git.environment = quiet(git.environment)
        let answer = try await git.attempt(["rev-parse", "--show-toplevel"])
        guard answer.status == 0, !answer.output.isEmpty else { throw unusable(git.directory, answer) }
        git.directory = answer.output
        self.git = git
    }

    /// Where the branch stands.
    struct Tips: Sendable, Hashable {
        /// Its commit here; nil where there is no such branch.
        var here: String?
        /// Its commit at origin when that was last heard of.
        var atOrigin: String?
        /// Why it cannot be moved here.
        var obstacle: String?
    }

    /// Asks where the branch stands, without asking origin.
    func tips() async throws(GitError) -> Tips {
        let lines = try await git.run([
            "for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00%(worktreepath)", Self.ref,
            Self.refAtOrigin,
        ])
        var tips = Tips()
        for line in lines.split(separator: "\n") {
            let fields = line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4 else { continue }
            if fields[0] == Self.refAtOrigin { tips.atOrigin = fields[1] }
            guard fields[0] == Self.ref else { continue }
            tips.here = fields[1]
            if !fields[2].isEmpty { tips.obstacle = "it stands for another branch, '\(oneLine(fields[2]))'" }
            if !fields[3].isEmpty { tips.obstacle = "it is checked out in '\(oneLine(fields[3]))'" }
        }
        if tips.here == nil, try await git.attempt(["symbolic-ref", "--quiet", "HEAD"]).output == Self.ref {
            tips.obstacle = "it is checked out in '\(oneLine(top))'"
        }
        return tips
    }

    /// What a commit holds of the status file.
    func published(_ commit: String, path: String) async throws(GitError) -> PublishedStatus {
        let date = try await git.run(["show", "--no-patch", "--format=%ct", "--end-of-options", commit])
        let file = try await git.attempt(["cat-file", "blob", "\(commit):\(path)"])
        // A file that is missing or damaged there is written anew.
        var status: StatusFile?
        if file.status == 0, let root = try? JSONParser.value(of: Array(file.output.utf8)).object {
            status = StatusFile(root: root)
        }
        return PublishedStatus(status: status, at: Instant(Int(date) ?? 0))
    }

    /// Commits files on top of the branch, and moves no branch.
    ///
    /// - Parameters:
    ///   - files: What the files hold, by path from the top; all other files of the branch stay.
    ///   - tip: The commit before; nil for the first.
    ///   - message: What it says.
    ///   - at: When it was made.
    /// - Returns: The commit; nil where it would change nothing.
    /// - Throws: ``GitError``.
    func commit(
        _ files: [(path: String, text: String)], onto tip: String?, message: String, at: Instant
    ) async throws -> String? {
        try await withIndex { index in
            if let tip { try await index.read(tip) }
            var entries = ""
            for file in files {
                let blob = try await git.id(["hash-object", "-w", "--stdin"], input: file.text)
                entries += "100644 \(blob)\t\(file.path)\0"
            }
            return try await index.commit(entries, onto: tip, message: message, date: "@\(at.seconds) +0000")
        }
    }

    /// The newest of the branch here and at origin; where both have commits of their own, those from here are made again on top of origin's.
    ///
    /// Of a branch that lay apart for very long, the 200 newest commits are kept.
    func settled(_ tips: Tips) async throws -> String? {
        guard let here = tips.here, let atOrigin = tips.atOrigin, here != atOrigin else {
            return tips.here ?? tips.atOrigin
        }
        let apart = try await git.run(["rev-list", "--count", "--left-right", "\(here)...\(atOrigin)"])
        let counts = apart.split(separator: "\t").compactMap { Int($0) }
        guard counts.count == 2 else {
            throw GitError(.failed, "git does not say how '\(Self.name)' here and at origin lie apart.")
        }
        if counts[0] == 0 { return atOrigin }
        return counts[1] == 0 ? here : try await again(here, onto: atOrigin)
    }

    /// Makes the commits that only the branch here has again, on top of origin's.
    private func again(_ here: String, onto atOrigin: String) async throws -> String {
        let commits = try await git.run([
            "rev-list", "--reverse", "--no-merges", "--max-count=200", "\(atOrigin)..\(here)",
        ])
        return try await withIndex { index in
            var tip = atOrigin
            try await index.read(tip)
            for commit in commits.split(separator: "\n").map(String.init) {
                let entries = try await changes(of: commit)
                let said = try await git.run(["show", "--no-patch", "--format=%ct%x00%B", commit])
                let parts = said.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false)
                tip =
                    try await index.commit(
                        entries, onto: tip, message: parts.count == 2 ? "\(parts[1])\n" : "hotfix tracker\n",
                        date: "@\(parts[0]) +0000") ?? tip
            }
            return tip
        }
    }

    /// What a commit changed, as `update-index --index-info` reads it.
    private func changes(of commit: String) async throws(GitError) -> String {
        let raw = try await git.run([
            "diff-tree", "-r", "-z", "--root", "--raw", "--no-renames", "--no-abbrev", "--no-commit-id", commit,
        ])
        let fields = raw.split(separator: "\0")
        var entries = ""
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            // :100644 100644 OLD NEW M
            let facts = fields[index].split(separator: " ")
            if facts.count == 5 { entries += "\(facts[1]) \(facts[3])\t\(fields[index + 1])\0" }
        }
        return entries
    }

    /// Moves the branch here.
    ///
    /// - Returns: False where it no longer stands where it did.
    /// - Throws: ``GitError`` where it cannot be moved.
    func advance(from tips: Tips, to commit: String) async throws(GitError) -> Bool {
        try requireMovable(tips)
        let arguments = [
            "update-ref", "--no-deref", "-m", "hotfix: publish the tracker", Self.ref, commit, tips.here ?? "",
        ]
        let answer = try await git.attempt(arguments)
        if answer.status == 0 { return true }
        guard try await self.tips() != tips else { throw GitError(arguments, answer) }
        return false
    }

    /// - Throws: ``GitError`` where the branch cannot be moved without anybody noticing.
    func requireMovable(_ tips: Tips) throws(GitError) {
        guard let obstacle = tips.obstacle else { return }
        throw GitError(
            .unfit,
            "the branch '\(Self.name)' is the tracker's own, and \(obstacle). Switch to another branch there (`git switch`)."
        )
    }

    /// Runs a body with an empty index of its own, which is removed afterwards.
    private func withIndex<T: Sendable>(_ body: (TrackerIndex) async throws -> T) async throws -> T {
        let index = try TrackerIndex(git, identity: try await identity() ?? Self.fallback)
        defer { index.remove() }
        return try await body(index)
    }

    /// Whom git commits as here; nil where it knows nobody.
    func identity() async throws(GitError) -> (name: String, address: String)? {
        let answer = try await git.attempt(["var", "GIT_COMMITTER_IDENT"])
        guard answer.status == 0, let known = answer.output.firstMatch(of: /^(.+) <([^<>]*)> \d+ [+-]\d+$/) else {
            return nil
        }
        return (String(known.1), String(known.2))
    }

    /// Whom the tracker is committed as where git knows nobody.
    static var fallback: (name: String, address: String) {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&buffer, buffer.count - 1) == 0
        let end = buffer.firstIndex(of: 0) ?? 0
        let host = String(decoding: buffer[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let isPlain = isKnown && host.wholeMatch(of: /[A-Za-z0-9.\-]+/) != nil
        return ("hotfix", "hotfix@\(isPlain ? host : "localhost")")
    }
}

extension Git {
    /// Runs a command that prints an id.
    ///
    /// - Throws: ``GitError``, also where it prints something else.
    func id(_ arguments: [String], input: String = "", extra: [String: String?] = [:]) async throws(GitError) -> String
    {
        let id = try await run(arguments, input: input, extra: extra)
        guard id.utf8.count >= 40, id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw GitError(.failed, arguments, said: "", reason: "it printed no id.")
        }
        return id
    }
}

/// An environment in which git runs no hook, signs nothing, tidies nothing up and keeps its index in one file, whatever is configured.
///
/// What the environment configures itself stays: an agent's credentials may be given so.
private func quiet(_ environment: [String: String]) -> [String: String] {
    let settings = [
        ("core.hooksPath", "/dev/null"), ("core.splitIndex", "false"), ("core.fsmonitor", "false"),
        ("core.untrackedCache", "false"), ("index.sparse", "false"), ("gc.auto", "0"), ("maintenance.auto", "false"),
        ("i18n.commitEncoding", "UTF-8"), ("i18n.logOutputEncoding", "UTF-8"), ("log.showSignature", "false"),
    ]
    var quiet = environment
    // Of a number that is none, git itself says what is wrong.
    guard let first = Int(environment["GIT_CONFIG_COUNT"] ?? "0"), first >= 0 else { return quiet }
    for (index, (key, value)) in settings.enumerated() {
        quiet["GIT_CONFIG_KEY_\(first + index)"] = key
        quiet["GIT_CONFIG_VALUE_\(first + index)"] = value
    }
    quiet["GIT_CONFIG_COUNT"] = String(first + settings.count)
    // At a terminal ssh would ask there for a password, and wait.
    if environment["SSH_ASKPASS"] == nil {
        quiet["SSH_ASKPASS"] = "/bin/false"
        quiet["SSH_ASKPASS_REQUIRE"] = "force"
    }
    return quiet
}

/// Why a directory is in no repository that can be used.
private func unusable(_ directory: String, _ answer: GitAnswer) -> GitError {
    let said = answer.said.split(separator: "\n").first.map { clipped(oneLine(String($0)), bytes: 500) } ?? ""
    guard let owned = answer.said.firstMatch(of: /dubious ownership in repository at '([^'\n]*)'/) else {
        return GitError(
            .noRepository,
            "'\(oneLine(directory))' is in no work tree of git (\(said)). Keep the tracker's files in a clone of the"
                + " repository, or set 'tracker.publish' to none.")
    }
    let place = oneLine(String(owned.1))
    return GitError(
        .noRepository,
        "git does not use '\(place)', since it belongs to another user than runs this. Make it belong to the user that runs the"
            + " check, or allow it: git config --system --add safe.directory '\(place)'")
}
