package import HotfixCore
import Synchronization

/// Stands in for Slack: an incoming webhook and the methods of the Web API that a bot needs.
///
/// It refuses what Slack refuses, in its words, and keeps what a person would see.
package final class SlackStandIn: Sendable {
    /// A message as it is seen.
    package struct Message: Sendable, Hashable {
        /// The identity of the channel.
        package var channel: String
        /// The message's own.
        package var ts: String
        /// The message in whose thread it stands.
        package var thread: String?
        /// Whether a reply is shown in the channel too.
        package var isBroadcast: Bool
        /// What was sent.
        package var sent: JSONObject
        /// How many times it was changed.
        package var changes = 0

        /// What is read of it.
        package var seen: SlackView { SlackView(sent) }
    }

    /// How a channel is.
    package enum Standing: Sendable { case open, archived, notJoined }

    fileprivate struct State {
        var messages: [Message] = []
        var channels = ["C0000000001": "alerts"]
        var standing = Standing.open
        var clock = 100
    }

    /// The address of the webhook, without the server's.
    package static let webhook = "/services/T00000001/B00000001/XxXxWebhookSecretXxXx0001"
    /// The token that it takes.
    package static let token = "xoxb-1111-stand-in-token"
    /// What goes wrong with the next requests.
    package let faults = ReceiverFaults()
    private let state = Mutex(State())
    private let scopes: String

    /// Makes a Slack with the channel `alerts`.
    ///
    /// - Parameter scopes: What the token may do.
    package init(scopes: String = "chat:write") {
        self.scopes = scopes
    }

    /// All messages, oldest first.
    package var messages: [Message] { state.withLock { $0.messages } }

    /// Archives the channel, throws the bot out, or undoes both.
    package func set(_ standing: Standing) { state.withLock { $0.standing = standing } }

    /// Adds a channel.
    package func add(channel: String, named name: String) { state.withLock { $0.channels[channel] = name } }

    /// Takes a message away, as a person may.
    package func delete(_ ts: String) { state.withLock { $0.messages.removeAll { $0.ts == ts } } }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) async -> LoopbackAnswer {
        faults.apply(to: request) { take(request) }
    }

    private func take(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard request.method == "POST" else { return .answer(status: 405) }
        let body = (try? JSONParser.value(of: request.body))?.object
        if request.path.hasPrefix("/services/") { return webhook(request, body) }
        guard request.path.hasPrefix("/api/") else { return .answer(status: 404) }
        let charset = request.header("Content-Type") ?? ""
        let answer = api(String(request.path.dropFirst(5)), request, body)
        var object: JSONObject =
            switch answer {
            case .success(let object): object
            case .failure(let refusal): ["ok": .boolean(false), "error": .init(refusal.word)]
            }
        if !charset.contains("charset=") { object["warning"] = .init("missing_charset") }
        return .json(JSONValue.object(object).line, headers: [("X-OAuth-Scopes", scopes)])
    }

    private func webhook(_ request: LoopbackRequest, _ body: JSONObject?) -> LoopbackAnswer {
        func plain(_ status: Int, _ text: String) -> LoopbackAnswer {
            .answer(status: status, headers: [("Content-Type", "text/html")], body: Array(text.utf8))
        }
        guard request.path == Self.webhook else { return plain(404, "no_service") }
        guard state.withLock({ $0.standing }) != .archived else { return plain(410, "channel_is_archived") }
        guard let body else { return plain(400, "invalid_payload") }
        if let refusal = SlackRules.refusal(of: body) { return plain(400, refusal.word) }
        _ = state.withLock { $0.post(body, in: "C0000000001") }
        return plain(200, "ok")
    }

    private func api(_ method: String, _ request: LoopbackRequest, _ body: JSONObject?)
        -> Result<JSONObject, SlackRules.Refusal>
    {
        guard let authorization = request.header("Authorization") else { return .failure("not_authed") }
        guard authorization == "Bearer \(Self.token)" else { return .failure("invalid_auth") }
        if method == "auth.test" {
            return .success(["ok": .boolean(true), "user": .init("hotfix"), "team": .init("Acme")])
        }
        guard scopes.contains("chat:write") else { return .failure("missing_scope") }
        guard let body else { return .failure("invalid_json") }
        guard case .string(let channel)? = body["channel"] else { return .failure("invalid_arguments") }
        return state.withLock { state in
            switch method {
            case "chat.postMessage": state.postMessage(body, channel.text)
            case "chat.update": state.update(body, channel.text)
            default: .failure("unknown_method")
            }
        }
    }
}

extension SlackStandIn.State {
    mutating func post(_ body: JSONObject, in channel: String, thread: String? = nil) -> String {
        clock += 100
        let digits = String(clock)
        let ts = "1763800000." + String(repeating: "0", count: 6 - digits.count) + digits
        let isBroadcast = body["reply_broadcast"] == .boolean(true)
        messages.append(
            SlackStandIn.Message(channel: channel, ts: ts, thread: thread, isBroadcast: isBroadcast, sent: body))
        return ts
    }

    mutating func postMessage(_ body: JSONObject, _ channel: String) -> Result<JSONObject, SlackRules.Refusal> {
        let name = channel.hasPrefix("#") ? String(channel.dropFirst()) : channel
        guard let id = channels.first(where: { $0.key == channel || $0.value == name })?.key else {
            return .failure("channel_not_found")
        }
        if let refusal = refusal() ?? SlackRules.refusal(of: body) { return .failure(refusal) }
        var thread: String?
        if let parent = body["thread_ts"] {
            // A number would have lost digits.
            guard case .string(let ts) = parent else { return .failure("invalid_thread_ts") }
            guard messages.contains(where: { $0.ts == ts.text && $0.channel == id && $0.thread == nil }) else {
                return .failure("thread_not_found")
            }
            thread = ts.text
        }
        let ts = post(body, in: id, thread: thread)
        return .success(["ok": .boolean(true), "channel": .init(id), "ts": .init(ts)])
    }

    mutating func update(_ body: JSONObject, _ channel: String) -> Result<JSONObject, SlackRules.Refusal> {
        // Names are not taken here.
        guard channels[channel] != nil else { return .failure("channel_not_found") }
        if let refusal = refusal() ?? SlackRules.refusal(of: body, isUpdate: true) { return .failure(refusal) }
        guard case .string(let ts)? = body["ts"] else { return .failure("invalid_arguments") }
        guard let index = messages.firstIndex(where: { $0.ts == ts.text && $0.channel == channel }) else {
            return .failure("message_not_found")
        }
        messages[index].sent.merge(body)
        messages[index].changes += 1
        return .success(["ok": .boolean(true), "channel": .init(channel), "ts": .init(ts.text)])
    }

    private func refusal() -> SlackRules.Refusal? {
        switch standing {
        case .open: nil
        case .archived: "is_archived"
        case .notJoined: "not_in_channel"
        }
    }
}
