import HotfixCalls
import HotfixCore
import HotfixHTTP

/// What an answer of Slack's means.
enum SlackAnswer {
    /// It took it; a new or changed message has a place.
    case taken(SlackPlace?)
    /// It would take it in another form, perhaps.
    case content(reason: String)
    /// It refuses it with a word that is not known.
    case strange(reason: String)
    /// The message that was to be changed or answered cannot be any more; it may be missing altogether.
    case gone(reason: String, isMissing: Bool)
    /// The channel, or the right to write there, is missing.
    case closed(DeliveryOutcome)
    /// Something else than Slack answers.
    case foreign(reason: String)
    /// What came of it, whatever was sent.
    case failed(DeliveryOutcome)

    /// What came of it, where nothing else is tried.
    var outcome: DeliveryOutcome {
        switch self {
        case .taken(let place): .delivered(receipt: place?.receipt)
        case .content(let reason), .gone(let reason, _): .refused(reason: reason)
        case .strange(let reason):
            .misconfigured(
                reason: reason,
                remedy: "Slack's documentation of chat.postMessage says what that word means; it is tried again.")
        case .foreign(let reason):
            .misconfigured(
                reason: reason, remedy: "Correct the channel's address, and see which proxy answers in its place.")
        case .closed(let outcome), .failed(let outcome): outcome
        }
    }
}

/// Where a message stands in Slack.
struct SlackPlace: Hashable {
    /// The channel's identity: only by it can a message be changed.
    var channel: String
    /// The message's own: a text, since a number would lose digits.
    var ts: String

    /// What is kept with the delivery.
    var receipt: String { JSONValue.object(["channel": .init(channel), "ts": .init(ts)]).line }

    init(channel: String, ts: String) {
        self.channel = channel
        self.ts = ts
    }

    /// Reads what was kept; nil where it is not a place.
    init?(receipt: String?) {
        guard let value = receipt.flatMap({ try? JSONParser.value(of: Array($0.utf8)) }) else { return nil }
        self.init(value)
    }

    /// Reads the place from an answer.
    init?(_ value: JSONValue) {
        guard let reader = try? JSONReader(value, "slack"), let channel = try? reader.text("channel"),
            let ts = try? reader.text("ts"), !channel.isEmpty, !ts.isEmpty, channel.utf8.count < 256,
            ts.utf8.count < 256
        else { return nil }
        self.init(channel: channel, ts: ts)
    }
}

extension SlackAnswer {
    private static let transient: Set = [
        "ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org",
    ]
    private static let unknown: Set = ["internal_error", "fatal_error"]
    private static let credentials: Set = [
        "not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive", "missing_scope",
        "not_allowed_token_type", "org_login_required", "access_denied", "no_permission", "ekm_access_denied",
        "team_access_not_granted", "invalid_token", "accesslimited", "enterprise_is_restricted", "user_is_restricted",
    ]
    /// What Slack says of a message that it would take in another form; a list, since a message that is refused is never told.
    private static let contents: Set = [
        "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "too_many_attachments",
        "invalid_attachments", "attachment_payload_limit_exceeded", "no_text",
        "missing_text_or_fallback_or_attachments",
        "invalid_arguments", "invalid_payload", "invalid_json", "user_not_found",
    ]
    private static let places: Set = [
        "channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "action_prohibited",
        "posting_to_general_channel_denied", "no_service", "no_team", "no_active_hooks", "team_disabled",
    ]
    private static let gone: Set = [
        "edit_window_closed", "cant_update_message", "is_inactive", "update_failed", "cannot_reply_to_message",
        "restricted_action_thread_locked",
    ]
    private static let missing: Set = ["message_not_found", "thread_not_found", "invalid_thread_ts"]

    /// Judges a word of Slack's for why it does not take something.
    ///
    /// - Parameters:
    ///   - word: The word.
    ///   - said: The answer as it may be shown.
    init(error word: String, said: String) {
        switch word {
        case _ where Self.transient.contains(word):
            self = .failed(.retry(after: word.hasPrefix("rate") ? SlackCall.rest : nil, reason: "\(said)."))
        case _ where Self.unknown.contains(word):
            self = .failed(.unknown(reason: "\(said). Some of it may have been done."))
        case _ where Self.credentials.contains(word):
            self = .failed(
                .misconfigured(
                    reason: "\(said). Slack refuses the credentials.",
                    remedy: word == "missing_scope"
                        ? "Give the bot the scope chat:write and install it again."
                        : "Give the channel a valid token or webhook of an app that is installed."))
        case _ where Self.gone.contains(word): self = .gone(reason: "\(said).", isMissing: false)
        case _ where Self.missing.contains(word): self = .gone(reason: "\(said).", isMissing: true)
        case _ where Self.places.contains(word) || word.hasPrefix("restricted_action"):
            self = .closed(
                .misconfigured(
                    reason: "\(said). Nothing can be written there.",
                    remedy: "Correct the channel, invite the bot to it, or make a new webhook."))
        case _ where Self.contents.contains(word): self = .content(reason: "\(said).")
        default: self = .strange(reason: "\(said). That is a refusal whose meaning is not known.")
        }
    }

    /// Judges an answer of the Web API.
    init(api answer: HTTPAnswer, _ call: ReceiverCall) {
        let said = call.shown(answer)
        let value = try? JSONParser.value(of: answer.body)
        guard let value, let reader = try? JSONReader(value, "slack"), let isTaken = try? reader.flag("ok") else {
            self = Self.notSlack(answer, said)
            return
        }
        guard !isTaken else {
            self = .taken(SlackPlace(value))
            return
        }
        self.init(error: (try? reader.text("error")) ?? "", said: said)
    }

    /// Judges an answer of an incoming webhook.
    init(webhook answer: HTTPAnswer, _ call: ReceiverCall) {
        let said = call.shown(answer)
        let word = String(decoding: answer.body.prefix(200), as: UTF8.self).trimmingSpace
        switch answer.status {
        case 200 where word == "ok": self = .taken(nil)
        case 400: self = SlackAnswer(error: word, said: said)
        case 401, 403, 404, 410:
            self = .closed(
                .misconfigured(
                    reason: "\(said). The webhook is gone, or may not write.",
                    remedy: "Make a new webhook for a channel that exists, and configure its address."))
        default: self = Self.notSlack(answer, said)
        }
    }

    private static func notSlack(_ answer: HTTPAnswer, _ said: String) -> SlackAnswer {
        if [413, 414].contains(answer.status) { return .content(reason: "\(said).") }
        if answer.status == 400 { return .strange(reason: "\(said). Slack says no more.") }
        return .foreign(reason: "\(said). That is not an answer of Slack's.")
    }
}

extension String {
    fileprivate var trimmingSpace: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
