import Foundation
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("Mail servers that fail", .timeLimit(.minutes(2)))
struct SMTPFaultTests {
    /// What goes wrong, and what it is called.
    struct Fault: Sendable, CustomTestStringConvertible {
        var turn: ScriptedMailServer.Turn
        var act: ScriptedMailServer.Act
        var code: SMTPError.Code

        var isSilence: Bool { code == .timedOut || turn == .end && code == .unknown }
        var testDescription: String { "\(turn): \(act) is \(code)" }
    }

    static let faults: [Fault] = [
        Fault(turn: .greeting, act: .say("421 4.3.2 busy"), code: .postponed),
        Fault(turn: .greeting, act: .say("554 5.7.1 go away"), code: .refused),
        Fault(turn: .greeting, act: .close, code: .unreachable),
        Fault(turn: .greeting, act: .say("HTTP/1.1 400 Bad Request"), code: .timedOut),
        Fault(turn: .greeting, act: .hang, code: .timedOut),
        Fault(turn: .ehlo, act: .close, code: .unreachable),
        Fault(turn: .auth, act: .say("454 4.7.0 later"), code: .postponed),
        Fault(turn: .credentials, act: .say("535 5.7.8 no"), code: .credentials),
        Fault(turn: .credentials, act: .say("454 4.7.0 the directory is down"), code: .postponed),
        Fault(turn: .credentials, act: .hang, code: .timedOut),
        Fault(turn: .mail, act: .say("530 5.7.0 sign in first"), code: .refused),
        Fault(turn: .mail, act: .say("553 5.7.1 not your address"), code: .refused),
        Fault(turn: .mail, act: .say("552 5.3.4 too big"), code: .rejected),
        Fault(turn: .rcpt, act: .say("450 4.2.0 greylisted"), code: .postponed),
        Fault(turn: .rcpt, act: .say("550 5.1.1 no such user"), code: .unknownRecipient),
        Fault(turn: .rcpt, act: .close, code: .unreachable),
        Fault(turn: .data, act: .say("451 4.3.0 later"), code: .postponed),
        Fault(turn: .data, act: .say("554 5.5.1 no"), code: .refused),
        Fault(turn: .data, act: .close, code: .unreachable),
        Fault(turn: .data, act: .hang, code: .timedOut),
        Fault(turn: .end, act: .say("451 4.3.0 later"), code: .postponed),
        Fault(turn: .end, act: .say("554-5.7.1 spam\r\n554 5.7.1 really"), code: .rejected),
        Fault(turn: .end, act: .close, code: .unknown),
        Fault(turn: .end, act: .hang, code: .unknown),
    ]

    @Test("Each fault is called what it is", arguments: faults)
    func table(fault: Fault) async throws {
        try await withServer([fault.turn: fault.act]) { server, client in
            var access = plain(server)
            if fault.isSilence { access.replyDeadline = .seconds(1) }
            let error = try await mailFailure(mail("x"), access, client)
            #expect(error.code == fault.code, "\(error)")
            #expect(!"\(error)".contains("sesame"))
        }
    }

    @Test("Whatever becomes of the farewell, a mail that was taken was taken")
    func farewell() async throws {
        for act in [ScriptedMailServer.Act.close, .say("421 too late"), .hang] {
            try await withServer([.quit: act]) { server, client in
                var access = plain(server)
                access.replyDeadline = .seconds(2)
                let reply = try await client.send(mail("x"), envelope, through: access)
                #expect(reply.code == 250)
            }
        }
    }

    @Test(
        "Where STARTTLS is wanted and not offered, or refused, nothing is said in clear, also after a mail without it")
    func stripped() async throws {
        for greeting in ["250-localhost\r\n250 AUTH PLAIN", "250-localhost\r\n250-STARTTLS\r\n250 AUTH PLAIN"] {
            try await withServer([.ehlo: .say(greeting)]) { server, client in
                var access = plain(server)
                _ = try await client.send(mail("in clear"), envelope, through: access)
                access.allowsPlaintext = false
                let error = try await mailFailure(mail("in secret"), access, client)
                #expect([.unencrypted, .postponed].contains(error.code), "\(error)")
                #expect(server.transcripts.count == 2)
                let said = server.transcripts.last ?? []
                #expect(
                    said.allSatisfy { ["EHLO", "STARTTLS", "QUIT"].contains($0.split(separator: " ").first) }, "\(said)"
                )
            }
        }
    }

    @Test("A port that speaks no TLS gets nothing by smtps")
    func notTLS() async throws {
        try await withServer([:]) { server, client in
            var access = plain(server)
            access.url = "smtps://127.0.0.1:\(server.port)"
            let error = try await mailFailure(mail("x"), access, client)
            #expect(error.code == .handshake, "\(error)")
        }
    }

    @Test("Nobody listening and an unknown name are called what they are")
    func nobody() async throws {
        let port = try freePorts(1)[0]
        try await withClient { client in
            let access = SMTPAccess(url: "smtp://127.0.0.1:\(port)", allowsPlaintext: true)
            let refused = try await mailFailure(mail("x"), access, client)
            #expect(refused.code == .unreachable)
            let nowhere = SMTPAccess(url: "smtp://no-such-host.invalid")
            let unknown = try await mailFailure(mail("x"), nowhere, client)
            #expect(unknown.code == .resolve)
        }
    }

    @Test("A server that repeats the password is not quoted with it")
    func echo() async throws {
        let repeated = Data("\0hotfix\0open-sesame".utf8).base64EncodedString()
        try await withServer([.credentials: .say("535 what is \(repeated), open-sesame?")]) { server, client in
            let error = try await mailFailure(mail("x"), plain(server), client)
            #expect(error.code == .credentials)
            #expect(error.cause?.contains("REDACTED") == true, "\(error)")
            #expect(!"\(error)".contains("sesame") && !"\(error)".contains(repeated))
        }
    }

    @Test("A task that is cancelled while the mail is under way does not know whether it arrived")
    func cancelled() async throws {
        try await withServer([.rcpt: .hang]) { server, client in
            let access = plain(server)
            let task = Task { try await client.send(mail("x"), envelope, through: access) }
            while !server.transcripts.joined().contains(where: { $0.hasPrefix("RCPT") }) { await Task.yield() }
            task.cancel()
            let error = await #expect(throws: SMTPError.self) { _ = try await task.value }
            #expect(error?.code == .unknown)
        }
    }

    @Test("Shutting the client down ends a mail that is under way")
    func shutDown() async throws {
        try await withServer([.rcpt: .hang]) { server, client in
            let access = plain(server)
            let task = Task { try await client.send(mail("x"), envelope, through: access) }
            while !server.transcripts.joined().contains(where: { $0.hasPrefix("RCPT") }) { await Task.yield() }
            await client.shutDown()
            await #expect(throws: SMTPError.self) { _ = try await task.value }
        }
    }

    private func plain(_ server: ScriptedMailServer) -> SMTPAccess {
        SMTPAccess(
            url: "smtp://127.0.0.1:\(server.port)", username: "hotfix", password: "open-sesame", allowsPlaintext: true,
            replyDeadline: .seconds(1))
    }

    private func withServer(
        _ acts: [ScriptedMailServer.Turn: ScriptedMailServer.Act],
        _ body: (ScriptedMailServer, HTTPClient) async throws -> Void
    ) async throws {
        let server = try ScriptedMailServer.start(acts)
        defer { server.stop() }
        try await withClient { try await body(server, $0) }
    }
}
