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

    private let path: String
    private let surroundings: Surroundings
    private let loaded: Mutex<Loaded>
    private let agent: AgentRecord?

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
    }

    /// The desk of the configuration as it is now.
    ///
    /// - Throws: `APIProblem` with status 503 where it is wrong, and `CommandError` where it does not stand still.
    func current() throws -> LocalDesk {
        try loaded.withLock { loaded in
            // What is missing may be a file that is not known yet: what was wrong is read anew each time.
            if (try? loaded.desk.get()) == nil || loaded.stamps != Self.stamps(of: loaded.stamps.keys) {
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

    /// Reads the configuration twice, so that the files are known to have stood still while it was read.
    private static func load(_ path: String, _ known: [String], _ surroundings: Surroundings) throws -> Loaded {
        var files = Set(known + [absolute(path, surroundings)])
        for _ in 0..<5 {
            let before = stamps(of: files)
            let loadedAt = surroundings.now
            let workplace = read(path, surroundings)
            let named = (try? workplace.get().policyFiles) ?? []
            guard files.isSuperset(of: named) else {
                files.formUnion(named)
                continue
            }
            guard stamps(of: files) == before else { continue }
            return Loaded(
                stamps: before,
                desk: workplace.map { workplace in
                    Surroundings.$current.withValue(surroundings) {
                        LocalDesk(workplace, patience: patience, loadedAt: loadedAt)
                    }
                })
        }
        throw CommandError(.unfinished, "The configuration '\(path)' changes all the time. Try again.")
    }

    private static func read(_ path: String, _ surroundings: Surroundings) -> Result<Workplace, SettingsError> {
        Surroundings.$current.withValue(surroundings) {
            do { return .success(try Workplace(config: path)) } catch let error as SettingsError {
                return .failure(error)
            } catch {
                return .failure(SettingsError([Diagnostic(file: path, message: "\(error)")]))
            }
        }
    }

    private static func absolute(_ path: String, _ surroundings: Surroundings) -> String {
        path.hasPrefix("/") ? path : "\(surroundings.directory)/\(path)"
    }

    private static func stamps(of files: some Sequence<String>) -> [String: FileStamp] {
        Dictionary(files.map { ($0, FileStamp($0)) }) { $1 }
    }
}

extension Workplace {
    fileprivate var policyFiles: [String] { settings.services.compactMap(\.policyFile) }
}

extension ServedDesk: ServingDesk {
    var now: Instant { surroundings.now }

    func mark() throws -> DeskMark { try current().mark() }

    func standing(_ query: ReadinessQuery) throws -> Standing { try current().standing(query) }

    func newestCheck() throws -> NewestCheck { try current().newestCheck() }

    func metrics() throws -> String { try current().metrics(agent) }

    func services() throws -> [JSONValue] { try current().services() }

    func verdicts(of pair: Pair, _ query: PageQuery) throws -> Page { try current().verdicts(of: pair, query) }

    func episodes(of service: String?, _ query: PageQuery) throws -> Page {
        try current().episodes(of: service, query)
    }

    func readiness(_ query: ReadinessQuery) throws -> Readiness { try current().readiness(query) }

    func gate(_ query: GateQuery) throws -> GateAnswer { try current().gate(query) }

    func explanations(_ query: ExplanationQuery) throws -> [Explanation] { try current().explanations(query) }

    func overview(_ query: OverviewQuery) throws -> Overview { try current().overview(query) }

    func export(_ query: ExportQuery, write: @escaping @Sendable (String) throws -> Void) throws {
        try current().export(query, write: write)
    }

    func deployments() throws -> [Deployment] { try current().deployments() }

    func record(_ entry: DeploymentEntry) throws -> DeploymentReceipt { try current().record(entry) }

    func closeHotfix() throws -> Deployment { try current().closeHotfix() }

    func takeBack(_ entry: TakingBackEntry) throws -> Deployment { try current().takeBack(entry) }

    func lookback() throws -> LookbackBook { try current().lookback() }

    func exclude(_ entry: ExclusionEntry) throws -> Exclusion { try current().exclude(entry) }

    func excuse(_ entry: ExcusalEntry) throws -> Excusal { try current().excuse(entry) }

    func accept(_ entry: AcceptanceEntry) throws -> [Acceptance] { try current().accept(entry) }

    func silences() throws -> [Silence] { try current().silences() }

    func silence(_ entry: SilenceEntry) throws -> Silence { try current().silence(entry) }

    func lift(_ entry: LiftingEntry) throws -> Silence { try current().lift(entry) }

    func acknowledge(_ entry: AcknowledgementEntry) throws -> Acknowledgement { try current().acknowledge(entry) }

    func alerts(_ query: AlertsQuery) throws -> AlertsBook { try current().alerts(query) }

    func explanationText(_ query: ExplanationQuery) throws -> String { try current().explanationText(query) }
}
