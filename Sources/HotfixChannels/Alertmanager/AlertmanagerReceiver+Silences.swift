import HotfixCalls
import HotfixCore
import HotfixHTTP

extension AlertmanagerReceiver {
    /// How many silences are read in full at a check.
    private static let most = 20

    /// Asks which alerts Alertmanager's own silences keep from being told.
    ///
    /// - Parameters:
    ///   - keys: The keys of the alerts.
    ///   - url: Which Alertmanager.
    /// - Returns: The silences by the alert's key.
    /// - Throws: What kept it from answering.
    func silences(
        of keys: Set<String>, at url: String
    ) async throws(ReceiverFailure) -> [String: [AlertmanagerStanding.Silence]] {
        // The `filter` of silences compares their own matchers; only the alerts know which silences hold for them.
        let filter = percentEncoded(#"alertname=~"HotfixGuardrail|HotfixBlind""#)
        let listed = try await ask(url, "/api/v2/alerts?filter=\(filter)")
        guard case .array(let alerts) = listed else { return [:] }
        var numbers: [String: [String]] = [:]
        for alert in alerts {
            guard let key = alert.object?["labels"]?.object?["hotfix"]?.plainText, keys.contains(key),
                case .array(let silencers)? = alert.object?["status"]?.object?["silencedBy"], !silencers.isEmpty
            else { continue }
            numbers[key] = silencers.compactMap(\.plainText)
        }
        var read: [String: AlertmanagerStanding.Silence] = [:]
        for number in Set(numbers.values.joined()).sorted().prefix(Self.most) {
            read[number] = await silence(number, at: url)
        }
        return numbers.mapValues { numbers in
            numbers.map { read[$0] ?? AlertmanagerStanding.Silence(id: $0) }
        }
    }

    /// One silence; no more than its number where it cannot be read.
    private func silence(_ number: String, at url: String) async -> AlertmanagerStanding.Silence {
        var silence = AlertmanagerStanding.Silence(id: number)
        guard let found = try? await ask(url, "/api/v2/silence/\(percentEncoded(number))").object else {
            return silence
        }
        silence = AlertmanagerStanding.Silence(
            id: number, by: found["createdBy"]?.plainText, comment: found["comment"]?.plainText,
            end: found["endsAt"]?.plainText.flatMap { Instant(text: $0) })
        return silence
    }
}

extension JSONValue {
    /// The text, nil where the value is another.
    var plainText: String? {
        if case .string(let string) = self { string.text } else { nil }
    }
}
