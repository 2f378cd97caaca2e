import ArgumentParser
import HotfixConfiguration
import HotfixCore

/// Where the process starts: parses the command line, runs the command, ends with its exit code.
package enum EntryPoint {
    /// Runs the command that the process was called with, and ends the process.
    package static func run() async {
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
        let (status, message): (ExitStatus, String) =
            switch error {
            case let error as CommandError: (error.status, error.description)
            case let error as SettingsError: (.wrong, error.description)
            case let error as LedgerError: (error.code == .busy ? .unfinished : .unusable, error.message)
            case let error as Roster.WindowChange: (.wrong, describe(error))
            default: (.wrong, "")
            }
        if !message.isEmpty {
            surroundings.writeError("hotfix: \(message)\n")
            return status
        }
        let text = HotfixCommand.fullMessage(for: error)
        if HotfixCommand.exitCode(for: error) == .success {
            surroundings.write(text + "\n")
            return .done
        }
        surroundings.writeError(text + "\n")
        return HotfixCommand.exitCode(for: error) == .validationFailure ? .wrong : .unusable
    }

    private static func describe(_ change: Roster.WindowChange) -> String {
        """
        The policy of '\(change.service)' has windows of \(change.new) s, but its running deployment is judged in windows of \
        \(change.old) s. Set `window` back, or close the deployment (hotfix deployed --close) and record it anew.
        """
    }
}
