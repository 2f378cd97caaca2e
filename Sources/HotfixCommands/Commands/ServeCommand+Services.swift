import HotfixConfiguration
import HotfixCore
import HotfixServer
import Logging
import ServiceLifecycle

/// What the handlers and the services of a server are made from.
struct ServingPlace: Sendable {
    /// The configuration as it was at the start; what follows it asks the desk.
    let workplace: Workplace
    /// The ledger, by the configuration as it is now.
    let desk: ServedDesk
    /// Who may do what.
    let access: AccessRules
    /// The clock, the environment and standard error.
    let surroundings: Surroundings
    /// Where services tell trouble.
    let logger: Logger
    /// The time between two checks in seconds, and where they are noted; nil where checks are somebody else's.
    let agent: (period: Seconds, record: AgentRecord)?
    /// Given once the server answers.
    let ready = StartSignal()

    /// Whether something here needs a ledger from the start on.
    func needsLedger(receives: Bool) -> Bool {
        agent != nil || receives || workplace.settings.sources.contains { $0.kind == .otlp(isScraped: true) }
    }
}

/// The one place where a server is put together.
extension ServeCommand {
    /// Who answers calls, asked in this order: the first that has something at the address answers.
    func handlers(_ place: ServingPlace) throws -> [any CallHandler] {
        let threads = DeskThreads()
        return [
            APIHandler(desk: place.desk, access: place.access, threads: threads, problem: Self.problem),
            PageHandler(desk: place.desk, access: place.access, threads: threads, problem: Self.problem),
        ]
    }

    /// What runs beside the server that answers; told to end in the reverse of this order, each once the one after it has ended.
    func services(_ place: ServingPlace) throws -> [any ServiceLifecycle.Service] {
        let doubt = beginLedger(place)
        var services = try OTLPPlace(serving: place, config: common.config, isQuiet: common.quiet).services(
            listen: otlp)
        if let (period, record) = place.agent {
            services.append(
                AgentService(
                    config: place.desk.path, period: period, isVerbose: common.verbose, record: record, doubt: doubt,
                    ready: place.ready,
                    surroundings: place.surroundings, logger: place.logger))
        }
        services.append(
            WatchdogService(
                manager: ServiceManager(place.surroundings.environment), record: place.agent?.record,
                surroundings: place.surroundings))
        return services
    }

    /// Makes the ledger where there never was one, and says so.
    private func beginLedger(_ place: ServingPlace) -> String? {
        guard place.needsLedger(receives: otlp != nil) else { return nil }
        do {
            let doubt = try LedgerStart.begin(place.workplace)
            // The first check says it by all it has.
            if place.agent == nil, let doubt { place.surroundings.writeError("hotfix: \(oneLine(doubt))\n") }
            return doubt
        } catch {
            // Who needs it says why it cannot, each in its own way: a check by failing.
            place.surroundings.writeError("hotfix: \(oneLine("\(error)"))\n")
            return nil
        }
    }
}
