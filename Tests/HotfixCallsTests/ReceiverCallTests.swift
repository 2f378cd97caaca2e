import Foundation
import HotfixCalls
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

@Suite("A request to a receiver", .timeLimit(.minutes(1)))
struct ReceiverCallTests {
    private static let secret = "XxSecretPathSegmentxX"

    /// What came of one request to a server that answers so; the path and the query hold a secret.
    private func outcome(
        of answer: LoopbackAnswer, rest: Seconds? = nil, deadline: Duration = .seconds(15)
    ) async throws -> DeliveryOutcome {
        try await withLoopbackServer({ _ in answer }) { server in
            let client = HTTPClient()
            var call = ReceiverCall(
                .post, "\(server.url)/hook/\(Self.secret)?sign=abcdefghij", .json(.object([:])),
                hiding: [Secret("token-0815")])
            call.rest = rest
            call.http.deadline = deadline
            let outcome = await call.outcome(through: client) { _ in .refused(reason: "judged") }
            await client.shutDown()
            #expect(server.requests().count <= 1)
            return outcome
        }
    }

    @Test(
        "What every receiver means by its status is judged alike, and the rest by the channel",
        arguments: [
            (429, "7", 7 as Seconds?, "retry"), (429, "0", 1, "retry"), (429, "1.5", 2, "retry"),
            (429, "Thu, 01 Jan 1970 00:01:00 GMT", 60, "retry"), (429, nil, 30, "retry"), (429, "soon", 30, "retry"),
            (408, nil, nil, "retry"), (425, nil, nil, "retry"), (500, nil, nil, "retry"), (502, "9", 9, "retry"),
            (503, "120", 120, "retry"), (504, nil, nil, "retry"), (599, nil, nil, "retry"),
            (301, nil, nil, "misconfigured"), (307, nil, nil, "misconfigured"), (407, nil, nil, "misconfigured"),
            (200, nil, nil, "judged"), (204, nil, nil, "judged"), (400, nil, nil, "judged"), (404, nil, nil, "judged"),
        ])
    func statuses(status: Int, retryAfter: String?, wait: Seconds?, kind: String) async throws {
        var headers = [("Date", "Thu, 01 Jan 1970 00:00:00 GMT"), ("Location", "/elsewhere")]
        if let retryAfter { headers.append(("Retry-After", retryAfter)) }
        let outcome = try await outcome(of: .answer(status: status, headers: headers), rest: 30)
        switch outcome {
        case .retry(let after, let reason):
            #expect(kind == "retry" && after == wait, "\(outcome)")
            #expect(reason.contains("answered \(status)"))
        case .misconfigured(let reason, let remedy):
            #expect(kind == "misconfigured", "\(outcome)")
            #expect(reason.contains("answered \(status)") && !remedy.isEmpty)
        default: #expect(outcome == .refused(reason: "judged") && kind == "judged")
        }
    }

