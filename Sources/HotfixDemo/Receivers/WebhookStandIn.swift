import Crypto
import Foundation
package import HotfixCore
import Synchronization

/// A receiver of webhooks for demonstrations and tests: it takes CloudEvents in JSON, checks signatures as the libraries of Standard
/// Webhooks do, and tells repeats by their identity.
package final class WebhookStandIn: Sendable {
    /// What it has taken.
    package struct Event: Sendable {
        /// The identity, from the header.
        package let id: String
        /// The time of the attempt.
        package let timestamp: Int
        /// The event.
        package let event: JSONObject
        /// Whether one with the same identity had been taken before.
        package let isRepeat: Bool
    }

    private struct State {
        var taken: [Event] = []
        var answers: [LoopbackAnswer] = []
    }

    private let secret: String?
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())

    /// Makes a receiver.
    ///
    /// - Parameters:
    ///   - secret: What it checks signatures with, `whsec_` and Base64; without one it checks none.
    ///   - now: Its clock.
    package init(secret: String?, now: @escaping @Sendable () -> Instant) {
        self.secret = secret
        self.now = now
    }

    /// What it has taken, in order.
    package var taken: [Event] { state.withLock { $0.taken } }

    /// Sets what the next requests are answered, one each, whatever they hold.
    package func answer(next answers: [LoopbackAnswer]) {
        state.withLock { $0.answers = answers }
    }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        let next = state.withLock { $0.answers.isEmpty ? nil : $0.answers.removeFirst() }
        if let next { return next }
        do throws(LoopbackRefusal) {
            let event = try read(request)
            state.withLock { state in
                let isRepeat = state.taken.contains { $0.id == event.id }
                state.taken.append(
                    Event(id: event.id, timestamp: event.timestamp, event: event.event, isRepeat: isRepeat))
            }
            return .answer(status: 204)
        } catch {
            return error.answer
        }
    }

    private func read(_ request: LoopbackRequest) throws(LoopbackRefusal) -> Event {
        guard request.method == "POST" else { throw Self.refused(405, "Method Not Allowed") }
        guard request.header("Content-Type") == "application/cloudevents+json; charset=utf-8" else {
            throw Self.refused(415, "Unsupported Media Type")
        }
        guard request.body.count < 20_000 else { throw Self.refused(413, "Payload Too Large") }
        guard let id = request.header("webhook-id"), !id.isEmpty, !id.contains("."),
            let timestamp = request.header("webhook-timestamp").flatMap({ Int($0) })
        else { throw Self.refused(400, "Missing required headers") }
        guard abs(now().seconds - timestamp) <= 300 else {
            throw Self.refused(400, "Message timestamp too \(timestamp < now().seconds ? "old" : "new")")
        }
        try verify(request, id: id, timestamp: timestamp)
        guard let event = try? JSONParser.value(of: request.body).object else {
            throw Self.refused(400, "The body is not a JSON object")
        }
        try check(event)
        return Event(id: id, timestamp: timestamp, event: event, isRepeat: false)
    }

    private func verify(_ request: LoopbackRequest, id: String, timestamp: Int) throws(LoopbackRefusal) {
        guard let secret else { return }
        guard let key = Data(base64Encoded: String(secret.dropFirst("whsec_".count))) else {
            throw Self.refused(500, "The receiver's own secret is not Base64")
        }
        let signed = Data("\(id).\(timestamp).".utf8) + request.body
        let isSigned = (request.header("webhook-signature") ?? "").split(separator: " ").contains { signature in
            let parts = signature.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, parts[0] == "v1", let code = Data(base64Encoded: String(parts[1])) else {
                return false
            }
            return HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: signed, using: SymmetricKey(data: key))
        }
        guard isSigned else { throw Self.refused(401, "No matching signature found") }
    }

    /// Checks what CloudEvents 1.0 requires.
    private func check(_ event: JSONObject) throws(LoopbackRefusal) {
        for name in ["specversion", "id", "source", "type"] {
            guard case .string(let value)? = event[JSONString(name)], !value.units.isEmpty else {
                throw Self.refused(400, "Required attribute '\(name)' is missing")
            }
        }
        guard event["specversion"] == JSONValue("1.0") else {
            throw Self.refused(400, "The specversion is not 1.0")
        }
        for member in event.members where member.key != "data" {
            let name = member.key.text
            guard name.utf8.count <= 20, name.wholeMatch(of: /[a-z0-9]+/) != nil else {
                throw Self.refused(400, "'\(name)' is no name of an attribute")
            }
            guard case .string(let value) = member.value, value.units.allSatisfy({ $0 > 0x1F && $0 != 0x7F }) else {
                throw Self.refused(400, "Attribute '\(name)' is not a string without control characters")
            }
        }
        guard let time = event["time"], case .string(let text) = time, Instant(text: text.text) != nil else {
            throw Self.refused(400, "Attribute 'time' is not RFC 3339")
        }
    }

    private static func refused(_ status: Int, _ text: String) -> LoopbackRefusal {
        LoopbackRefusal(.answer(status: status, headers: [("Content-Type", "text/plain")], body: Array(text.utf8)))
    }
}
