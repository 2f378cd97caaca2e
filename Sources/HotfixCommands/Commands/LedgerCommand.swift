package import ArgumentParser
package import HotfixCore

/// `hotfix ledger`: what the ledger holds.
package struct LedgerCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Read the ledger.", subcommands: [Export.self])

    package init() {}

    /// `hotfix ledger export`: every verdict, one a row.
    package struct Export: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print every verdict, one a row.")

        @OptionGroup package var common: CommonOptions
        @OptionGroup package var server: ServerOptions
        @Option(help: "Windows that start at or after this time.")
        package var from: String?
        @Option(help: "Windows that start before this time.")
        package var to: String?
        @Option(help: "CSV with a header, or a JSON array.")
        package var format = ExportQuery.Format.csv

        package init() {}

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let query = ExportQuery(from: from, to: to, format: format)
            try await server.desk(common).export(query, write: surroundings.write)
        }
    }
}

extension ExportQuery.Format: ExpressibleByArgument {}
