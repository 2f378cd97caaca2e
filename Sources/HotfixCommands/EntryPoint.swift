import ArgumentParser
import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Where the process starts: parses the command line, runs the command, ends with its exit code.
package enum EntryPoint {
    /// Runs the command that the process was called with, and ends the process.
    package static func run() async {
        // A reader of the output that goes away must not end a check half way.
        signal(SIGPIPE, SIG_IGN)
        let status = await run(Array(CommandLine.arguments.dropFirst()))
        HotfixCommand.exit(withError: ExitCode(status.rawValue))
    }

    /// Runs a command line in the current surroundings.
    ///
    /// - Parameter arguments: The arguments, without the program's name.
    /// - Returns: What the process ends with.
    package static func run(_ arguments: [String]) async -> ExitStatus {
        do {
            var command = try HotfixCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .done
        } catch let status as ExitStatus {
            return status
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> ExitStatus {
        let surroundings = Surroundings.current
        if let (status, messages) = ending(of: error) {
            surroundings.writeError(messages.map { "hotfix: \(oneLine($0))\n" }.joined())
            return status
        }
        return reportOfParser(error)
    }

    /// What a command ends with, and what it says; nil for an error of the argument parser.
    static func ending(of error: any Error) -> (status: ExitStatus, messages: [String])? {
        switch error {
        case let error as CommandError: (error.status, [error.description])
        case let error as SettingsError: (.wrong, error.diagnostics.map(\.description))
        case let error as LedgerError: (status(of: error), [error.message])
        case let error as StatusFileError: (.unusable, [error.description])
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
