package import HotfixCore

/// The kinds of annotation that a configuration may name.
package enum AnnotationType: String, Sendable, Hashable, CaseIterable {
    case grafana, sentry
}

/// A place where deployments and breaches are marked, checked.
package struct AnnotationSettings: Sendable, Hashable {
    /// The name, unique among channels, annotations, `gate` and `heartbeat`.
    package var name: String
    /// What depends on the type.
    package var kind: Kind

    /// Makes the settings of an annotation.
    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }

    /// The type of the annotation.
    package var type: AnnotationType {
        switch kind {
        case .grafana: .grafana
        case .sentry: .sentry
        }
    }

    /// What depends on the type.
    package enum Kind: Sendable, Hashable {
        case grafana(Grafana)
        case sentry(SentryDeploys)
    }

    /// How Grafana is reached.
    package struct Grafana: Sendable, Hashable {
        /// The base of Grafana, without a slash at its end.
        package var url: String
        /// A service account's token.
        package var token: Secret
        /// The uids of the dashboards; empty for the whole organization.
        package var dashboards: [String]

        /// Makes the settings.
        package init(url: String, token: Secret, dashboards: [String] = []) {
            self.url = url
            self.token = token
            self.dashboards = dashboards
        }
    }

    /// How deploys are recorded at Sentry.
    package struct SentryDeploys: Sendable, Hashable {
        /// The base of Sentry, without a slash at its end.
        package var url: String
        /// The slug of the organization.
        package var organization: String
        /// A token that may write releases.
        package var token: Secret
        /// The projects by the names of the services that have one; at least one.
        package var projects: [String: String]
        /// The environments by the names of those services that name one.
        package var environments: [String: String]
        /// Further headers of every request: those of the source.
        package var headers: [SourceSettings.Header]
        /// Whom to trust: as the source.
        package var tls: SourceSettings.TLS

        /// Makes the settings.
        package init(
            url: String, organization: String, token: Secret, projects: [String: String],
            environments: [String: String] = [:], headers: [SourceSettings.Header] = [],
            tls: SourceSettings.TLS = .init()
        ) {
            self.url = url
            self.organization = organization
            self.token = token
            self.projects = projects
            self.environments = environments
            self.headers = headers
            self.tls = tls
        }
    }
}

/// The kinds of merge gate that a configuration may name.
package enum GateType: String, Sendable, Hashable, CaseIterable {
    case github, gitlab
}

/// The merge gate, checked; as a display it is called `gate`.
package struct GateSettings: Sendable, Hashable {
    /// Where the gate is.
    package var type: GateType
    /// `OWNER/NAME` at GitHub; at GitLab the number of the project, or its path.
    package var repository: String
    /// A token that may write commit statuses.
    package var token: Secret
    /// What the status is called.
    package var context: String
    /// Whether requests to merge get a comment that is kept up to date.
    package var comments: Bool
    /// The base of the API at GitHub, of GitLab itself there; without a slash at its end.
    package var url: String

    /// Makes the settings of a gate.
    package init(
        type: GateType, repository: String, token: Secret, context: String = Self.usualContext,
        comments: Bool = true, url: String
    ) {
        self.type = type
        self.repository = repository
        self.token = token
        self.context = context
        self.comments = comments
        self.url = url
    }

    /// What the status is called where nothing is said.
    package static let usualContext = "hotfix/guardrails"
    /// What the gate is called as a display.
    package static let name = "gate"
}

/// The heartbeat, checked; as a display it is called `heartbeat`.
package struct HeartbeatSettings: Sendable, Hashable {
    /// Where it goes: an address as healthchecks has them, with a query where it has one.
    package var url: Secret

    /// Makes the settings of a heartbeat.
    package init(url: Secret) {
        self.url = url
    }

    /// What the heartbeat is called as a display.
    package static let name = "heartbeat"
}
