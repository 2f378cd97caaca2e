import Foundation
import HotfixTestSupport
import HotfixTracker

/// A test repository, and what the program sees of it.
struct RepositoryLab {
    let files: TestRepository
    let git: Repository

    /// The same through a git that fails on demand.
    func faulty() async throws -> (FaultyGit, Repository) {
        let faulty = try await FaultyGit(in: files)
        return (
            faulty, try await Repository(containing: Git(directory: files.directory, environment: faulty.environment))
        )
    }

    /// Branches off, commits files one commit after the other, and returns the ids.
    @discardableResult
    func branch(_ name: String, at start: String = "main", _ commits: (String, [String: String])...) async throws
        -> [String]
    {
        try await files.git("switch", "--quiet", "--create", name, start)
        var ids: [String] = []
        for (subject, changes) in commits { ids.append(try await files.commit(subject, changes)) }
        return ids
    }

    /// Pushes local branches or tags by their names.
    func push(_ names: String...) async throws {
        for name in names { try await files.git("push", "--quiet", "origin", name) }
    }
}

func withRepository<T>(_ body: (RepositoryLab) async throws -> T) async throws -> T {
    try await withTestRepository { files in
        let git = Git(directory: files.directory, environment: files.environment)
        return try await body(RepositoryLab(files: files, git: try await Repository(containing: git)))
    }
}

extension Repository {
    /// How one commit is in another, as the completeness of a hotfix that has only this commit says.
    func isContained(_ commit: String, in target: String) async throws -> Containment? {
        let target = MergeTarget(branch: target, role: .main, commit: target)
        return try await completeness(base: "\(commit)^", head: commit, targets: [target]).entries.first?.containments
            .first
    }
}

func branch(_ text: String) throws -> GitName { try GitName(text, as: .branch) }
func tag(_ text: String) throws -> GitName { try GitName(text, as: .tag) }

/// The error of git that a body ends with; nil where it ends well.
func gitError<T>(_ body: () async throws -> T) async throws -> GitError? {
    do {
        _ = try await body()
        return nil
    } catch let error as GitError {
        return error
    }
}
