package import HotfixCore

/// That somebody approved of a critical release, as an entry of the key `approvals` of the status file.
package struct Approval: Sendable, Hashable {
    /// Who approved.
    package var by: String
    /// When they did.
    package var at: Instant
    /// Until when the other approvals have to be given; nil where nothing was said.
    package var deadline: Instant?
    /// The digest of the assessment that was approved of: with another one, the approval no longer counts.
    package var assessment: String

    /// Makes an approval.
    package init(by: String, at: Instant, deadline: Instant? = nil, assessment: String) {
        self.by = by
        self.at = at
        self.deadline = deadline
        self.assessment = assessment
    }
}

/// What came of recording an approval.
package enum ApprovalOutcome: Sendable, Hashable {
    /// It was recorded.
    case recorded
    /// The same person had approved of the same assessment already, at this instant.
    case known(Instant)
}

extension StatusFile {
    /// The approvals of what is now assessed, one a person, oldest first.
    package var standingApprovals: [Approval] {
        guard let digest = criticality?.digest else { return [] }
        var approvals: [Approval] = []
        for approval in recordedApprovals where approval.assessment == digest {
            let person = Person(approval.by)
            if !approvals.contains(where: { Person($0.by).isSame(as: person) }) { approvals.append(approval) }
        }
        return approvals
    }

    /// How many people approved of an assessment that was changed since.
    package var lapsedApprovals: Int {
        let digest = criticality?.digest
        return recordedApprovals.filter { $0.assessment != digest }.count
    }

    /// Until when approvals can be given: what was said last, of what is now assessed.
    package var approvalDeadline: Instant? {
        let digest = criticality?.digest
        return recordedApprovals.last { $0.assessment == digest && $0.deadline != nil }?.deadline
    }

    /// Records an approval of what is now assessed.
    ///
    /// - Parameters:
    ///   - by: Who approves; the same person counts once.
    ///   - at: When they do.
    ///   - deadline: Until when the others have to; nil keeps what was said before.
    /// - Returns: What came of it.
    /// - Throws: ``Refusal`` where nothing is assessed, or the time for approvals is over.
    package mutating func approve(by: String, at: Instant, deadline: Instant?) throws(Refusal) -> ApprovalOutcome {
        guard let assessment = criticality?.digest else {
            throw Refusal("There is nothing to approve of: say first by 'hotfix assess' why this release cannot wait.")
        }
        if let last = approvalDeadline, at > last, deadline == nil {
            throw Refusal(
                "Approvals had to be given by \(last), and now it is \(at). Agree on a new time, and give it by --deadline."
            )
        }
        let person = Person(by)
        let earlier = standingApprovals.first { Person($0.by).isSame(as: person) }
        if let earlier, deadline == nil || deadline == approvalDeadline { return .known(earlier.at) }
        var entry: JSONObject = ["by": JSONValue(by), "at": JSONValue(stamp: at)]
        if let deadline { entry["deadline"] = JSONValue(stamp: deadline) }
        entry["assessment"] = JSONValue(assessment)
        set("approvals", to: .array(elements("approvals") + [.object(entry)]))
        return earlier.map { .known($0.at) } ?? .recorded
    }

    private var recordedApprovals: [Approval] {
        elements("approvals").compactMap { element in
            guard let entry = EntryReader(element), let by = entry.text("by"), let at = entry.instant("at"),
                let assessment = entry.text("assessment")
            else { return nil }
            return Approval(by: by, at: at, deadline: entry.instant("deadline"), assessment: assessment)
        }
    }
}
