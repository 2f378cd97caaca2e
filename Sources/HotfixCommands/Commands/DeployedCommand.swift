package import ArgumentParser
import HotfixConfiguration
import HotfixCore

/// `hotfix deployed`: records the deployment from which the streak counts.
package struct DeployedCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "deployed",
        abstract: "Record the deployment from which the streak counts, or list, close or take one back.")

    @OptionGroup package var common: CommonOptions
    @OptionGroup package var server: ServerOptions
    @Option(help: "The commit that was deployed; a full id, or the gate stays closed.")
    package var commit: String?
    @Option(
        help: """
            Read version, time and commit from the deploy that this source of type sentry has recorded; --version picks the \
            release.
            """)
    package var from: String?
    @Option(help: "The hotfix branch; else the open hotfix's, or the one in the tracker's status file.")
    package var branch: String?
    @Option(help: "The version that runs since; watched where a source knows which one runs.")
    package var version: String?
    @Option(help: "A version that may run beside it (blue and green); may be repeated.")
    package var beside: [String] = []
    @Option(help: "When the roll-out was finished; now by default.")
    package var at: String?
    @Option(
        name: .customLong("service"), help: "Only this service; may be repeated. All by default.", completion: .services
    )
    package var services: [String] = []
    @Option(
        help: """
            FROM or FROM/TO: the regression that the hotfix mends, left out of the look-back. It ends with the deployment \
            by default.
            """
    )
    package var incident: String?
    @Flag(help: "There was no regression in the look-back.")
    package var noIncident = false
    @Flag(help: "Let the look-back end with this deployment rather than with the hotfix's first.")
    package var newBaseline = false
    @Option(help: "Why: with --incident, --new-baseline and --void.")
    package var reason: String?
    @Flag(help: "List the deployments.")
    package var list = false
    @Flag(help: "Close the open hotfix.")
    package var close = false
    @Option(help: "Take back the deployment of this number.")
    package var void: Int?
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package func validate() throws {
        let modes = [commit != nil || from != nil, list, close, void != nil].filter { $0 }.count
        guard modes == 1 else {
            throw ValidationError("Give exactly one of --commit (or --from), --list, --close and --void.")
        }
        if commit == nil, from == nil, reason != nil, void == nil {
            throw ValidationError("--reason says why: it goes with --incident, --new-baseline or --void.")
        }
        if commit == nil, from == nil,
            incident != nil || noIncident || newBaseline || version != nil || at != nil || branch != nil
                || !services.isEmpty || !beside.isEmpty
        {
            throw ValidationError("--list, --close and --void take no options of a new deployment.")
        }
        if let objection = entry?.objection ?? takingBack?.objection { throw ValidationError(objection) }
    }

    private var entry: DeploymentEntry? {
        commit.map { commit in
            DeploymentEntry(
                commit: commit, branch: branch, version: version, beside: beside, at: at, services: services,
                incident: incident, noIncident: noIncident, newBaseline: newBaseline, reason: reason)
        }
    }

    private var takingBack: TakingBackEntry? {
        void.map { TakingBackEntry(deployment: $0, reason: reason ?? "") }
    }

    package mutating func run() async throws {
        guard let from else { return try await run(at: try server.desk(common)) }
        guard server.address(common) == nil else {
            throw CommandError(
                .wrong,
                "--from asks a source of a configuration at hand, and a server has one of its own. Leave out --from, or "
                    + "--server and $HOTFIX_SERVER.")
        }
        let workplace = try Workplace(config: common.config, secrets: [.sources])
        try await fillIn(from: from, workplace)
        try await run(at: LocalDesk(workplace))
    }

    private func run(at desk: any LedgerDesk) async throws {
        if let entry {
            try tell(try await desk.record(entry))
        } else if let takingBack {
            try write(try await desk.takeBack(takingBack), "Deployment \(takingBack.deployment) is taken back.")
        } else if close {
            let closed = try await desk.closeHotfix()
            try write(closed, "The hotfix\(closed.branch.map { " \(oneLine($0))" } ?? "") is closed.")
        } else {
            try print(try await desk.deployments())
        }
    }

    /// Says what became of a deployment that was to be recorded.
    private func tell(_ receipt: DeploymentReceipt) throws {
        let surroundings = Surroundings.current
        let recorded = receipt.deployment
        if receipt.wasKnown {
            try write(recorded, "Deployment \(recorded.id) is recorded already; nothing changed.")
            return
        }
        let list = recorded.services.map(oneLine).joined(separator: ", ")
        let when = moment(recorded.at, now: surroundings.now)
        try write(
            recorded, "Deployment \(recorded.id) of \(oneLine(recorded.commit)) at \(when) is recorded for \(list).")
        if !recorded.hasFullCommit {
            surroundings.writeError(
                "hotfix: '\(oneLine(recorded.commit))' is not a full commit id, so this deployment opens no gate.\n")
        }
        if let newer = receipt.newer {
            surroundings.writeError("hotfix: Deployment \(newer) is newer, so the streak counts from that one.\n")
        }
    }

    /// Writes what became of a deployment: as a sentence, or itself.
    private func write(_ deployment: Deployment, _ sentence: String) throws {
        try Surroundings.current.write(format == .json ? deployment.json.text + "\n" : sentence + "\n")
    }

    private func print(_ deployments: [Deployment]) throws {
        let surroundings = Surroundings.current
        if format == .json {
            try surroundings.write(JSONValue.array(deployments.map(\.json)).text + "\n")
            return
        }
        let rows = deployments.map { deployment -> [String] in
            let state =
                deployment.voidReason.map { "taken back: \(oneLine($0))" }
                ?? (deployment.closedAt.map { "closed \($0)" } ?? "open")
            return [
                String(deployment.id), deployment.at.description, oneLine(deployment.commit),
                oneLine(deployment.branch ?? "–"),
                oneLine(deployment.services.joined(separator: ",")), state,
            ]
        }
        try surroundings.write(rows.isEmpty ? "No deployment is recorded.\n" : table(rows) + "\n")
    }
}
