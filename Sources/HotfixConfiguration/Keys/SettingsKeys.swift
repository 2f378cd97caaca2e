enum SettingsKey: String, KeySet {
    case state, policy, sources, services, tracker
    case remindEvery = "remind_every"
    case retention, serve, notify, annotate, gate, heartbeat, release

    static let title = "settings"

    var entry: KeyEntry {
        switch self {
        case .state: KeyEntry(.text, "Where the ledger is: sqlite:PATH.")
        case .policy: KeyEntry(.path, "The policy of every service that names none; the runbook's where not given.")
        case .sources:
            KeyEntry(
                .map([.keyed(PrometheusKey.self), .keyed(SentryKey.self), .keyed(OTLPKey.self)]),
                "The sources by their names.",
                isRequired: true)
        case .services:
            KeyEntry(
                .list(.open(ServiceKey.self, [.keyed(PrometheusBindingKey.self), .keyed(SentryBindingKey.self)])),
                "What is watched.", isRequired: true)
        case .tracker: KeyEntry(.keyed(TrackerKey.self), "The files of the hotfix tracker.")
        case .remindEvery: KeyEntry(.duration, "How often an open episode is told again; 1h by default, 0 for never.")
        case .retention: KeyEntry(.duration, "How long the ledger keeps verdicts; 90d by default.")
        case .serve: KeyEntry(.keyed(ServeKey.self), "What `hotfix serve` asks of those who call it.")
        case .notify:
            KeyEntry(.list(.any(ChannelType.allCases.map { .keyed($0.keys) })), "Who is told what happens.")
        case .annotate:
            KeyEntry(
                .list(.any([.keyed(GrafanaKey.self), .keyed(SentryDeploysKey.self)])),
                "Where deployments and breaches are marked.")
        case .gate:
            KeyEntry(
                .any([.keyed(GitHubGateKey.self), .keyed(GitLabGateKey.self)]),
                "The commit status that says whether the hotfix may be merged.")
        case .heartbeat: KeyEntry(.keyed(HeartbeatKey.self), "What notices that no check runs any more.")
        case .release: KeyEntry(.keyed(ReleaseKey.self), "What a release has to be, for `hotfix verify-release`.")
        }
    }
}

enum PrometheusKey: String, KeySet {
    case type, url, bearer, basic, headers, tls, timeout, settle, recheck

    static let title = "prometheusSource"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(SourceType.prometheus.rawValue), "The kind of source.", isRequired: true)
        case .url: KeyEntry(.url, "The base of the Prometheus API; it may hold a path.", isRequired: true)
        case .bearer: KeyEntry(.secret, "A bearer token.")
        case .basic: KeyEntry(.keyed(BasicKey.self), "User name and password.")
        case .headers: KeyEntry(.map([.text]), "Further headers of every request, such as X-Scope-OrgID.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .timeout: KeyEntry(.duration, "How long a request may take; 30s by default.")
        case .settle: KeyEntry(.duration, "How long after its end a window is due; 2m by default.")
        case .recheck: KeyEntry(.duration, "Until what age a window is asked again; 15m by default.")
        }
    }
}

enum SentryKey: String, KeySet {
    case type, url, organization, token, outcomes, headers, tls, timeout, settle, recheck

    static let title = "sentrySource"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(SourceType.sentry.rawValue), "The kind of source.", isRequired: true)
        case .url: KeyEntry(.url, "The base of Sentry; https://sentry.io by default.")
        case .organization: KeyEntry(.text, "The slug of the organization.", isRequired: true)
        case .token: KeyEntry(.secret, "A token with the scopes org:read and project:read.", isRequired: true)
        case .outcomes:
            KeyEntry(.boolean, "Whether outcomes are asked, which tell quiet from silence; true by default.")
        case .headers: KeyEntry(.map([.text]), "Further headers of every request.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .timeout: KeyEntry(.duration, "How long a request may take; 30s by default.")
        case .settle: KeyEntry(.duration, "How long after its end a window is due; 2m by default, at least 95s.")
        case .recheck: KeyEntry(.duration, "Until what age a window is asked again; 1h by default.")
        }
    }
}

enum BasicKey: String, KeySet {
    case username, password

    static let title = "basic"

