package import ArgumentParser
import HotfixCore

/// `hotfix excuse`: makes an episode's windows unproven rather than breaches.
package struct ExcuseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "excuse",
        abstract: "Excuse an episode: its windows become unproven, never clean, and the clock does not restart for it.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Argument(
        help:
            "The episode, as readiness names it: service/guardrail/start, or service/guardrail of the one that is open.",
        completion: .openEpisodes)
    package var episode: String
    @Option(help: "Why.")
    package var reason: String
    @Option(help: "Who says so.")
    package var by: String

    package init() {}

    package func validate() throws {
        if let objection = entry.objection { throw ValidationError(objection) }
    }

    private var entry: ExcusalEntry { ExcusalEntry(episode: episode, reason: reason, by: by) }

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let entry = entry
        let excusal = try await server.desk(common).excuse(entry)
        try surroundings.write(
            "Episode \(oneLine(excusal.episode)) is excused: its windows are unproven, never clean.\n")
    }
}
