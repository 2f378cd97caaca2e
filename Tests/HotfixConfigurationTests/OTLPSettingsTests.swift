import HotfixCore
import Testing

@testable import HotfixConfiguration

struct OTLPSettingsTests {
    private func text(_ source: String, policy: String = "") -> String {
        """
        sources: {otel: {\(source)}, sentry: {type: sentry, organization: acme, token: "${T}"}}
        services: [{name: checkout, otel: {service: checkout}\(policy)}]
        serve: {otlp_token: "${OTLP}"}
        """
    }

    private let environment = ["T": "s3cr3t", "OTLP": "sends-0123456789abcdef"]

    @Test func `Pushed points want no key but the type, and have the timing of the law`() throws {
        let settings = try settings(text("type: otlp"), environment: environment, files: [:])
        let source = try #require(settings.sources.first { $0.name == "otel" })
        #expect(source.kind == .otlp(isScraped: false))
        #expect(source.timing == SourceTiming(settle: 90, recheck: 900))
        #expect(settings.serve.otlpToken?.value == "sends-0123456789abcdef")
        #expect(settings.pairs.map(\.guardrail).contains("latency-p95") || !settings.pairs.isEmpty)
    }

    @Test func `A scraped page has an address, and credentials where they are wanted`() throws {
        let settings = try settings(
            text("type: otlp, scrape: 'http://localhost:8889/metrics', bearer: '${T}', timeout: 5s"),
            environment: environment, files: [:])
        let source = try #require(settings.sources.first { $0.name == "otel" })
        #expect(source.kind == .otlp(isScraped: true))
        #expect(source.url == "http://localhost:8889/metrics")
        #expect(source.timeout == 5)
        #expect(source.credentials == .bearer(Secret("s3cr3t")))
    }

    @Test
    func `A policy's own query of received points is an error that says so, and measures are those of Prometheus`() {
        let policy = """
            guardrails:
              own: {source: otel, query: 'up{s="{service}"}', limit: {above: 1}}
              p95: {source: otel, measure: latency-p59, limit: +1%}
            """
        let found = problems(
            text("type: otlp", policy: ", policy: p.yaml"), environment: environment,
            files: ["/etc/hotfix/p.yaml": policy])
        #expect(found.count == 2)
        #expect(
            found.contains {
                $0.contains(
                    "p.yaml:2: guardrails.own.query: an own query is PromQL, and this source holds received points")
            }, "\(found)")
        #expect(found.contains { $0.contains("has no measure 'latency-p59'. Did you mean 'latency-p95'?") })
    }
}
