import Crypto
package import HotfixCore

/// Why a release cannot wait for the regular one, as the key `criticality` of the status file keeps it.
package struct Criticality: Sendable, Hashable {
    /// What is wrong.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case security
        case dataLoss = "data-loss"
        case crash
        case criticalBug = "critical-bug"
    }

    /// What is wrong.
    package var kind: Kind
    /// Who or what is affected.
    package var affected: String
    /// Why it cannot wait.
    package var whyNow: String
    /// What helps until then; nil where nothing does.
    package var workaround: String?
    /// Who assessed it.
    package var by: String
    /// When it was assessed.
    package var at: Instant

    /// Makes an assessment.
    package init(kind: Kind, affected: String, whyNow: String, workaround: String? = nil, by: String, at: Instant) {
        self.kind = kind
        self.affected = affected
        self.whyNow = whyNow
        self.workaround = workaround
        self.by = by
        self.at = at
    }

    /// What tells one assessment from another: 16 hexadecimal digits over what it says, whoever said it and when.
    package var digest: String {
        digestText([kind.rawValue, affected, whyNow, workaround ?? ""].joined(separator: "\n"), digits: 16)
    }
}

/// The first hexadecimal digits, in lower case, of SHA-256 over a text; at most 64.
package func digestText(_ text: String, digits: Int) -> String {
    let hexadecimal = Array("0123456789abcdef")
    let all = SHA256.hash(data: Array(text.utf8)).reduce(into: "") { text, byte in
        text.append(hexadecimal[Int(byte >> 4)])
        text.append(hexadecimal[Int(byte & 15)])
    }
    return String(all.prefix(digits))
}

extension StatusFile {
    /// Why this release cannot wait; nil where nobody has assessed it, or what stands there is not of this form.
    package var criticality: Criticality? {
        guard let entry = EntryReader(self["criticality"]),
            let kind = entry.text("kind").flatMap(Criticality.Kind.init),
            let affected = entry.text("affected"), let whyNow = entry.text("whyNow"), let by = entry.text("by"),
            let at = entry.instant("at")
        else { return nil }
        return Criticality(
            kind: kind, affected: affected, whyNow: whyNow, workaround: entry.text("workaround"), by: by, at: at)
    }

    /// Records an assessment; one that says the same as the last, and of the same hotfix, changes nothing.
    ///
    /// It is of the hotfix that is under way; where none is, of the one that begins next. With the hotfix change the approvals: none
    /// given for another counts.
    ///
    /// - Returns: Whether it was recorded.
    @discardableResult
    package mutating func assess(_ assessment: Criticality) -> Bool {
        let hotfix = hotfixUnderWay
        let isSameHotfix = root["criticality"].map { $0.object?["branch"] == hotfix } ?? true
        guard criticality?.digest != assessment.digest || !isSameHotfix else { return false }
        if !isSameHotfix { root["approvals"] = nil }
        set(
            "criticality",
            to: .object([
                "kind": JSONValue(assessment.kind.rawValue), "affected": JSONValue(assessment.affected),
                "whyNow": JSONValue(assessment.whyNow), "workaround": JSONValue(assessment.workaround),
                "by": JSONValue(assessment.by), "at": JSONValue(stamp: assessment.at), "branch": hotfix,
            ]))
        return true
    }
}

extension StatusFile {
    /// The elements of a list at the top; what stands there and is no list is its first element.
    func elements(_ key: JSONString) -> [JSONValue] {
        switch self[key] {
        case .array(let elements): elements
        case .null: []
        case let other: [other]
        }
    }
}
