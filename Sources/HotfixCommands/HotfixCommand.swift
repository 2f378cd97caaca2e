package import ArgumentParser

/// The root of the command line.
package struct HotfixCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "hotfix",
        abstract: "A release guardrail monitor: may the hotfix branch be merged back?"
    )

    package init() {}
}
