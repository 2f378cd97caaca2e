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
        append(entry, to: "history")
    }

    /// Adds an entry to a list at the top; what stands there and is no list is kept as its first element.
    mutating func append(_ entry: HistoryEntry, to key: JSONString, more: JSONObject = [:]) {
        var object: JSONObject = [
            "at": JSONValue(stamp: entry.at), "by": JSONValue(entry.by), "step": JSONValue(entry.step),
            "did": JSONValue(entry.did),
        ]
        if let reason = entry.reason { object["reason"] = JSONValue(reason) }
        for member in more.members { object[member.key] = member.value }
        let old: [JSONValue] =
            switch self[key] {
            case .array(let entries): entries
            case .null: []
            case let other: [other]
            }
        set(key, to: .array(old + [.object(object)]))
    }

    /// What was done so far, oldest first; entries that are not of this form are left out.
    package var history: [HistoryEntry] {
        guard case .array(let entries) = self["history"] else { return [] }
        return entries.compactMap(HistoryEntry.init)
    }
}

extension HistoryEntry {
    /// Reads an entry; nil where a value is none.
    init?(_ value: JSONValue) {
        guard let object = value.object, case .string(let at)? = object["at"], let at = Instant(text: at.text),
            case .string(let by)? = object["by"], case .string(let step)? = object["step"],
            case .string(let did)? = object["did"]
        else { return nil }
        var reason: String?
        if case .string(let text)? = object["reason"] { reason = text.text }
        self.init(at: at, by: by.text, step: step.text, did: did.text, reason: reason)
    }
}
