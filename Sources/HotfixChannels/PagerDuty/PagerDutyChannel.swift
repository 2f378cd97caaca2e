import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Tells PagerDuty: an incident is triggered and resolved by the key of its thread, and a deployment is marked as a change.
///
/// The key makes repeats harmless: a trigger while the alert is open is an entry in its log, and a resolve without one is dropped there.
package struct PagerDutyChannel: Channel {
    package let name: String
    private let routingKey: Secret
    private let url: String
    private let client: HTTPClient
    /// How long PagerDuty advises to wait after too many requests.
    private static let rest: Seconds = 30

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - routingKey: The integration key: 32 letters and digits.
    ///   - url: Where events are taken, without a path: another one for accounts in the EU.
    ///   - client: Who makes the requests.
    package init(
        name: String, routingKey: Secret, url: String = "https://events.pagerduty.com", client: HTTPClient
    ) {
        self.name = name
        self.routingKey = routingKey
        self.url = url
        self.client = client
    }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        guard delivery.message.kind != .announcement else {
            return .refused(reason: "PagerDuty pages people, and is told no announcements; choose another channel.")
        }
        let event = PagerDutyEvent(delivery, routingKey: routingKey)
        let outcome = await send(event)
        // A page must not die of a detail: what is refused goes out once more with no more than has to be there.
        guard case .refused(let reason) = outcome, let bare = event.bare else { return outcome }
        return switch await send(bare) {
        case .refused: .refused(reason: reason)
        case let second: second
        }
    }

    private func send(_ event: PagerDutyEvent) async -> DeliveryOutcome {
        let call = call(event.path, event.body)
        return await call.outcome(through: client) { judge($0, call) }
    }

    private func call(_ path: String, _ body: JSONValue) -> ReceiverCall {
        var call = ReceiverCall(.post, ReceiverCall.address(url, path), .json(body), hiding: [routingKey])
        call.rest = Self.rest
        return call
    }

    private func judge(_ answer: HTTPAnswer, _ call: ReceiverCall) -> DeliveryOutcome {
        let said = call.shown(answer)
        switch answer.status {
        case 202: return .delivered(receipt: nil)
        case 400 where concernsKey(answer), 401, 403:
            return .misconfigured(
                reason: "\(said). The routing key is refused.",
                remedy: "Give the channel the integration key of an Events API v2 integration: 32 letters and digits.")
        case 400, 413, 422: return .refused(reason: "\(said).")
        default:
            return .misconfigured(
                reason: "\(said). PagerDuty answers 202 where it takes an event.",
                remedy: "Correct the channel's url, and see which proxy answers in its place.")
        }
    }

    private func concernsKey(_ answer: HTTPAnswer) -> Bool {
        errors(answer).contains { $0.lowercased().contains("routing_key") || $0.lowercased().contains("routing key") }
    }

    /// What PagerDuty finds wrong with an event; the whole answer where it does not say.
    private func errors(_ answer: HTTPAnswer) -> [String] {
        let value = try? JSONParser.value(of: answer.body)
        guard case .array(let errors)? = value?.object?["errors"] else {
            return [String(decoding: answer.body, as: UTF8.self)]
        }
        return errors.compactMap { if case .string(let text) = $0 { text.text } else { nil } }
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.channel(name)
        // Without an action an event is refused whatever else it holds, and nobody is paged.
        let question = call("/v2/enqueue", .object(["routing_key": .init(routingKey.value)]))
        do throws(ReceiverFailure) {
            let answer = try await question.send(through: client)
            let said = question.shown(answer)
            switch answer.status {
            case 400 where concernsKey(answer), 401, 403:
                diagnosis.findings.append(
                    Finding(
                        .problem, .credentialsRefused, subject, "The routing key is refused: \(said).",
                        remedy: "Give the integration key of an Events API v2 integration: 32 letters and digits."))
            case 400 where errors(answer).contains { $0.contains("event_action") }:
                diagnosis.pass(
                    subject, "PagerDuty takes events at \(question.receiver), and a routing key of this form.")
                diagnosis.leaveOut(
                    subject, "whether the routing key belongs to an integration, which only an event would tell.",
                    remedy: "Run hotfix alerts test to send one.")
            default:
                diagnosis.findings.append(
                    Finding(
                        .problem, .notTheAPI, subject, "\(said). PagerDuty would refuse an event without an action.",
                        remedy: "Correct the channel's url, and see which proxy answers in its place."))
            }
        } catch {
            diagnosis.findings.append(error.finding(about: subject))
        }
        return diagnosis
    }
}
