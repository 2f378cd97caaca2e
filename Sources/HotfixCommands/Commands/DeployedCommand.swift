package import ArgumentParser
import HotfixConfiguration
import HotfixCore
import HotfixStore
import HotfixTracker

/// `hotfix deployed`: records the deployment from which the streak counts.
package struct DeployedCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "deployed",
        abstract: "Record the deployment from which the streak counts, or list, close or take one back.")

    @OptionGroup package var common: CommonOptions
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
        if incident != nil && noIncident { throw ValidationError("--incident and --no-incident exclude each other.") }
        let needsReason = incident != nil || newBaseline || void != nil
        if needsReason, reason?.contains(where: { !$0.isWhitespace }) != true {
            throw ValidationError("--incident, --new-baseline and --void need a --reason.")
        }
        if reason != nil, !needsReason {
            throw ValidationError("--reason says why: it goes with --incident, --new-baseline or --void.")
        }
        if commit == nil, from == nil,
            incident != nil || noIncident || newBaseline || version != nil || at != nil || branch != nil
                || !services.isEmpty || !beside.isEmpty
        {
            throw ValidationError("--list, --close and --void take no options of a new deployment.")
        }
    }

    package mutating func run() async throws {
        let workplace = try Workplace(config: common.config, needsSecrets: from != nil)
        if let from { try await fillIn(from: from, workplace) }
        if let commit {
            try record(commit, workplace)
        } else if let void {
            try takeBack(void, workplace)
        } else if close {
            try closeHotfix(workplace)
        } else {
            try printList(workplace)
        }
    }

    private func record(_ commit: String, _ workplace: Workplace) throws {
        let surroundings = Surroundings.current
        let now = surroundings.now
        guard (7...64).contains(commit.utf8.count), commit.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw CommandError(
                .wrong, "--commit '\(oneLine(commit))' is not a commit id: give 7 to 64 hexadecimal digits.")
        }
        let at = try self.at.map { try HotfixCommand.instant($0, "--at") } ?? now
        guard at <= now else {
            throw CommandError(
                .wrong, "--at \(at) lies in the future; it is \(now). Record a deployment when it is done.")
        }
        let retention = workplace.settings.ledgerRetention
        guard now - at <= retention else {
            throw CommandError(
                .wrong,
                "--at \(at) lies further back than the ledger reaches (`retention`, \(formatDuration(retention))).")
        }
        let names =
            try workplace.selected(services).map { chosen in
                workplace.settings.services.map(\.service.name).filter(chosen.contains)
            } ?? workplace.settings.services.map(\.service.name)
        let interval = try incident.map { try incidentInterval($0, until: at) }
        let ledger = try workplace.openLedger(createIfMissing: true)
        let facts = try ledger.facts()
        let open = facts.deployments.last { $0.isOpen }
        let branch = try self.branch ?? open?.branch ?? branchOfTracker(workplace)
        if let open, let named = open.branch, let branch, named != branch {
            throw CommandError(
                .wrong, "The hotfix '\(oneLine(named))' is open. Close it first: hotfix deployed --close")
        }
        let same = facts.deployments.first {
            $0.isOpen && $0.commit == commit.lowercased() && $0.at == at && $0.services == names && self.at != nil
        }
        if let same {
            try write(same, "Deployment \(same.id) is recorded already; nothing changed.")
            return
        }
        let pairs = workplace.settings.pairs.filter { names.contains($0.service) }
        let deployment = Deployment(
            id: 0, hotfix: 0, branch: branch, commit: commit.lowercased(), version: version, beside: beside, at: at,
            recordedAt: now, services: names, pairs: pairs,
            incident: interval != nil ? .named : noIncident ? .none : .unstated,
            newBaselineReason: newBaseline ? reason : nil)
        let exclusions = interval.map { interval in
            [Exclusion(id: 0, interval: interval, reason: "incident: \(reason ?? "")", recordedAt: now)]
        }
        try ledger.record(.deployment(deployment, excluding: exclusions ?? []))
        guard let recorded = try ledger.facts().deployments.last else { return }
        let list = names.map(oneLine).joined(separator: ", ")
        try write(
            recorded,
            "Deployment \(recorded.id) of \(recorded.commit) at \(moment(at, now: now)) is recorded for \(list).")
        if !recorded.hasFullCommit {
            surroundings.writeError(
                "hotfix: '\(recorded.commit)' is not a full commit id, so this deployment opens no gate.\n")
        }
        if let newer = facts.deployments.last(where: { $0.isOpen && $0.at > at }) {
            surroundings.writeError("hotfix: Deployment \(newer.id) is newer, so the streak counts from that one.\n")
        }
    }

    /// Writes what became of a deployment: as a sentence, or itself.
    private func write(_ deployment: Deployment, _ sentence: String) throws {
        try Surroundings.current.write(format == .json ? deployment.json.text + "\n" : sentence + "\n")
    }

    private func incidentInterval(_ text: String, until end: Instant) throws -> Interval {
        try HotfixCommand.interval(text, "--incident", openEnd: end)
    }

    private func branchOfTracker(_ workplace: Workplace) throws -> String? {
        guard let tracker = workplace.settings.tracker else { return nil }
        let status = try StatusFile.read(path: tracker.statusFile)
        guard case .string(let name)? = status.root["branch"]?.object?["name"] else { return nil }
        return name.text
    }

    private func takeBack(_ id: Int, _ workplace: Workplace) throws {
        let ledger = try workplace.openLedger()
        guard let deployment = try ledger.facts().deployments.first(where: { $0.id == id }) else {
            throw CommandError(.wrong, "There is no deployment \(id). List them: hotfix deployed --list")
        }
        guard !deployment.isVoid else {
            throw CommandError(
                .wrong, "Deployment \(id) was taken back already: \(oneLine(deployment.voidReason ?? "")).")
        }
        try ledger.record(.void(deployment: id, reason: reason ?? "", at: Surroundings.current.now))
        let now = try ledger.facts().deployments.first { $0.id == id }
        try write(now ?? deployment, "Deployment \(id) is taken back.")
    }

    private func closeHotfix(_ workplace: Workplace) throws {
        let ledger = try workplace.openLedger()
        guard let open = try ledger.facts().deployments.last(where: \.isOpen) else {
            throw CommandError(.wrong, "No hotfix is open.")
        }
        try ledger.record(.close(hotfix: open.hotfix, at: Surroundings.current.now))
        let now = try ledger.facts().deployments.first { $0.id == open.id }
        try write(now ?? open, "The hotfix\(open.branch.map { " \(oneLine($0))" } ?? "") is closed.")
    }

    private func printList(_ workplace: Workplace) throws {
        let surroundings = Surroundings.current
        let deployments = try workplace.openLedger().facts().deployments
        if format == .json {
            try surroundings.write(JSONValue.array(deployments.map(\.json)).text + "\n")
            return
        }
        let rows = deployments.map { deployment -> [String] in
            let state =
                deployment.voidReason.map { "taken back: \(oneLine($0))" }
                ?? (deployment.closedAt.map { "closed \($0)" } ?? "open")
            return [
                String(deployment.id), deployment.at.description, deployment.commit, oneLine(deployment.branch ?? "–"),
                oneLine(deployment.services.joined(separator: ",")), state,
            ]
        }
        try surroundings.write(rows.isEmpty ? "No deployment is recorded.\n" : table(rows) + "\n")
    }
}
