import Foundation
import HotfixChannels
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("E-mail through a real server", .heavy)
struct EmailDeliveryTests {
    @Test("A breach arrives as text and page with its picture, threaded, and as the standards want it")
    func breach() async throws {
        try await withMail { server, client in
            let links = [MessageLink(label: "Dashboard", url: "https://grafana.example.org/d/1?a=b&c=d")]
            let message = mailMessage(links: links)
            let channel = try #require(channels(server, client).first)
            #expect(channel.name == "oncall/a@example.org")
            let outcome = await channel.deliver(Delivery(message: message), at: night + 99)
            guard case .delivered(let receipt?) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let mail = try #require(try server.received().first)
            #expect(mail.defects.isEmpty, "\(mail.defects)")
            #expect(mail.encrypted && mail.user == "hotfix")
            #expect(mail.to == ["a@example.org"])
            #expect(try longestBodyLine(mail) <= 76)
            #expect(mail.header("Date") == ["Sun, 22 Nov 2026 00:00:42 +0000"])
            #expect(mail.header("From") == ["hotfix <hotfix@example.org>"])
            #expect(mail.header("To") == ["a@example.org"])
            #expect(mail.header("Subject") == ["Breach: latency-p95 of checkout"])
            #expect(mail.header("Auto-Submitted") == ["auto-generated"])
            #expect(mail.header("X-Auto-Response-Suppress") == ["All"])
            let id = try #require(mail.header("Message-ID").first)
            #expect(receipt == "\(id) 250 2.0.0 taken as number-1")
            #expect(mail.header("References") == mail.header("In-Reply-To"))

            #expect(mail.parts.map(\.type) == ["text/plain", "text/html", "image/png"])
            let both = ["multipart/related", "multipart/alternative"]
            #expect(mail.parts.map(\.inside) == [both, both, ["multipart/related"]])
            let words = MessageText(message)
            let text = try #require(mail.parts.first?.text)
            for part in [words.title, words.sentence, "▁▁▁█", "Dashboard: \(links[0].url)"] + words.lines.map(\.value) {
                #expect(text.contains(part), "\(part)")
            }
            let page = try #require(mail.parts[1].text)
            #expect(
                page.contains("<img src=\"cid:\(try #require(mail.parts[2].cid))\" alt=\"latency-p95 of checkout from ")
            )
            #expect(page.contains("<a href=\"https://grafana.example.org/d/1?a=b&amp;c=d\">Dashboard</a>"))
            for line in words.lines { #expect(page.contains(">\(line.value)</td>"), "\(line)") }
            let picture = try #require(mail.parts[2].base64.flatMap { Data(base64Encoded: $0) })
            #expect(Array(picture) == onePixel)
            #expect(Array(picture.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            #expect(Array(picture[16..<24]) == [0, 0, 0, 1, 0, 0, 0, 1])
        }
    }

    @Test("The mails of a thread refer to a root that no mail has, and to its opening where that was told")
    func threads() async throws {
        try await withMail { server, client in
            let channel = channels(server, client)[0]
            _ = await channel.deliver(Delivery(message: mailMessage()), at: night)
            let end = mailMessage(.recovered, id: 9, opening: 7)
            _ = await channel.deliver(Delivery(message: end, opening: "<x>"), at: night)
            _ = await channel.deliver(Delivery(message: end, mayBeRepeat: true), at: night + 5000)
            let mails = try server.received()
            try #require(mails.count == 3)
            let resolved = "[Resolved] Breach: latency-p95 of checkout"
            func headers(_ name: String) -> [String] { mails.flatMap { $0.header(name) } }
            #expect(headers("Subject") == ["Breach: latency-p95 of checkout", resolved, resolved])
            let ids = headers("Message-ID")
            let root = try #require(mails[0].header("References").first)
            #expect(!ids.contains(root))
            #expect(mails[1].header("References") == ["\(root) \(ids[0])"])
            #expect(mails[1].header("In-Reply-To") == [ids[0]])
            #expect(mails[2].header("References") == [root])
            #expect(ids[1] == ids[2])
            #expect(ids[0] != ids[1])
            #expect(Set(headers("Date")).count == 1)
        }
    }

    @Test("One recipient who is refused keeps it from no other, and each has a mail of its own")
    func recipients() async throws {
        var behaviour = RealMailServer.Behaviour()
        behaviour.recipients = [
            "gone@example.org": "550 5.1.1 no such user", "slow@example.org": "451 4.7.1 greylisted",
        ]
        try await withMail(behaviour) { server, client in
            let all = channels(server, client, to: ["gone@example.org", "slow@example.org", "a@example.org"])
            #expect(Set(all.map(\.entry)) == ["oncall"])
            #expect(all.map(\.name) == ["oncall/gone@example.org", "oncall/slow@example.org", "oncall/a@example.org"])
            var outcomes: [DeliveryOutcome] = []
            for channel in all { outcomes.append(await channel.deliver(Delivery(message: mailMessage()), at: night)) }
            guard case .misaddressed(let gone, _) = outcomes[0], case .retry(after: 60, let slow) = outcomes[1],
                case .delivered = outcomes[2]
            else {
                Issue.record("\(outcomes)")
                return
            }
            #expect(gone.contains("gone@example.org") && gone.contains("550 5.1.1 no such user"))
            #expect(slow.contains("451 4.7.1 greylisted"))
            let mails = try server.received()
            #expect(mails.map(\.to) == [["a@example.org"]])
        }
    }

