import Glibc
import HotfixCore

/// An index that lies beside the repository's own, from which trees and commits are made.
struct TrackerIndex: Sendable {
    /// Git with this index.
    let git: Git
    private let directory: String
    private var file: String { "\(directory)/index" }

    /// Makes an empty index.
    ///
    /// - Parameters:
    ///   - git: Git at the top of the work tree.
    ///   - identity: Whom it commits as.
    /// - Throws: ``GitError`` where there is no room for it.
    init(_ git: Git, identity: (name: String, address: String)) throws(GitError) {
        let parent = git.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        var template = Array("\(parent)/hotfix-tracker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw GitError(
                .unfit,
                "a directory for a temporary index could not be made in '\(oneLine(parent))':"
                    + " \(String(cString: strerror(errno))). Let this user write there, or set TMPDIR.")
        }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        var git = git
        git.environment["GIT_AUTHOR_NAME"] = identity.name
        git.environment["GIT_AUTHOR_EMAIL"] = identity.address
        git.environment["GIT_COMMITTER_NAME"] = identity.name
        git.environment["GIT_COMMITTER_EMAIL"] = identity.address
        self.git = git
    }

    /// Changes entries, and commits the whole.
    ///
    /// - Parameters:
    ///   - entries: The entries as `update-index --index-info` reads them, each ended by NUL.
    ///   - tip: The commit before; nil for the first.
    ///   - message: What the commit says.
    ///   - date: When it was made, as git reads it.
    /// - Returns: The commit; nil where it would change nothing.
    /// - Throws: ``GitError``.
    func commit(
        _ entries: String, onto tip: String?, message: String, date: String
    ) async throws(GitError) -> String? {
        let extra = ["GIT_INDEX_FILE": file, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date]
        try await git.run(["update-index", "-z", "--index-info"], input: entries, extra: extra)
        let tree = try await git.id(["write-tree", "--missing-ok"], extra: extra)
        if let tip, try await git.id(["rev-parse", "--verify", "\(tip)^{tree}"]) == tree { return nil }
        let parents = tip.map { ["-p", $0] } ?? []
        return try await git.id(
            ["commit-tree", tree] + parents + ["-F", "-"], input: message, extra: extra)
    }

    /// Takes everything from a commit.
    func read(_ commit: String) async throws(GitError) {
        try await git.run(["read-tree", commit], extra: ["GIT_INDEX_FILE": file])
    }

    /// Removes the index.
    func remove() {
        for path in [file, "\(file).lock"] { unlink(path) }
        rmdir(directory)
    }
}
