import HotfixCore
import HotfixHTTP
import Testing

@testable import HotfixSources

private let seen = Interval(
    start: Instant(text: "2026-11-20T04:05:00Z") ?? Instant(0), end: Instant(text: "2026-11-20T10:05:00Z"))

@Suite("Pages of sources")
struct LinkTests {
    private func prometheus(_ url: String, _ query: String) async throws -> MessageLink? {
        try await withClient { client in
            PrometheusSource(name: "otel", url: url, client: client).link(
                to: SeriesDefinition(source: "otel", query: query), seen: seen)
        }
    }

    private func sentry(
        _ url: String, _ quantity: SentrySeries.Quantity = .errors, organization: String = "acme",
        environment: String? = "production"
    ) async throws -> MessageLink? {
        try await withClient { client in
            let source = SentrySource(
                name: "sentry", url: url, organization: organization, token: Secret("t0ken"), client: client)
            let series = SentrySeries(
                region: "https://us.sentry.io", project: "101", slug: "checkout-api", environment: environment,
                quantity: quantity, endpoint: quantity.endpoints[0])
            return source.link(
                to: series.definition(
                    source: "sentry", base: "https://sentry.io", organization: "acme", window: 300, firstEvent: nil),
                seen: seen)
        }
    }

    @Test("Prometheus draws the query over the interval, with nothing of it taken for more than text")
    func graph() async throws {
        let link = try await prometheus("https://prometheus.example/base/", #"sum(rate(a{b="c&d#"}[5m])) + 1"#)
        #expect(link?.label == "otel")
        #expect(
            link?.url == "https://prometheus.example/base/graph?g0.expr="
                + "sum%28rate%28a%7Bb%3D%22c%26d%23%22%7D%5B5m%5D%29%29%20%2B%201"
                + "&g0.tab=0&g0.range_input=6h&g0.end_input=2026-11-20%2010%3A05%3A00&g0.moment_input=2026-11-20%2010%3A05%3A00"
        )
    }

    @Test("A user and password of the server's address are in no page's")
    func withoutCredentials() async throws {
        #expect(try await prometheus("https://ada:s3cret@prometheus.example", "up")?.url.contains("s3cret") == false)
        let url = try #require(await sentry("https://ada:s3cret@sentry.example")?.url)
        #expect(url.hasPrefix("https://sentry.example/organizations/acme/issues/?project=101&"))
        #expect(!url.contains("t0ken"))
    }

    @Test("Sentry shows the page of what is measured, for the project, the environment and the interval")
    func sentryPages() async throws {
        for (quantity, page) in [
            (SentrySeries.Quantity.errors, "issues"), (.failures, "performance"), (.crashFreeSessions, "releases"),
        ] {
            #expect(
                try await sentry("https://us.sentry.io", quantity)?.url
                    == "https://sentry.io/organizations/acme/\(page)/?project=101&environment=production"
                    + "&start=2026-11-20T04%3A05%3A00&end=2026-11-20T10%3A05%3A00&utc=true")
        }
        let odd = try await sentry("https://sentry.io", organization: "a/b?c", environment: nil)
        #expect(
            odd?.url.hasPrefix("https://sentry.io/organizations/a%2Fb%3Fc/issues/?project=101&start=2026") == true)
    }

    @Test("A source gives a page for its own queries alone")
    func ownQueries() async throws {
        try await withClient { client in
            let sources: [any MetricSource] = [
                PrometheusSource(name: "otel", url: "https://one.example", client: client),
                PrometheusSource(name: "other", url: "https://two.example", client: client),
            ]
            let definition = SeriesDefinition(source: "other", query: "up")
            let links = sourceLinks(to: definition, seen: seen, among: sources)
            #expect(links.map(\.label) == ["other"])
            #expect(sourceLinks(to: nil, seen: seen, among: sources).isEmpty)
            let sentry = SentrySource(
                name: "sentry", url: "https://sentry.io", organization: "acme", token: Secret("t"), client: client)
            #expect(sentry.link(to: SeriesDefinition(source: "sentry", query: "up"), seen: seen) == nil)
        }
    }
}
