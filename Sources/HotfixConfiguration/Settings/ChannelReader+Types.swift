import Foundation
import HotfixCore

extension ChannelReader {
    func slack(_ keys: KeyedFields<SlackKey>) -> ChannelSettings.Kind? {
        let url = keys[.url].map { $0.receiverURL() } ?? "https://slack.com/api"
        let webhook = keys[.webhook]?.secretURL()
        let token = keys[.token]?.secret(for: .channels)
        let channel = keys[.channel]?.text("the ID or the name of a channel")
        if keys[.webhook] != nil {
            keys.refuse(
                [.token, .channel, .url], because: "an incoming webhook knows its channel, and needs nothing else.",
                "Keep 'webhook', or 'token' and 'channel'.")
            return webhook.map { .slack(.webhook($0)) }
        }
        guard keys[.token] != nil || keys[.channel] != nil else {
            keys.field.report(
                "neither 'webhook' nor 'token' is given.", "Give the URL of an incoming webhook, or a bot's token.")
            return nil
        }
        if keys[.token] == nil { keys.field.report("'token' is missing.", "A 'channel' needs a bot's token.") }
        if keys[.channel] == nil { keys.field.report("'channel' is missing.", "Say where the bot posts.") }
        guard let token, let channel, let url else { return nil }
        return .slack(.bot(token: token, channel: channel.text, url: url))
    }

    func pagerDuty(_ keys: KeyedFields<PagerDutyKey>) -> ChannelSettings.Kind? {
        let url = keys[.url].map { $0.receiverURL() } ?? ChannelSettings.PagerDuty(routingKey: Secret("")).url
        let field = keys.required(.routingKey)
        guard let key = field?.secret(for: .channels), let url else { return nil }
        let isKey =
            key.value.utf8.count == 32 && key.value.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard isKey || field?.isLookedUp == false else {
            field?.report(
                "the value referred to is no integration key: these have 32 letters and digits.",
                "Copy the key of an 'Events API V2' integration of the service.")
            return nil
        }
        return .pagerDuty(ChannelSettings.PagerDuty(routingKey: key, url: url))
    }

    func email(_ keys: KeyedFields<EmailKey>) -> ChannelSettings.Kind? {
        let server = keys.required(.smtp)?.mailServer()
        let username = keys[.username]?.text("a user name")
        let password = keys[.password]?.secret(for: .channels)
        let from = keys.required(.from)?.mailAddress()
        let to = keys.required(.to).map(addresses) ?? []
        let plaintext = keys[.plaintext].map { $0.boolean() } ?? false
        let tls = keys[.tls].map { $0.tls(for: .channels) } ?? SourceSettings.TLS()
        if keys[.password] == nil, keys[.username] != nil {
            keys.field.report("'password' is missing.", "A 'username' needs one.")
        }
        if keys[.username] == nil {
            keys.refuse([.password], because: "belongs to a user.", "Give 'username' too.")
        }
        if let server, plaintext == true {
            if server.isImplicitTLS {
                keys.refuse([.plaintext], because: "smtps:// is always encrypted.", "Remove it, or write smtp://.")
            } else if !server.isLoopback {
                keys.refuse(
                    [.username], because: "a password would go unencrypted to another machine.",
                    "Remove 'plaintext', or the user.")
            }
            keys.refuse([.tls], because: "nothing is encrypted with 'plaintext: true'.", "Keep one of them.")
        }
        guard let server, let from, !to.isEmpty, let plaintext, let tls,
            (username == nil) == (keys[.username] == nil), (password == nil) == (keys[.username] == nil)
        else { return nil }
        return .email(
            ChannelSettings.Email(
                server: server.url, username: username?.text, password: password, from: from, to: to, tls: tls,
                allowsPlaintext: plaintext))
    }

