import HotfixCore
import Testing

@testable import HotfixConfiguration

@Suite struct ChannelProblemTests {
    private let environment = [
        "HOOK": "https://hooks.slack.com/services/T0/B0/s3cr3t", "OPEN": "http://hooks.example.com/s3cr3t",
        "ODD": "s3cr3t", "SIGN": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "T": "s3cr3t", "KEY": "0123456789abcdef0123456789abcdef",
    ]

    /// What is wrong with a channel on the fifth line of the file, from its key on.
    private func found(_ keys: String) -> [String] {
        problems(small + "notify: [{\(keys)}]", environment: environment, files: smallFiles)
            .map { $0.replacing("/etc/hotfix/hotfix.yaml:5: notify[0]", with: "") }
    }

    @Test(arguments: [
        ("name: x", ": 'type' is missing. One of: slack, pagerduty, email, webhook, alertmanager, output."),
        ("type: slak", ".type: 'slak' is not a type of channel. Did you mean 'slack'?"),
        (
            "type: teams",
            ".type: 'teams' is not a type of channel. One of: slack, pagerduty, email, webhook, alertmanager, output."
        ),
        (
            "type: '${T}'",
            ".type: the value referred to is not a type of channel. One of: slack, pagerduty, email, webhook, alertmanager, output."
        ),
        ("type: output, styl: plain", ".styl: unknown key 'styl'. Did you mean 'style'?"),
        ("type: output, style: jornald", ".style: 'jornald' is not known. Did you mean 'journald'?"),
        ("type: output, name: 'a b'", ".name: 'a b' cannot be a name."),
        ("type: output, name: gate", ".name: the name 'gate' is kept for the key of that name."),
        ("type: output, name: heartbeat", ".name: the name 'heartbeat' is kept for the key of that name."),
        ("type: output, only: breach", ".only: must be a list, not a single value."),
        ("type: output, only: []", ".only: names no kind of message."),
        ("type: output, only: [recoverd]", ".only[0]: 'recoverd' is not a kind of message. Did you mean 'recovered'?"),
        ("type: output, only: [test]", ".only[0]: 'test' is not a kind of message."),
        (
            "type: pagerduty, routing_key: '${KEY}', only: [undeliverable]",
            ".only[0]: a channel of type 'pagerduty' is never told 'undeliverable'."
        ),
        (
            "type: pagerduty, routing_key: '${KEY}', only: [breach, ready]",
            ".only[1]: a channel of type 'pagerduty' is never told 'ready'. It can be told: breach, recovered,"
        ),
        (
            "type: output, services: [chekout]",
            ".services[0]: there is no service of the name 'chekout'. Did you mean 'checkout'?"
        ),
        ("type: output, services: []", ".services: names no service."),
        ("type: output, severity: fatal", ".severity: 'fatal' is not known. One of: critical, error, warning, info."),
    ])
    func whatEveryChannelHasIsChecked(keys: String, expected: String) {
        let found = found(keys)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test(arguments: [
        ("", ": neither 'webhook' nor 'token' is given."), ("channel: c", ": 'token' is missing."),
        ("token: '${T}'", ": 'channel' is missing."),
        ("webhook: 'https://hooks.slack.com/x'", ".webhook: a secret is never written in the file."),
        ("webhook: '${ODD}'", ".webhook: the value referred to is not a URL of http or https."),
        ("webhook: '${OPEN}'", ".webhook: is plain http to another machine: anybody on the way could read the secret."),
        ("webhook: '${HOOK}', channel: c", ".channel: an incoming webhook knows its channel, and needs nothing else."),
        ("webhook: '${HOOK}', token: '${T}'", ".token: an incoming webhook knows its channel"),
        ("token: '${T}', channel: c, url: 'http://slack.test'", ".url: is plain http to another machine"),
        ("token: s3cr3t, channel: c", ".token: a secret is never written in the file."),
        ("token: '${GONE}', channel: c", ".token: the environment variable 'GONE' is not set."),
    ])
    func slackIsChecked(keys: String, expected: String) { expect("type: slack, \(keys)", expected) }

    @Test(arguments: [
        ("", ": 'routing_key' is missing."), ("routing_key: '${T}'", ".routing_key: the value referred to is no"),
        ("routing_key: 0123456789abcdef0123456789abcdef", ".routing_key: a secret is never written in the file."),
        ("routing_key: '${KEY}', url: 'http://events.test'", ".url: is plain http to another machine"),
        ("routing_kye: '${KEY}', routing_key: '${KEY}'", ".routing_kye: unknown key 'routing_kye'."),
    ])
    func pagerDutyIsChecked(keys: String, expected: String) { expect("type: pagerduty, \(keys)", expected) }

    @Test(arguments: [
        ("smtp: 'https://mail'", ".smtp: 'https://mail' is not the address of a mail server."),
        ("smtp: mail.example.com", ".smtp: 'mail.example.com' is not the address of a mail server."),
        ("smtp: 'smtp://'", ".smtp: 'smtp://' is not the address of a mail server."),
        ("smtp: 'smtp://mail:0'", ".smtp: 'smtp://mail:0' is not the address of a mail server."),
        ("smtp: 'smtp://u:s3cr3t@mail'", ".smtp: the address holds a user name or a password."),
        ("smtp: 'smtp://mail/x'", ".smtp: 'smtp://mail/x' has more than a scheme, a host and a port."),
        ("smtp: 'smtp://mail', username: u", ": 'password' is missing."),
        ("smtp: 'smtp://mail', password: '${T}'", ".password: belongs to a user."),
        ("smtp: 'smtp://mail', username: u, password: s3cr3t", ".password: a secret is never written in the file."),
        ("smtp: 'smtps://mail', plaintext: true", ".plaintext: smtps:// is always encrypted."),
        (
            "smtp: 'smtp://mail', plaintext: true, username: u, password: '${T}'",
            ".username: a password would go unencrypted to another machine."
        ),
        (
            "smtp: 'smtp://localhost', plaintext: true, tls: {ca_file: ca.pem}",
            ".tls: nothing is encrypted with 'plaintext: true'."
        ),
        ("smtp: 'smtp://mail', plaintext: yes", ".plaintext: 'yes' is neither true nor false."),
        ("smtp: 'smtp://mail', tls: {key_file: k}", ".tls.key_file: belongs to a certificate."),
    ])
    func mailServersAreChecked(keys: String, expected: String) {
        expect("type: email, from: h@example.com, to: [a@example.com], \(keys)", expected)
    }

    @Test(arguments: [
        "plain", "a@b@c", "@b", "a@", "a b@c", "a@b c", "<a@b>", "A Name <a@b>", "a@b,c@d", "a;b@c", "ä@b", "a@ä",
        ".a@b", "a@b..c", "\"a\"@b", "a@b\\r\\nRCPT TO:<evil@x>",
    ])
    func addressesThatCouldBeTakenForMoreAreRefused(address: String) {
        let quoted = address.contains("\\") ? "\"\(address)\"" : "'\(address)'"
        let keys = "type: email, smtp: 'smtp://mail', to: [a@example.com], from: \(quoted)"
        let found = found(keys)
        #expect(found.count == 1)
        #expect(
            found.first?.contains("is not an e-mail address that can be written to") == true
                || found.first == ".from: has a line break or another control character in it.", "\(found)")
    }