    static let hostile = [
        "a\r\nBcc: evil@example.org\r\n\r\n.\r\nQUIT", "x\nSubject: y", "\"quoted\"; name=\\\"x",
        "<script>alert(1)</script>",
        "=?utf-8?B?PGI+?=", "dépôt 🚒🇩🇪👩‍👩‍👧", "\u{202E}evil", "a\0b", ".", String(repeating: "🚒", count: 2500), "'onload='x",
        "--=_hotfix_", "&lt;b&gt;", "",
    ]

    @Test("Whatever names hold is shown as text and is neither header, markup, command nor line", arguments: hostile)
    func names(name: String) async throws {
        try await withMail { server, client in
            let message = mailMessage(
                service: name, guardrail: name, reason: name,
                links: [
                    MessageLink(label: name, url: "https://example.org/\"><script>"),
                    MessageLink(label: "no", url: "javascript:alert(1)"),
                    MessageLink(label: "no", url: "https://example.org/\r\nx"),
                ])
            let outcome = await channels(server, client)[0].deliver(Delivery(message: message), at: night)
            guard case .delivered = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let mails = try server.received()
            #expect(mails.count == 1)
            let mail = try #require(mails.first)
            #expect(mail.defects.isEmpty, "\(mail.defects)")
            #expect(try longestBodyLine(mail) <= 76)
            #expect(mail.to == ["a@example.org"])
            #expect(
                mail.headers.compactMap(\.first) == [
                    "Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
                    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
                ])
            let words = MessageText(message)
            #expect(mail.header("Subject") == [words.title])
            #expect(mail.parts.map(\.type) == ["text/plain", "text/html", "image/png"])
            let text = try #require(mail.parts[0].text)
            #expect(text.contains(words.title) && text.contains(words.sentence))
            let page = try #require(mail.parts[1].text)
            #expect(!page.contains("<script") && !page.contains("javascript:") && !page.contains("='x"))
            #expect(page.components(separatedBy: "<a ").count == 2)
        }
    }

    @Test("An examination says what works, and by name what does not")
    func examination() async throws {
        try await withMail { server, client in
            let well = await channels(server, client)[0].examine(at: night)
            #expect(well.findings.isEmpty, "\(well.findings)")
            #expect(
                well.passed.map(\.what) == [
                    "smtp://localhost:\(server.port) takes mail from hotfix@example.org (encrypted, signed in)."
                ])
            #expect(well.passed.map(\.subject) == [.channel("oncall/a@example.org")])

            let wrong = channels(server, client, password: "wrong-word-1")[0]
            let finding = try #require(await wrong.examine(at: night).findings.first)
            #expect(finding.code == .credentialsRefused)
            #expect(finding.subject == .channel("oncall/a@example.org"))
            #expect(finding.what.contains("535") && !finding.what.contains("wrong-word-1"))
            #expect(!finding.remedy.isEmpty)

            let nobody = channels(server, client, to: ["not an address"])[0]
            #expect(await nobody.examine(at: night).findings.map(\.severity) == [.problem])
            #expect(try server.received().isEmpty)
        }
    }

    /// In bytes, without its end; a header's line may be longer, where a Message-ID has no place to fold.
    private func longestBodyLine(_ mail: RealMailServer.Received) throws -> Int {
        let bytes = try #require(Data(base64Encoded: mail.raw))
        let start = try #require(bytes.firstRange(of: Data("\r\n\r\n".utf8))).upperBound
        return bytes[start...].split(separator: 0x0A).map { $0.count - 1 }.max() ?? 0
    }

    private func channels(
        _ server: RealMailServer, _ client: HTTPClient, to: [String] = ["a@example.org"],
        password: String = "correct horse"
    ) -> [EmailChannel] {
        EmailChannel.channels(
            name: "oncall",
            server: SMTPServer(
                url: "smtp://localhost:\(server.port)", username: "hotfix", password: Secret(password),
                tls: HTTPTLS(caFile: server.authority)),
            from: "hotfix@example.org", to: to, client: client, picture: { _ in onePixel }, bars: { _ in "▁▁▁█" })
    }

    private func withMail(
        _ behaviour: RealMailServer.Behaviour = .init(), _ body: (RealMailServer, HTTPClient) async throws -> Void
    ) async throws {
        try await withRealMailServer(behaviour) { server in
            let client = HTTPClient()
            do { try await body(server, client) } catch {
                await client.shutDown()
                throw error
            }
            await client.shutDown()
        }
    }
}
