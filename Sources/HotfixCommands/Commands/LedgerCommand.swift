package import ArgumentParser
import HotfixCore
import HotfixStore
import HotfixTracker

/// `hotfix ledger`: what the ledger holds.
package struct LedgerCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Read the ledger.", subcommands: [Export.self])

    package init() {}

    /// `hotfix ledger export`: every verdict, one a row.
    package struct Export: AsyncParsableCommand {
        /// How rows are printed.
        package enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
            case csv, json
        }

        package static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Print every verdict, one a row.")

        @OptionGroup package var common: CommonOptions
        @Option(help: "Windows that start at or after this time.")
        package var from: String?
        @Option(help: "Windows that start before this time.")
        package var to: String?
        @Option(help: "CSV with a header, or a JSON array.")
        package var format = Format.csv

        package init() {}

        package mutating func run() async throws {
            let surroundings = Surroundings.current
            let workplace = try Workplace(config: common.config)
            let from = try from.map { try HotfixCommand.instant($0, "--from") }
            let to = try to.map { try HotfixCommand.instant($0, "--to") }
            let ledger = try workplace.openLedger()
            let book = ExportBook(try ledger.facts())
            let isJSON = format == .json
            var isFirst = true
            surroundings.write(isJSON ? "[" : ExportBook.columns.joined(separator: ",") + "\n")
            try ledger.exportRows(from: from, to: to) { row in
                let line = book.line(row)
                surroundings.write(isJSON ? (isFirst ? "\n" : ",\n") + ExportBook.json(line) : ExportBook.csv(line) + "\n")
                isFirst = false
            }
            if isJSON { surroundings.write(isFirst ? "]\n" : "\n]\n") }
        }
    }
}
