package import HotfixCore

/// That a channel was told something, as an entry of the key `communication` of the status file.
package struct Communication: Sendable, Hashable {
    /// What came of it.
    package enum Outcome: String, Sendable, Hashable {
        case delivered
        /// It was sent, or may have been, and whether it arrived is not known.
        case unknown
        case notReached = "not-reached"
        case misconfigured, refused
    }

    /// The channel; of mail also the recipient: `email/oncall@example.com`.
    package var to: String
    /// When it was told.
    package var at: Instant
    /// Who had it told.
    package var by: String
    /// What came of it.
    package var outcome: Outcome
    /// What tells one text from another: `sha256:` and 64 hexadecimal digits.
    package var digest: String

    /// Makes an entry.
    package init(to: String, at: Instant, by: String, outcome: Outcome, digest: String) {
        self.to = to
        self.at = at
        self.by = by
        self.outcome = outcome
        self.digest = digest
    }
}

extension Announcement {
    /// What tells this text from every other: `sha256:` and 64 hexadecimal digits.
    package var digest: String { "sha256:" + digestText("\(title)\n\n\(text)", digits: 64) }
}

extension StatusFile {
    /// Who was told what, oldest first; entries that are not of this form are left out.
    package var communication: [Communication] { elements("communication").compactMap(Communication.init) }

    /// Says what came of telling a channel: in the entry of the same attempt where there is one, else in a new one.
    package mutating func note(_ entry: Communication) {
        var entries = elements("communication")
        let value: JSONValue = .object([
            "to": JSONValue(entry.to), "at": JSONValue(stamp: entry.at), "by": JSONValue(entry.by),
            "outcome": JSONValue(entry.outcome.rawValue), "digest": JSONValue(entry.digest),
        ])
        let index = entries.lastIndex { element in
            guard let known = Communication(element) else { return false }
            return known.to == entry.to && known.at == entry.at && known.digest == entry.digest
        }
        if let index { entries[index] = value } else { entries.append(value) }
        set("communication", to: .array(entries))
    }
}

extension Communication {
    fileprivate init?(_ value: JSONValue) {
        guard let entry = EntryReader(value), let to = entry.text("to"), let at = entry.instant("at"),
            let by = entry.text("by"), let outcome = entry.text("outcome").flatMap(Outcome.init),
            let digest = entry.text("digest")
        else { return nil }
        self.init(to: to, at: at, by: by, outcome: outcome, digest: digest)
    }
}
