package import ArgumentParser
import HotfixCore

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

            --format prometheus is for the textfile collector of the node exporter. Rename the file into place where the command \
            ends with 0 or 1; after an error the file is empty, and would resolve an alert about a breach: \
            { hotfix readiness --format prometheus >hotfix.prom.new || [ $? = 1 ]; } && mv hotfix.prom.new hotfix.prom
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
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
        let query = ReadinessQuery(services: services, at: at, maxAge: maxAge)
        let readiness = try await server.desk(common).readiness(query)
        var statuses: [ExitStatus] = readiness.isReady ? [] : [.no]
        switch format {
        case .text: try surroundings.write(readiness.text(now: surroundings.now) + "\n")
        case .json: try surroundings.write(readiness.json.text + "\n")
        case .nagios:
            try surroundings.write(readiness.nagios + "\n")
            throw PluginStatus(readiness.state)
        case .github: statuses.append(try GitHubJob(readiness, surroundings).deliver())
        case .prometheus: try surroundings.write(try exposition(readiness, surroundings))
        }
        let status = ExitStatus.gravest(statuses)
        if status != .done { throw status }
    }

    private func exposition(_ readiness: Readiness, _ surroundings: Surroundings) throws -> String {
        let workplace = server.address(common) == nil ? try Workplace(config: common.config) : nil
        return readiness.exposition(now: surroundings.now, workplace)
    }
}

/// How a readiness is printed.
package enum ReadinessFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json, nagios, github, prometheus
}
