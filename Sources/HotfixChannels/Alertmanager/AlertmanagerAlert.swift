import HotfixCore

/// One alert as Alertmanager takes it.
///
/// Alertmanager knows an alert by its labels: they hold nothing that changes while it is shown, and the key of the thread.
struct AlertmanagerAlert: Sendable, Hashable {
    /// How long an alert lasts without being sent again, in seconds: four checks of five minutes, after which no answer is given
    /// from the ledger either.
    static let lifetime: Seconds = 1200

    /// What it is known by.
    var labels: [String: String]
    /// What is said of it.
    var annotations: [String: String]
    /// When it began; the same each time.
    var start: Instant
    /// When it is over, or will be taken for over unless it is sent again.
    var end: Instant
    /// A page that helps.
    var page: String?

    /// Makes an alert that fires, or is over where `end` is given.
    ///
    /// - Parameters:
    ///   - message: What is said of it.
    ///   - standing: What it is known by, and since when.
    ///   - end: When it was over; nil while it is not.
    ///   - now: The instant of sending.
    init(_ message: Message, as standing: AlertmanagerStanding, end: Instant?, at now: Instant) {
        let text = MessageText(message)
        labels = standing.labels
        start = standing.start
        // An alert that was over before it began is refused.
        self.end = max(end ?? now + Self.lifetime, start)
        let lines = text.lines.map { "\($0.label): \($0.value)" }
        let links = text.links.map { "\(oneLine($0.label)): \(oneLine($0.url))" }
        annotations = [
            "summary": text.title,
            "description": clipped(([text.sentence] + lines).joined(separator: "\n"), units: 4000),
        ]
        if !links.isEmpty { annotations["links"] = clipped(links.joined(separator: "\n"), units: 4000) }
        page = text.links.map(\.url).first(where: isPlainAddress)
    }

    /// The alert in the list that a request is.
    var json: JSONValue {
        var object: JSONObject = [
            "labels": Self.object(labels), "annotations": Self.object(annotations),
            "startsAt": JSONValue(start), "endsAt": JSONValue(end),
        ]
        if let page { object["generatorURL"] = JSONValue(page) }
        return .array([.object(object)])
    }

    private static func object(_ pairs: [String: String]) -> JSONValue {
        .object(
            JSONObject(
                members: pairs.sorted { $0.key < $1.key }.map {
                    JSONObject.Member(key: JSONString($0.key), value: JSONValue($0.value))
                }))
    }
}

/// Whether an address is one that a strict reader takes: one it cannot read makes Alertmanager refuse the alert.
private func isPlainAddress(_ url: String) -> Bool {
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), url.utf8.count <= 2000 else { return false }
    let others = "-._~:/?#[]@!$&'()*+,;=%".utf8
    return url.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || others.contains(byte)
    } && !hasBrokenEscape(url)
}

private func hasBrokenEscape(_ url: String) -> Bool {
    url.split(separator: "%", omittingEmptySubsequences: false).dropFirst().contains { part in
        !(part.utf8.count >= 2 && part.utf8.prefix(2).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit })
    }
}

extension AlertmanagerStanding {
    /// What the alert of a thread is known by, and since when, made of what opened it.
    ///
    /// - Parameters:
    ///   - message: A message of the thread, best the one that opened it.
    ///   - severity: How much the opening mattered; nil means as much as the message.
    init(of message: Message, severity: Guardrail.Severity? = nil) {
        let facts = message.facts
        let isBlind = message.kind == .blind || message.kind.opening == .blind
        var labels = [
            "alertname": isBlind ? "HotfixBlind" : "HotfixGuardrail",
            "severity": (severity ?? facts.severity).rawValue, "hotfix": message.key,
        ]
        labels["service"] = facts.service.map(Self.label)
        labels["guardrail"] = facts.guardrail.map(Self.label)
        labels["branch"] = facts.hotfix?.branch.map(Self.label)
        self.init(labels: labels, start: Self.start(of: message))
    }

    private static func label(_ text: String) -> String { clipped(oneLine(text), bytes: 150) }

    /// When the thread began, which every message of it knows.
    private static func start(of message: Message) -> Instant {
        if let episode = message.facts.episode { return episode.start }
        let last = message.thread.split(separator: "/").last.map(String.init)
        let named = last.flatMap { Instant(text: $0) }
        return min(named ?? message.at, message.at)
    }
}