    private func addresses(_ field: Field) -> [String] {
        guard let elements = field.elements() else { return [] }
        if elements.isEmpty { field.report("names no recipient.", "Name at least one.") }
        var addresses: [String] = []
        for element in elements {
            guard let address = element.mailAddress() else { continue }
            if addresses.contains(where: { $0.lowercased() == address.lowercased() }) {
                element.report("'\(address)' is written more than once here.", "Keep one.")
            } else {
                addresses.append(address)
            }
        }
        return addresses
    }

    func webhook(_ keys: KeyedFields<WebhookKey>) -> ChannelSettings.Kind? {
        let url = keys.required(.url)?.possiblySecretURL()
        let secret = keys[.secret].map(signingSecret)
        let previous = keys[.previousSecret].map(signingSecret)
        let headers = keys[.headers]?.headers(for: .channels) ?? []
        let tls = keys[.tls].map { $0.tls(for: .channels) } ?? SourceSettings.TLS()
        if keys[.secret] == nil {
            keys.refuse([.previousSecret], because: "belongs to a 'secret' that replaces it.", "Give 'secret' too.")
        }
        for entry in keys[.headers]?.entries() ?? [] where isOwnHeader(entry.name) {
            entry.key.report("'\(entry.name)' is set by hotfix itself.", "Remove it.")
        }
        guard let url, let tls, secret != .some(.none), previous != .some(.none) else { return nil }
        return .webhook(
            ChannelSettings.Webhook(
                url: url, secret: secret ?? nil, previousSecret: previous ?? nil, headers: headers, tls: tls))
    }

    /// `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks have it; empty where secrets are not looked up.
    private func signingSecret(_ field: Field) -> Secret? {
        guard let secret = field.secret(for: .channels) else { return nil }
        let key = secret.value.hasPrefix("whsec_") ? Data(base64Encoded: String(secret.value.dropFirst(6))) : nil
        guard !field.isLookedUp || (24...64).contains(key?.count ?? 0) else {
            field.report(
                "the value referred to is no signing secret: these are 'whsec_' and the base64 of 24 to 64 bytes.",
                "Make one by: printf 'whsec_%s' \"$(openssl rand -base64 32)\"")
            return nil
        }
        return secret
    }

    private func isOwnHeader(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("webhook-") || ["content-type", "content-length", "host", "user-agent"].contains(name)
    }

    func alertmanager(_ keys: KeyedFields<AlertmanagerKey>) -> ChannelSettings.Kind? {
        let credentials = credentials(bearer: keys[.bearer], basic: keys[.basic], for: .channels)
        let headers = keys[.headers]?.headers(for: .channels, besides: credentials) ?? []
        let tls = keys[.tls].map { $0.tls(for: .channels) } ?? SourceSettings.TLS()
        let hasSecret = keys[.bearer] != nil || keys[.basic] != nil
        if keys[.url] != nil { keys.refuse([.urls], because: "'url' and 'urls' are both given.", "Keep one.") }
        let fields = keys[.url].map { [$0] } ?? keys[.urls]?.elements() ?? []
        if keys[.url] == nil {
            if keys[.urls] == nil {
                keys.field.report("neither 'url' nor 'urls' is given.", "Give the base of Alertmanager.")
            } else if keys[.urls]?.isList == true, fields.isEmpty {
                keys[.urls]?.report("names no instance.", "Name at least one.")
            }
        }
        var urls: [String] = []
        for field in fields {
            guard let url = field.receiverURL(withSecret: hasSecret) else { continue }
            if urls.contains(url) {
                field.report("'\(url)' is written more than once here.", "Keep one.")
            } else {
                urls.append(url)
            }
        }
        guard !urls.isEmpty, let tls else { return nil }
        return .alertmanager(
            ChannelSettings.Alertmanager(urls: urls, credentials: credentials, headers: headers, tls: tls))
    }

    func output(_ keys: KeyedFields<OutputKey>) -> ChannelSettings.Kind? {
        guard let style = keys[.style] else { return .output(.auto) }
        return style.choice(ChannelSettings.OutputStyle.self).map { .output($0) }
    }
}
