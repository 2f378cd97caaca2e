import Subprocess
import SystemPackage

/// The real `git`, run in one directory, a command at a time; its arguments never pass through a shell.
///
/// It asks nobody anything, opens no editor and speaks English, so that what it says can be read. Names that came from outside go behind
/// `--` or are checked first (``GitName``).
package struct Git: Sendable {
    /// The directory that it runs in: anywhere in a work tree.
    package var directory: String
    /// The environment, of which `PATH` says which git is run.
    package var environment: [String: String]
    /// How long one command may take before it is ended.
    package var deadline: Duration
    /// Whether nobody sits at the terminal: a git that is ended then takes all that it started along, such as an ssh that waits for its host.
    package var isUnattended = false

    /// Makes a git.
    package init(directory: String, environment: [String: String], deadline: Duration = .seconds(120)) {
        self.directory = directory
        self.environment = environment
        self.deadline = deadline
    }

    /// Runs a command, whatever it ends with.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments, without `git`.
    ///   - input: What it reads on standard input.
    ///   - extra: Variables beside those of the environment; nil takes one away.
    /// - Returns: How it ended, with what it printed.
    /// - Throws: ``GitError`` where it could not be run to its end.
    package func attempt(
        _ arguments: [String], input: String = "", extra: [String: String?] = [:]
    ) async throws(GitError) -> GitAnswer {
        let ending = try await ending(of: arguments, input: Array(input.utf8), extra: extra)
        return GitAnswer(
            status: ending.status, output: trimmed(String(decoding: ending.output, as: UTF8.self)),
            said: trimmed(ending.said))
    }

    /// Runs a command that has to end with 0, on bytes that need not be text.
    ///
    /// - Parameters:
    ///   - arguments: The command and its arguments, without `git`.
    ///   - input: What it reads on standard input.
    /// - Returns: What it printed on standard output.
    /// - Throws: ``GitError``, also for every other ending.
    package func bytes(_ arguments: [String], input: [UInt8] = []) async throws(GitError) -> [UInt8] {
        let ending = try await ending(of: arguments, input: input, extra: [:])
        guard ending.status == 0 else {
            throw GitError(arguments, GitAnswer(status: ending.status, output: "", said: trimmed(ending.said)))
        }
        return ending.output
    }

    /// Runs a command that has to end with 0.
    ///
    /// - Returns: What it printed on standard output, without white space at its end.
    /// - Throws: ``GitError``, also for every other ending.
    @discardableResult
    package func run(
        _ arguments: [String], input: String = "", extra: [String: String?] = [:]
    ) async throws(GitError) -> String {
        let answer = try await attempt(arguments, input: input, extra: extra)
        guard answer.status == 0 else { throw GitError(arguments, answer) }
        return answer.output
    }

    /// Runs a command that answers yes by 0 and no by 1.
    ///
    /// - Throws: ``GitError`` for every other ending.
    package func asks(_ arguments: [String]) async throws(GitError) -> Bool {
        let answer = try await attempt(arguments)
        guard answer.status == 0 || answer.status == 1 else { throw GitError(arguments, answer) }
        return answer.status == 0
    }

    private func ending(
        of arguments: [String], input: [UInt8], extra: [String: String?]
    ) async throws(GitError) -> Ending {
        let ending: Ending?
        do {
            ending = try await within(deadline) { try await end(of: arguments, input: input, extra: extra) }
        } catch let error as SubprocessError {
            throw GitError(.notRun, arguments, said: "", reason: reason(error))
        } catch {
            throw GitError(.notRun, arguments, said: "", reason: "it was given up: \(error).")
        }
        guard let ending else {
            throw GitError(
                .timedOut, arguments, said: "",
                reason:
                    "it had not ended after \(deadline.components.seconds) s, and was ended. Check that origin can be"
                    + " reached without being asked for a password, and run the command again.")
        }
        return ending
    }

    private func end(of arguments: [String], input: [UInt8], extra: [String: String?]) async throws -> Ending {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(arguments), environment: surroundings(extra),
            workingDirectory: FilePath(directory), platformOptions: options, input: .array(input),
            output: .bytes(limit: 64 << 20), error: .string(limit: 1 << 20))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Ending(status: status, output: result.standardOutput, said: result.standardError)
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        // In a group of its own it could ask for no password, and Ctrl-C would not reach it.
        if isUnattended { options.processGroupID = 0 }
        // Git takes its locks away when it is asked to end, and leaves them when it is killed.
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: isUnattended, allowedDurationToNextStep: .seconds(2))
        ]
        return options
    }

    private func surroundings(_ extra: [String: String?]) -> Subprocess.Environment {
        var variables = environment
        // A hook that calls hotfix hands on what it was told of its own repository.
        for name in [
            "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_NAMESPACE", "GIT_SHALLOW_FILE",
            "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS",
            "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS",
        ] {
            variables[name] = nil
        }
        variables["GIT_TERMINAL_PROMPT"] = "0"
        variables["GIT_EDITOR"] = "true"
        variables["GIT_PAGER"] = "cat"
        variables["LC_ALL"] = "C.UTF-8"
        variables["LANGUAGE"] = "en"
        for (name, value) in extra { variables[name] = value }
        return .custom(
            Dictionary(
                variables.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } },
                uniquingKeysWith: { $1 }))
    }
}

/// How a git command ended.
package struct GitAnswer: Sendable, Hashable {
    /// What it ended with; 128 and more where it failed for good or by a signal.
    package var status: Int32
    /// What it printed on standard output, without white space at its end.
    package var output: String
    /// What it printed on standard error, without white space at its end.
    package var said: String

    /// Makes an answer.
    package init(status: Int32, output: String, said: String) {
        self.status = status
        self.output = output
        self.said = said
    }
}

/// How a git command ended, as it printed it.
private struct Ending: Sendable {
    var status: Int32
    var output: [UInt8]
    var said: String
}

/// The value of a body; nil where it took longer than a deadline, and was cancelled.
func within<Value: Sendable>(
    _ deadline: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: deadline)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}

private func reason(_ error: SubprocessError) -> String {
    switch error.code {
    case .executableNotFound: "git is not installed, or not in PATH. Install it, and run the command again."
    case .failedToChangeWorkingDirectory: "the directory it should run in cannot be entered."
    default: "it could not be run: \(error)."
    }
}

private func trimmed(_ text: String) -> String {
    var end = text.endIndex
    while end > text.startIndex, text[text.index(before: end)].isWhitespace { end = text.index(before: end) }
    return String(text[..<end])
}
