package import ArgumentParser

/// `hotfix manage`: the runbook's commands under the name of the script that they follow.
package struct ManageCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "manage", abstract: "The runbook's commands under the name of the release script.",
        discussion: """
            hotfix manage init is hotfix init, and so on, so that "hotfix:manage": "hotfix manage" in a package.json keeps \
            pnpm hotfix:manage working; a -- before the command is passed over.
            """,
        subcommands: [
            InitCommand.self, TagCommand.self, ObservabilityCommand.self, UatCommand.self, CompleteCommand.self,
            StatusCommand.self,
        ])

    package init() {}

    /// The arguments of a command line without the `--` that a package manager leaves behind `manage`.
    ///
    /// - Parameter arguments: The arguments, without the program's name.
    /// - Returns: The arguments that are parsed.
    static func withoutSeparator(_ arguments: [String]) -> [String] {
        guard arguments.count > 1, arguments[0] == "manage", arguments[1] == "--" else { return arguments }
        return [arguments[0]] + arguments.dropFirst(2)
    }
}
