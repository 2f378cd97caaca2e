import Foundation
import HotfixCore
import Testing

@testable import HotfixChannels

@Suite struct MailTests {
    @Test("A picture that makes a mail too large is left out, and nothing refers to it")
    func size() {
        let large = [UInt8](repeating: 0xAB, count: 90_000)
        let mail = Mail(Delivery(message: mailMessage()), from: "h@example.org", to: "a@b.org", picture: { _ in large })
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(mail.bytes.count < 10_000)
        #expect(!text.contains("cid:") && !text.contains("image/png") && text.contains("multipart/alternative"))
    }

    @Test("The largest texts make a mail of less than 100 KB")
    func largest() {
        let long = String(repeating: "🚒", count: 5000)
        var message = mailMessage(
            service: long, guardrail: long, reason: long,
            links: (0..<50).map {
                MessageLink(label: long, url: "https://example.org/\($0)/" + String(repeating: "ü", count: 900))
            })
        message.facts.remedy = long
        message.facts.environment = long
        let mail = Mail(Delivery(message: message), from: "h@example.org", to: "a@b.org", bars: { _ in long })
        #expect(mail.bytes.count <= Mail.mostBytes, "\(mail.bytes.count)")
    }

    @Test("Every message of a thread bears the subject that it opened with, and in front of it how it ended")
    func subjects() {
        let expected: [(MessageKind, String)] = [
            (.breach, "Breach: latency-p95 of checkout"), (.reminder, "Breach: latency-p95 of checkout"),
            (.recovered, "[Resolved] Breach: latency-p95 of checkout"),
            (.corrected, "[Resolved] Breach: latency-p95 of checkout"),
            (.withdrawn, "[Withdrawn] Breach: latency-p95 of checkout"),
            (.excused, "[Excused] Breach: latency-p95 of checkout"), (.blind, "Blind: latency-p95 of checkout"),
            (.sighted, "[Resolved] Blind: latency-p95 of checkout"), (.ready, "Ready: latency-p95 of checkout"),
            (.lost, "[No longer ready] Ready: latency-p95 of checkout"),
            (.deployed, "Deployed: latency-p95 of checkout"),
        ]
        for (kind, subject) in expected { #expect(Mail.subject(mailMessage(kind)) == subject) }
    }

    @Test("Other recipients, messages and ledgers have other Message-IDs, and another attempt the same")
    func ids() {
        func id(_ message: Message, _ to: String = "a@b.org") -> String {
            Mail(Delivery(message: message), from: "h@example.org", to: to).id
        }
        var elsewhere = mailMessage()
        elsewhere.facts.ledgerID = "M"
        let ids = [
            id(mailMessage()), id(mailMessage(), "c@b.org"), id(mailMessage(.recovered, id: 8)), id(elsewhere),
        ]
        #expect(Set(ids).count == 4)
        #expect(id(mailMessage()) == ids[0])
        #expect(ids[0].wholeMatch(of: /<hotfix\.[0-9a-f]{32}\.[0-9a-f]{16}\.7@example\.org>/) != nil, "\(ids[0])")
    }

    @Test(
        "Dates are those of mails",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_795_305_600, "Sun, 22 Nov 2026 00:00:00 +0000"),
            (1_709_164_799, "Wed, 28 Feb 2024 23:59:59 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        ])
    func dates(seconds: Int, text: String) {
        #expect(mailDate(Instant(seconds)) == text)
    }

    @Test("Quoted-printable keeps its lines short and spaces at their ends")
    func quoted() {
        #expect(quotedPrintable("a = b \nü\t\n") == "a =3D b=20\r\n=C3=BC=09\r\n")
        #expect(quotedPrintable("x") == "x\r\n")
        let long = quotedPrintable(String(repeating: "ü", count: 200))
        #expect(long.utf8.split(separator: 0x0A).allSatisfy { $0.count <= 77 })
        #expect(long.replacing("=\r\n", with: "") == String(repeating: "=C3=BC", count: 200) + "\r\n")
    }
}