    @Test(arguments: [
        ("from: h@b, to: []", ".to: names no recipient."), ("from: h@b", ": 'to' is missing."),
        ("to: [a@b]", ": 'from' is missing."), ("from: h@b, to: a@b", ".to: must be a list, not a single value."),
        ("from: h@b, to: [a@b, A@b]", ".to[1]: 'A@b' is written more than once here."),
    ])
    func recipientsAreChecked(keys: String, expected: String) {
        expect("type: email, smtp: 'smtp://mail', \(keys)", expected)
    }

    @Test(arguments: [
        ("", ": 'url' is missing."), ("url: 'http://example.com'", ".url: is plain http to another machine"),
        ("url: '${OPEN}'", ".url: is plain http to another machine"),
        ("url: 'https://u:s3cr3t@example.com'", ".url: the URL holds a user name or a password."),
        ("url: 'https://x', secret: plain", ".secret: a secret is never written in the file."),
        ("url: 'https://x', secret: '${T}'", ".secret: the value referred to is no signing secret"),
        ("url: 'https://x', previous_secret: '${SIGN}'", ".previous_secret: belongs to a 'secret' that replaces it."),
        ("url: 'https://x', headers: {webhook-id: a}", ".headers.webhook-id: 'webhook-id' is set by hotfix itself."),
        ("url: 'https://x', headers: {X-Token: s3cr3t}", ".headers.X-Token: a secret is never written in the file."),
    ])
    func webhooksAreChecked(keys: String, expected: String) { expect("type: webhook, \(keys)", expected) }

    @Test(arguments: [
        ("", ": neither 'url' nor 'urls' is given."), ("urls: []", ".urls: names no instance."),
        ("url: 'http://a', urls: ['http://b']", ".urls: 'url' and 'urls' are both given."),
        ("urls: ['http://a', 'http://a/']", ".urls[1]: 'http://a' is written more than once here."),
        ("urls: ['http://a', nonsense]", ".urls[1]: 'nonsense' is not a URL of http or https."),
        ("url: 'http://a', bearer: '${T}'", ".url: is plain http to another machine"),
        ("url: 'http://a', basic: {username: u, password: '${T}'}", ".url: is plain http to another machine"),
        ("url: 'https://a', bearer: '${T}', basic: {username: u, password: '${T}'}", ".basic: 'bearer' and 'basic'"),
        ("url: 'https://a', bearer: '${T}', headers: {authorization: '${T}'}", ".headers.authorization: there are"),
    ])
    func alertmanagersAreChecked(keys: String, expected: String) { expect("type: alertmanager, \(keys)", expected) }

    private func expect(_ keys: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let found = found(keys)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)", sourceLocation: sourceLocation)
        // A second problem would only repeat the first.
        #expect(found.count == 1 || keys.contains("plaintext"), "\(found)", sourceLocation: sourceLocation)
        #expect(!found.joined().contains("s3cr3t"), sourceLocation: sourceLocation)
    }

    @Test func aNameIsGivenOnce() {
        let text = small + "notify: [{type: output, name: a}, {type: output, name: a}]"
        #expect(
            problems(text, files: smallFiles) == [
                "/etc/hotfix/hotfix.yaml:5: notify[1].name: the name 'a' is taken already. Give it another."
            ])
    }

    @Test("a service that is wrong itself is no reason to call the others unknown")
    func wrongServices() {
        let text = small.replacing("name: checkout", with: "name: a/b") + "notify: [{type: output, services: [x]}]"
        let found = problems(text, files: smallFiles)
        #expect(found.count == 1 && found.first?.contains("must not have a '/' in it") == true, "\(found)")
    }
}