    @Test(
        "A request whose answer is lost may have been received",
        arguments: [
            LoopbackAnswer.reset, .truncated(after: 1, of: .json("{\"ok\":true}")), .garbage([]),
            .garbage(Array("SSH-2.0\r\n".utf8)), .hang,
        ])
    func lostAnswers(answer: LoopbackAnswer) async throws {
        let outcome = try await outcome(of: answer, deadline: .milliseconds(400))
        guard case .unknown = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A request whose answer is lost on a connection that was used before is not made again")
    func usedConnection() async throws {
        try await withLoopbackServer({ $0.path == "/first" ? .json("{}") : .reset }) { server in
            let client = HTTPClient()
            func outcome(_ path: String) async -> DeliveryOutcome {
                await ReceiverCall(.post, server.url + path, .json(.null)).outcome(through: client) { _ in
                    .delivered(receipt: nil)
                }
            }
            #expect(await outcome("/first") == .delivered(receipt: nil))
            let second = await outcome("/second")
            await client.shutDown()
            guard case .unknown = second else {
                Issue.record("\(second)")
                return
            }
            #expect(server.requests().map(\.path) == ["/first", "/second"])
        }
    }

    @Test("What was never sent is tried again, or is for somebody to mend")
    func unsent() async throws {
        let client = HTTPClient()
        let port = try await withLoopbackServer({ _ in .hang }) { $0.port }
        for url in ["http://127.0.0.1:\(port)/\(Self.secret)", "https://no-such-host.invalid/\(Self.secret)"] {
            let outcome = await ReceiverCall(.post, url, .json(.null)).outcome(through: client) { _ in
                .delivered(receipt: nil)
            }
            guard case .retry(nil, let reason) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(!reason.contains(Self.secret))
        }
        for url in ["file:///etc/\(Self.secret)", "hooks.example\n/\(Self.secret)", ""] {
            let outcome = await ReceiverCall(.post, url, .json(.null)).outcome(through: client) { _ in
                .delivered(receipt: nil)
            }
            guard case .misconfigured(let reason, _) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(reason.hasPrefix("an invalid address: ") && !reason.contains(Self.secret))
        }
        await client.shutDown()
    }

    @Test("A receiver that never finishes the TLS handshake has received nothing")
    func silentHandshake() async throws {
        // The system takes the connection, and nobody ever reads from it.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                guard bind(listener, raw, length) == 0, listen(listener, 1) == 0 else { return UInt16(0) }
                return getsockname(listener, raw, &length) == 0 ? 1 : 0
            }
        }
        try #require(port == 1)
        var call = ReceiverCall(
            .post, "https://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/x", .json(.object([:])))
        call.http.connectDeadline = .milliseconds(200)
        let client = HTTPClient()
        let outcome = await call.outcome(through: client) { _ in .delivered(receipt: nil) }
        await client.shutDown()
        guard case .retry(nil, let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.hasPrefix("https://127.0.0.1:"))
    }

    @Test("A certificate that is not trusted is for somebody to mend")
    func untrusted() async throws {
        let server = try StrangeServer()
        defer { server.stop() }
        let client = HTTPClient()
        let outcome = await ReceiverCall(.post, "https://127.0.0.1:\(server.port)/\(Self.secret)", .json(.null))
            .outcome(through: client) { _ in .delivered(receipt: nil) }
        await client.shutDown()
        guard case .misconfigured(let reason, let remedy) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("not trusted") && !reason.contains(Self.secret) && remedy.contains("certificate"))
    }

    @Test(
        "No reason shows more of the address than its origin, nor a secret that the receiver repeats",
        arguments: [400, 429, 500, 302])
    func secrets(status: Int) async throws {
        let body = "no hook /hook/\(Self.secret)?sign=abcdefghij for\r\n token-0815 \u{1B}[31m"
        try await withLoopbackServer({ _ in .answer(status: status, body: Array(body.utf8)) }) { server in
            let client = HTTPClient()
            let call = ReceiverCall(
                .post, "\(server.url)/hook/\(Self.secret)?sign=abcdefghij", hiding: [Secret("token-0815")])
            let outcome = await call.outcome(through: client) { .refused(reason: call.shown($0)) }
            await client.shutDown()
            let printed = "\(outcome) \(call)"
            for secret in [Self.secret, "abcdefghij", "token-0815", "\u{1B}", "\r"] {
                #expect(!printed.contains(secret), "\(outcome)")
            }
            #expect("\(outcome)".contains("\(server.url) answered \(status): no hook"))
        }
    }

    @Test("JSON goes out as such, with the client's own name")
    func head() async throws {
        try await withLoopbackServer({ _ in .answer(status: 204) }) { server in
            let client = HTTPClient(agent: "hotfix/9.9.9")
            let call = ReceiverCall(
                .post, ReceiverCall.address(server.url + "/", "/x"), .json(.object(["a": .init("ü")])),
                headers: [("X-A", "b")], credentials: .bearer("t"))
            let outcome = await call.outcome(through: client) { .delivered(receipt: "\($0.status)") }
            await client.shutDown()
            #expect(outcome == .delivered(receipt: "204"))
            let request = try #require(server.requests().first)
            #expect(request.method == "POST" && request.path == "/x")
            #expect(request.header("Content-Type") == "application/json; charset=utf-8")
            #expect(request.header("User-Agent") == "hotfix/9.9.9")
            #expect(request.header("Authorization") == "Bearer t" && request.header("X-A") == "b")
            #expect(String(decoding: request.body, as: UTF8.self) == #"{"a":"ü"}"#)
        }
    }

    @Test("An attempt whose time is over may have been received")
    func cancelled() async throws {
        try await withLoopbackServer({ _ in .hang }) { server in
            let client = HTTPClient()
            let task = Task {
                await ReceiverCall(.post, server.url, .json(.null)).outcome(through: client) { _ in
                    .delivered(receipt: nil)
                }
            }
            while server.requests().isEmpty { await Task.yield() }
            task.cancel()
            guard case .unknown = await task.value else {
                Issue.record("not unknown")
                return
            }
            await client.shutDown()
        }
    }
}

/// A server of `openssl` with a certificate that nobody trusts.
private struct StrangeServer {
    let port: Int
    private let directory: String
    private let process: Process

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("receiver-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let files = ["-keyout", directory + "/k.pem", "-out", directory + "/c.pem"]
        let (request, _) = try Self.run(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=nobody"]
                + files)
        request.waitUntilExit()
        let (server, said) = try Self.run([
            "s_server", "-accept", "127.0.0.1:0", "-key", directory + "/k.pem", "-cert", directory + "/c.pem", "-www",
        ])
        process = server
        // It names its port once it listens.
        var text = ""
        while !text.hasSuffix("\n") || !text.contains("ACCEPT 127") {
            let more = said.availableData
            guard !more.isEmpty else { break }
            text += String(decoding: more, as: UTF8.self)
        }
        let named = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127") }?.split(separator: ":").last
        port = try #require(named.flatMap { Int($0) }, "openssl said: \(text)")
    }

    func stop() {
        process.terminate()
        try? FileManager.default.removeItem(atPath: directory)
    }

    private static func run(_ arguments: [String]) throws -> (Process, FileHandle) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, output.fileHandleForReading)
    }
}
