package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix readiness`: the state, per service and in all, and why.
package struct ReadinessCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "readiness", abstract: "Tell whether the hotfix is ready, why not, and when.")

    @OptionGroup package var common: CommonOptions
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.")
    package var services: [String] = []
    @Option(help: "Leave out windows and deployments of later; what was recorded since holds.")
    package var at: String?
    @Option(help: "How old the newest window may be; 4 windows by default.")
    package var maxAge: String?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config)
        let selected = try workplace.selected(services)
        let readiness = try workplace.readiness(
            at: at.map { try HotfixCommand.instant($0, "--at") }, maxAge: maxAge, services: selected)
        try surroundings.write((format == .json ? readiness.json.text : readiness.text(now: surroundings.now)) + "\n")
        if !readiness.isReady { throw ExitStatus.no }
    }
}

extension Workplace {
    /// Reads readiness from the ledger.
    ///
    /// - Parameters:
    ///   - at: nil means now.
    ///   - maxAge: A duration as people write it; nil means 4 windows.
    ///   - services: Only these; nil means all.
    /// - Returns: The readiness.
    /// - Throws: `CommandError` for an age or an instant that is wrong, `LedgerError`, `Roster.WindowChange`.
    func readiness(at: Instant?, maxAge: String?, services: Set<String>?) throws -> Readiness {
        let clock = Surroundings.current.now
        let age = try maxAge.map { text in
            guard let seconds = parseDuration(text), seconds > 0 else {
                throw CommandError(.wrong, "--max-age '\(text)' is not a duration. Write it as 20m or 1h.")
            }
            return seconds
        }
        if let at, at > clock {
            throw CommandError(.wrong, "--at \(at) lies in the future; it is \(clock).")
        }
        let snapshot = try snapshot(try openLedger(), at: at ?? clock, isPast: at != nil)
        return withNotWatched(snapshot.readiness(at: at ?? clock, clock: clock, maxAge: age, services: services))
    }

    /// Adds to a readiness the guardrails that watch nothing of their service, which only the configuration knows.
    func withNotWatched(_ readiness: Readiness) -> Readiness {
        var readiness = readiness
        for index in readiness.services.indices {
            let name = readiness.services[index].name
            readiness.services[index].notWatched = settings.service(name)?.notWatched.map(\.guardrail) ?? []
        }
        return readiness
    }
}
