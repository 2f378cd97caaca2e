import HotfixCore
import Testing

@testable import HotfixTracker

private let now = Instant(1_795_176_000)
private let head = String(repeating: "a1", count: 20)
private let other = String(repeating: "b2", count: 20)

private func assessed(_ whyNow: String = "It loses orders.") -> StatusFile {
    var status = StatusFile()
    status.assess(Criticality(kind: .dataLoss, affected: "All shops", whyNow: whyNow, by: "Ada", at: now))
    return status
}

@Suite("What the tracker keeps of a critical release")
struct CriticalRecordTests {
    @Test("an assessment is read as it was written, and said again changes nothing")
    func assessment() {
        var status = assessed()
        let assessment = status.criticality
        #expect(assessment?.kind == .dataLoss && assessment?.affected == "All shops" && assessment?.workaround == nil)
        let before = status
        let isNew = status.assess(
            Criticality(kind: .dataLoss, affected: "All shops", whyNow: "It loses orders.", by: "Bob", at: now + 9))
        #expect(!isNew)
        #expect(status == before)
        #expect(
            status.text.contains(
                """
                  "criticality": {
                    "kind": "data-loss",
                    "affected": "All shops",
                    "whyNow": "It loses orders.",
                    "workaround": null,
                    "by": "Ada",
                    "at": "2026-11-20T12:00:00.000Z",
                    "branch": null
                  }
                """))
    }

    @Test(
        "the same person is the same, however the name is written",
        arguments: [
            ("Ada Lovelace", "ada  lovelace", true), ("Ada <ada@example.com>", "ADA@example.com", true),
            ("Ada <ada@example.com>", "Ada", true), ("Ada <a@x.org>", "A. L. <A@X.org>", true),
            ("Ada <ada@example.com>", "Bob <bob@example.com>", false), ("Ada", "Adam", false),
            ("<ada@example.com>", "<bob@example.com>", false), ("Ade\u{301}", "Ad\u{E9}", true),
        ])
    func persons(one: String, two: String, isSame: Bool) {
        #expect(Person(one).isSame(as: Person(two)) == isSame)
        #expect(Person(two).isSame(as: Person(one)) == isSame)
    }

    @Test("a person counts once, and an approval of what is no longer assessed not at all")
    func approvals() throws {
        var status = assessed()
        #expect(try status.approve(by: "Ada <ada@example.com>", at: now, deadline: nil) == .recorded)
        let before = status
        #expect(try status.approve(by: "ADA", at: now + 60, deadline: nil) == .known(now))
        #expect(status == before)
        #expect(try status.approve(by: "Bob", at: now + 61, deadline: nil) == .recorded)
        #expect(status.standingApprovals.map(\.by) == ["Ada <ada@example.com>", "Bob"])
        status.assess(Criticality(kind: .crash, affected: "All shops", whyNow: "It stops.", by: "Ada", at: now + 61))
        #expect(status.standingApprovals.isEmpty && status.lapsedApprovals == 2)
        #expect(try status.approve(by: "Bob", at: now + 62, deadline: nil) == .recorded)
        #expect(status.standingApprovals.map(\.by) == ["Bob"])
    }

    @Test("nothing is approved of before it is assessed, nor behind the deadline without another")
    func deadlines() throws {
        var none = StatusFile()
        #expect(throws: Refusal.self) { try none.approve(by: "Ada", at: now, deadline: nil) }
        #expect(none == StatusFile())
        var status = assessed()
        _ = try status.approve(by: "Ada", at: now, deadline: now + 3600)
        let before = status
        #expect(throws: Refusal.self) { try status.approve(by: "Bob", at: now + 3601, deadline: nil) }
        #expect(status == before)
        #expect(try status.approve(by: "Bob", at: now + 3600, deadline: nil) == .recorded)
        #expect(try status.approve(by: "Cyd", at: now + 3601, deadline: now + 7200) == .recorded)
        #expect(status.approvalDeadline == now + 7200)
        #expect(status.standingApprovals.count == 3)
    }

    @Test("what stands in the keys already and is of another form is kept, and counts for nothing")
    func foreign() throws {
        var status = assessed()
        status.set("approvals", to: JSONValue("by word of mouth"))
        status.set("review", to: .array([.number("7")]))
        _ = try status.approve(by: "Ada", at: now, deadline: nil)
        status.record(Review(kind: .code, by: "Bob", at: now, commit: head, evidence: "e"))
        #expect(status.standingApprovals.count == 1 && status.reviews.count == 1)
        #expect(status.text.contains("by word of mouth") && status.text.contains("    7,\n"))
    }

    @Test("a release needs an assessment, all approvals, and reviews of the very commit")
    func objections() throws {
        #expect(StatusFile().objections(toReleasing: head, approvals: 1).count == 3)
        var status = assessed()
        _ = try status.approve(by: "Ada", at: now, deadline: nil)
        let isNew = [now, now + 5].map { at in
            status.record(Review(kind: .code, by: "Bob", at: at, commit: head, pullRequest: 7, evidence: "e"))
        }
        #expect(isNew == [true, false])
        #expect(status.objections(toReleasing: head, approvals: 1) == [])
        #expect(
            status.objections(toReleasing: head, approvals: 2)
                == ["1 of 2 approvals are given (of Ada): record the others by 'hotfix approve'."])
        #expect(
            status.objections(toReleasing: other, approvals: 1) == [
                "Commit b2b2b2b2b2b2 is not reviewed for code (only a1a1a1a1a1a1 was): record it by 'hotfix review --kind code'."
            ])
        status.record(Review(kind: .security, by: "Cyd", at: now, commit: other, evidence: "e"))
        #expect(status.objections(toReleasing: head, approvals: 1).map { $0.contains("for security") } == [true])
    }

    @Test("what became of a channel is in the entry of the attempt")
    func communication() {
        var status = StatusFile()
        let digest = Announcement(title: "T", text: "text").digest
        #expect(digest.hasPrefix("sha256:") && digest.utf8.count == 71)
        var entry = Communication(to: "slack", at: now, by: "Ada", outcome: .unknown, digest: digest)
        status.note(entry)
        entry.outcome = .delivered
        status.note(entry)
        #expect(status.communication == [entry])
        entry.at = now + 1
        status.note(entry)
        #expect(status.communication.count == 2)
    }
}
