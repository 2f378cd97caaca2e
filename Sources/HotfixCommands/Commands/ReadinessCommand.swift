package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// `hotfix readiness`: the state, per service and in all, and why.
package struct ReadinessCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "readiness", abstract: "Tell whether the hotfix is ready, why not, and when.",
        discussion: """
            --format nagios is for Nagios, Icinga and their kin, and ends as their plugins do: 0 ready, 1 counting, 2 breaching, \
            3 blind, not deployed or unknown, any error among that.

            --format github is for a job of GitHub Actions: annotations on standard output, the page to \
            $GITHUB_STEP_SUMMARY, and to $GITHUB_OUTPUT the values state, state_reason, ready, proven_seconds, \
            required_seconds, earliest_ready, commit and json. Where the first is not set, the page goes to standard output.

            --format prometheus is for the textfile collector of the node exporter. Rename the file into place whatever the \
            command ends with, since it ends with 1 while the hotfix is not ready: \
            hotfix readiness --format prometheus >hotfix.prom.new; mv hotfix.prom.new hotfix.prom
            """)

    @OptionGroup package var common: CommonOptions
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.", completion: .services)
    package var services: [String] = []
    @Option(help: "Leave out windows and deployments of later; what was recorded since holds.")
    package var at: String?
    @Option(help: "How old the newest window may be; 4 windows by default.")
    package var maxAge: String?
    @Option(help: "How the result is printed.")
    package var format = ReadinessFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config)
        let selected = try workplace.selected(services)
        let readiness = try workplace.readiness(
            at: at.map { try HotfixCommand.instant($0, "--at") }, maxAge: maxAge, services: selected)
        var statuses: [ExitStatus] = readiness.isReady ? [] : [.no]
        switch format {
        case .text: try surroundings.write(readiness.text(now: surroundings.now) + "\n")
        case .json: try surroundings.write(readiness.json.text + "\n")
        case .nagios:
            try surroundings.write(readiness.nagios + "\n")
            throw PluginStatus(readiness.state)
        case .github: statuses.append(try GitHubJob(readiness, surroundings).deliver())
        case .prometheus: try surroundings.write(readiness.exposition(now: surroundings.now))
        }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
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

/// How a readiness is printed.
package enum ReadinessFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json, nagios, github, prometheus
}
