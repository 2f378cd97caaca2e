import Foundation
import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct SettingsTests {
    @Test func theExampleIsValidAndNeedsOneSecretOnly() throws {
        let settings = try settings(ExampleSettings.text, environment: ["SENTRY_AUTH_TOKEN": "s3cr3t"])
        let policy = try parsePolicy(text: runbookPolicyText, file: "runbook.yaml", sourceTypes: bothSources)
        let checkout = Service(
            name: "checkout", environment: "production",
            bindings: ["sentry": ["project": "checkout-api"], "otel": ["service": "checkout"]])
        let token = Secret("s3cr3t")
        #expect(
            settings
                == Settings(
                    path: "/etc/hotfix/hotfix.yaml", state: .sqlite(path: "/etc/hotfix/.hotfix/ledger.db"),
                    sources: [
                        SourceSettings(
                            name: "sentry", url: "https://sentry.io",
                            kind: .sentry(.init(organization: "acme", token: token)), timing: .sentry,
                            credentials: .bearer(token)),
                        SourceSettings(
                            name: "otel", url: "http://localhost:9090", kind: .prometheus, timing: .prometheus),
                    ],
                    services: [
                        ServiceSettings(service: checkout, policy: policy, policyName: "runbook (built in)")
                    ],
                    tracker: TrackerSettings(
                        statusFile: "/etc/hotfix/docs/OPERATIONS/hotfix-status.json",
                        outstandingFile: "/etc/hotfix/docs/OPERATIONS/hotfix-outstanding-items.md")))
        #expect(
            settings.pairs.map(\.description) == [
                "checkout/error-rate", "checkout/latency-p95", "checkout/cpu", "checkout/memory",
            ])
        #expect(settings.notWatched.isEmpty)
    }

    @Test(
        "the report of what is outstanding lies beside the status file unless it is named",
        arguments: [
            ("{status_file: /srv/shop/s.json}", "/srv/shop/hotfix-outstanding-items.md"),
            ("{status_file: s.json}", "/etc/hotfix/hotfix-outstanding-items.md"),
            ("{outstanding_file: o.md}", "/etc/hotfix/o.md"),
        ])
    func outstandingFile(_ tracker: String, _ path: String) throws {
        let text = """
            policy: p.yaml
            sources: {a: {type: sentry, url: "https://sentry.io", organization: acme, token: "${T}"}}
            services: [{name: shop, environment: production, a: {project: shop}}]
            tracker: \(tracker)
            """
        let policy = "guardrails: {errors: {source: a, measure: error-rate, limit: +25%}}"
        #expect(try settings(text, files: ["/etc/hotfix/p.yaml": policy]).tracker?.outstandingFile == path)
    }

    @Test("what the example shows in comments behind its keys is valid too")
    func commentsOfTheExample() throws {
        let keys = ["serve", "notify", "annotate", "gate", "heartbeat"]
        let lines = ExampleSettings.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let rest = line.dropFirst(2)
            let isKey = keys.contains { rest.hasPrefix("\($0):") }
            return line.hasPrefix("# ") && (isKey || rest.hasPrefix("  ")) ? rest : line
        }
        let token = "0123456789abcdef0123456789abcdef"
        let settings = try settings(
            lines.joined(separator: "\n"),
            environment: [
                "SENTRY_AUTH_TOKEN": token, "HOTFIX_READ_TOKEN": token, "HOTFIX_WRITE_TOKEN": "write-\(token)",
                "SLACK_WEBHOOK_URL": "https://hooks.slack.com/x", "PAGERDUTY_ROUTING_KEY": token,
                "WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "GRAFANA_TOKEN": token,
                "GITHUB_TOKEN": token, "HEARTBEAT_URL": "https://hc-ping.com/x", "CREDENTIALS_DIRECTORY": "/run/c",
            ], files: ["/run/c/mail-password": token])
        #expect(settings.channels.map(\.type) == ChannelType.allCases)
        #expect(settings.annotations.map(\.type) == AnnotationType.allCases)
        #expect(settings.gate != nil && settings.heartbeat != nil && settings.serve.url != nil)
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            state: sqlite:/var/lib/hotfix/ledger.db
            policy: p.yaml
            sources:
              b:
                type: prometheus
                url: "https://prometheus.example.com/prefix/"
                basic: {username: hotfix, password: "file:secrets/password"}
                headers: {X-Scope-OrgID: acme, X-Api-Key: "${T}"}
                tls: {ca_file: ca.pem, certificate_file: /c.pem, key_file: ./k.pem, key_password: "credential:key"}
                timeout: 5s
                settle: 3m
                recheck: 20m
              a: {type: sentry, url: "${URL}", organization: acme, token: "${T}", outcomes: false, settle: 95s, timeout: 1m}
            services:
              - name: pay
                b: {service: payments}
                policy: own.yaml
              - name: shop
                environment: production
                a: {project: 4501}
            tracker: {status_file: /s.json, outstanding_file: o.md, publish: none}
            remind_every: 0
            retention: 60d
            """
        let files = [
            "/etc/hotfix/p.yaml": "guardrails: {errors: {source: a, measure: error-rate, limit: +25%}}",
            "/etc/hotfix/own.yaml": """
            guardrails:
              cpu: {source: b, measure: cpu, limit: {above: 2}}
              errors: {source: a, measure: error-rate, limit: +25%}
            """,
            "/etc/hotfix/secrets/password": "pa ss\n", "/run/credentials/key": "kkk\r\n",
        ]
        let environment = ["T": "s3cr3t", "URL": "https://de.sentry.io", "CREDENTIALS_DIRECTORY": "/run/credentials"]
        let settings = try settings(text, environment: environment, files: files)
        let errors = Guardrail(
            name: "errors", source: "a", measure: .builtIn(.sentryErrorRate), limits: [.relative(0.25)])
        let cpu = Guardrail(name: "cpu", source: "b", measure: .builtIn(.cpu), limits: [.above(2)])
        #expect(
            settings
                == Settings(
                    path: "/etc/hotfix/hotfix.yaml", state: .sqlite(path: "/var/lib/hotfix/ledger.db"),
                    sources: [
                        SourceSettings(
                            name: "b", url: "https://prometheus.example.com/prefix",
                            kind: .prometheus,
                            timing: SourceTiming(settle: 180, recheck: 1200), timeout: 5,
                            credentials: .basic(username: "hotfix", password: Secret("pa ss")),
                            headers: [
                                .init(name: "X-Scope-OrgID", value: Secret("acme")),
                                .init(name: "X-Api-Key", value: Secret("s3cr3t")),
                            ],
                            tls: .init(
                                caFile: "/etc/hotfix/ca.pem", certificateFile: "/c.pem", keyFile: "/etc/hotfix/k.pem",
                                keyPassword: Secret("kkk"))),
                        SourceSettings(
                            name: "a", url: "https://de.sentry.io",
                            kind: .sentry(.init(organization: "acme", token: Secret("s3cr3t"), outcomes: false)),
                            timing: SourceTiming(settle: 95, recheck: 3600), timeout: 60,
                            credentials: .bearer(Secret("s3cr3t"))),
                    ],
                    services: [
                        ServiceSettings(
                            service: Service(name: "pay", bindings: ["b": ["service": "payments"]]),
                            policy: Policy(guardrails: [cpu, errors]), policyName: "own.yaml",
                            policyFile: "/etc/hotfix/own.yaml"),
                        ServiceSettings(
                            service: Service(
                                name: "shop", environment: "production", bindings: ["a": ["project": "4501"]]),
                            policy: Policy(guardrails: [errors]), policyName: "p.yaml", policyFile: "/etc/hotfix/p.yaml"
                        ),
                    ],
                    tracker: TrackerSettings(
                        statusFile: "/s.json", outstandingFile: "/etc/hotfix/o.md", publish: .none),
                    remindEvery: 0, ledgerRetention: 60 * 86_400))
        #expect(settings.pairs == [Pair("pay", "cpu"), Pair("shop", "errors")])
        #expect(settings.notWatched == [Pair("pay", "errors")])
        #expect(settings.source("a")?.type == .sentry)
        #expect(settings.service("shop")?.service.environment == "production")
    }

    @Test func referencesAreResolvedOnceAndEscapesKept() throws {
        let references = References(environment: ["A": "${B}", "B": "b"], directory: "/d") { path in
            guard path == "/d/x" else { throw FileProblem(description: "does not exist") }
            return "${A}\n"
        }
        #expect(try references.resolve("x-${A}-${B}").text == "x-${B}-b")
        #expect(try references.resolve("$${A} $5 $").text == "${A} $5 $")
        #expect(try references.resolve("$${A}").isReference == false)
        #expect(try references.resolve("file:x").text == "${A}")
        #expect(try references.resolve("file:/d/x").isReference)
    }

    @Test func aSecretIsNowhereInTheDescription() throws {
        let settings = try settings(ExampleSettings.text, environment: ["SENTRY_AUTH_TOKEN": "s3cr3t"])
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!"\(settings)".contains("s3cr3t"))
        #expect(!dumped.contains("s3cr3t"))
    }
}
