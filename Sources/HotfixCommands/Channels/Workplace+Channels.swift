import HotfixCalls
import HotfixChannels
import HotfixConfiguration
package import HotfixCore
import HotfixHTTP
import HotfixPage
import HotfixPlot
import HotfixServer

extension Workplace {
    /// The channels, in the order of the configuration, sharing one client; one of mail for each recipient.
    func channels(_ client: HTTPClient) -> [any Channel] {
        settings.channels.flatMap { channels($0, client) }
    }

    private func channels(_ channel: ChannelSettings, _ client: HTTPClient) -> [any Channel] {
        let name = channel.name
        switch channel.kind {
        case .slack(.webhook(let url)): return [SlackChannel(name: name, access: .webhook(url: url), client: client)]
        case .slack(.bot(let token, let place, let url)):
            return [SlackChannel(name: name, access: .bot(token: token, channel: place, api: url), client: client)]
        case .pagerDuty(let pagerDuty):
            return [
                PagerDutyChannel(name: name, routingKey: pagerDuty.routingKey, url: pagerDuty.url, client: client)
            ]
        case .email(let email):
            let server = SMTPServer(
                url: email.server, username: email.username, password: email.password, tls: email.tls.forHTTP,
                allowsPlaintext: email.allowsPlaintext)
            return EmailChannel.channels(
                name: name, server: server, from: email.from, to: email.to, client: client, picture: { $0.png() },
                bars: { $0.bars() })
        case .webhook(let webhook):
            return [
                WebhookChannel(
                    name: name, url: webhook.url.value, secret: webhook.secret, previousSecret: webhook.previousSecret,
                    headers: webhook.headers.map { (name: $0.name, value: $0.value) }, tls: webhook.tls.forHTTP,
                    client: client)
            ]
        case .alertmanager(let alertmanager):
            return [
                AlertmanagerChannel(
                    name: name, urls: alertmanager.urls, credentials: alertmanager.credentials.forHTTP,
                    headers: alertmanager.headers.map { (name: $0.name, value: $0.value.value) },
                    tls: alertmanager.tls.forHTTP, client: client)
            ]
        case .output(let style):
            let write = surroundings.writeError
            return [OutputChannel(name: name, style: shown(style)) { write($0 + "\n") }]
        }
    }

    private func shown(_ style: ChannelSettings.OutputStyle) -> OutputChannel.Style {
        switch style {
        case .plain: .plain
        case .journald: .journald
        case .auto: isJournal(environment: surroundings.environment, descriptor: 2) ? .journald : .plain
        }
    }

    /// The gate, the annotations and the alerts that stand at Alertmanagers, sharing one client.
    func displays(_ client: HTTPClient) -> [any Display] {
        let alertmanagers: [any Display] = settings.channels.compactMap { channel in
            guard case .alertmanager(let alertmanager) = channel.kind else { return nil }
            return AlertmanagerDisplay(
                name: channel.name, urls: alertmanager.urls, credentials: alertmanager.credentials.forHTTP,
                headers: alertmanager.headers.map { (name: $0.name, value: $0.value.value) },
                tls: alertmanager.tls.forHTTP, client: client, rule: channel.rule)
        }
        return alertmanagers + annotations(client) + (gate(client).map { [$0] } ?? [])
    }

    private func annotations(_ client: HTTPClient) -> [any Display] {
        settings.annotations.map { annotation in
            switch annotation.kind {
            case .grafana(let grafana):
                GrafanaAnnotations(
                    name: annotation.name, url: grafana.url, token: grafana.token, dashboards: grafana.dashboards,
                    client: client)
            case .sentry(let sentry):
                SentryDeploys(
                    name: annotation.name, url: sentry.url, organization: sentry.organization, token: sentry.token,
                    projects: sentry.projects, environments: sentry.environments,
                    headers: sentry.headers.map { (name: $0.name, value: $0.value.value) }, tls: sentry.tls.forHTTP,
                    client: client)
            }
        }
    }

    private func gate(_ client: HTTPClient) -> (any Display)? {
        settings.gate.map { gate in
            let forge: any GateForge =
                switch gate.type {
                case .github:
                    GitHubForge(
                        api: GitHubAPI(url: gate.url, repository: gate.repository, token: gate.token, client: client),
                        context: gate.context, link: settings.serve.url)
                case .gitlab:
                    GitLabForge(
                        url: gate.url, project: gate.repository, token: gate.token, context: gate.context,
                        link: settings.serve.url, client: client)
                }
            return GateDisplay(
                name: GateSettings.name, forge: forge, context: gate.context, comments: gate.comments)
        }
    }

    /// What gives signs of life; nil where none is configured.
    func heartbeat(_ client: HTTPClient) -> Heartbeat? {
        settings.heartbeat.map { Heartbeat(url: $0.url, client: client) }
    }

    /// The rules of the channels, one for each of `channels`.
    var channelRules: [ChannelRule] {
        settings.channels.flatMap { channel in
            channelNames(of: channel).map { name in
                var rule = channel.rule
                rule.name = name
                return rule
            }
        }
    }

    /// The names of the channels that an entry of the configuration makes.
    func channelNames(of channel: ChannelSettings) -> [String] {
        guard case .email(let email) = channel.kind else { return [channel.rule.name] }
        return email.to.map { EmailChannel.name(channel.name, to: $0) }
    }

    /// What planning messages needs to know of the configuration.
    ///
    /// - Parameter sources: The sources, some of which have pages.
    /// - Returns: The plan.
    package func messagePlan(_ sources: [any MetricSource]) -> MessagePlan {
        MessagePlan(channels: channelRules, remindEvery: settings.remindEvery) { [settings] pair, definition, seen in
            settings.links(pair, definition, seen: seen, among: sources)
        }
    }
}

extension Workplace {
    /// The pages of the sources that show what a definition asks for; no source is asked.
    ///
    /// - Parameters:
    ///   - definition: The query; nil where none is known.
    ///   - seen: What is to be seen there.
    /// - Returns: The pages.
    func sourceLinks(to definition: SeriesDefinition?, seen: Interval) -> [MessageLink] {
        HotfixCore.sourceLinks(to: definition, seen: seen, among: sources(HTTPClient()))
    }
}

extension Settings {
    /// The pages that help with a guardrail of a service, best first.
    ///
    /// - Parameters:
    ///   - pair: The guardrail; without a name the whole service, and nil the hotfix.
    ///   - definition: Its query, where there is one.
    ///   - seen: What is to be seen there.
    ///   - sources: The sources, some of which have pages.
    /// - Returns: The source's pages and the server's own.
    func links(
        _ pair: Pair?, _ definition: SeriesDefinition?, seen: Interval, among sources: [any MetricSource]
    ) -> [MessageLink] {
        let links = sourceLinks(to: definition, seen: seen, among: sources)
        guard let server = serve.url, let pair else { return links }
        let guardrail = pair.guardrail.isEmpty ? nil : pair.guardrail
        // The end is that of a window; of a whole service none is meant.
        let at = guardrail == nil ? nil : seen.end.map { $0 - 1 }
        let path = guardrail == nil ? PageLink.service(pair.service) : .verdict(pair, at: at)
        let page = MessageLink(label: "The verdict, explained", url: server + path.text)
        // Where the server asks for a token, whoever only clicks has to sign in first.
        return serve.readToken == nil ? [page] + links : links + [page]
    }
}
