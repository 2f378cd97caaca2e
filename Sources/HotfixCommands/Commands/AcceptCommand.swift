package import ArgumentParser
import HotfixCore

/// `hotfix accept`: accepts that guardrails were dropped from the configuration.
package struct AcceptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept that guardrails which the deployment counts on were dropped.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(help: "Why.")
    package var reason: String
    @Option(help: "Who says so.")
    package var by: String?

    package init() {}

    package func validate() throws {
        if let objection = entry.objection { throw ValidationError(objection) }
    }

    private var entry: AcceptanceEntry { AcceptanceEntry(reason: reason, by: by) }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let entry = entry
        let accepted = try await server.desk(common).accept(entry)
        try surroundings.write(
            "Accepted without: \(accepted.map { oneLine($0.pair.description) }.joined(separator: ", ")).\n")
    }
}
