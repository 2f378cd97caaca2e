package import HotfixCore

/// Who did what when, as the key `history` of the status file keeps it, newest last.
package struct HistoryEntry: Sendable, Hashable {
    /// When it was done.
    package var at: Instant
    /// Who did it, as they are called: `Ada Lovelace <ada@example.com>`.
    package var by: String
    /// The command, as it is typed: `init`, `complete`, `release`.
    package var step: String
    /// What was done, a sentence in the past tense.
    ///
    /// For example `Created branch 'release/hotfix-20261122' from origin/main.`
    package var did: String
    /// Why, where somebody gave a reason.
    package var reason: String?

    /// Makes an entry.
    package init(at: Instant, by: String, step: String, did: String, reason: String? = nil) {
        self.at = at
        self.by = by
        self.step = step
        self.did = did
        self.reason = reason
    }
}

extension StatusFile {
    /// Adds what was done to the key `history`; what stands there and is no list is kept as its first element.
    package mutating func record(_ entry: HistoryEntry) {
        var object: JSONObject = [
            "at": JSONValue(stamp: entry.at), "by": JSONValue(entry.by), "step": JSONValue(entry.step),
            "did": JSONValue(entry.did),
        ]
        if let reason = entry.reason { object["reason"] = JSONValue(reason) }
        let old: [JSONValue] =
            switch self["history"] {
            case .array(let entries): entries
            case .null: []
            case let other: [other]
            }
        set("history", to: .array(old + [.object(object)]))
    }

    /// What was done so far, oldest first; entries that are not of this form are left out.
    package var history: [HistoryEntry] {
        guard case .array(let entries) = self["history"] else { return [] }
        return entries.compactMap { entry in
            guard let object = entry.object, case .string(let at)? = object["at"], let at = Instant(text: at.text),
                case .string(let by)? = object["by"], case .string(let step)? = object["step"],
                case .string(let did)? = object["did"]
            else { return nil }
            var reason: String?
            if case .string(let text)? = object["reason"] { reason = text.text }
            return HistoryEntry(at: at, by: by.text, step: step.text, did: did.text, reason: reason)
        }
    }
}
