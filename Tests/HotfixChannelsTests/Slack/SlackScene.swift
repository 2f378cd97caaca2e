import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP

/// A stand-in for Slack on a socket, with channels that write to it.
struct SlackScene {
    var slack: SlackStandIn
    var url: String
    var client: HTTPClient

    /// A channel with a webhook.
    func webhook(path: String = SlackStandIn.webhook) -> SlackChannel {
        SlackChannel(name: "slack", access: .webhook(url: Secret(url + path)), client: client)
    }

    /// A channel with a bot.
    func bot(token: String = SlackStandIn.token, channel: String = "#alerts") -> SlackChannel {
        SlackChannel(
            name: "slack", access: .bot(token: Secret(token), channel: channel, api: url + "/api"), client: client)
    }

    /// Tells a message, which has to be taken.
    ///
    /// - Returns: The receipt.
    func tell(
        _ kind: MessageKind, by channel: SlackChannel, opening: String? = nil, tense: Delivery.Tense = .present,
        mayBeRepeat: Bool = false
    ) async -> DeliveryOutcome {
        let message = ChatScene.message(kind, id: kind == .breach ? 7 : 9)
        return await channel.deliver(
            Delivery(message: message, tense: tense, opening: opening, mayBeRepeat: mayBeRepeat), at: ChatScene.start)
    }

    /// Tells of a breach, which has to be taken.
    ///
    /// - Returns: The receipt; empty where it was not taken.
    func breach(by channel: SlackChannel) async -> String {
        guard case .delivered(let receipt?) = await tell(.breach, by: channel) else { return "" }
        return receipt
    }

    /// Runs a body with a stand-in that ends with it.
    static func with<T>(
        _ slack: SlackStandIn = SlackStandIn(), _ body: (SlackScene) async throws -> T
    ) async throws -> T {
        try await withLoopbackServer({ await slack.answer($0) }) { server in
            try await ChatScene.withClient { client in
                try await body(SlackScene(slack: slack, url: server.url, client: client))
            }
        }
    }
}
