import ArgumentParser
import HotfixAgent
package import HotfixConfiguration
package import HotfixCore
import HotfixHTTP
import HotfixOTLP
import HotfixSources
package import HotfixStore
import Logging

/// Where everything is put together: the configuration, the ledger and the sources that a command works with.
package struct Workplace: Sendable {
    /// The checked configuration.
    package let settings: Settings
    let surroundings: Surroundings

    /// Reads the configuration that a command was called with.
    ///
    /// - Parameters:
    ///   - explicit: The path given with `--config`.
    ///   - secrets: What secrets are needed for; who only reads the ledger need not have any.
    /// - Throws: `SettingsError` with everything that is wrong.
    package init(config explicit: String?, secrets: Set<SecretUse> = []) throws {
        surroundings = Surroundings.current
        let path = try SettingsLoader.locate(
            explicit: explicit, environment: surroundings.environment, currentDirectory: surroundings.directory)
        settings = try SettingsLoader.load(
            path: path, environment: surroundings.environment, currentDirectory: surroundings.directory,
            secrets: secrets)
    }

    /// The path of the ledger.
    package var ledgerPath: String {
        switch settings.state {
        case .sqlite(let path): path
        }
    }

    /// What is watched.
    ///
    /// Where a source is asked is part of what a service is called there: another server has other values, and never goes on with
    /// the series, the baseline and the streak of the first.
    package var watch: Watch {
        Watch(
            entries: settings.services.map { entry in
                var service = entry.service
                for source in settings.sources where service.bindings[source.name] != nil {
                    service.bindings[source.name]?["origin"] = source.origin
                }
                return Watch.Entry(service: service, policy: entry.policy)
            },
            timings: Dictionary(settings.sources.map { ($0.name, $0.timing) }, uniquingKeysWith: { $1 }),
            versionSources: Set(settings.sources.map(\.name)))
    }

    /// Opens the ledger.
    ///
    /// - Parameters:
    ///   - createIfMissing: Whether a ledger that does not exist is made.
    ///   - patience: How long it waits for others who hold the ledger, in seconds.
    /// - Returns: The ledger.
    /// - Throws: `LedgerError` where there is none, or it cannot be used.
    package func openLedger(
        createIfMissing: Bool = false, patience: Seconds = SQLiteLedger.usualPatience
    ) throws -> SQLiteLedger {
        try SQLiteLedger.open(path: ledgerPath, createIfMissing: createIfMissing, patience: patience)
    }

    /// Reads the ledger; not the windows of services of which the ledger says what they come to, unless they are wanted.
    ///
    /// - Parameters:
    ///   - ledger: The ledger.
    ///   - now: The instant that windows are counted back from.
    ///   - isPast: Whether that instant was asked for, so that deployments of later are left out.
    ///   - reach: For services by name, the windows of longer ago that are wanted beside those that deciding needs.
    /// - Returns: What it holds of the services.
    /// - Throws: `LedgerError`, and `Roster.WindowChange`.
    package func snapshot(
        _ ledger: any Ledger, at now: Instant, isPast: Bool = false, reach: [String: Snapshot.Reach] = [:]
    ) throws -> Snapshot {
        var facts = try ledger.facts()
        if isPast { facts.deployments = facts.deployments.filter { $0.at <= now } }
        return try Snapshot(
            try Roster(watch, facts, at: now), from: ledger, at: now, reach: reach,
            digests: isPast ? [] : ledger.digests(evidence: facts.evidence))
    }

    /// The sources, sharing one client.
    func sources(_ client: HTTPClient) -> [any MetricSource] {
        let notice = surroundings.writeError
        return settings.sources.map { source in
            let tls = source.tls.forHTTP
            switch source.kind {
            case .prometheus:
                return PrometheusSource(
                    name: source.name, url: source.url, timing: source.timing,
                    access: PrometheusAccess(
                        credentials: source.credentials.forHTTP,
                        headers: source.headers.map { PrometheusAccess.Header($0.name, $0.value) }, tls: tls,
                        timeout: .seconds(source.timeout)), client: client)
            case .sentry(let sentry):
                return SentrySource(
                    name: source.name, url: source.url, organization: sentry.organization, token: sentry.token,
                    timing: source.timing, client: client,
                    headers: source.headers.map { SentrySource.Header($0.name, $0.value) }, tls: tls,
                    timeout: .seconds(source.timeout), outcomes: sentry.outcomes,
                    onNotice: { notice("hotfix: \(oneLine($0))\n") })
            case .otlp(let isScraped):
                return OTLPSource(
                    name: source.name, isScraped: isScraped, timing: source.timing, clock: { surroundings.now },
                    onNotice: { notice("hotfix: \(oneLine($0))\n") }, open: { try openLedger() })
            }
        }
    }

    /// The services named on the command line.
    ///
    /// - Returns: nil where none was named: all of them.
    /// - Throws: `CommandError` for a name that the configuration does not know.
    package func selected(_ names: [String]) throws -> Set<String>? {
        guard !names.isEmpty else { return nil }
        let known = settings.services.map(\.service.name)
        for name in names where !known.contains(name) {
            throw CommandError(
                .wrong, "Service '\(name)' is not in \(settings.path). It knows: \(known.joined(separator: ", ")).",
                concern: .unknown)
        }
        return Set(names)
    }
}

extension SourceSettings {
    /// Which server, and whose data there.
    fileprivate var origin: String {
        if case .otlp(let isScraped) = kind, !isScraped { return "otlp" }
        var parts = [url]
        if case .sentry(let sentry) = kind { parts.append(sentry.organization) }
        parts += headers.filter { $0.name.lowercased() == "x-scope-orgid" }.map(\.value.value)
        return parts.joined(separator: " ")
    }
}

extension SourceSettings.TLS {
    /// The same for the client.
    var forHTTP: HTTPTLS {
        HTTPTLS(
            caFile: caFile, certificateFile: certificateFile, keyFile: keyFile, keyPassword: keyPassword?.value)
    }
}

extension SourceSettings.Credentials {
    /// The same for the client.
    var forHTTP: HTTPCall.Credentials {
        switch self {
        case .none: .none
        case .bearer(let token): .bearer(token.value)
        case .basic(let username, let password): .basic(user: username, password: password.value)
        }
    }
}

/// An error that a command ends with.
package struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the process ends with.
    package var status: ExitStatus
    /// What happened, to what, and what to do next.
    package var description: String
    /// What of a call that is wrong is wrong, for those who call over HTTP.
    package var concern: Concern

    /// What of a call is wrong.
    package enum Concern: Sendable, Hashable {
        /// How it is put.
        case call
        /// It names something that there is not.
        case unknown
        /// It does not fit what was recorded before.
        case conflict
    }

    /// Makes an error.
    package init(_ status: ExitStatus, _ description: String, concern: Concern = .call) {
        self.status = status
        self.description = description
        self.concern = concern
    }
}
