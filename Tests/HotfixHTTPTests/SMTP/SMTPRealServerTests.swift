import Foundation
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Mail through a real server", .heavy)
struct SMTPRealServerTests {
    private static let canary = "CaNaRy-5b10e7"

    private func access(_ server: RealMailServer, password: String = "correct horse") -> SMTPAccess {
        SMTPAccess(
            url: "smtp://localhost:\(server.port)", username: "hotfix", password: password,
            tls: HTTPTLS(caFile: server.authority), deadline: .seconds(20))
    }

    @Test("A mail arrives encrypted, signed in, with every byte as it was, lone dots included")
    func arrives() async throws {
        try await withRealMailServer { server in
            try await withClient { client in
                let mail = mail("first\r\n.\r\n..two\r\n.three\r\n\r\nlast")
                let reply = try await client.send(mail, envelope, through: access(server))
                #expect(reply.text == "250 2.0.0 taken as number-1")
                _ = try await client.send(mail, envelope, through: access(server))
                let received = try server.received()
                #expect(received.count == 2)
                let first = try #require(received.first)
                #expect(first.encrypted)
                #expect(first.user == "hotfix")
                #expect(first.from == "hotfix@example.org")
                #expect(first.to == ["oncall@example.org"])
                #expect(first.greeting == "example.org")
                #expect(first.raw == Data(mail).base64EncodedString())
            }
        }
    }

    @Test("TLS from the first byte works as well, and an address's path is what the client greets with")
    func implicitTLS() async throws {
        var behaviour = RealMailServer.Behaviour()
        behaviour.security = .tls
        try await withRealMailServer(behaviour) { server in
            try await withClient { client in
                var access = access(server)
                access.url = "smtps://localhost:\(server.port)/[127.0.0.1]"
                _ = try await client.send(mail("x"), envelope, through: access)
                #expect(try server.received().map(\.encrypted) == [true])
                #expect(try server.received().map(\.greeting) == ["[127.0.0.1]"])
            }
        }
    }

    @Test("A server whose certificate is not trusted, or is another's, gets nothing")
    func untrusted() async throws {
        try await withRealMailServer { server in
            try await withClient { client in
                let other = SMTPAccess(
                    url: "smtp://127.0.0.1:\(server.port)", tls: HTTPTLS(caFile: server.authority))
                var strangers = access(server)
                strangers.tls = HTTPTLS(caFile: server.stranger)
                var systems = access(server)
                systems.tls = HTTPTLS()
                var missing = access(server)
                missing.tls = HTTPTLS(caFile: "/no/such/file")
                for access in [other, strangers, systems, missing] {
                    let error = try await mailFailure(mail("x"), access, client)
                    #expect(error.code == .untrusted, "\(error)")
                }
                #expect(try server.received().isEmpty)
            }
        }
    }

    @Test("A wrong password is named without being shown, and its mail goes nowhere")
    func wrongPassword() async throws {
        try await withRealMailServer { server in
            try await withClient { client in
                let access = access(server, password: Self.canary)
                let error = try await mailFailure(mail("x"), access, client)
                #expect(error.code == .credentials, "\(error)")
                for text in ["\(error)", "\(access)", String(reflecting: access), String(reflecting: error)] {
                    #expect(!text.contains(Self.canary), "\(text)")
                    #expect(!text.contains(Data("\0hotfix\0\(Self.canary)".utf8).base64EncodedString()))
                }
                #expect(try server.received().isEmpty)
            }
        }
    }

    @Test(
        "What the server says to a recipient decides whether it is tried again",
        arguments: [
            ("451 4.7.1 greylisted", SMTPError.Code.postponed), ("421 4.3.2 shutting down", .postponed),
            ("550 5.1.1 no such user", .unknownRecipient), ("552 5.3.4 too big", .rejected),
        ])
    func recipient(said: String, code: SMTPError.Code) async throws {
        var behaviour = RealMailServer.Behaviour()
        behaviour.recipients = ["oncall@example.org": said]
        try await withRealMailServer(behaviour) { server in
            try await withClient { client in
                let error = try await mailFailure(mail("x"), access(server), client)
                #expect(error.code == code, "\(error)")
                #expect(error.cause?.contains(said) == true)
            }
        }
    }

    @Test(
        "What the server says to a whole mail decides whether it is tried again",
        arguments: [
            ("451 4.3.0 try later", SMTPError.Code.postponed), ("550 5.7.1 looks like spam", .rejected),
            ("552 5.3.4 too big", .rejected),
        ])
    func verdict(said: String, code: SMTPError.Code) async throws {
        var behaviour = RealMailServer.Behaviour()
        behaviour.verdict = said
        try await withRealMailServer(behaviour) { server in
            try await withClient { client in
                let error = try await mailFailure(mail("x"), access(server), client)
                #expect(error.code == code, "\(error)")
                #expect(error.cause?.contains(said) == true)
            }
        }
    }

    @Test("A mail larger than the server takes is refused before it is sent")
    func tooLarge() async throws {
        var behaviour = RealMailServer.Behaviour()
        behaviour.limit = 500
        try await withRealMailServer(behaviour) { server in
            try await withClient { client in
                let error = try await mailFailure(
                    mail(String(repeating: "x", count: 600)), access(server), client)
                #expect(error.code == .rejected, "\(error)")
            }
        }
    }

    @Test("An examination signs in and names the sender, and sends nothing")
    func examination() async throws {
        try await withRealMailServer { server in
            try await withClient { client in
                let signedIn = try await client.examine(access(server), from: "hotfix@example.org")
                #expect(signedIn)
                let error = try #require(
                    await #expect(throws: SMTPError.self) {
                        _ = try await client.examine(
                            access(server, password: Self.canary), from: "hotfix@example.org")
                    })
                #expect(error.code == .credentials)
                #expect(try server.received().isEmpty)
            }
        }
    }
}

let envelope = SMTPEnvelope(from: "hotfix@example.org", to: "oncall@example.org")

/// A mail with this text.
func mail(_ text: String) -> [UInt8] {
    Array("From: <hotfix@example.org>\r\nTo: <oncall@example.org>\r\nSubject: test\r\n\r\n\(text)\r\n".utf8)
}

/// The error that a mail fails with.
func mailFailure(
    _ mail: [UInt8], _ access: SMTPAccess, _ client: HTTPClient, to envelope: SMTPEnvelope = envelope
) async throws -> SMTPError {
    try #require(
        await #expect(throws: SMTPError.self) { _ = try await client.send(mail, envelope, through: access) })
}
