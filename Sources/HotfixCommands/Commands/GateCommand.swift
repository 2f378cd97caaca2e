package import ArgumentParser
import HotfixCore

/// `hotfix gate`: 0 only when ready, fresh, and the commit is the deployed one.
package struct GateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "gate", abstract: "End with 0 only when the hotfix is ready and this commit is what was deployed.",
        discussion: """
            Meant as the required check of the pull request that merges the hotfix back: a commit status stays green when its \
            agent has died, this does not. Give the head of the pull request's branch, never a merge commit that CI made.
            """)

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(help: "The full id of the branch's head.")
    package var commit: String
    @Option(help: "How old the newest window may be; 4 windows by default.")
    package var maxAge: String?

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let query = GateQuery(commit: commit, maxAge: maxAge)
        let answer = try await server.desk(common).gate(query)
        // What a server says is held against the readiness that it gives for it, by the same rule.
        if let objection = answer.readiness.objection(toMerging: commit) {
            try surroundings.write("closed: \(oneLine(objection))\n")
            throw ExitStatus.no
        }
        try surroundings.write("open: \(commit) is deployed and has proven \(hours(answer.readiness.provenSeconds))\n")
    }
}
