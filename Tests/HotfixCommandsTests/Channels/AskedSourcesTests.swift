import HotfixConfiguration
import HotfixCore
import Testing

@testable import HotfixCommands

@Suite("What the heartbeat expects of sources")
struct AskedSourcesTests {
    @Test("it waits for no source that no pair asks: its failure would last for ever")
    func asked() async throws {
        let files = [
            "hotfix.yaml": """
            policy: policy.yaml
            sources:
              otel: {type: prometheus, url: "http://localhost:9"}
              spare: {type: prometheus, url: "http://localhost:8"}
            services: [{name: checkout, otel: {service: checkout}, spare: {service: checkout}}]

            """,
            "policy.yaml": "guardrails: {errors: {source: otel, measure: error-rate, limit: +25%}}",
        ]
        try await withCommands(files) { lab in
            let settings = try SettingsLoader.load(path: lab.directory + "/hotfix.yaml", environment: [:])
            #expect(settings.askedSources == ["otel"])
            var rule = HeartbeatRule(failingSince: ["spare": noon - 3600])
            let findings = HeartbeatRule.Findings(sources: settings.askedSources, answered: ["otel"])
            #expect(rule.take(findings, at: noon) == .success)
        }
    }
}
