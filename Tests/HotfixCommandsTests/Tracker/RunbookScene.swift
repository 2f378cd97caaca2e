import HotfixCommands
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Synchronization

/// A repository with a bare origin, and the command line run in it.
struct RunbookScene {
    static let branch = "release/hotfix-20261120"

    let repository: TestRepository
    let lab: CommandLab
    /// What ran before the real git, and fails on demand.
    let faulty: FaultyGit

    /// Runs a body with a repository.
    ///
    /// - Parameters:
    ///   - environment: Variables beside those of the repository.
    ///   - now: The time.
    ///   - body: What is done.
    /// - Throws: What the body throws.
    static func with(
        environment: [String: String] = [:], now: Instant = noon, _ body: (RunbookScene) async throws -> Void
    ) async throws {
        try await withTestRepository { repository in
            let faulty = try await FaultyGit(in: repository)
            let lab = CommandLab(
                directory: repository.directory, environment: faulty.environment.merging(environment) { $1 }, now: now)
            try await body(RunbookScene(repository: repository, lab: lab, faulty: faulty))
        }
    }

    var statusFile: String { lab.path("docs/OPERATIONS/hotfix-status.json") }

    func status() throws -> StatusFile { try StatusFile.read(path: statusFile) }

    /// A text of the status file.
    func text(_ path: JSONString...) throws -> String? {
        var value = JSONValue.object(try status().root)
        for key in path { value = value.object?[key] ?? .null }
        if case .string(let text) = value { return text.text }
        return nil
    }

    /// A flag of the status file.
    func flag(_ section: JSONString, _ key: JSONString) throws -> Bool { try status()[section, key] == .boolean(true) }

    /// What the history says was done.
    func done() throws -> [String] { try status().history.map(\.did) }

    /// Begins the hotfix of the day, and commits and pushes a repair.
    ///
    /// - Returns: The head.
    @discardableResult
    func beginHotfix(_ files: [String: String] = ["door.txt": "mended\n"]) async throws -> String {
        _ = await lab.run("init", "--yes")
        for (path, text) in files {
            try repository.write(text, to: path)
            try await repository.git("add", "--", path)
        }
        try await repository.git("commit", "--quiet", "--message", "Mend the door")
        try await repository.git("push", "--quiet", "origin", "HEAD")
        return try await repository.id()
    }

    /// The commit of a branch at origin; nil where it has none.
    func atOrigin(_ branch: String) async throws -> String? {
        guard
            try await repository.succeeds(
                "rev-parse", "--verify", "--quiet", "refs/heads/\(branch)", in: repository.origin)
        else { return nil }
        return try await repository.id("refs/heads/\(branch)", in: repository.origin)
    }

    /// Whether a branch at origin holds a commit.
    func isIn(_ branch: String, _ commit: String) async throws -> Bool {
        try await repository.succeeds("merge-base", "--is-ancestor", commit, branch, in: repository.origin)
    }

    /// Runs a command line at a terminal where somebody answers.
    func run(answering answer: String?, _ arguments: String...) async -> Run {
        let written = Mutex((output: "", errors: ""))
        var surroundings = Surroundings(
            clock: { lab.clock }, sleep: { _ in }, environment: lab.environment, directory: lab.directory,
            write: { text in written.withLock { $0.output += text } },
            writeError: { text in written.withLock { $0.errors += text } }, isTerminal: true)
        surroundings.ask = { question in
            written.withLock { $0.errors += question }
            return answer
        }
        let status = await Surroundings.$current.withValue(surroundings) { await EntryPoint.run(arguments) }
        let (output, errors) = written.withLock { $0 }
        return Run(status, output, errors: errors)
    }
}
