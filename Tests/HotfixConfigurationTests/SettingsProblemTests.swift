import Testing

@testable import HotfixConfiguration

private let file = "/etc/hotfix/hotfix.yaml"

@Suite struct SettingsProblemTests {
    @Test func theSmallConfigurationIsSound() {
        #expect(problems(small, files: smallFiles) == [])
    }

    @Test(arguments: [
        ("sorces: 1", "sorces: unknown key 'sorces'. Did you mean 'sources'?"),
        (
            "color: 1",
            "color: unknown key 'color'. Known keys: state, policy, sources, services, tracker, remind_every, retention, serve, notify, annotate, gate, heartbeat, release."
        ),
        ("notify: {type: slack}", "notify: must be a list, not a mapping."),
        ("notifi: []", "notifi: unknown key 'notifi'. Did you mean 'notify'?"),
        ("annotate: grafana", "annotate: must be a list, not a single value."),
        ("gate:", "gate: must be a mapping of keys to values, not empty."),
        ("heartbeat: {}", "heartbeat: 'url' is missing."),
        ("state: postgresql://u:pw@h/db", "state: PostgreSQL is not supported by this build. Write sqlite:PATH."),
        (
            "state: ledger.db",
            "state: this is no place of a ledger. Write sqlite:PATH, such as sqlite:.hotfix/ledger.db."
        ),
        (
            "state: 'sqlite::memory:'",
            "state: this is no place of a ledger. Write sqlite:PATH, such as sqlite:.hotfix/ledger.db."
        ),
        ("state: {a: b}", "state: must be a location such as sqlite:.hotfix/ledger.db, not a mapping."),
        (
            "retention: 20d",
            "retention: 20d is less than the longest look-back and 14 days. Write 'retention: 21d' or more."
        ),
        ("retention: 90", "retention: '90' has no unit. Write 90s, 90m, 90h or 90d."),
        (
            "remind_every: soon",
            "remind_every: 'soon' is not a duration. Write one such as 90s, 5m, 1h30m, 48h or 7d, of at most 3650d."
        ),
        ("policy: gone.yaml", "policy: the policy '/etc/hotfix/gone.yaml' does not exist."),
        ("policy: thresholds/runbook.yaml", "policy: the policy '/etc/hotfix/thresholds/runbook.yaml' does not exist."),
        ("policy: ~/p.yaml", "policy: '~' is not expanded. Write ${HOME} or an absolute path."),
        ("tracker: {publish: psuh}", "tracker.publish: 'psuh' is not known. Did you mean 'push'?"),
        (
            "tracker: {status_file: a, outstanding_file: ./a}",
            "tracker: 'status_file' and 'outstanding_file' are the same file. Name two."
        ),
        ("tracker: {status_file: docs/}", "tracker.status_file: 'docs/' is a directory. Name a file."),
        (
            "tracker: {file: a}",
            "tracker.file: unknown key 'file'. Known keys: status_file, outstanding_file, publish, main, develop, release_branches, approvals, github."
        ),
    ])
    func keysOfTheTopAreChecked(line: String, expected: String) {
        #expect(problems(small + line, files: smallFiles) == ["\(file):5: \(expected)"])
    }

