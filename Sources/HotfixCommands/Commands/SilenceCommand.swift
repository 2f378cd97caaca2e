package import ArgumentParser
import HotfixCore

/// `hotfix silence`: lets messages not be told for a while.
package struct SilenceCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "silence",
        abstract: "Mute messages about a service, a guardrail or both until a time; list or lift what is muted.",
        discussion: """
            Nothing but messages is silenced: verdicts, streak, readiness and gate stay what they are, and readiness shows the \
            silence. A breach that is still open when the silence ends is told then.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(help: "The service; all where only a guardrail is given.", completion: .services)
    package var service: String?
    @Option(help: "The guardrail; all where only a service is given.", completion: .guardrails)
    package var guardrail: String?
    @Option(help: "When the silence ends; at most 30 days from now.")
    package var until: String?
    @Option(name: .customLong("for"), help: "How long it lasts, for example 2h; at most 30d.")
    package var duration: String?
    @Option(help: "Why.")
    package var reason: String?
    @Option(help: "Who says so.")
    package var by: String?
    @Flag(help: "List the silences.")
    package var list = false
    @Option(help: "End the silence of this number now.")
    package var lift: Int?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package func validate() throws {
        if list, lift != nil { throw ValidationError("--list and --lift exclude each other.") }
        let namesNew = service != nil || guardrail != nil || until != nil || duration != nil || reason != nil
        if list || lift != nil, namesNew {
            throw ValidationError("--list and --lift take no options of a new silence.")
        }
        if list, by != nil { throw ValidationError("--by goes with a new silence or --lift.") }
        if let objection = lifting?.objection ?? entry?.objection { throw ValidationError(objection) }
    }

    private var lifting: LiftingEntry? { lift.map { LiftingEntry(silence: $0, by: by ?? "") } }

    private var entry: SilenceEntry? {
        guard !list, lift == nil else { return nil }
        return SilenceEntry(
            service: service, guardrail: guardrail, until: until, duration: duration, reason: reason ?? "",
            by: by ?? "")
    }

    package mutating func run() async throws {
        let now = Surroundings.current.now
        let desk = try server.desk(common)
        if let lifting {
            let lifted = try await desk.lift(lifting)
            try write(lifted, "Silence \(lifted.id) of \(oneLine(lifted.subject)) is lifted.")
        } else if let entry {
            let silence = try await desk.silence(entry)
            try write(
                silence,
                "Silence \(silence.id): messages about \(oneLine(silence.subject)) are not told until "
                    + "\(moment(silence.end, now: now)).")
        } else {
            try print(try await desk.silences(), now: now)
        }
    }

    /// Writes what became of a silence: as a sentence, or itself.
    private func write(_ silence: Silence, _ sentence: String) throws {
        try Surroundings.current.write(format == .json ? silence.json.text + "\n" : sentence + "\n")
    }

    private func print(_ silences: [Silence], now: Instant) throws {
        let surroundings = Surroundings.current
        if format == .json {
            try surroundings.write(JSONValue.array(silences.map(\.json)).text + "\n")
            return
        }
        let rows = silences.map { silence -> [String] in
            let end = moment(silence.endsAt, now: now)
            let state =
                now < silence.endsAt
                ? "until \(end)" : silence.liftedBy.map { "lifted \(end) by \(oneLine($0))" } ?? "ended \(end)"
            return [
                String(silence.id), oneLine(silence.subject), "from \(silence.start)", state,
                "by \(oneLine(silence.by)): \(oneLine(silence.reason))",
            ]
        }
        try surroundings.write(rows.isEmpty ? "No silence is recorded.\n" : table(rows) + "\n")
    }
}
