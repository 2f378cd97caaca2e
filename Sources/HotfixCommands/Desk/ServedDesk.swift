import HotfixConfiguration
import HotfixCore
import HotfixServer
import Synchronization

/// The desk of a server: the one beside the ledger, made anew whenever the configuration or a policy was changed.
///
/// What was asked for yesterday never answers for today: where the new configuration is wrong, nothing is answered until it is
/// mended.
final class ServedDesk: Sendable {
    /// How long an answer waits for others who hold the ledger, in seconds.
    private static let patience: Seconds = 2

    private struct Loaded {
        /// The configuration and its policies, as they were when they were read.
        var stamps: [String: FileStamp]
        var desk: Result<LocalDesk, SettingsError>
    }

    /// Where the configuration is.
    let path: String
    private let surroundings: Surroundings
    private let loaded: Mutex<Loaded>
    private let agent: AgentRecord?
    private let trouble: TroubleLog

    /// Opens the desk.
    ///
    /// - Parameters:
    ///   - explicit: What `--config` says.
    ///   - agent: What the agent of this process does; nil where there is none.
    /// - Throws: `SettingsError` with everything that is wrong, and `CommandError`.
    init(config explicit: String?, agent: AgentRecord? = nil) throws {
        let surroundings = Surroundings.current
        let path = try SettingsLoader.locate(
            explicit: explicit, environment: surroundings.environment, currentDirectory: surroundings.directory)
        let first = try Self.load(path, [], surroundings)
        _ = try first.desk.get()
        self.path = path
        self.surroundings = surroundings
        loaded = Mutex(first)
        self.agent = agent
        let tell = surroundings.writeError
        trouble = TroubleLog { tell("hotfix: \(oneLine($0))\n") }
    }

    /// The desk of the configuration as it is now.
    ///
    /// - Throws: `APIProblem` with status 503 where it is wrong, and `CommandError` where it does not stand still.
    func current() throws -> LocalDesk {
        try loaded.withLock { loaded in
            // What is missing may be a file that is not known yet: what was wrong is read anew each time.
            if (try? loaded.desk.get()) == nil || loaded.stamps != SteadyConfiguration.stamps(of: loaded.stamps.keys) {
                loaded = try Self.load(path, Array(loaded.stamps.keys), surroundings)
            }
            switch loaded.desk {
            case .success(let desk): return desk
            case .failure(let error):
                throw APIProblem(
                    503,
                    "The server's configuration was changed, and is wrong now: "
                        + error.diagnostics.map(\.description).joined(separator: " "),
                    exitStatus: ExitStatus.wrong.rawValue)
            }
        }
    }

    /// Does something at the desk of the configuration as it is now; trouble of the server's own is told.
    private func watching<Value>(_ work: String = #function, _ body: (LocalDesk) throws -> Value) throws -> Value {
        do {
            let value = try body(try current())
            trouble.end(of: work, at: surroundings.now)
            return value
        } catch {
            if let text = ServeCommand.trouble(error) { trouble.begin(text, of: work, at: surroundings.now) }
            throw error
        }
    }

    private static func load(_ path: String, _ known: [String], _ surroundings: Surroundings) throws -> Loaded {
        let read = try SteadyConfiguration(path, known: known, surroundings)
        return Loaded(
            stamps: read.stamps,
            desk: read.workplace.map { workplace in
                Surroundings.$current.withValue(surroundings) {
                    LocalDesk(workplace, patience: patience, loadedAt: read.readAt)
                }
            })
    }
}

extension ServedDesk: ServingDesk {
    var now: Instant { surroundings.now }

    func mark() throws -> DeskMark { try watching { try $0.mark() } }

    func standing(_ query: ReadinessQuery) throws -> Standing { try watching { try $0.standing(query) } }

    func newestCheck() throws -> NewestCheck { try watching { try $0.newestCheck() } }

    func metrics() throws -> String { try watching { try $0.metrics(agent) } }

    func services() throws -> [JSONValue] { try watching { try $0.services() } }

    func verdicts(of pair: Pair, _ query: PageQuery) throws -> Page {
        try watching { try $0.verdicts(of: pair, query) }
    }

    func episodes(of service: String?, _ query: PageQuery) throws -> Page {
        try watching { try $0.episodes(of: service, query) }
    }

    func readiness(_ query: ReadinessQuery) throws -> Readiness { try watching { try $0.readiness(query) } }

    func gate(_ query: GateQuery) throws -> GateAnswer { try watching { try $0.gate(query) } }

    func explanations(_ query: ExplanationQuery) throws -> [Explanation] { try watching { try $0.explanations(query) } }

    func overview(_ query: OverviewQuery) throws -> Overview { try watching { try $0.overview(query) } }

    func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) throws {
        try watching { try $0.export(query, write: write) }
    }

    func deployments() throws -> [Deployment] { try watching { try $0.deployments() } }

    func record(_ entry: DeploymentEntry) throws -> DeploymentReceipt { try watching { try $0.record(entry) } }

    func closeHotfix() throws -> Deployment { try watching { try $0.closeHotfix() } }

    func takeBack(_ entry: TakingBackEntry) throws -> Deployment { try watching { try $0.takeBack(entry) } }

    func lookback() throws -> LookbackBook { try watching { try $0.lookback() } }

    func exclude(_ entry: ExclusionEntry) throws -> Exclusion { try watching { try $0.exclude(entry) } }

    func excuse(_ entry: ExcusalEntry) throws -> Excusal { try watching { try $0.excuse(entry) } }

    func accept(_ entry: AcceptanceEntry) throws -> [Acceptance] { try watching { try $0.accept(entry) } }

    func silences() throws -> [Silence] { try watching { try $0.silences() } }

    func silence(_ entry: SilenceEntry) throws -> Silence { try watching { try $0.silence(entry) } }

    func lift(_ entry: LiftingEntry) throws -> Silence { try watching { try $0.lift(entry) } }

    func acknowledge(_ entry: AcknowledgementEntry) throws -> Acknowledgement {
        try watching { try $0.acknowledge(entry) }
    }

    func alerts(_ query: AlertsQuery) throws -> AlertsBook { try watching { try $0.alerts(query) } }

    func explanationText(_ query: ExplanationQuery) throws -> String { try watching { try $0.explanationText(query) } }
}
