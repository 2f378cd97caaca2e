package import HotfixCore
package import HotfixHTTP

/// Sentry as a source of error rates, failure rates and crash-free sessions.
///
/// It knows the built-in measures `error-rate` (error events a minute), `failure-rate` (the share of transactions that
/// failed) and `crash-free-sessions` (the share of sessions without a crash), and no own queries.
package struct SentrySource: MetricSource {
    package let name: String
    package let timing: SourceTiming
    let base: String
    let organization: String
    let outcomes: Bool
    let caller: SentryCaller

    /// Makes a source; nothing is asked before the first definition.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - url: The server, for example `https://us.sentry.io`; `https://sentry.io` finds the organization's region.
    ///   - organization: The organization's slug.
    ///   - token: A token with the scopes `org:read` and `project:read`.
    ///   - timing: When windows are due.
    ///   - client: The HTTP client of the process.
    ///   - tls: Whom to trust.
    ///   - timeout: How long one attempt of a request may take.
    ///   - retry: When and how often a request is tried again.
    ///   - outcomes: Whether judged error counts are held against what Sentry accepted and threw away.
    ///   - onNotice: Told once of each endpoint that Sentry is about to remove.
    package init(
        name: String, url: String, organization: String, token: Secret, timing: SourceTiming = .sentry,
        client: HTTPClient, tls: HTTPTLS = .init(), timeout: Duration = .seconds(30), retry: HTTPRetry = .standard,
        outcomes: Bool = true, onNotice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.name = name
        self.timing = timing
        self.base = trimmedBase(url)
        self.organization = organization
        self.outcomes = outcomes
        self.caller = SentryCaller(
            source: name, token: token, client: client, tls: tls, timeout: timeout, retry: retry,
            notices: SentryNotices(onNotice)
        )
    }

    /// The server that an organization without a region of its own is asked on finds the region.
    var findsRegion: Bool { base == "https://sentry.io" }

    /// What a request is about, for messages.
    func subject(_ what: String, project: String? = nil, environment: String? = nil) -> String {
        var text = "\(what) of organization '\(organization)'"
        if let project { text += ", project '\(project)'" }
        if let environment { text += ", environment '\(environment)'" }
        return text
    }

    /// What a request for a series is about, for messages.
    func subject(_ series: SentrySeries) -> String {
        subject(series.quantity.rawValue, project: series.slug, environment: series.environment)
    }
}
