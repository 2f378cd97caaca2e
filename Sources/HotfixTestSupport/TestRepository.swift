import Foundation

/// A work tree of the real git with a bare `origin` beside it, in a temporary directory, apart from the machine's own settings of git.
package struct TestRepository: Sendable {
    /// Why a git command of a test did not do what it was to do.
    package struct Failure: Error, CustomStringConvertible {
        /// What was run, and what it said.
        package let description: String
    }

    /// The temporary directory, absolute and without symbolic links, that holds all.
    package let root: String
    /// The top of the work tree.
    package var directory: String
    /// The bare repository.
    package let origin: String
    /// The environment that git is to be run with: `PATH`, an empty `HOME`, an identity, no settings of the machine.
    package var environment: [String: String]

    /// Runs git in the work tree.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments, without `git`.
    ///   - place: Where it runs; nil is the work tree.
    /// - Returns: What it printed on standard output and error, without white space at its end.
    /// - Throws: ``Failure`` where it ended with other than 0.
    @discardableResult
    package func git(_ arguments: String..., in place: String? = nil) async throws -> String {
        let (status, output) = try await ending(arguments, in: place ?? directory)
        guard status == 0 else {
            throw Failure(description: "git \(arguments.joined(separator: " ")) ended with \(status): \(output)")
        }
        return output
    }

    /// Whether git ends with 0 in the work tree, or another directory.
    package func succeeds(_ arguments: String..., in place: String? = nil) async throws -> Bool {
        try await ending(arguments, in: place ?? directory).status == 0
    }

    /// Writes files and commits them, with all else that was changed.
    ///
    /// - Parameters:
    ///   - subject: The message.
    ///   - files: Their text by path from the top of the work tree; none makes an empty commit.
    /// - Returns: The commit's id.
    /// - Throws: ``Failure``, or the file system's error.
    @discardableResult
    package func commit(_ subject: String, _ files: [String: String] = [:]) async throws -> String {
        for (path, text) in files { try write(text, to: path) }
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", subject)
        return try await id()
    }

    /// Writes a file of the work tree; missing directories are made.
    package func write(_ text: String, to path: String) throws {
        let file = URL(fileURLWithPath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The commit that an expression stands for.
    package func id(_ expression: String = "HEAD", in place: String? = nil) async throws -> String {
        try await git("rev-parse", "--verify", "--end-of-options", "\(expression)^{commit}", in: place)
    }

    /// Another clone of the same origin, with the same environment.
    ///
    /// - Parameter name: The name of its directory.
    /// - Returns: The clone, with `main` checked out.
    /// - Throws: ``Failure``.
    package func clone(_ name: String) async throws -> TestRepository {
        try await git("clone", "--quiet", "--no-hardlinks", origin, "\(root)/\(name)", in: root)
        var clone = self
        clone.directory = "\(root)/\(name)"
        return clone
    }

    /// All refs, here and at origin, what `HEAD` is, what is staged, and what the work tree holds: two states of it are the same where
    /// this is.
    package func state() async throws -> String {
        let format = "--format=%(refname) %(objectname)"
        return try await [
            git("for-each-ref", format), git("for-each-ref", format, in: origin),
            git("rev-parse", "--symbolic-full-name", "HEAD"), git("ls-files", "--stage"),
            git("status", "--porcelain=v1", "--untracked-files=all"), git("stash", "list"),
        ].joined(separator: "\n---\n")
    }

    /// A hook: a shell script that git runs.
    ///
    /// - Parameters:
    ///   - name: `pre-push`, or `pre-receive` at origin.
    ///   - script: Lines of shell.
    ///   - repository: The work tree or the bare repository; nil is the work tree.
    /// - Throws: ``Failure``.
    package func hook(_ name: String, _ script: String, in repository: String? = nil) async throws {
        let folder = repository.map { "\($0)/hooks" } ?? "\(directory)/.git/hooks"
        try await installScript("#!/bin/sh\n\(script)\n", to: "\(folder)/\(name)", root: root)
    }

    private func ending(_ arguments: [String], in place: String) async throws -> (status: Int32, output: String) {
        let file = "\(root)/git-\(UUID().uuidString).out"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let command = try SpawnedCommand.start(
            "/usr/bin/env", ["git", "-C", place] + arguments, environment: environment, outputFile: file)
        let ending = await command.ending()
        return (ending.exitStatus ?? 137, ending.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}

/// Runs a body with a repository that has one commit on `main`, pushed to its origin.
///
/// - Parameter body: What is done with it; all is removed afterwards.
/// - Returns: What the body returns.
/// - Throws: What the body throws, and ``TestRepository/Failure``.
package func withTestRepository<T>(_ body: (TestRepository) async throws -> T) async throws -> T {
    try await withTemporaryDirectory { temporary in
        let root = URL(fileURLWithPath: temporary).resolvingSymlinksInPath().path
        let person = ["NAME": "Ada Lovelace", "EMAIL": "ada@example.com"]
        var environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": "\(root)/home",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
        ]
        for role in ["AUTHOR", "COMMITTER"] {
            for (part, value) in person { environment["GIT_\(role)_\(part)"] = value }
        }
        let repository = TestRepository(
            root: root, directory: "\(root)/work", origin: "\(root)/origin.git", environment: environment)
        for folder in ["home", "work"] {
            try FileManager.default.createDirectory(
                atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try await repository.git(
            "init", "--quiet", "--bare", "--initial-branch", "main", repository.origin, in: root)
        try await repository.git("init", "--quiet", "--initial-branch", "main")
        try await repository.git("remote", "add", "origin", repository.origin)
        try await repository.commit("Begin the shop", ["README.md": "# Shop\n", "shop.txt": "open\n"])
        try await repository.git("push", "--quiet", "--set-upstream", "origin", "main")
        return try await body(repository)
    }
}

/// Writes a program by a process of its own.
///
/// A file that is open for writing here at the moment when another test starts a process could not be run until that one ends.
func installScript(_ text: String, to path: String, root: String) async throws {
    let file = "\(root)/install-\(UUID().uuidString).out"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let script = #"mkdir -p "$(dirname "$2")" && printf '%s' "$1" > "$2" && chmod 755 "$2""#
    let command = try SpawnedCommand.start(
        "/bin/sh", ["-c", script, "sh", text, path], environment: ["PATH": "/usr/bin:/bin"], outputFile: file)
    let ending = await command.ending()
    guard ending.exitStatus == 0 else {
        throw TestRepository.Failure(description: "\(path) could not be written: \(ending.output)")
    }
}