    @Test(arguments: [
        ("otle: {service: x}", ".otle: unknown key 'otle'. Did you mean 'otel'?"),
        ("name: ''", ".name: must not be empty."),
        ("name: ' x'", ".name: must not begin or end with a blank."),
        (
            "name: a/b",
            ".name: must not have a '/' in it, nor more than 200 bytes. The names in sources are given apart."
        ),
        ("name: \"a\\nb\"", ".name: has a line break or another control character in it."),
        ("name: [a]", ".name: must be the name of the service, not a list."),
        ("otel: checkout", ".otel: must be a mapping of keys to values, not a single value."),
        ("otel: {}", ".otel: 'service' is missing."),
        ("otel: {service: ~}", ".otel.service: has no value. Give one, or remove the key."),
        ("otel: {project: x}", ".otel.project: unknown key 'project'. Known keys: service."),
        ("sentry: {}", ".sentry: 'project' is missing."),
        (
            "sentry: {project: a b}",
            ".sentry.project: 'a b' is not the slug or id of a project. It is the word that Sentry shows in the address of its pages."
        ),
        ("environment: ''", ".environment: must not be empty."),
    ])
    func keysOfAServiceAreChecked(line: String, expected: String) {
        let others = ["name: checkout", "otel: {service: x}"].filter {
            !$0.hasPrefix(line.prefix { $0 != ":" } + ":")
        }
        let text = """
            sources:
              otel: {type: prometheus, url: "http://localhost:9090"}
              sentry: {type: sentry, organization: acme, token: "${T}"}
            policy: p.yaml
            services:
              - \(([line] + others).joined(separator: "\n    "))
            """
        #expect(
            problems(text, files: smallFiles).contains("\(file):6: services[0]\(expected)"),
            "\(problems(text, files: smallFiles))")
    }

    @Test(arguments: [
        ("", ["'sources' is missing. Name at least one.", "'services' is missing. Name at least one."]),
        (
            "sources: {}\nservices: []",
            ["sources: names no source. Name at least one.", "services: names no service. Name at least one."]
        ),
    ])
    func sourcesAndServicesMustBeThere(text: String, expected: [String]) {
        let found = problems("remind_every: 1h\n" + text)
        #expect(found.map { String($0.drop { $0 != " " }.dropFirst()) } == expected)
    }

    @Test func aServiceIsNamedOnce() {
        let text = small + "  - {name: checkout, otel: {service: other}, policy: p.yaml}"
        #expect(
            problems(text, files: smallFiles) == [
                "\(file):5: services[1].name: a service of the name 'checkout' is there already. Rename one of them."
            ])
    }

    @Test func aServiceOnWhichNoGuardrailAppliesIsAnError() {
        let text = small + "  - {name: shop, policy: p.yaml}"
        #expect(
            problems(text, files: smallFiles) == [
                "\(file):5: services[1]: no guardrail of 'p.yaml' applies to the service 'shop'. "
                    + "Say what it is called in 'otel'."
            ])
    }

    @Test func aQueryThatNeedsAnEnvironmentGetsOne() {
        let query = "'up{s=\"{service}\",e=\"{environment}\"}'"
        let files = ["/etc/hotfix/p.yaml": "guardrails: {up: {source: otel, query: \(query), limit: {below: 1}}}"]
        #expect(
            problems(small, files: files) == [
                "\(file):4: services[0]: the query of 'up' needs an environment, and the service names none. "
                    + "Add 'environment'."
            ])
    }

    @Test func problemsOfPoliciesNameTheirOwnFileAndComeOnce() {
        let text = small + "  - {name: shop, otel: {service: shop}, policy: p.yaml}"
        let files = ["/etc/hotfix/p.yaml": "guardrails: {cpu: {source: otle, measure: cpu, limit: +30%}}"]
        #expect(
            problems(text, files: files) == [
                "/etc/hotfix/p.yaml:1: guardrails.cpu.source: unknown source 'otle'. Did you mean 'otel'?"
            ])
    }

    @Test func thePolicyBuiltInNeedsItsSources() {
        let text = """
            sources: {otel: {type: prometheus, url: "http://localhost:9090"}}
            services: [{name: checkout, otel: {service: checkout}}]
            """
        #expect(
            problems(text) == [
                "runbook (built in):8: guardrails.error-rate.source: unknown source 'sentry'. "
                    + "The configuration names: otel."
            ])
    }

    @Test func aLongLookbackNeedsALongRetention() {
        let policy = "baseline: {lookback: 80d}\nguardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}"
        #expect(
            problems(small, files: ["/etc/hotfix/p.yaml": policy]) == [
                "\(file): retention: 90d is less than the longest look-back and 14 days. "
                    + "Write 'retention: 94d' or more."
            ])
    }
}
