import Foundation
import HotfixCommands
import HotfixConfiguration
import HotfixTestSupport
import Testing

@Suite("hotfix config")
struct ConfigCommandTests {
    @Test("a valid configuration is counted, with what is not watched")
    func valid() async throws {
        let files = [
            "hotfix.yaml": """
            policy: policy.yaml
            sources:
              sentry: {type: sentry, organization: acme, token: "${TOKEN}"}
              otel: {type: prometheus, url: "http://localhost:9090"}
            services:
              - {name: checkout, sentry: {project: checkout-api}}
              - {name: pay, sentry: {project: pay}, otel: {service: pay}}
            """,
            "policy.yaml": """
            guardrails:
              error-rate: {source: sentry, measure: error-rate, limit: +25%}
              cpu: {source: otel, measure: cpu, limit: +30%}
            """,
        ]
        try await withCommands(files, environment: ["TOKEN": canary]) { lab in
            let expected = Run(
                .done,
                """
                hotfix.yaml is valid: 2 services, 3 guardrails watched.
                  not watched: checkout/cpu

                """)
            #expect(await lab.run("config") == expected)
            #expect(await lab.run("config", "validate") == expected)
            let names = try lab.files().keys.sorted()
            #expect(names == ["hotfix.yaml", "policy.yaml"])
        }
    }

    @Test("it is found by --config, then $HOTFIX_CONFIG, then in the directory")
    func found() async throws {
        let text = """
            sources: {otel: {type: prometheus, url: "http://localhost:9090"}}
            services: [{name: checkout, otel: {service: checkout}}]
            """
        let policy = "guardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}"
        let files = [
            "hotfix.yaml": "policy: p.yaml\n" + text, "a/env.yaml": "policy: p.yaml\n" + text,
            "b/named.yaml": "policy: ../p.yaml\n" + text, "p.yaml": policy, "a/p.yaml": policy,
        ]
        try await withCommands(files) { lab in
            #expect(await lab.run("config").output.hasPrefix("hotfix.yaml is valid"))
        }
        try await withCommands(files, environment: ["HOTFIX_CONFIG": "a/env.yaml"]) { lab in
            #expect(await lab.run("config").output.hasPrefix("a/env.yaml is valid"))
            #expect(await lab.run("config", "--config", "b/named.yaml").output.hasPrefix("b/named.yaml is valid"))
        }
    }

    @Test("the example is valid once its secret is set")
    func example() async throws {
        try await withCommands(environment: ["SENTRY_AUTH_TOKEN": canary]) { lab in
            let example = await lab.run("config", "example")
            #expect(example == Run(.done, ExampleSettings.text))
            try lab.write(example.output, to: "hotfix.yaml")
            #expect(
                await lab.run("config")
                    == Run(.done, "hotfix.yaml is valid: 1 service, 4 guardrails watched.\n"))
        }
        try await withCommands(["hotfix.yaml": ExampleSettings.text]) { lab in
            let run = await lab.run("config")
            #expect(
                run
                    == Run(
                        .wrong,
                        errors: "hotfix: hotfix.yaml:22: sources.sentry.token: the environment variable"
                            + " 'SENTRY_AUTH_TOKEN' is not set. Set it, or refer to a file: or a credential: instead.\n"
                    ))
        }
    }

    @Test("the schema is JSON that knows the keys of configuration and policy")
    func schema() async throws {
        try await withCommands { lab in
            let run = await lab.run("config", "schema")
            #expect(run.status == .done)
            let schema = try #require(
                try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
            let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
            let source = try #require(definitions["prometheusSource"]?["properties"] as? [String: Any])
            #expect(
                source.keys.sorted() == [
                    "basic", "bearer", "headers", "recheck", "settle", "timeout", "tls", "type", "url",
                ])
            #expect(definitions["guardrail"] != nil)
        }
    }
}
