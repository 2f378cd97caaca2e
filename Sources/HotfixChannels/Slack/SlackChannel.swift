package import HotfixCore
package import HotfixHTTP

/// Tells Slack, by an incoming webhook or as a bot.
///
/// A bot's message about a breach changes its colour when the breach ends, and what follows is told in its thread. A webhook learns nothing
/// of what it posted, so there every message stands alone.
package struct SlackChannel: Channel {
    /// How Slack is reached.
    package enum Access: Sendable {
        /// By an incoming webhook, whose address is the secret.
        case webhook(url: Secret)
        /// As a bot with the scope `chat:write`, in a channel given by name or identity; the API's address ends with `/api`.
        case bot(token: Secret, channel: String, api: String)
    }

    package let name: String
    let access: Access
    let client: HTTPClient

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - access: How Slack is reached.
    ///   - client: Who makes the requests.
    package init(name: String, access: Access, client: HTTPClient) {
        self.name = name
        self.access = access
        self.client = client
    }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let message = SlackMessage(delivery)
        guard !message.isTooLong else {
            return .refused(reason: "Slack takes no announcement of this length. Shorten it.")
        }
        switch access {
        case .webhook(let url):
            let call = SlackCall(client: client)
            return await call.degrading(message, [:]) { await call.post($0, to: url) }.outcome
        case .bot(let token, let channel, let api):
            let bot = SlackBot(call: SlackCall(client: client), token: token, channel: channel, api: api)
            guard delivery.tense == .present, let place = SlackPlace(receipt: delivery.opening) else {
                return await bot.post(message).outcome
            }
            return delivery.message.kind.isClosing
                ? await bot.end(message, at: place) : await bot.answer(message, at: place).outcome
        }
    }
}

/// Writes as a bot.
struct SlackBot {
    var call: SlackCall
    var token: Secret
    var channel: String
    var api: String

    /// Posts a new message in the channel that is configured.
    func post(_ message: SlackMessage) async -> SlackAnswer {
        await send("chat.postMessage", message, ["channel": .init(channel)])
    }

    /// Answers in the thread of a message, or, where that cannot be answered, with a new message.
    func answer(_ message: SlackMessage, at place: SlackPlace, _ form: SlackMessage.Form = .whole) async -> SlackAnswer
    {
        let members: JSONObject = [
            "channel": .init(place.channel), "thread_ts": .init(place.ts), "reply_broadcast": .boolean(true),
        ]
        switch await send("chat.postMessage", message, members, form) {
        case .gone, .closed: return await post(message)
        case let answer: return answer
        }
    }

    /// Gives the message that told of the beginning the colour and words of the end, then says so in its thread.
    ///
    /// The change comes first: made again it changes nothing, while an answer made again is told twice.
    func end(_ message: SlackMessage, at place: SlackPlace) async -> DeliveryOutcome {
        let change = await send("chat.update", message, ["channel": .init(place.channel), "ts": .init(place.ts)])
        switch change {
        case .failed(.unknown(let reason)): return .retry(after: nil, reason: reason)
        case .failed, .foreign: return change.outcome
        case .taken: return await answer(message, at: place, .brief).outcome
        case .closed, .gone(_, isMissing: true): return await post(message).outcome
        case .content, .strange, .gone: return await answer(message, at: place).outcome
        }
    }

    private func send(
        _ method: String, _ message: SlackMessage, _ members: JSONObject, _ form: SlackMessage.Form = .whole
    ) async -> SlackAnswer {
        await call.degrading(message, members, form) { await call.call(method, $0, token: token, api: api) }
    }
}

extension SlackCall {
    /// Sends a message, and where Slack dislikes its form, once more as text alone: an alert must not die of formatting.
    func degrading(
        _ message: SlackMessage, _ members: JSONObject, _ form: SlackMessage.Form = .whole,
        send: (JSONValue) async -> SlackAnswer
    ) async -> SlackAnswer {
        let first = await send(message.body(form, members))
        switch first {
        case .content, .strange: break
        default: return first
        }
        let second = await send(message.body(.plain, members))
        // A message is given up only where both words say that it is its own fault.
        return switch (first, second) {
        case (.content, .content), (.strange, .content): first
        default: second
        }
    }
}
