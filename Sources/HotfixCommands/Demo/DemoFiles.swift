import HotfixDemo

/// The configuration that the demonstration works with.
enum DemoFiles {
    /// The name of the configuration.
    static let settingsName = "hotfix.yaml"
    /// The name of the variable with Sentry's token.
    static let tokenName = "SENTRY_AUTH_TOKEN"
    /// The token that the simulated Sentry takes.
    static let token = "simulated-token"
    /// The name of the variable with Slack's token.
    static let slackTokenName = "SLACK_TOKEN"
    /// The organization of the simulated Sentry.
    static let organization = "simulated"

    /// The configuration.
    ///
    /// - Parameters:
    ///   - site: The simulated sources.
    ///   - slack: The address of the simulated Slack.
    /// - Returns: Its text.
    static func settings(_ site: SimulatedSite, slack: String) -> String {
        """
        # The services, their Sentry, their Prometheus and the Slack are simulated by `hotfix demo`.
        state: sqlite:ledger.db
        sources:
          sentry: {type: sentry, url: "\(site.sentryURL)", organization: \(organization), token: "${\(tokenName)}"}
          otel:   {type: prometheus, url: "\(site.prometheusURL)"}
        services:
          - {name: simulated-checkout, environment: production, sentry: {project: checkout-api}, otel: {service: checkout}}
          - {name: simulated-search, environment: production, sentry: {project: search-api}, otel: {service: search}}
        notify:
          - {type: slack, token: "${\(slackTokenName)}", channel: alerts, url: "\(slack)/api"}
        # No policy is named, so the runbook's holds: against the mean of the 7 days before the deployment, errors may rise
        # by 25 %, the 95th percentile of latency by 20 %, CPU and memory by 30 %; 48 hours without a breach make ready.

        """
    }
}
