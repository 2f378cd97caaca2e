import HotfixCalls
import HotfixCore
import HotfixHTTP

/// Makes requests of Slack and judges its answers.
struct SlackCall {
    /// How long Slack is left alone after too many requests, where it does not say.
    static let rest: Seconds = 30

    var client: HTTPClient

    /// Posts to the webhook.
    func post(_ body: JSONValue, to url: Secret) async -> SlackAnswer {
        var call = ReceiverCall(.post, url.value, .json(body), hiding: [url])
        call.rest = Self.rest
        return await answer(call) { SlackAnswer(webhook: $0, call) }
    }

    /// Calls a method of the Web API.
    func call(_ method: String, _ body: JSONValue, token: Secret, api: String) async -> SlackAnswer {
        let call = Self.request(method, body, token: token, api: api)
        return await answer(call) { SlackAnswer(api: $0, call) }
    }

    /// The request of a method of the Web API.
    static func request(_ method: String, _ body: JSONValue, token: Secret, api: String) -> ReceiverCall {
        var call = ReceiverCall(
            .post, ReceiverCall.address(api, "/\(method)"), .json(body), credentials: .bearer(token.value),
            hiding: [token])
        call.rest = rest
        return call
    }

    private func answer(_ call: ReceiverCall, judge: (HTTPAnswer) -> SlackAnswer) async -> SlackAnswer {
        do {
            return judge(try await call.send(through: client))
        } catch {
            return .failed(error.outcome)
        }
    }
}
