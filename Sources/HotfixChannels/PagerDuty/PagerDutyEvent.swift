import HotfixCore

/// What PagerDuty is sent for a message, within its limits.
struct PagerDutyEvent {
    /// The most bytes of a body.
    private static let most = 512_000

    /// Where it is sent.
    var path: String
    /// The event.
    var body: JSONValue
    /// The same with no more than has to be there; nil where there is nothing to leave out.
    var bare: PagerDutyEvent? {
        guard let least else { return nil }
        return PagerDutyEvent(path: path, body: least, least: nil)
    }

    private var least: JSONValue?

    private init(path: String, body: JSONValue, least: JSONValue?) {
        self.path = path
        self.body = body
        self.least = least
    }

    /// Makes the event of a delivery.
    init(_ delivery: Delivery, routingKey: Secret) {
        let message = delivery.message
        let text = MessageText(message, tense: delivery.tense)
        switch message.kind {
        case .recovered, .corrected, .withdrawn, .excused, .sighted:
            let event: JSONObject = [
                "routing_key": .init(routingKey.value), "event_action": .init("resolve"),
                "dedup_key": .init(message.key),
            ]
            self.init(path: "/v2/enqueue", body: .object(event), least: nil)
        case .deployed, .ready, .lost:
            self.init(
                path: "/v2/change/enqueue", event: ["routing_key": .init(routingKey.value)],
                payload: Self.payload(message, text), details: Self.details(delivery, text), links: Self.links(text))
        default:
            var payload = Self.payload(message, text)
            payload["severity"] = .init(message.facts.severity.rawValue)
            var event: JSONObject = [
                "routing_key": .init(routingKey.value), "event_action": .init("trigger"),
                "dedup_key": .init(message.key),
                "client": .init("hotfix"),
            ]
            let links = Self.links(text)
            event["client_url"] = links.first?["href"]
            var shown = payload
            shown["component"] = message.facts.service.map { .init(Self.word($0)) }
            shown["group"] = message.facts.environment.map { .init(Self.word($0)) }
            shown["class"] = .init(message.facts.guardrail.map(Self.word) ?? message.kind.rawValue)
            self.init(
                path: "/v2/enqueue", event: event, payload: shown, details: Self.details(delivery, text), links: links,
                barePayload: payload)
        }
    }

    private init(
        path: String, event: JSONObject, payload: JSONObject, details: JSONObject, links: [JSONObject],
        barePayload: JSONObject? = nil
    ) {
        var least = event
        least["client_url"] = nil
        least["payload"] = .object(barePayload ?? payload)
        var body = event
        body["links"] = links.isEmpty ? nil : .array(links.map { .object($0) })
        var whole = payload
        whole["custom_details"] = .object(details)
        body["payload"] = .object(whole)
        if JSONValue.object(body).line.utf8.count > Self.most {
            whole["custom_details"] = .object(["left_out": .init("The details are larger than PagerDuty takes.")])
            body["payload"] = .object(whole)
        }
        if JSONValue.object(body).line.utf8.count > Self.most { body = least }
        self.init(path: path, body: .object(body), least: .object(least))
    }

    /// What every event has to say.
    private static func payload(_ message: Message, _ text: MessageText) -> JSONObject {
        [
            "summary": .init(clipped(text.headline, units: 1024)),
            "source": .init(message.facts.service.map(word) ?? "hotfix"),
            "timestamp": .init(milliseconds(message.at)),
        ]
    }

    private static func details(_ delivery: Delivery, _ text: MessageText) -> JSONObject {
        var details: JSONObject = ["what": .init(clipped(text.sentence, units: 4096))]
        for line in text.lines {
            let key = line.label.lowercased().replacing(" ", with: "_")
            details[JSONString(key)] = .init(clipped(line.value, units: 1024))
        }
        if let window = delivery.message.facts.window {
            details["figures"] = .object([
                "value": .init(window.value), "baseline": .init(window.baseline), "limit": .init(window.limit),
                "change_percent": .init(window.changePercent), "unit": .init(window.unit.map(word)),
            ])
            details["query"] = window.query.map { .init(clipped(oneLine($0), units: 4096)) }
        }
        details["message"] = .init(delivery.message.id)
        details["ledger"] = .init(word(delivery.message.facts.ledgerID))
        return details
    }

    private static func links(_ text: MessageText) -> [JSONObject] {
        text.webLinks(longest: 2048).prefix(10).map { link in
            ["href": .init(link.url), "text": .init(clipped(oneLine(link.label), units: 200))]
        }
    }

    /// A word from outside on one line, of at most 200 UTF-16 units; never blank.
    private static func word(_ text: String) -> String {
        let word = clipped(oneLine(text), units: 200)
        return word.contains { !$0.isWhitespace } ? word : "?"
    }

    /// ISO 8601 with milliseconds: `2026-11-20T08:00:00.000Z`.
    private static func milliseconds(_ instant: Instant) -> String { "\(instant.description.dropLast()).000Z" }
}
