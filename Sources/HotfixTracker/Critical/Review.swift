package import HotfixCore

/// That somebody looked at a hotfix before it is released, as an entry of the key `review` of the status file.
package struct Review: Sendable, Hashable {
    /// What was looked at.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case security, code, test, docs
    }

    /// What was looked at.
    package var kind: Kind
    /// Who looked.
    package var by: String
    /// When it was recorded.
    package var at: Instant
    /// The full id of the commit that was looked at: what comes behind it is not reviewed.
    package var commit: String
    /// The number of the pull request that was read for it; nil where none was.
    package var pullRequest: Int?
    /// What the review rests on, a sentence.
    package var evidence: String

    /// Makes a review.
    package init(
        kind: Kind, by: String, at: Instant, commit: String, pullRequest: Int? = nil, evidence: String
    ) {
        self.kind = kind
        self.by = by
        self.at = at
        self.commit = commit
        self.pullRequest = pullRequest
        self.evidence = evidence
    }
}

extension StatusFile {
    /// The reviews that were recorded, oldest first; entries that are not of this form are left out.
    package var reviews: [Review] {
        elements("review").compactMap { element in
            guard let entry = EntryReader(element), let kind = entry.text("kind").flatMap(Review.Kind.init),
                let by = entry.text("by"), let at = entry.instant("at"), let commit = entry.text("commit")
            else { return nil }
            var number: Int?
            if case .number(let spelling)? = element.object?["pullRequest"] { number = Int(spelling) }
            return Review(
                kind: kind, by: by, at: at, commit: commit, pullRequest: number, evidence: entry.text("evidence") ?? "")
        }
    }

    /// Records a review; one that is there already, at whatever time, changes nothing.
    ///
    /// - Returns: Whether it was recorded.
    @discardableResult
    package mutating func record(_ review: Review) -> Bool {
        let isKnown = reviews.contains { known in
            var known = known
            known.at = review.at
            return known == review
        }
        guard !isKnown else { return false }
        var entry: JSONObject = [
            "kind": JSONValue(review.kind.rawValue), "by": JSONValue(review.by), "at": JSONValue(stamp: review.at),
            "commit": JSONValue(review.commit),
        ]
        if let number = review.pullRequest { entry["pullRequest"] = JSONValue(number) }
        entry["evidence"] = JSONValue(review.evidence)
        set("review", to: .array(elements("review") + [.object(entry)]))
        return true
    }
}

extension StatusFile {
    /// What keeps a commit from being released: one sentence for each thing that is missing; empty where nothing is.
    ///
    /// Released is before the 48 hours are proven, so they are not asked for: the assessment, the approvals and the reviews stand for them.
    ///
    /// - Parameters:
    ///   - commit: The full id of the hotfix branch's head.
    ///   - needed: How many people have to approve.
    /// - Returns: The sentences, each with what to do next.
    package func objections(toReleasing commit: String, approvals needed: Int) -> [String] {
        var objections: [String] = []
        if criticality == nil {
            objections.append("Nobody has said why this release cannot wait: say it by 'hotfix assess'.")
        }
        let approved = standingApprovals
        if approved.count < needed {
            let names = approved.isEmpty ? "" : " (of \(approved.map { oneLine($0.by) }.joined(separator: ", ")))"
            let lapsed = lapsedApprovals
            objections.append(
                "\(approved.count) of \(needed) approvals are given\(names)"
                    + (lapsed == 0 ? "" : "; \(lapsed) were given before the assessment was changed, and count no more")
                    + ": record the others by 'hotfix approve'.")
        }
        let reviews = reviews
        for kind in Review.Kind.allCases {
            let known = reviews.filter { $0.kind == kind }
            guard kind == .code || !known.isEmpty, !known.contains(where: { $0.commit == commit }) else { continue }
            let older = known.last.map { " (only \(oneLine(String($0.commit.prefix(12)))) was)" } ?? ""
            objections.append(
                "Commit \(commit.prefix(12)) is not reviewed for \(kind.rawValue)\(older): record it by 'hotfix review --kind"
                    + " \(kind.rawValue)'.")
        }
        return objections
    }
}
