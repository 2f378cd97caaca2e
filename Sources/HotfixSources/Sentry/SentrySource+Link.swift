package import HotfixCore
import HotfixHTTP

extension SentrySource: LinkedSource {
    /// The organization's page for what is measured: issues, transactions or releases of the project in the environment.
    ///
    /// People use sentry.io at its own address, whichever region answers its API.
    package func link(to definition: SeriesDefinition, seen: Interval) -> MessageLink? {
        guard let series = SentrySeries(definition) else { return nil }
        let server = isSentryHost(base) ? "https://sentry.io" : withoutUser(base)
        var parameters = [("project", series.project)]
        if let environment = series.environment { parameters.append(("environment", environment)) }
        parameters.append(("start", pageText(seen.start)))
        if let end = seen.end { parameters.append(("end", pageText(end))) }
        parameters.append(("utc", "true"))
        let query = parameters.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        let path = "organizations/\(percentEncoded(organization))/\(series.quantity.page)"
        return MessageLink(label: name, url: "\(server)/\(path)/?\(query)")
    }
}

extension SentrySeries.Quantity {
    /// The part of an organization's pages that shows it.
    fileprivate var page: String {
        switch self {
        case .errors: "issues"
        case .failures: "performance"
        case .crashFreeSessions: "releases"
        }
    }
}

/// An instant as the addresses of Sentry's pages have it: `2026-11-20T10:05:00`, without a zone beside `utc=true`.
private func pageText(_ instant: Instant) -> String { String(instant.description.prefix { $0 != "Z" }) }
