import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct ChannelSettingsTests {
    private let secrets = [
        "HOOK": "https://hooks.slack.com/services/T0/B0/s3cr3t", "T": "s3cr3t",
        "KEY": "0123456789abcdef0123456789ABCDEF", "SIGN": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]

    private func channels(_ lines: String, uses: Set<SecretUse> = SecretUse.all) throws -> [ChannelSettings] {
        let text = small + "notify:\n" + lines.split(separator: "\n").map { "  - {\($0)}\n" }.joined()
        return try SettingsLoader.load(
            text: text, path: "/etc/hotfix/hotfix.yaml", environment: uses.isEmpty ? [:] : secrets, secrets: uses
        ) { smallFiles[$0] ?? "" }.channels
    }

    private func rule(_ name: String, _ kinds: Set<MessageKind>, isToldOfThePast: Bool = true) -> ChannelRule {
        ChannelRule(name: name, kinds: kinds, isToldOfThePast: isToldOfThePast)
    }

    private let everything = Set(MessageKind.allCases).subtracting([.test, .announcement])
    private let episodes: Set<MessageKind> = [
        .breach, .recovered, .corrected, .withdrawn, .excused, .blind, .sighted,
    ]

    @Test func everyTypeIsReadWithWhatItIsToldWhereNothingElseIsSaid() throws {
        let read = try channels(
            """
            type: slack, webhook: "${HOOK}"
            type: slack, token: "${T}", channel: "#releases"
            type: pagerduty, routing_key: "${KEY}"
            type: email, smtp: "smtp://mail.example.com:587", from: h@example.com, to: [a@example.com, b+c@example.com]
            type: webhook, url: "https://example.com/hook?a=b"
            type: alertmanager, url: "http://localhost:9093/"
            type: output
            """)
        #expect(
            read == [
                .init(rule: rule("slack", everything), kind: .slack(.webhook(Secret(secrets["HOOK"] ?? "")))),
                .init(
                    rule: rule("slack-2", everything),
                    kind: .slack(.bot(token: Secret("s3cr3t"), channel: "#releases", url: "https://slack.com/api"))),
                .init(
                    rule: rule("pagerduty", episodes.union([.deployed]), isToldOfThePast: false),
                    kind: .pagerDuty(.init(routingKey: Secret(secrets["KEY"] ?? "")))),
                .init(
                    rule: rule("email", everything.subtracting([.reminder, .deployed])),
                    kind: .email(
                        .init(
                            server: "smtp://mail.example.com:587", from: "h@example.com",
                            to: ["a@example.com", "b+c@example.com"]))),
                .init(
                    rule: rule("webhook", everything),
                    kind: .webhook(.init(url: Secret("https://example.com/hook?a=b")))),
                .init(
                    rule: rule("alertmanager", episodes, isToldOfThePast: false),
                    kind: .alertmanager(.init(urls: ["http://localhost:9093"]))),
                .init(rule: rule("output", everything), kind: .output(.auto)),
            ])
    }

    @Test func everyKeyIsRead() throws {
        let read = try channels(
            """
            type: slack, name: captain, token: "${T}", channel: C012, url: "https://slack-gov.com/api/", only: [ready, never-seen], services: [checkout], severity: warning
            type: pagerduty, routing_key: "${KEY}", url: "https://events.eu.pagerduty.com", only: [breach]
            type: email, smtp: "smtps://mail.example.com/", username: u, password: "${T}", from: h@example.com, to: [a@b], tls: {ca_file: ca.pem}
            type: email, smtp: "smtp://127.0.0.1", username: u, password: "${T}", from: h@example.com, to: [a@b], plaintext: true
            type: webhook, url: "${HOOK}", secret: "${SIGN}", previous_secret: "${SIGN}", headers: {X-Token: "${T}"}, tls: {ca_file: ca.pem}
            type: alertmanager, urls: ["https://a/x", "https://b"], basic: {username: u, password: "${T}"}, headers: {A: b}, tls: {ca_file: ca.pem}
            type: alertmanager, url: "https://a", bearer: "${T}"
            type: output, style: journald
            """)
        let tls = SourceSettings.TLS(caFile: "/etc/hotfix/ca.pem")
        let key = Secret("s3cr3t")
        #expect(
            read.first?.rule
                == ChannelRule(
                    name: "captain", kinds: [.ready, .neverSeen], services: ["checkout"], severity: .warning))
        #expect(
            read.map(\.kind) == [
                .slack(.bot(token: key, channel: "C012", url: "https://slack-gov.com/api")),
                .pagerDuty(
                    .init(routingKey: Secret(secrets["KEY"] ?? ""), url: "https://events.eu.pagerduty.com")),
                .email(
                    .init(
                        server: "smtps://mail.example.com", username: "u", password: key, from: "h@example.com",
                        to: ["a@b"], tls: tls)),
                .email(
                    .init(
                        server: "smtp://127.0.0.1", username: "u", password: key, from: "h@example.com", to: ["a@b"],
                        allowsPlaintext: true)),
                .webhook(
                    .init(
                        url: Secret(secrets["HOOK"] ?? ""), secret: Secret(secrets["SIGN"] ?? ""),
                        previousSecret: Secret(secrets["SIGN"] ?? ""), headers: [.init(name: "X-Token", value: key)],
                        tls: tls)),
                .alertmanager(
                    .init(
                        urls: ["https://a/x", "https://b"], credentials: .basic(username: "u", password: key),
                        headers: [.init(name: "A", value: Secret("b"))], tls: tls)),
                .alertmanager(.init(urls: ["https://a"], credentials: .bearer(key))), .output(.journald),
            ])
        #expect(read[1].rule.kinds == [.breach])
        #expect(read.map(\.tls?.caFile).map { $0 != nil } == [false, false, true, false, true, true, false, false])
    }

    @Test("names are given in the order of the file, and never one that is written elsewhere")
    func names() throws {
        let read = try channels(
            """
            type: output
            type: output, name: output-2
            type: output
            type: slack, name: pagerduty, webhook: "${HOOK}"
            type: pagerduty, routing_key: "${KEY}"
            """)
        #expect(read.map(\.name) == ["output", "output-2", "output-3", "pagerduty", "pagerduty-2"])
    }

    @Test("who tells nobody needs none of their secrets, and what is wrong with the rest is found all the same")
    func secretsAreNotLookedUp() throws {
        let lines = """
            type: slack, webhook: "${HOOK}"
            type: pagerduty, routing_key: "file:key"
            type: email, smtp: "smtp://mail", username: u, password: "credential:mail", from: h@b, to: [a@b]
            type: webhook, url: "${HOOK}", secret: "${SIGN}", headers: {X-Token: "${T}"}
            type: alertmanager, url: "https://a", bearer: "${T}"
            """
        #expect(
            try channels(lines, uses: []).map(\.name) == ["slack", "pagerduty", "email", "webhook", "alertmanager"])
        #expect(throws: SettingsError.self) { try channels("type: slack, webhook: plain", uses: []) }
        #expect(throws: SettingsError.self) { try channels("type: pagerduty, routing_key: plain", uses: []) }
    }

    @Test("nothing of a channel's secrets is in a description")
    func secretsAreHidden() throws {
        let read = try channels(
            """
            type: slack, webhook: "${HOOK}"
            type: webhook, url: "${HOOK}", secret: "${SIGN}"
            type: pagerduty, routing_key: "${KEY}"
            """)
        var dumped = "\(read)"
        dump(read, to: &dumped)
        for secret in secrets.values { #expect(!dumped.contains(secret)) }
    }
}
