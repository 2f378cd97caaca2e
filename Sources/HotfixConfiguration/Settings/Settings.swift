package import HotfixCore

/// A checked `hotfix.yaml` with its policies.
package struct Settings: Sendable, Hashable {
    /// The path of the file, empty where the settings were built from text.
    package var path: String
    /// Where the ledger is.
    package var state: StateLocation
    /// The sources, in the order of the file.
    package var sources: [SourceSettings]
    /// The services, in the order of the file; at least one.
    package var services: [ServiceSettings]
    /// The files of the tracker, nil where none is kept.
    package var tracker: TrackerSettings?
    /// How often an open episode is told again, in seconds; 0 for never.
    package var remindEvery: Seconds
    /// How long the ledger keeps verdicts, in seconds.
    package var ledgerRetention: Seconds
    /// What the server asks of those who call it.
    package var serve: ServeSettings
    /// Who is told what happens, in the order of the file.
    package var channels: [ChannelSettings]
    /// Where deployments and breaches are marked, in the order of the file.
    package var annotations: [AnnotationSettings]
    /// The merge gate, nil where there is none.
    package var gate: GateSettings?
    /// The heartbeat, nil where there is none.
    package var heartbeat: HeartbeatSettings?
    /// What a release has to be.
    package var release = ReleaseSettings()

    /// Makes settings; nothing is checked.
    package init(
        path: String = "", state: StateLocation, sources: [SourceSettings], services: [ServiceSettings],
        tracker: TrackerSettings? = nil, remindEvery: Seconds = 3600, ledgerRetention: Seconds = 90 * 86_400,
        serve: ServeSettings = ServeSettings(), channels: [ChannelSettings] = [],
        annotations: [AnnotationSettings] = [], gate: GateSettings? = nil, heartbeat: HeartbeatSettings? = nil
    ) {
        self.path = path
        self.state = state
        self.sources = sources
        self.services = services
        self.tracker = tracker
        self.remindEvery = remindEvery
        self.ledgerRetention = ledgerRetention
        self.serve = serve
        self.channels = channels
        self.annotations = annotations
        self.gate = gate
        self.heartbeat = heartbeat
    }

    /// The pairs that apply, as the service has a binding for the guardrail's source; in the order of the files.
    package var pairs: [Pair] { services.flatMap(\.pairs) }

    /// The pairs that are not watched, as the service has no binding for the guardrail's source.
    package var notWatched: [Pair] { services.flatMap(\.notWatched) }

    /// The source of this name, nil where there is none.
    package func source(_ name: String) -> SourceSettings? { sources.first { $0.name == name } }

    /// The services by their names, for whoever looks up many.
    package var servicesByName: [String: ServiceSettings] {
        Dictionary(services.map { ($0.service.name, $0) }) { first, _ in first }
    }

    /// The service of this name, nil where there is none.
    package func service(_ name: String) -> ServiceSettings? { services.first { $0.service.name == name } }
}

/// Where the ledger is kept.
package enum StateLocation: Sendable, Hashable {
    /// A SQLite database at an absolute path.
    case sqlite(path: String)
}

/// A service and the policy that it is held against.
package struct ServiceSettings: Sendable, Hashable {
    /// The service.
    package var service: Service
    /// Its policy.
    package var policy: Policy
    /// The policy's path as it was written, or `runbook (built in)`.
    package var policyName: String
    /// The absolute path of the policy, nil for the one built in.
    package var policyFile: String?

    /// Makes the settings of a service.
    package init(service: Service, policy: Policy, policyName: String, policyFile: String? = nil) {
        self.service = service
        self.policy = policy
        self.policyName = policyName
        self.policyFile = policyFile
    }

    /// The service's pairs that apply, in the order of the policy.
    package var pairs: [Pair] { policy.guardrails.filter(applies).map { Pair(service.name, $0.name) } }

    /// The service's pairs that do not apply.
    package var notWatched: [Pair] { policy.guardrails.filter { !applies($0) }.map { Pair(service.name, $0.name) } }

    private func applies(_ guardrail: Guardrail) -> Bool { service.bindings[guardrail.source] != nil }
}

/// The files of the hotfix tracker.
package struct TrackerSettings: Sendable, Hashable {
    /// What is done with the two files when they change.
    package enum Publish: String, Sendable, Hashable, CaseIterable {
        case none, commit, push
    }

    /// The absolute path of the status file.
    package var statusFile: String
    /// The absolute path of the report.
    package var outstandingFile: String
    /// What is done with them when they change.
    package var publish: Publish
    /// The branch at origin that hotfixes are merged to.
    package var main = "main"
    /// The branch at origin that development goes on in; where there is none, it is not asked for.
    package var develop = "develop"
    /// Which branches at origin are release branches: a name that may hold `*`.
    package var releaseBranches = "release/*"
    /// How many people have to approve a critical release.
    package var approvals = 1
    /// The repository at GitHub, for pull requests, reviews and releases; nil where none is known.
    package var forge: ForgeAccess?

    /// How the repository at GitHub is reached.
    package struct ForgeAccess: Sendable, Hashable {
        /// `OWNER/NAME`.
        package var repository: String
        /// A token; empty where secrets of the forge were not looked up.
        package var token: Secret
        /// The base of the API, without a slash at its end.
        package var url: String

        /// Makes an access.
        package init(repository: String, token: Secret, url: String = Self.usualURL) {
            self.repository = repository
            self.token = token
            self.url = url
        }

        /// The base of the API where nothing is said.
        package static let usualURL = "https://api.github.com"
    }

    /// Makes the settings of a tracker.
    package init(statusFile: String, outstandingFile: String, publish: Publish = .none) {
        self.statusFile = statusFile
        self.outstandingFile = outstandingFile
        self.publish = publish
    }
}

/// Where the report of what is outstanding is unless it is named: beside the status file, where whoever keeps that may write.
package func outstandingReport(beside statusFile: String) -> String {
    let end = statusFile.lastIndex(of: "/").map(statusFile.index(after:)) ?? statusFile.startIndex
    return statusFile[..<end] + "hotfix-outstanding-items.md"
}

/// What the server asks of those who call it.
package struct ServeSettings: Sendable, Hashable {
    /// The token that reads; nil where none is asked for.
    package var readToken: Secret?
    /// The token that writes and reads; nil where nothing may be written.
    package var writeToken: Secret?
    /// The token that senders of OTLP give; nil where none is asked for.
    package var otlpToken: Secret?
    /// Where people reach the server, for links in messages, without a slash at its end; nil where nothing is said.
    package var url: String?

    /// Makes the settings of a server.
    package init(
        readToken: Secret? = nil, writeToken: Secret? = nil, otlpToken: Secret? = nil, url: String? = nil
    ) {
        self.readToken = readToken
        self.writeToken = writeToken
        self.otlpToken = otlpToken
        self.url = url
    }
}
