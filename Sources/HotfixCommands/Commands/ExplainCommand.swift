package import ArgumentParser
import HotfixCore

/// `hotfix explain`: one verdict with everything it was reached from.
package struct ExplainCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show a verdict with everything it was reached from.",
        discussion: """
            As text, a plot of the six hours that end with the window stands below: the value, its baseline and its limit, and \
            a strip that says what each window came to. It is as wide as $COLUMNS or the terminal says, else 80 columns; in \
            colour on a terminal alone, and never with NO_COLOR; in ASCII where the locale is not one of UTF-8.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Argument(help: "The service.", completion: .services)
    package var service: String
    @Argument(help: "The guardrail; all of the service's where it is left out.", completion: .guardrails)
    package var guardrail: String?
    @Option(help: "The window that holds this time; else the newest with a verdict.")
    package var at: String?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        let query = ExplanationQuery(service: service, guardrail: guardrail, at: at)
        let explanations = try await server.desk(common).explanations(query)
        try surroundings.write(
            (format == .json
                ? JSONValue.array(explanations.map(\.json)).text
                : explanations.map { $0.text(now: now, plotStyle: surroundings.plotStyle) }.joined(separator: "\n\n"))
                + "\n")
    }
}
