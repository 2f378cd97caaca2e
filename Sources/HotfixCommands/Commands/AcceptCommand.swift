package import ArgumentParser
import HotfixCore
import HotfixStore

/// `hotfix accept`: accepts that guardrails were dropped from the configuration.
package struct AcceptCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept that guardrails which the deployment counts on were dropped.")

    @OptionGroup package var common: CommonOptions
    @Option(help: "Why.")
    package var reason: String
    @Option(help: "Who says so.")
    package var by: String?

    package init() {}

    package func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why.") }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        let workplace = try Workplace(config: common.config)
        let ledger = try workplace.openLedger()
        let snapshot = try workplace.snapshot(ledger, at: now)
        let dropped = snapshot.droppedPairs(snapshot.facts.deployments.filter(\.isOpen))
        guard !dropped.isEmpty else {
            throw CommandError(.wrong, "No guardrail that the deployment counts on was dropped; there is nothing to accept.")
        }
        try ledger.record(
            .acceptance(dropped.map { Acceptance(pair: $0, reason: reason, by: by, recordedAt: now) }))
        surroundings.write("Accepted without: \(dropped.map { oneLine($0.description) }.joined(separator: ", ")).\n")
    }
}
