import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Addresses and settings of mail", .timeLimit(.minutes(1)))
struct SMTPAddressTests {
    @Test(
        "Addresses that need no quotes are taken",
        arguments: [
            "a@b", "on.call+hotfix@example.org", "o'brien@xn--bcher-kva.example", "!#$%&*/=?^_`{|}~@example.org",
            "root@[127.0.0.1]", "a@[IPv6:::1]",
        ])
    func taken(address: String) {
        #expect(objection(toMailbox: address) == nil)
    }

    static let refused =
        [
            "", "a", "@b", "a@", "a@b@c", "a b@c.org", "a@b.org\r\nRCPT TO:<evil@x.org>", "a@b.org>\r\nDATA",
            "a\tb@c.org",
            "a\u{7F}@b.org", "<a@b.org>", "a>@b.org", "\"a\"@b.org", "a,b@c.org", "a;b@c.org", "a:b@c.org",
            "a(b)@c.org",
            ".a@b.org", "a..b@c.org", "a@b..org", "a@-b.org/x", "jürgen@example.org", "a@bücher.example", "a\0@b.org",
            "Ops <ops@example.org>",
        ] + [String(repeating: "a", count: 64) + "@" + String(repeating: "b", count: 190)]

    @Test("Addresses that could hold commands or headers of their own go nowhere", arguments: refused)
    func refusedAddress(address: String) async throws {
        #expect(objection(toMailbox: address) != nil)
        let server = try ScriptedMailServer.start([:])
        defer { server.stop() }
        try await withClient { client in
            let access = SMTPAccess(url: "smtp://127.0.0.1:\(server.port)", allowsPlaintext: true)
            for wrong in [
                SMTPEnvelope(from: address, to: "a@b.org"), SMTPEnvelope(from: "a@b.org", to: address),
            ] {
                let error = try await mailFailure(mail("x"), access, client, to: wrong)
                #expect(error.code == .invalid)
            }
        }
        #expect(server.transcripts.isEmpty)
    }

    @Test(
        "Lines that do not end with CR LF are not handed over",
        arguments: ["a\nb\r\n", "a\r\n.\nb\r\n", "a\rb\r\n", "a\r\n\r", "a", ""])
    func lineEnds(text: String) async throws {
        try await withClient { client in
            let access = SMTPAccess(url: "smtp://127.0.0.1:1", allowsPlaintext: true)
            let error = try await mailFailure(Array(text.utf8), access, client)
            #expect(error.code == .invalid)
        }
    }

    @Test("A password goes over no network in clear, and settings that cannot work are refused without being repeated")
    func settings() async throws {
        let password = "open-sesame"
        let wrong = [
            SMTPAccess(url: "smtp://mail.example.org", username: "u", password: password, allowsPlaintext: true),
            SMTPAccess(url: "smtp://u:\(password)@localhost"),
            SMTPAccess(url: "https://localhost/\(password)"),
            SMTPAccess(url: "localhost:25 \(password)"),
            SMTPAccess(url: "smtp://localhost", username: "u", password: password + "\n"),
        ]
        try await withClient { client in
            for access in wrong {
                let error = try await mailFailure(mail("x"), access, client)
                #expect(error.code == .invalid, "\(error)")
                #expect(!"\(error) \(access)".contains(password))
            }
        }
    }

    @Test("The ports are those of mail clients unless given")
    func ports() {
        #expect("\(SMTPAccess(url: "smtp://mail.example.org"))" == "smtp://mail.example.org:587")
        #expect("\(SMTPAccess(url: "smtps://mail.example.org/x"))" == "smtps://mail.example.org:465")
        #expect("\(SMTPAccess(url: "smtp://mail.example.org:25"))" == "smtp://mail.example.org:25")
    }
}
