package import ArgumentParser
import HotfixCore

/// `hotfix ack`: stops an episode's reminders.
package struct AckCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Say that an open episode was seen: it is told again only when it is over.",
        discussion: "No verdict changes by it, and readiness shows who said so.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Argument(
        help: "The episode, as readiness names it, or SERVICE/GUARDRAIL of the one that is open.",
        completion: .openEpisodes)
    package var episode: String
    @Option(help: "Who takes care of it.")
    package var by: String
    @Option(help: "What they have to say of it.")
    package var note: String?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package func validate() throws {
        if let objection = entry.objection { throw ValidationError(objection) }
    }

    private var entry: AcknowledgementEntry { AcknowledgementEntry(episode: episode, by: by, note: note) }

    package mutating func run() async throws {
        let acknowledgement = try await server.desk(common).acknowledge(entry)
        let sentence =
            "Episode \(oneLine(acknowledgement.episode)) is acknowledged by \(oneLine(acknowledgement.by)): "
            + "it is told again only when it is over."
        try Surroundings.current.write((format == .json ? acknowledgement.json.text : sentence) + "\n")
    }
}
