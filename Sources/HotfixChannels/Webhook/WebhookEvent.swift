import Crypto
import HotfixCore
import HotfixHTTP

/// A message as a [CloudEvent](https://cloudevents.io) 1.0 in JSON: all that is said of it, as figures and as text.
struct WebhookEvent {
    /// The most bytes that are sent; Standard Webhooks asks for less than 20 KB.
    static let limit = 20_000

    /// The identity, the same in every attempt, and different for every message of every ledger; it holds no `.`.
    let id: String
    /// The event on one line.
    let body: [UInt8]

    init(_ delivery: Delivery) {
        let message = delivery.message
        // A ledger that was restored gives numbers again: another message of the same number is not taken for a repeat.
        let identity = [
            message.facts.ledgerID, "message", "\(message.id)", message.kind.rawValue, message.thread,
            "\(message.createdAt)",
        ]
        let digest = SHA256.hash(data: Array(identity.joined(separator: "\n").utf8))
        let id = "hotfix-" + hexadecimal(digest).prefix(32)
        self.id = id
        let whole = message.facts.bounded
        var bytes: [UInt8] = []
        for facts in [whole, whole.with(points: 24), whole.with(points: 0), whole.bare] {
            var message = message
            message.facts = facts
            bytes = Array(Self.event(id: id, message, delivery.tense).line.utf8)
            if bytes.count < Self.limit { break }
        }
        body = bytes
    }

    /// `io.hotfix.breach`, `io.hotfix.never_seen`, …: the kind, where Standard Webhooks knows no hyphen.
    static func type(_ kind: MessageKind) -> String { "io.hotfix." + kind.rawValue.replacing("-", with: "_") }

    private static func event(id: String, _ message: Message, _ tense: Delivery.Tense) -> JSONValue {
        .object([
            "specversion": JSONValue("1.0"), "id": JSONValue(id),
            "source": JSONValue("/hotfix/" + percentEncoded(message.facts.ledgerID)),
            "type": JSONValue(type(message.kind)), "subject": JSONValue(clipped(oneLine(message.thread), units: 600)),
            "time": JSONValue(message.at), "datacontenttype": JSONValue("application/json"),
            "data": data(message, tense),
        ])
    }

    private static func data(_ message: Message, _ tense: Delivery.Tense) -> JSONValue {
        let facts = message.facts
        let text = MessageText(message, tense: tense)
        var data: JSONObject = [
            "kind": JSONValue(message.kind.rawValue), "tense": JSONValue(tense.rawValue),
            "message": JSONValue(message.id), "key": JSONValue(message.key),
            "severity": JSONValue(facts.severity.rawValue), "tone": JSONValue(text.tone.rawValue),
            "title": JSONValue(text.title), "text": JSONValue(text.sentence), "at": JSONValue(message.at),
            "created_at": JSONValue(message.createdAt),
        ]
        data["opening"] = message.opening.map { JSONValue($0) }
        data["service"] = facts.service.map { JSONValue($0) }
        data["environment"] = facts.environment.map { JSONValue($0) }
        data["guardrail"] = facts.guardrail.map { JSONValue($0) }
        data["window"] = facts.window?.json
        data["episode"] = facts.episode.map { json($0) }
        data["hotfix"] = facts.hotfix?.json
        data["streak"] = facts.streak?.json
        data["reason"] = facts.reason.map { JSONValue($0) }
        data["remedy"] = facts.remedy.map { JSONValue($0) }
        if !facts.links.isEmpty {
            data["links"] = .array(
                facts.links.map { .object(["label": JSONValue($0.label), "url": JSONValue($0.url)]) })
        }
        data["plot"] = facts.plot.map { plot in
            guard var object = plot.json.object else { return plot.json }
            object.set("unit", JSONValue(plot.unit), after: [])
            object.set("title", JSONValue(plot.title), after: [])
            return .object(object)
        }
        return .object(data)
    }

    /// The episode as the web API has it, but for who acknowledged it, which is no part of a message.
    private static func json(_ episode: Episode) -> JSONValue {
        let whole = episode.json(nil)
        guard var object = whole.object else { return whole }
        for key in ["acknowledged_by", "acknowledged_at", "acknowledged_note"] { object[JSONString(key)] = nil }
        return .object(object)
    }
}

extension MessageFacts {
    /// The facts with texts of bearable length.
    fileprivate var bounded: MessageFacts {
        var facts = self
        facts.service = service.map { clipped($0, units: 300) }
        facts.environment = environment.map { clipped($0, units: 300) }
        facts.guardrail = guardrail.map { clipped($0, units: 300) }
        facts.window?.query = window?.query.map { clipped($0, units: 2000) }
        facts.reason = reason.map { clipped($0, units: 600) }
        facts.remedy = remedy.map { clipped($0, units: 600) }
        // Half an address leads nowhere.
        facts.links = Array(links.filter { $0.url.utf8.count <= 2000 }.prefix(6))
        return facts
    }

    /// The facts with so many of the plot's last points, and no plot for 0.
    fileprivate func with(points: Int) -> MessageFacts {
        var facts = self
        guard let plot, points > 0 else {
            facts.plot = nil
            return facts
        }
        let dropped = max(0, plot.points.count - points)
        facts.plot?.points.removeFirst(dropped)
        facts.plot?.start = plot.start + dropped * plot.step
        return facts
    }

    /// The facts without what can be found elsewhere: plot, query and links.
    fileprivate var bare: MessageFacts {
        var facts = self
        facts.plot = nil
        facts.window?.query = nil
        facts.links = []
        return facts
    }
}

extension MessageFacts.WindowFacts {
    fileprivate var json: JSONValue {
        .object([
            "start": JSONValue(start), "end": JSONValue(end), "value": JSONValue(value), "unit": JSONValue(unit),
            "baseline": JSONValue(baseline), "baseline_windows": baselineWindows.map { JSONValue($0) } ?? .null,
            "change_percent": JSONValue(changePercent), "limit": JSONValue(limit),
            "limit_is": JSONValue(isLimitAbove ? "above" : "below"), "query": JSONValue(query),
        ])
    }
}

extension MessageFacts.HotfixFacts {
    fileprivate var json: JSONValue {
        .object([
            "id": JSONValue(id), "deployment": JSONValue(deployment),
            "branch": JSONValue(branch.map { clipped($0, units: 300) }),
            "commit": JSONValue(clipped(commit, units: 300)),
            "version": JSONValue(version.map { clipped($0, units: 300) }), "deployed_at": JSONValue(deployedAt),
        ])
    }
}

extension MessageFacts.StreakFacts {
    fileprivate var json: JSONValue {
        .object([
            "lost_seconds": lostSeconds.map { JSONValue($0) } ?? .null, "proven_seconds": JSONValue(provenSeconds),
            "required_seconds": JSONValue(requiredSeconds), "since": JSONValue(since),
            "earliest_ready": JSONValue(earliestReady),
        ])
    }
}
