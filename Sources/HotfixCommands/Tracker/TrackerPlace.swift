package import ArgumentParser
import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Options of every command that keeps the hotfix tracker.
package struct TrackerOptions: ParsableArguments {
    @Option(
        help:
            "The status file; else that of the configuration, else docs/OPERATIONS/hotfix-status.json in the repository.",
        completion: .file(extensions: ["json"]))
    package var statusFile: String?
    @Option(help: "Who does this; else whom git commits as.")
    package var by: String?

    package init() {}
}

/// Options of every command that changes the work tree or origin.
package struct PlanOptions: ParsableArguments {
    @Flag(help: "Carry the plan out without asking.")
    package var yes = false
    @Flag(help: "Print the plan and stop.")
    package var dryRun = false

    package init() {}

    package func validate() throws {
        if yes && dryRun { throw ValidationError("--yes and --dry-run exclude each other.") }
    }
}

/// Where the tracker's commands work: the status file, the repository, and the configuration where there is one.
package struct TrackerPlace: Sendable {
    /// The absolute path of the status file.
    let statusFile: String
    /// The absolute path of the outstanding report.
    let outstandingFile: String
    /// The configuration; nil where there is none, since a tracker can be kept without.
    let workplace: Workplace?
    /// Who `--by` says does it.
    var named: String?
    private let surroundings: Surroundings

    /// Finds the files that a command was called with.
    ///
    /// - Parameters:
    ///   - common: The options of every command.
    ///   - options: The options of the tracker.
    ///   - secrets: Which secrets of the configuration are looked up.
    /// - Throws: `SettingsError` where there is a configuration, and it is wrong.
    init(_ common: CommonOptions, _ options: TrackerOptions, secrets: Set<SecretUse> = []) throws {
        surroundings = Surroundings.current
        named = options.by
        let isConfigured =
            SettingsLoader.find(
                explicit: common.config, environment: surroundings.environment,
                currentDirectory: surroundings.directory) != nil
        workplace = isConfigured ? try Workplace(config: common.config, secrets: secrets) : nil
        let tracker = workplace?.settings.tracker
        let directory = surroundings.directory
        let folder = "\(Self.top(of: directory) ?? directory)/docs/OPERATIONS"
        statusFile =
            try Self.statusFile(options, in: directory) ?? tracker?.statusFile ?? "\(folder)/hotfix-status.json"
        outstandingFile = tracker?.outstandingFile ?? outstandingReport(beside: statusFile)
    }

    /// The absolute path of the status file that a command was called with; nil where it was called with none.
    static func statusFile(_ options: TrackerOptions, in directory: String) throws -> String? {
        guard let path = options.statusFile else { return nil }
        guard !path.isEmpty else { throw CommandError(.wrong, "--status-file names no file.") }
        return absolutePath(path, in: directory)
    }

    /// The settings of the tracker, with the defaults where nothing is configured.
    var settings: TrackerSettings {
        workplace?.settings.tracker ?? TrackerSettings(statusFile: statusFile, outstandingFile: outstandingFile)
    }

    /// Git in the directory that the command was called in.
    var git: Git {
        var git = Git(directory: surroundings.directory, environment: surroundings.environment)
        git.isUnattended = !surroundings.isAttended
        return git
    }

    /// The repository that the command was called in, which has to be that of the status file.
    ///
    /// - Throws: `GitError` where that is none, `CommandError` where the status file is in another.
    func repository() async throws -> Repository {
        let repository = try await Repository(containing: git)
        guard let top = Self.top(of: Self.real(statusFile)), top != repository.directory else { return repository }
        let other = try await Repository(containing: Git(directory: top, environment: surroundings.environment))
        guard try await other.sharedDirectory() != repository.sharedDirectory() else { return repository }
        throw CommandError(
            .wrong,
            "The status file '\(oneLine(statusFile))' is in the repository '\(oneLine(top))', and the command was called in"
                + " '\(oneLine(repository.directory))'. Call it in the repository of the status file, or name a file of this one"
                + " by --status-file.")
    }

    /// The tracker's own two files, as paths from the top of the repository; those outside of it are left out.
    func ownFiles(in repository: Repository) -> [String] {
        [statusFile, outstandingFile].map(Self.real).compactMap { path in
            let prefix = repository.directory + "/"
            return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
        }
    }

    /// Who does what is done: `--by`, whom git commits as, `$USER`.
    ///
    /// - Throws: `CommandError` where nobody is named.
    func author() async throws -> String {
        if let named {
            let name = named.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !name.isEmpty, name.utf8.count <= 200, oneLine(name) == name else {
                throw CommandError(.wrong, "--by is empty, longer than 200 bytes, or holds a control character.")
            }
            return name
        }
        // Git is asked for a name only: without it, the system still knows one.
        if let identity = try? await Repository(containing: git).identity() { return identity }
        if let user = surroundings.environment["USER"], !user.isEmpty { return user }
        throw CommandError(
            .wrong, "Nobody is known to do this: say it by --by NAME, or set git's user.name and user.email.")
    }

    /// The directory at or above a directory that holds `.git`; nil where there is none.
    private static func top(of directory: String) -> String? {
        var candidate = directory
        while !candidate.isEmpty {
            if access("\(candidate)/.git", F_OK) == 0 { return candidate }
            candidate = candidate.lastIndex(of: "/").map { String(candidate[..<$0]) } ?? ""
        }
        return nil
    }

    /// A path whose directories are those behind all symbolic links, as git names them; what is not there yet stays as it is.
    private static func real(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return path }
        let directory = String(path[..<slash])
        guard let found = realpath(directory, nil) else { return real(directory) + path[slash...] }
        defer { free(found) }
        return String(cString: found) + path[slash...]
    }
}

extension PlanOptions {
    /// Shows a plan and, once it is confirmed, carries it out.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - runner: Who carries it out.
    /// - Returns: Whether it was carried out; false where `--dry-run` ended it.
    /// - Throws: `CommandError` where nobody could confirm it or somebody did not, and what a step throws.
    @discardableResult
    func carryOut(_ plan: Plan, by runner: PlanRunner) async throws -> Bool {
        let surroundings = Surroundings.current
        var isLeft = false
        for (index, step) in plan.steps.enumerated() {
            let wasDone = try await step.isDone()
            isLeft = isLeft || !wasDone
            try surroundings.write("\(index + 1). \(oneLine(step.title))\(wasDone ? " (done already)" : "")\n")
        }
        if dryRun { return false }
        if isLeft { try confirm("Carry this out?", otherwise: "nothing was changed") }
        try await endingWithSignals(of: surroundings.isProcess) {
            try await runner.carryOut(plan) { step, wasDone in
                if !wasDone { try surroundings.write("→ \(oneLine(step.title))\n") }
            }
        }
        return true
    }

    /// Asks for leave to do what was shown, unless `--yes` gave it.
    ///
    /// - Parameters:
    ///   - question: What is asked.
    ///   - otherwise: What came of it without leave, as the end of a sentence.
    /// - Throws: `CommandError` where nobody could give leave, or did not.
    func confirm(_ question: String, otherwise: String) throws {
        guard !yes else { return }
        guard let answer = Surroundings.current.ask("\(question) [y/N] ") else {
            throw CommandError(
                .wrong, "Nobody is there to confirm the plan. Say --yes to carry it out, --dry-run to only see it.")
        }
        guard ["y", "yes"].contains(answer.trimmingCharacters(in: .whitespaces).lowercased()) else {
            throw CommandError(.no, "The plan was not confirmed; \(otherwise).")
        }
    }
}
