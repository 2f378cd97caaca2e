import HotfixChannels
import HotfixCore
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("What comes of an e-mail", .timeLimit(.minutes(2)))
struct EmailOutcomeTests {
    @Test("A connection lost after the last dot is unknown, and what is sent again is the same mail, byte by byte")
    func unknown() async throws {
        let server = try ScriptedMailServer.start([.end: .close])
        defer { server.stop() }
        let client = HTTPClient()
        let channel = channel(server, client)
        for (attempt, isRepeat) in [(night, false), (night + 7000, true)] {
            let outcome = await channel.deliver(
                Delivery(message: mailMessage(), mayBeRepeat: isRepeat), at: attempt)
            guard case .unknown = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
        await client.shutDown()
        let mails = server.transcripts.compactMap { $0.first { $0.contains("Message-ID: <") } }
        #expect(mails.count == 2)
        #expect(mails.first == mails.last)
    }

    @Test("What a server that fails says decides what comes of the delivery")
    func outcomes() async throws {
        func kind(_ acts: [ScriptedMailServer.Turn: ScriptedMailServer.Act]) async throws -> String {
            let server = try ScriptedMailServer.start(acts)
            defer { server.stop() }
            let client = HTTPClient()
            let outcome = await channel(server, client).deliver(Delivery(message: mailMessage()), at: night)
            await client.shutDown()
            return "\(outcome)".prefix { $0 != "(" }.description
        }
        #expect(try await kind([:]) == "delivered")
        #expect(try await kind([.greeting: .close]) == "retry")
        #expect(try await kind([.greeting: .say("554 go away")]) == "misconfigured")
        #expect(try await kind([.mail: .say("553 not yours")]) == "misconfigured")
        #expect(try await kind([.rcpt: .say("450 later")]) == "retry")
        #expect(try await kind([.rcpt: .say("550 no such user")]) == "misaddressed")
        #expect(try await kind([.rcpt: .say("530 sign in first")]) == "misconfigured")
        #expect(try await kind([.data: .say("554 no")]) == "misconfigured")
        #expect(try await kind([.rcpt: .close]) == "retry")
        #expect(try await kind([.end: .say("451 later")]) == "retry")
        #expect(try await kind([.end: .say("554 spam")]) == "refused")
        #expect(try await kind([.end: .close]) == "unknown")
    }

    @Test("Where a server offers nobody to sign in, an examination warns of it")
    func noSignIn() async throws {
        let server = try ScriptedMailServer.start([.ehlo: .say("250 localhost")])
        defer { server.stop() }
        let client = HTTPClient()
        let diagnosis = await channel(server, client, user: "u").examine(at: night)
        await client.shutDown()
        #expect(diagnosis.findings.map(\.severity) == [.warning])
        #expect(diagnosis.passed.first?.what.hasSuffix("(without encryption).") == true)
    }

    @Test(
        "A sender whom the server does not let send is found by an examination, and so is a server without encryption")
    func sender() async throws {
        let server = try ScriptedMailServer.start([.mail: .say("553 5.7.1 not your address")])
        defer { server.stop() }
        let client = HTTPClient()
        let finding = await channel(server, client).examine(at: night).findings.first
        #expect(finding?.what.contains("553 5.7.1 not your address") == true)
        let careful = EmailChannel(
            name: "oncall", server: SMTPServer(url: "smtp://127.0.0.1:\(server.port)"), from: "h@example.org",
            to: "a@example.org", client: client)
        #expect(await careful.examine(at: night).findings.map(\.code) == [.tls])
        await client.shutDown()
    }

    private func channel(_ server: ScriptedMailServer, _ client: HTTPClient, user: String? = nil) -> EmailChannel {
        EmailChannel(
            name: "oncall",
            server: SMTPServer(
                url: "smtp://127.0.0.1:\(server.port)", username: user, password: user.map { _ in Secret("word-1") },
                allowsPlaintext: true),
            from: "hotfix@example.org", to: "a@example.org", client: client)
    }
}
