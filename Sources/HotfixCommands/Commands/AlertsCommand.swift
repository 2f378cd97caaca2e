package import ArgumentParser

/// `hotfix alerts`: what people are told.
package struct AlertsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Show what is open, and what was told to whom.",
        subcommands: [AlertsListCommand.self, AlertsTestCommand.self])

    package init() {}
}
