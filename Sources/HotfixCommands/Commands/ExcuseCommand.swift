package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixStore

/// `hotfix excuse`: makes an episode's windows unproven rather than breaches.
package struct ExcuseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "excuse", abstract: "Excuse an episode: its windows become unproven, never clean, and the clock does not restart for it.")

    @OptionGroup package var common: CommonOptions
    @Argument(help: "The episode, as readiness names it: service/guardrail/start.")
    package var episode: String
    @Option(help: "Why.")
    package var reason: String
    @Option(help: "Who says so.")
    package var by: String

    package init() {}

    package func validate() throws {
        if reason.allSatisfy(\.isWhitespace) || by.allSatisfy(\.isWhitespace) {
            throw ValidationError("--reason must say why, and --by who says so.")
        }
    }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config)
        let ledger = try workplace.openLedger()
        let facts = try ledger.facts()
        guard let found = facts.episodes.first(where: { $0.id == episode }) else {
            let known = facts.episodes.filter(\.isOpen).map { oneLine($0.id) }.joined(separator: ", ")
            throw CommandError(
                .wrong, "There is no episode '\(oneLine(episode))'. Open are: \(known.isEmpty ? "none" : known).")
        }
        guard !facts.excusals.contains(where: { $0.episode == found.id }) else {
            throw CommandError(.wrong, "Episode '\(oneLine(episode))' is excused already.")
        }
        let step = workplace.settings.service(found.pair.service)?.policy.window ?? 300
        // What breaches after this opens an episode of its own.
        let end = found.closedAt ?? found.lastBreach + step
        try ledger.record(
            .excusal(
                Excusal(
                    episode: found.id, pair: found.pair, interval: Interval(start: found.start, end: end),
                    reason: reason, by: by, recordedAt: surroundings.now)))
        surroundings.write("Episode \(oneLine(found.id)) is excused: its windows are unproven, never clean.\n")
    }
}
