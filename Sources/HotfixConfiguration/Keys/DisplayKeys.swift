enum GrafanaKey: String, KeySet {
    case type, name, url, token, dashboards

    static let title = "grafanaAnnotations"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(AnnotationType.grafana.rawValue), "The kind of annotation.", isRequired: true)
        case .name: ChannelRuleEntry.name
        case .url: KeyEntry(.url, "The base of Grafana.", isRequired: true)
        case .token:
            KeyEntry(.secret, "A service account's token that may read and write annotations.", isRequired: true)
        case .dashboards: KeyEntry(.list(.text), "The uids of dashboards; the whole organization where not given.")
        }
    }
}

enum SentryDeploysKey: String, KeySet {
    case type, name, source, url, organization, token

    static let title = "sentryDeploys"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(AnnotationType.sentry.rawValue), "The kind of annotation.", isRequired: true)
        case .name: ChannelRuleEntry.name
        case .source: KeyEntry(.text, "The Sentry source whose organization it is; else organization and token.")
        case .url: KeyEntry(.url, "The base of Sentry; https://sentry.io by default.")
        case .organization: KeyEntry(.text, "The slug of the organization.")
        case .token: KeyEntry(.secret, "A token with the scope project:releases; the source's where not given.")
        }
    }
}

enum GitHubGateKey: String, KeySet {
    case type, repository, token, context, comments, url

    static let title = "githubGate"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(GateType.github.rawValue), "Where the gate is.", isRequired: true)
        case .repository: KeyEntry(.text, "The repository, OWNER/NAME.", isRequired: true)
        case .token: KeyEntry(.secret, "A token that may write commit statuses.", isRequired: true)
        case .context: KeyEntry(.text, "What the status is called; \(GateSettings.usualContext) by default.")
        case .comments:
            KeyEntry(.boolean, "Whether open pull requests get a comment that is kept up to date; true by default.")
        case .url: KeyEntry(.url, "The base of the API; https://api.github.com by default.")
        }
    }
}

enum GitLabGateKey: String, KeySet {
    case type, project, token, context, url

    static let title = "gitlabGate"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(GateType.gitlab.rawValue), "Where the gate is.", isRequired: true)
        case .project: KeyEntry(.text, "The project: its number, or its path.", isRequired: true)
        case .token: KeyEntry(.secret, "A token with the scope api.", isRequired: true)
        case .context: KeyEntry(.text, "What the status is called; \(GateSettings.usualContext) by default.")
        case .url: KeyEntry(.url, "The base of GitLab; https://gitlab.com by default.")
        }
    }
}

enum HeartbeatKey: String, KeySet {
    case url

    static let title = "heartbeat"

    var entry: KeyEntry {
        KeyEntry(.secret, "The address of a check at healthchecks.io, or alike.", isRequired: true)
    }
}
