import Foundation
import HotfixHTTP
import HotfixTestSupport
import Testing

@Suite("TLS, HTTP/2 and gzip against nginx", .timeLimit(.minutes(1)))
struct TLSTests {
    @Test("A private authority is trusted, and all calls share one HTTP/2 connection")
    func http2() async throws {
        try await withNginx { nginx, client in
            let calls = HTTPLimits(inFlightPerHost: 50)
            try await withClient(HTTPClient(limits: calls)) { client in
                try await withThrowingTaskGroup { group in
                    for _ in 0..<100 {
                        group.addTask { text(try await client.send(nginx.call(nginx.secure))) }
                    }
                    var answers: Set<String> = []
                    for try await answer in group { answers.insert(answer) }
                    #expect(answers.count == 1)
                    #expect(answers.first?.hasPrefix("HTTP/2.0 ") == true)
                }
            }
        }
    }

    @Test("Without TLS the protocol is HTTP/1.1")
    func http1() async throws {
        try await withNginx { nginx, client in
            let answer = try await client.send(nginx.call(nginx.plain))
            #expect(text(answer).hasPrefix("HTTP/1.1 "))
        }
    }

    @Test("A compressed answer arrives unpacked, and its limit counts the unpacked bytes")
    func gzip() async throws {
        try await withNginx { nginx, client in
            let answer = try await client.send(nginx.call(nginx.secure, "/data.json"))
            #expect(answer.headers["Content-Encoding"] == "gzip")
            #expect(text(answer) == Nginx.data)
            let size = Nginx.data.utf8.count
            #expect(try await client.send(nginx.call(nginx.secure, "/data.json", bodyLimit: size)).body.count == size)
            let call = nginx.call(nginx.secure, "/data.json", bodyLimit: size - 1)
            let error = try await failure(of: call, with: client)
            #expect(error.code == .tooLarge)
        }
    }

    @Test("A certificate of an unknown authority, or for another name, is refused")
    func untrusted() async throws {
        try await withNginx { nginx, client in
            let certificates = nginx.certificates
            var byAddress = nginx.call(nginx.secure)
            byAddress.url = "https://127.0.0.1:\(nginx.secure)/echo"
            let calls = [
                nginx.call(nginx.secure, tls: .init()),
                nginx.call(nginx.secure, tls: .init(caFile: certificates.stranger)), byAddress,
                nginx.call(nginx.secure, tls: .init(caFile: "/no/such/file")),
            ]
            // A trusted connection that is open must not be lent to a call that does not trust it.
            _ = try await client.send(nginx.call(nginx.secure))
            for call in calls {
                let error = try await failure(of: call, with: client)
                #expect(error.code == .tls, "\(error)")
                #expect(!error.isTransient)
            }
        }
    }

    @Test("A client certificate opens the door, with a plain or a locked key")
    func clientCertificate() async throws {
        try await withNginx { nginx, client in
            let certificates = nginx.certificates
            func tls(_ key: String?, _ password: String? = nil) -> HTTPTLS {
                HTTPTLS(
                    caFile: certificates.authority,
                    certificateFile: certificates.client,
                    keyFile: key,
                    keyPassword: password
                )
            }
            #expect(try await client.send(nginx.call(nginx.mutual)).status == 400)
            for tls in [tls(certificates.clientKey), tls(certificates.lockedClientKey, "open-sesame")] {
                let answer = try await client.send(nginx.call(nginx.mutual, tls: tls))
                #expect(answer.status == 200)
                #expect(text(answer).hasSuffix(" SUCCESS"))
            }
            let canary = "CaNaRy-9f31c2"
            let unusable = [
                tls(certificates.lockedClientKey, canary), tls(certificates.lockedClientKey), tls(nil),
                tls("/no/such/file"),
            ]
            for tls in unusable {
                // An open connection with the same certificate would be reused, whatever the key.
                let call = nginx.call(nginx.mutual, tls: tls)
                let error = try await withClient { try await failure(of: call, with: $0) }
                #expect(error.code == .tls, "\(error)")
                #expect(!RedactionTests.printed(error).contains(canary))
            }
            #expect(try await client.send(nginx.call(nginx.mutual)).status == 400)
        }
    }

    @Test("A redirect to another origin is not shown the client certificate")
    func certificateStays() async throws {
        try await withNginx { nginx, client in
            let certificates = nginx.certificates
            let tls = HTTPTLS(
                caFile: certificates.authority,
                certificateFile: certificates.client,
                keyFile: certificates.clientKey
            )
            #expect(text(try await client.send(nginx.call(nginx.secure, tls: tls))).hasSuffix(" SUCCESS"))
            let answer = try await client.send(nginx.call(nginx.mutual, "/away", tls: tls))
            #expect(answer.url == nginx.url(nginx.secure))
            #expect(text(answer).hasSuffix(" NONE"))
        }
    }

    @Test("A redirect from https to http is refused")
    func downgrade() async throws {
        try await withNginx { nginx, client in
            let error = try await failure(of: nginx.call(nginx.secure, "/down"), with: client)
            #expect(error.code == .redirectRefused)
            #expect(error.message.contains("https"))
        }
    }

    @Test("TLS to a port without TLS is an error, plain HTTP to one with TLS is nginx's own answer")
    func mixedUp() async throws {
        try await withNginx { nginx, client in
            var call = nginx.call(nginx.plain)
            call.url = "https://localhost:\(nginx.plain)/"
            let error = try await failure(of: call, with: client)
            #expect(error.code == .tls)
            call.url = "http://localhost:\(nginx.secure)/"
            #expect(try await client.send(call).status == 400)
        }
    }

    @Test("A refused client certificate is a TLS failure, also when TLS 1.3 tells of it after the handshake")
    func refusedAfterHandshake() async throws {
        try await withTemporaryDirectory { directory in
            let certificates = try await Certificates(in: directory)
            let port = try freePorts(1)[0]
            let server = Process()
            server.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            server.arguments = [
                "s_server", "-accept", "127.0.0.1:\(port)", "-tls1_3", "-www", "-quiet", "-cert", certificates.server,
                "-key", certificates.serverKey, "-Verify", "1", "-verify_return_error", "-CAfile",
                certificates.authority,
            ]
            server.standardInput = Pipe()
            server.standardOutput = FileHandle.nullDevice
            server.standardError = FileHandle.nullDevice
            try server.run()
            defer { kill(server.processIdentifier, SIGKILL) }
            try await withClient { client in
                let call = HTTPCall(
                    .get,
                    "https://localhost:\(port)/",
                    tls: HTTPTLS(caFile: certificates.authority),
                    retry: HTTPRetry(attempts: 200, base: .milliseconds(20), cap: .milliseconds(20))
                )
                let error = try await failure(of: call, with: client)
                #expect(error.code == .tls, "\(error)")
                #expect(!error.isTransient)
                #expect(error.message.contains("client certificate"))
            }
        }
    }
}
