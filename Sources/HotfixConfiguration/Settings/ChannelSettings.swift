package import HotfixCore

/// The kinds of channel that a configuration may name.
package enum ChannelType: String, Sendable, Hashable, CaseIterable {
    case slack, pagerduty, email, webhook, alertmanager, output
}

/// A channel, checked.
package struct ChannelSettings: Sendable, Hashable {
    /// Which messages it wants, and its name.
    package var rule: ChannelRule
    /// What depends on the type.
    package var kind: Kind

    /// Makes the settings of a channel.
    package init(rule: ChannelRule, kind: Kind) {
        self.rule = rule
        self.kind = kind
    }

    /// The name, unique among channels, annotations, `gate` and `heartbeat`.
    package var name: String { rule.name }

    /// The type of the channel.
    package var type: ChannelType {
        switch kind {
        case .slack: .slack
        case .pagerDuty: .pagerduty
        case .email: .email
        case .webhook: .webhook
        case .alertmanager: .alertmanager
        case .output: .output
        }
    }

    /// Whom to trust there; nil for types that have no such setting.
    package var tls: SourceSettings.TLS? {
        switch kind {
        case .slack, .pagerDuty, .output: nil
        case .email(let email): email.tls
        case .webhook(let webhook): webhook.tls
        case .alertmanager(let alertmanager): alertmanager.tls
        }
    }

    /// What depends on the type.
    package enum Kind: Sendable, Hashable {
        case slack(Slack)
        case pagerDuty(PagerDuty)
        case email(Email)
        case webhook(Webhook)
        case alertmanager(Alertmanager)
        case output(OutputStyle)
    }

    /// How Slack is reached.
    package enum Slack: Sendable, Hashable {
        /// An incoming webhook; its URL is the secret.
        case webhook(Secret)
        /// A bot's token and the channel that it posts to; the base of the API without a slash at its end.
        case bot(token: Secret, channel: String, url: String)
    }

    /// How PagerDuty is reached.
    package struct PagerDuty: Sendable, Hashable {
        /// The key of an Events API v2 integration: 32 letters and digits.
        package var routingKey: Secret
        /// The base of the Events API, without a slash at its end.
        package var url: String

        /// Makes the settings.
        package init(routingKey: Secret, url: String = "https://events.pagerduty.com") {
            self.routingKey = routingKey
            self.url = url
        }
    }

    /// How mail is sent.
    package struct Email: Sendable, Hashable {
        /// `smtp://HOST[:PORT]` or `smtps://HOST[:PORT]`, nothing behind it.
        package var server: String
        /// Who logs in; nil for nobody.
        package var username: String?
        /// The password; given with the user name only.
        package var password: Secret?
        /// The sender's address, checked.
        package var from: String
        /// The recipients' addresses, checked and told apart; at least one.
        package var to: [String]
        /// Whom to trust.
        package var tls: SourceSettings.TLS
        /// Whether mail may go without encryption; with `smtp` only, and with a password on this machine only.
        package var allowsPlaintext: Bool

        /// Makes the settings.
        package init(
            server: String, username: String? = nil, password: Secret? = nil, from: String, to: [String],
            tls: SourceSettings.TLS = .init(), allowsPlaintext: Bool = false
        ) {
            self.server = server
            self.username = username
            self.password = password
            self.from = from
            self.to = to
            self.tls = tls
            self.allowsPlaintext = allowsPlaintext
        }
    }

    /// How a webhook of one's own is called.
    package struct Webhook: Sendable, Hashable {
        /// Where, https, or http on this machine; it may be a secret.
        package var url: Secret
        /// What bodies are signed with; nil for no signature.
        package var secret: Secret?
        /// What they are signed with too, while receivers change over.
        package var previousSecret: Secret?
        /// Further headers of every call.
        package var headers: [SourceSettings.Header]
        /// Whom to trust.
        package var tls: SourceSettings.TLS

        /// Makes the settings.
        package init(
            url: Secret, secret: Secret? = nil, previousSecret: Secret? = nil, headers: [SourceSettings.Header] = [],
            tls: SourceSettings.TLS = .init()
        ) {
            self.url = url
            self.secret = secret
            self.previousSecret = previousSecret
            self.headers = headers
            self.tls = tls
        }
    }

    /// How Alertmanagers are reached.
    package struct Alertmanager: Sendable, Hashable {
        /// The bases of every instance, without a slash at their ends; at least one.
        package var urls: [String]
        /// What a call proves itself with.
        package var credentials: SourceSettings.Credentials
        /// Further headers of every call.
        package var headers: [SourceSettings.Header]
        /// Whom to trust.
        package var tls: SourceSettings.TLS

        /// Makes the settings.
        package init(
            urls: [String], credentials: SourceSettings.Credentials = .none, headers: [SourceSettings.Header] = [],
            tls: SourceSettings.TLS = .init()
        ) {
            self.urls = urls
            self.credentials = credentials
            self.headers = headers
            self.tls = tls
        }
    }

    /// How lines are marked that go to standard error.
    package enum OutputStyle: String, Sendable, Hashable, CaseIterable {
        /// With priorities where the journal reads them, else plain.
        case auto
        /// Plain.
        case plain
        /// With the journal's priorities.
        case journald
    }
}

extension ChannelType {
    /// The kinds that such a channel is told where `only` says nothing.
    var usualKinds: Set<MessageKind> {
        switch self {
        case .slack, .webhook, .output: supportedKinds
        case .email: supportedKinds.subtracting([.reminder, .deployed])
        case .pagerduty, .alertmanager: supportedKinds
        }
    }

    /// The kinds that such a channel can be told: where something is opened that must be closed, none that is never closed.
    var supportedKinds: Set<MessageKind> {
        switch self {
        case .slack, .email, .webhook, .output: Set(MessageKind.told)
        case .pagerduty:
            [.breach, .recovered, .corrected, .withdrawn, .excused, .blind, .sighted, .deployed]
        case .alertmanager: [.breach, .recovered, .corrected, .withdrawn, .excused, .blind, .sighted]
        }
    }

    /// Whether it is told what was over before its opening could be told: not where somebody would be paged for it.
    var isToldOfThePast: Bool {
        switch self {
        case .slack, .email, .webhook, .output: true
        case .pagerduty, .alertmanager: false
        }
    }
}