    var entry: KeyEntry {
        switch self {
        case .username: KeyEntry(.text, "The user name.", isRequired: true)
        case .password: KeyEntry(.secret, "The password.", isRequired: true)
        }
    }
}

enum TLSKey: String, KeySet {
    case caFile = "ca_file"
    case certificateFile = "certificate_file"
    case keyFile = "key_file"
    case keyPassword = "key_password"

    static let title = "tls"

    var entry: KeyEntry {
        switch self {
        case .caFile: KeyEntry(.path, "The authorities to trust, PEM.")
        case .certificateFile: KeyEntry(.path, "The client's certificate, PEM.")
        case .keyFile: KeyEntry(.path, "The key of the certificate, where that file does not hold it.")
        case .keyPassword: KeyEntry(.secret, "The password of the key.")
        }
    }
}

enum ServiceKey: String, KeySet {
    case name, environment, policy

    static let title = "service"

    var entry: KeyEntry {
        switch self {
        case .name: KeyEntry(.text, "The name, unique here.", isRequired: true)
        case .environment: KeyEntry(.text, "The environment; every one where not given.")
        case .policy: KeyEntry(.path, "The service's own policy.")
        }
    }
}

enum PrometheusBindingKey: String, KeySet {
    case service

    static let title = "prometheusBinding"

    var entry: KeyEntry { KeyEntry(.text, "What the service is called in this source.", isRequired: true) }
}

enum SentryBindingKey: String, KeySet {
    case project

    static let title = "sentryBinding"

    var entry: KeyEntry { KeyEntry(.text, "The slug or id of the project.", isRequired: true) }
}

enum ServeKey: String, KeySet {
    case readToken = "read_token"
    case writeToken = "write_token"
    case otlpToken = "otlp_token"
    case url

    static let title = "serve"

    var entry: KeyEntry {
        switch self {
        case .readToken:
            KeyEntry(.secret, "The token that reads; without one, only this machine may. At least 16 characters.")
        case .writeToken:
            KeyEntry(
                .secret, "The token that writes and reads; without one, nothing is written. At least 16 characters.")
        case .otlpToken:
            KeyEntry(
                .secret,
                "The token that senders of OTLP give; without one, only this machine may send. At least 16 characters.")
        case .url:
            KeyEntry(.url, "Where people reach the server, for links in messages; https, or http on this machine.")
        }
    }
}

enum TrackerKey: String, KeySet {
    case statusFile = "status_file"
    case outstandingFile = "outstanding_file"
    case publish, main, develop
    case releaseBranches = "release_branches"
    case approvals, github

    static let title = "tracker"

    var entry: KeyEntry {
        switch self {
        case .statusFile: KeyEntry(.path, "The status file; docs/OPERATIONS/hotfix-status.json by default.")
        case .outstandingFile:
            KeyEntry(.path, "The report; hotfix-outstanding-items.md beside the status file by default.")
        case .publish:
            KeyEntry(
                .cases(of: TrackerSettings.Publish.self),
                "What check does with changes: commits the two files to the branch hotfix-tracker, and pushes it; none by default."
            )
        case .main: KeyEntry(.text, "The branch at origin that hotfixes are merged to; main by default.")
        case .develop: KeyEntry(.text, "The branch at origin that development goes on in; develop by default.")
        case .releaseBranches:
            KeyEntry(.text, "Which branches at origin are release branches, with * for anything; release/* by default.")
        case .approvals:
            KeyEntry(.count(1), "How many people have to approve a critical release, at most 10; 1 by default.")
        case .github:
            KeyEntry(
                .keyed(TrackerForgeKey.self),
                "The repository at GitHub, for pull requests, reviews and releases; the gate's where not given.")
        }
    }
}

enum TrackerForgeKey: String, KeySet {
    case repository, token, url

    static let title = "trackerGitHub"

    var entry: KeyEntry {
        switch self {
        case .repository: KeyEntry(.text, "The repository, OWNER/NAME.", isRequired: true)
        case .token:
            KeyEntry(.secret, "A token that may read and write pull requests and read releases.", isRequired: true)
        case .url: KeyEntry(.url, "The base of the API; https://api.github.com by default.")
        }
    }
}
