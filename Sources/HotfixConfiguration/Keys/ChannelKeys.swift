import HotfixCore

extension ChannelType {
    /// The keys of such a channel.
    var keys: any KeySet.Type {
        switch self {
        case .slack: SlackKey.self
        case .pagerduty: PagerDutyKey.self
        case .email: EmailKey.self
        case .webhook: WebhookKey.self
        case .alertmanager: AlertmanagerKey.self
        case .output: OutputKey.self
        }
    }

    /// What is known of the key that tells the type.
    var entry: KeyEntry { KeyEntry(.constant(rawValue), "The kind of channel.", isRequired: true) }
}

/// What is known of the keys that every channel has.
enum ChannelRuleEntry {
    static var name: KeyEntry { KeyEntry(.text, "The name, unique here; the type where not given.") }
    static func only(_ type: ChannelType) -> KeyEntry {
        KeyEntry(
            .list(.choice(MessageKind.told.filter(type.supportedKinds.contains).map(\.rawValue))),
            "The kinds of message that it is told.")
    }
    static var services: KeyEntry {
        KeyEntry(.list(.text), "The services whose messages it is told; all where not given.")
    }

    static var severity: KeyEntry {
        KeyEntry(
            .cases(of: Guardrail.Severity.self), "The least severity that it is told; info by default, which is all.")
    }
}

/// A table of the keys of a channel: those that every channel has are among them.
protocol ChannelKeySet: KeySet {
    static var name: Self { get }
    static var only: Self { get }
    static var services: Self { get }
    static var severity: Self { get }
}

enum SlackKey: String, ChannelKeySet {
    case type, name, webhook, token, channel, url, only, services, severity

    static let title = "slackChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.slack.entry
        case .name: ChannelRuleEntry.name
        case .webhook: KeyEntry(.secret, "The URL of an incoming webhook; this, or token and channel.")
        case .token: KeyEntry(.secret, "A bot's token with the scope chat:write.")
        case .channel: KeyEntry(.text, "Where the bot posts: the ID of a channel, or its name.")
        case .url: KeyEntry(.url, "The base of the Web API; https://slack.com/api by default.")
        case .only: ChannelRuleEntry.only(.slack)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}

enum PagerDutyKey: String, ChannelKeySet {
    case type, name
    case routingKey = "routing_key"
    case url, only, services, severity

    static let title = "pagerdutyChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.pagerduty.entry
        case .name: ChannelRuleEntry.name
        case .routingKey: KeyEntry(.secret, "The integration key of an Events API v2 integration.", isRequired: true)
        case .url: KeyEntry(.url, "The base of the Events API; https://events.pagerduty.com by default.")
        case .only: ChannelRuleEntry.only(.pagerduty)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}

enum EmailKey: String, ChannelKeySet {
    case type, name, smtp, username, password, from, to, plaintext, tls, only, services, severity

    static let title = "emailChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.email.entry
        case .name: ChannelRuleEntry.name
        case .smtp:
            KeyEntry(.mailServer, "The mail server: smtp:// with STARTTLS, or smtps://.", isRequired: true)
        case .username: KeyEntry(.text, "Who logs in at the server.")
        case .password: KeyEntry(.secret, "The password of the user.")
        case .from: KeyEntry(.text, "The sender's address.", isRequired: true)
        case .to: KeyEntry(.list(.text), "The recipients' addresses.", isRequired: true)
        case .plaintext: KeyEntry(.boolean, "Whether mail may go unencrypted, by smtp://; false by default.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .only: ChannelRuleEntry.only(.email)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}

enum WebhookKey: String, ChannelKeySet {
    case type, name, url, secret
    case previousSecret = "previous_secret"
    case headers, tls, only, services, severity

    static let title = "webhookChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.webhook.entry
        case .name: ChannelRuleEntry.name
        case .url: KeyEntry(.url, "Where it is called: https, or http on this machine.", isRequired: true)
        case .secret: KeyEntry(.secret, "What bodies are signed with, by Standard Webhooks.")
        case .previousSecret: KeyEntry(.secret, "The secret before, signed with too while receivers change over.")
        case .headers: KeyEntry(.map([.text]), "Further headers of every call.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .only: ChannelRuleEntry.only(.webhook)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}

enum AlertmanagerKey: String, ChannelKeySet {
    case type, name, url, urls, bearer, basic, headers, tls, only, services, severity

    static let title = "alertmanagerChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.alertmanager.entry
        case .name: ChannelRuleEntry.name
        case .url: KeyEntry(.url, "The base of Alertmanager; this or urls.")
        case .urls: KeyEntry(.list(.url), "The bases of every instance of a cluster: each is told.")
        case .bearer: KeyEntry(.secret, "A bearer token.")
        case .basic: KeyEntry(.keyed(BasicKey.self), "User name and password.")
        case .headers: KeyEntry(.map([.text]), "Further headers of every call.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .only: ChannelRuleEntry.only(.alertmanager)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}

enum OutputKey: String, ChannelKeySet {
    case type, name, style, only, services, severity

    static let title = "outputChannel"

    var entry: KeyEntry {
        switch self {
        case .type: ChannelType.output.entry
        case .name: ChannelRuleEntry.name
        case .style:
            KeyEntry(
                .cases(of: ChannelSettings.OutputStyle.self),
                "Whether lines have the journal's priorities; auto by default: where the journal reads them.")
        case .only: ChannelRuleEntry.only(.output)
        case .services: ChannelRuleEntry.services
        case .severity: ChannelRuleEntry.severity
        }
    }
}
