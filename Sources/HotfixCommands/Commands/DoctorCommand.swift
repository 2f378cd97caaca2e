package import ArgumentParser
import HotfixAgent
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixTracker

/// `hotfix doctor`: asks every source, receiver and file that the configuration names, and says what is wrong.
package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Ask every source, channel and file, and say what is wrong and what to do.",
        discussion: """
            It writes nothing, tells nobody anything, and works before there is a ledger. The look-back of every guardrail is asked as a first check \
            would; --service keeps that to some services. It ends with 0 where there is no problem (there may be warnings), 2 \
            where something is set up wrongly, 3 where a source or a receiver cannot be asked or has no data now or something was not examined, 5 where the ledger is \
            unusable. With --verbose it lists what is well too.
            """)

    @OptionGroup package var common: CommonOptions
    @Option(name: .customLong("service"), help: "Only this service; may be repeated.")
    package var services: [String] = []
    @Option(help: "How the result is printed.")
    package var format = OutputFormat.text

    package init() {}

    package mutating func run() async throws {
        let surroundings = Surroundings.current
        let workplace = try Workplace(config: common.config, secrets: [.sources, .channels])
        let selected = try workplace.selected(services)
        let now = surroundings.now

        var files = FileDoctor(workplace, surroundings)
        files.run()
        let sources = try await examineSources(workplace, selected, files.facts, at: now)
        var agent = AgentDoctor(workplace.settings, at: now)
        if let facts = files.facts {
            agent.examine(
                facts, lockHolder: FileFacts("\(workplace.ledgerPath).lock")?.lockHolder, besides: sources.findings)
        }
        agent.examineUse()
        var receivers = ReceiverDoctor(workplace.settings)
        receivers.examineUse(files.facts?.deployments ?? [])

        var diagnosis = files.diagnosis
        diagnosis.merge(await TrackerDoctor(workplace.settings.tracker, surroundings).examine())
        diagnosis.merge(agent.diagnosis)
        diagnosis.merge(sources)
        diagnosis.merge(receivers.diagnosis)
        diagnosis.merge(await examineReceivers(workplace, at: now))
        try surroundings.write(
            (format == .json ? diagnosis.json(at: now).text : diagnosis.text(isVerbose: common.verbose)) + "\n")
        let status = diagnosis.status
        if status != .done { throw status }
    }

    private func examineReceivers(_ workplace: Workplace, at now: Instant) async -> Diagnosis {
        let surroundings = Surroundings.current
        let client = surroundings.client()
        let diagnosis = await ReceiverDoctor.examine(
            workplace.channels(client), workplace.displays(client), at: now)
        await client.shutDown()
        return diagnosis
    }

    private func examineSources(
        _ workplace: Workplace, _ selected: Set<String>?, _ facts: LedgerFacts?, at now: Instant
    ) async throws -> Diagnosis {
        var diagnosis = Diagnosis()
        let watch = workplace.watch
        var pinned: [Pair: SeriesDefinition] = [:]
        var deployed: Roster?
        if var facts {
            // What was found out about versions before is found out anew.
            facts.versions = []
            do {
                let roster = try Roster(watch, facts, at: now)
                pinned = roster.current.mapValues(\.definition)
                deployed = roster
            } catch {
                diagnosis.findings.append(
                    Finding(
                        .problem, .windowChanged, .service(error.service),
                        "Its policy has windows of \(error.new) s, and its running deployment is judged in windows of"
                            + " \(error.old) s: no check runs.",
                        remedy:
                            "Set `window` back, or close the deployment (hotfix deployed --close) and record it anew."))
            }
        }
        // Without a ledger's series everything is wished for.
        let wishes = try Roster(watch, LedgerFacts(ledgerID: ""), at: now).wishes(at: now).filter { wish in
            selected.map { $0.contains(wish.service.name) } ?? true
        }
        let surroundings = Surroundings.current
        let client = surroundings.client()
        let all = workplace.sources(client)
        let versions = Dictionary(grouping: all, by: \.name).mapValues { sources in
            sources.flatMap { deployed?.versionWishes(at: $0.name, now: now) ?? [] }.filter { wish in
                selected.map { $0.contains(wish.service.name) } ?? true
            }
        }
        let sources = all.filter { source in
            selected == nil || wishes.contains { $0.guardrail.source == source.name }
                || versions[source.name]?.isEmpty == false
        }
        let found = await withTaskGroup(of: (Int, Diagnosis).self) { group in
            for (index, source) in sources.enumerated() {
                let own = wishes.filter { $0.guardrail.source == source.name }
                group.addTask { [pinned] in
                    var diagnosis = await Self.examine(source, own, watch: watch, pinned: pinned, at: now)
                    let isBroken = diagnosis.findings.contains {
                        $0.severity == .problem && $0.subject == .source(source.name)
                    }
                    if let source = source as? any VersionSource, !isBroken {
                        diagnosis.merge(await VersionDoctor(source: source).examine(versions[source.name] ?? []))
                    }
                    return (index, diagnosis)
                }
            }
            return await group.reduce(into: [Int: Diagnosis]()) { $0[$1.0] = $1.1 }
        }
        await client.shutDown()
        for index in sources.indices { diagnosis.merge(found[index] ?? Diagnosis()) }
        return diagnosis
    }

    private static func examine(
        _ source: any MetricSource, _ wishes: [SeriesWish], watch: Watch, pinned: [Pair: SeriesDefinition],
        at now: Instant
    ) async -> Diagnosis {
        guard let examinable = source as? any ExaminableSource else {
            var diagnosis = Diagnosis()
            diagnosis.leaveOut(
                .source(source.name), "nothing is known of how to examine a source of this kind.",
                remedy: "`hotfix check --dry-run` asks it.")
            return diagnosis
        }
        return await SourceDoctor(source: examinable, watch: watch, pinned: pinned).examine(wishes, at: now)
    }
}
