import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct DisplaySettingsTests {
    private static let environment = [
        "T": "s3cr3t", "U": "an0ther", "PING": "https://hc-ping.com/5b6f3d2a-0000-4000-8000-000000000000",
        "OPEN": "http://hc.example.com/s3cr3t", "PART": "https://hc.example.com/s3cr3t#x",
        "QUERY": "https://hc.example.com/s3cr3t?create=1",
    ]

    private static let shop = """
        policy: p.yaml
        sources:
          otel: {type: prometheus, url: "http://localhost:9090"}
          errors: {type: sentry, url: "https://de.sentry.io", organization: acme, token: "${T}", headers: {A: b}, tls: {ca_file: /ca.pem}}
        services:
          - {name: checkout, environment: production, otel: {service: checkout}, errors: {project: checkout-api}}
          - {name: cart, otel: {service: cart}}

        """

    private func read(_ lines: String) throws -> Settings {
        try settings(Self.shop + lines, environment: Self.environment, files: smallFiles)
    }

    @Test func annotationsAreRead() throws {
        let read = try read(
            """
            notify: [{type: output, name: grafana}]
            annotate:
              - {type: grafana, url: "http://localhost:3000/", token: "${T}", dashboards: [abc123, d-E_f]}
              - {type: grafana, name: all, url: "https://grafana.example.com", token: "${T}"}
              - {type: sentry, source: errors}
              - {type: sentry, source: errors, token: "${U}"}
              - {type: sentry, url: "https://de.sentry.io/", organization: acme, token: "${U}"}
            """)
        let token = Secret("s3cr3t")
        let bound = AnnotationSettings.SentryDeploys(
            url: "https://de.sentry.io", organization: "acme", token: token, projects: ["checkout": "checkout-api"],
            environments: ["checkout": "production"], headers: [.init(name: "A", value: Secret("b"))],
            tls: .init(caFile: "/ca.pem"))
        var other = bound
        other.token = Secret("an0ther")
        #expect(
            read.annotations == [
                .init(
                    name: "grafana-2",
                    kind: .grafana(.init(url: "http://localhost:3000", token: token, dashboards: ["abc123", "d-E_f"]))),
                .init(name: "all", kind: .grafana(.init(url: "https://grafana.example.com", token: token))),
                .init(name: "sentry", kind: .sentry(bound)), .init(name: "sentry-2", kind: .sentry(other)),
                .init(
                    name: "sentry-3",
                    kind: .sentry(
                        .init(
                            url: "https://de.sentry.io", organization: "acme", token: Secret("an0ther"),
                            projects: ["checkout": "checkout-api"], environments: ["checkout": "production"]))),
            ])
    }

    @Test func gatesAreRead() throws {
        #expect(
            try read("gate: {type: github, repository: acme/shop.js, token: '${T}'}").gate
                == GateSettings(
                    type: .github, repository: "acme/shop.js", token: Secret("s3cr3t"), context: "hotfix/guardrails",
                    url: "https://api.github.com"))
        #expect(
            try read(
                "gate: {type: github, repository: a/b, token: '${T}', context: soak, comments: false, url: 'https://git.example.com/api/v3/'}"
            ).gate
                == GateSettings(
                    type: .github, repository: "a/b", token: Secret("s3cr3t"), context: "soak", comments: false,
                    url: "https://git.example.com/api/v3"))
        #expect(
            try read("gate: {type: gitlab, project: acme/web/shop, token: '${T}'}").gate
                == GateSettings(
                    type: .gitlab, repository: "acme/web/shop", token: Secret("s3cr3t"), url: "https://gitlab.com"))
        #expect(
            try read("gate: {type: gitlab, project: 4711, token: '${T}', url: 'https://git.example.com'}").gate?
                .repository == "4711")
        #expect(try read("").gate == nil)
    }

    @Test func theHeartbeatAndTheServersAddressAreRead() throws {
        #expect(
            try read("heartbeat: {url: '${PING}'}").heartbeat
                == HeartbeatSettings(url: Secret(Self.environment["PING"] ?? "")))
        // healthchecks makes the check where it has this.
        #expect(
            try read("heartbeat: {url: '${QUERY}'}").heartbeat
                == HeartbeatSettings(url: Secret("https://hc.example.com/s3cr3t?create=1")))
        #expect(try read("serve: {url: 'https://hotfix.example.com/x/'}").serve.url == "https://hotfix.example.com/x")
        #expect(try read("serve: {url: 'http://127.0.0.1:8321'}").serve.url == "http://127.0.0.1:8321")
        #expect(try read("").heartbeat == nil)
    }

    @Test func secretsAreLookedUpForWhoTellsAlone() throws {
        let text =
            Self.shop + """
                annotate: [{type: grafana, url: "https://g", token: "${GRAFANA}"}, {type: sentry, source: errors}]
                gate: {type: github, repository: a/b, token: "${GITHUB}"}
                heartbeat: {url: "${BEAT}"}
                """
        func load(_ uses: Set<SecretUse>) throws -> Settings {
            try SettingsLoader.load(
                text: text, path: "/etc/hotfix/hotfix.yaml", environment: ["T": "s3cr3t"], secrets: uses
            ) { smallFiles[$0] ?? "" }
        }
        #expect(try load([.sources]).gate?.token == Secret(""))
        #expect(throws: SettingsError.self) { try load([.sources, .channels]) }
    }

    @Test(arguments: [
        (
            "annotate: [{type: grafna}]",
            "annotate[0].type: 'grafna' is not a type of annotation. Did you mean 'grafana'?"
        ),
        ("annotate: [{type: grafana, token: '${T}'}]", "annotate[0]: 'url' is missing."),
        ("annotate: [{type: grafana, url: 'https://g'}]", "annotate[0]: 'token' is missing."),
        ("annotate: [{type: grafana, url: 'http://g', token: '${T}'}]", "annotate[0].url: is plain http to another"),
        (
            "annotate: [{type: grafana, url: 'https://g', token: '${T}', dashboards: [a/b]}]",
            "annotate[0].dashboards[0]: 'a/b' is not the uid of a dashboard."
        ),
        (
            "annotate: [{type: grafana, url: 'https://g', token: '${T}', dashboards: [a, a]}]",
            "annotate[0].dashboards[1]: 'a' is written more than once here."
        ),
        (
            "annotate: [{type: grafana, url: 'https://g', token: '${T}', dashboards: []}]",
            "annotate[0].dashboards: names no dashboard."
        ),
        (
            "annotate: [{type: sentry, source: erors}]",
            "annotate[0].source: there is no source of the name 'erors'. Did you mean 'errors'?"
        ),
        ("annotate: [{type: sentry, source: otel}]", "annotate[0].source: the source 'otel' is not of type sentry."),
        (
            "annotate: [{type: sentry, source: errors, organization: acme}]",
            "annotate[0].organization: is that of the source."
        ),
        ("annotate: [{type: sentry, token: '${T}'}]", "annotate[0]: 'organization' is missing."),
        ("annotate: [{type: sentry, organization: a/b, token: '${T}'}]", "annotate[0].organization: 'a/b' is not the"),
        ("annotate: [{type: sentry, organization: acme, token: s3cr3t}]", "annotate[0].token: a secret is never"),
        ("gate: {repository: a/b, token: '${T}'}", "gate: 'type' is missing. One of: github, gitlab."),
        ("gate: {type: gihub}", "gate.type: 'gihub' is not a type of gate. Did you mean 'github'?"),
        ("gate: {type: github, token: '${T}'}", "gate: 'repository' is missing."),
        ("gate: {type: github, repository: shop, token: '${T}'}", "gate.repository: 'shop' is not a repository."),
        ("gate: {type: github, repository: a/.., token: '${T}'}", "gate.repository: 'a/..' is not a repository."),
        ("gate: {type: github, repository: a/b/c, token: '${T}'}", "gate.repository: 'a/b/c' is not a repository."),
        ("gate: {type: github, repository: a/b, token: s3cr3t}", "gate.token: a secret is never written in the file."),
        ("gate: {type: github, project: a/b, repository: a/b, token: '${T}'}", "gate.project: unknown key 'project'."),
        ("gate: {type: github, repository: a/b, token: '${T}', url: 'http://x'}", "gate.url: is plain http to another"),
        ("gate: {type: github, repository: a/b, token: '${T}', context: ''}", "gate.context: must not be empty."),
        (
            "gate: {type: github, repository: a/b, token: '${T}', comments: no}",
            "gate.comments: 'no' is neither true nor"
        ),
        ("gate: {type: gitlab, project: a/b, token: '${T}', comments: true}", "gate.comments: unknown key 'comments'."),
        ("gate: {type: gitlab, project: shop, token: '${T}'}", "gate.project: 'shop' is not a project."),
        ("heartbeat: {url: 'https://hc-ping.com/x'}", "heartbeat.url: a secret is never written in the file."),
        ("heartbeat: {url: '${OPEN}'}", "heartbeat.url: is plain http to another machine"),
        ("heartbeat: {url: '${PART}'}", "heartbeat.url: the URL has a fragment."),
        (
            "annotate: [{type: sentry, organization: other, token: '${T}'}]",
            "annotate[0]: no source is of the organization 'other' at https://sentry.io, so no service has a project there."
        ),
        (
            "annotate: [{type: sentry, organization: acme, token: '${T}'}]",
            "annotate[0]: no source is of the organization 'acme' at https://sentry.io"
        ),
        ("heartbeat: {ulr: '${PING}', url: '${PING}'}", "heartbeat.ulr: unknown key 'ulr'. Did you mean 'url'?"),
        ("serve: {url: 'http://hotfix.example.com'}", "serve.url: is plain http to another machine."),
        ("serve: {url: 'hotfix.example.com'}", "serve.url: 'hotfix.example.com' is not a URL of http or https."),
    ])
    func whatIsWrongIsSaidWithFileLineAndKey(line: String, expected: String) {
        let found = problems(Self.shop + line, environment: Self.environment, files: smallFiles)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("/etc/hotfix/hotfix.yaml:8: \(expected)") == true, "\(found)")
        #expect(!found.joined().contains("s3cr3t"))
    }

    @Test func deploysAreRecordedForServicesWithAProjectOnly() {
        let text = Self.shop.replacing(", errors: {project: checkout-api}", with: "")
        let found = problems(
            text + "annotate: [{type: sentry, source: errors}]", environment: Self.environment, files: smallFiles)
        #expect(
            found == [
                "/etc/hotfix/hotfix.yaml:8: annotate[0].source: no service names a project there. Name it at a service: {project: SLUG}."
            ])
    }

    @Test func deploysAreRecordedBySlugs() {
        let text = Self.shop.replacing("project: checkout-api", with: "project: 4711")
        let found = problems(
            text + "annotate: [{type: sentry, source: errors}]", environment: Self.environment, files: smallFiles)
        #expect(found.count == 1)
        #expect(found.first?.contains("the service 'checkout' names its project by the id 4711") == true, "\(found)")
        // What is asked of Sentry, it answers by id as well.
        #expect(problems(text, environment: Self.environment, files: smallFiles).isEmpty)
    }
}
