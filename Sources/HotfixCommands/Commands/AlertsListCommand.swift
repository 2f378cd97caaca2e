package import ArgumentParser
import HotfixCore

/// `hotfix alerts list`: what is open, what is silenced, what was told, and what waits.
package struct AlertsListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List open episodes, silences, and what was told to which channel and what became of it.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(help: "How many messages, the newest first.")
    package var limit = AlertsQuery.usualLimit
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package func validate() throws {
        if let objection = AlertsQuery(limit: limit).objection { throw ValidationError(objection) }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let book = try await server.desk(common).alerts(AlertsQuery(limit: limit))
        try surroundings.write((format == .json ? book.json.text : book.text(now: surroundings.now)) + "\n")
    }
}
