import ArgumentParser
import Foundation
import HotfixCalls
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Where the process starts: parses the command line, runs the command, ends with its exit code.
package enum EntryPoint {
    /// Runs the command that the process was called with, and ends the process.
    package static func run() async {
        // A reader of the output that goes away must not end a check half way.
        signal(SIGPIPE, SIG_IGN)
        HotfixCommand.exit(withError: ExitCode(await exitCode(of: Array(CommandLine.arguments.dropFirst()))))
    }

    /// Runs a command line in the current surroundings, as a monitoring plugin where it is called as one.
    ///
    /// - Parameter arguments: The arguments, without the program's name.
    /// - Returns: What the process ends with: that of `ExitStatus`, or of `PluginStatus`.
    package static func exitCode(of arguments: [String]) async -> Int32 {
        if isCompletion(arguments) {
            complete(arguments)
            return ExitStatus.done.rawValue
        }
        let isPlugin = asksForPlugin(arguments)
        return isPlugin ? await runPlugin(arguments).rawValue : await run(arguments).rawValue
    }

    /// Runs a command line in the current surroundings.
    ///
    /// - Parameter arguments: The arguments, without the program's name.
    /// - Returns: What the process ends with.
    package static func run(_ arguments: [String]) async -> ExitStatus {
        do {
            try await perform(arguments)
            return .done
        } catch let status as ExitStatus {
            return status
        } catch {
            return report(error)
        }
    }

    /// Runs a command line.
    ///
    /// - Throws: What the command ends with, where that is not merely done.
    static func perform(_ arguments: [String]) async throws {
        let arguments = ManageCommand.withoutSeparator(arguments)
        try refuseEmptyValues(arguments)
        var command = try parse(arguments)
        if var prompt = command as? any PromptCommand {
            try await prompt.begin()
        } else if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// Parses a command line.
    ///
    /// Where it names a command, that one alone is made ready: reading a file takes less time than making ready all of them. What
    /// does not parse so, help among it, is parsed again from the root, which says everything by its full name.
    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        let (named, own) = command(named: arguments)
        // Only the root has a version, a `help` and the scripts for completion.
        if named.configuration.subcommands.isEmpty, let command = try? named.parseAsRoot(own),
            type(of: command) == named
        {
            return command
        }
        return try HotfixCommand.parseAsRoot(arguments)
    }

    /// The command that the first words name, and the words after them.
    private static func command(named arguments: [String]) -> (command: any ParsableCommand.Type, own: [String]) {
        var (command, own) = (HotfixCommand.self as any ParsableCommand.Type, arguments[...])
        while let word = own.first,
            let next = command.configuration.subcommands.first(where: { isName(word, of: $0) })
        {
            (command, own) = (next, own.dropFirst())
        }
        return (command, Array(own))
    }

    private static func isName(_ word: String, of command: any ParsableCommand.Type) -> Bool {
        command.configuration.commandName == word || command.configuration.aliases.contains(word)
    }

    /// Refuses `--merged=`: to the parser that is `--merged`, and to whoever wrote `--merged=$WORD` it is not.
    private static func refuseEmptyValues(_ arguments: [String]) throws {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.firstIndex(of: "=") == argument.indices.last {
            throw CommandError(.wrong, "'\(oneLine(argument))' has no value behind '='.")
        }
    }

    private static func report(_ error: any Error) -> ExitStatus {
        guard let (status, messages) = ending(of: error) else { return reportOfParser(error) }
        Surroundings.current.writeError(messages.map { "hotfix: \(oneLine($0))\n" }.joined())
        return status
    }

    /// What a command ends with, and what it says; nil for an error of the argument parser.
    static func ending(of error: any Error) -> (status: ExitStatus, messages: [String])? {
        switch error {
        case let error as CommandError: (error.status, [error.description])
        case let error as SettingsError: (.wrong, error.diagnostics.map(\.description))
        case let error as LedgerError: (status(of: error), [error.message])
        case let error as StatusFileError: (error.isWrongCall ? .wrong : .unusable, [error.description])
        case let error as Refusal: (.no, [error.description])
        case let error as WorkflowWatch.TimeOver: (.unfinished, [error.description])
        case let error as AnnouncementTemplate.Fault: (.wrong, [error.description])
        case let error as GitError: (error.status, [error.description])
        case let error as ForgeFailure: (error.status, [error.message])
        case let error as Roster.WindowChange: (.wrong, [describe(error)])
        default: nil
        }
    }

    private static func status(of error: LedgerError) -> ExitStatus {
        switch error.code {
        case .busy: .unfinished
        case .rejected: .wrong
        case .damaged, .newerSchema, .inaccessible: .unusable
        }
    }

    /// Reports what the argument parser ends with: help and version among its errors.
    private static func reportOfParser(_ error: any Error) -> ExitStatus {
        let surroundings = Surroundings.current
        // The parser repeats arguments as they came.
        let lines = HotfixCommand.fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { oneLine(String($0)) }.joined(separator: "\n") + "\n"
        switch HotfixCommand.exitCode(for: error) {
        case .success:
            do { try surroundings.write(text) } catch { return report(error) }
            return .done
        case .validationFailure:
            surroundings.writeError(text)
            return .wrong
        default:
            surroundings.writeError(text)
            return .unusable
        }
    }

    private static func describe(_ change: Roster.WindowChange) -> String {
        """
        The policy of '\(change.service)' has windows of \(change.new) s, but its running deployment is judged in windows \
        of \(change.old) s. Set `window` back, or close the deployment (hotfix deployed --close) and record it anew.
        """
    }
}

extension GitError {
    /// What a command ends with that could not go on without git.
    fileprivate var status: ExitStatus {
        switch code {
        case .invalidName, .noRepository, .unfit: .wrong
        case .conflict, .rejected: .no
        case .notRun, .timedOut, .failed, .unreachable: .unfinished
        }
    }
}

extension ForgeFailure {
    /// What a command ends with that could not go on without the forge.
    fileprivate var status: ExitStatus {
        isMisconfigured ? .wrong : code == .refused ? .no : .unfinished
    }
}
