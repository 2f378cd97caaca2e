package import ArgumentParser
import HotfixCore
import HotfixTracker

/// `hotfix explain`: one verdict with everything it was reached from.
package struct ExplainCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show a verdict with everything it was reached from.")

    @OptionGroup package var common: CommonOptions
    @Argument(help: "The service.")
    package var service: String
    @Argument(help: "The guardrail; all of the service's where it is left out.")
    package var guardrail: String?
    @Option(help: "The window that holds this time; else the newest with a verdict.")
    package var at: String?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config)
        _ = try workplace.selected([service])
        let now = surroundings.now
        let instant = try at.map { try HotfixCommand.instant($0, "--at") }
        let snapshot = try workplace.snapshot(try workplace.openLedger(), at: now)
        guard let found = snapshot.services.first(where: { $0.name == service }) else { return }
        let pairs = found.pairs.filter { guardrail == nil || $0.pair.guardrail == guardrail }
        guard !pairs.isEmpty else {
            let known = found.pairs.map(\.pair.guardrail).joined(separator: ", ")
            throw CommandError(.wrong, "'\(guardrail ?? "")' is no guardrail of '\(service)'. It has: \(known).")
        }
        let explanations = pairs.map { Explanation($0, of: found, at: instant) }
        surroundings.write(
            (format == .json
                ? Explanation.json(explanations).text
                : explanations.map { $0.text(now: now) }.joined(separator: "\n\n")) + "\n")
    }
}
