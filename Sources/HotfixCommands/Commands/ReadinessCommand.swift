package import ArgumentParser
import HotfixCore

/// `hotfix readiness`: the state, per service and in all, and why.
package struct ReadinessCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "readiness", abstract: "Tell whether the hotfix is ready, why not, and when.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
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
        let query = ReadinessQuery(services: services, at: at, maxAge: maxAge)
        let readiness = try await server.desk(common).readiness(query)
        try surroundings.write((format == .json ? readiness.json.text : readiness.text(now: surroundings.now)) + "\n")
        if !readiness.isReady { throw ExitStatus.no }
    }
}
