import Foundation
import HotfixCore
import HotfixServer
import HotfixTestSupport
import Logging
import Synchronization
import Testing

@Suite("The sockets of a server", .heavy)
struct APIServerTests {
    /// Says what it was sent.
    private struct Echo: CallHandler {
        func answer(_ call: APICall) async throws -> APIAnswer? {
            guard call.target == "/echo" else { return nil }
            guard let body = call.body else { throw APIProblem(missingBodyOf: call, limit: 1000) }
            return APIAnswer(200, type: "text/plain", body: .bytes(body))
        }
    }

    private func serve(
        _ change: (inout APIServer.Limits) -> Void = { _ in }, body: (Int) async throws -> Void
    ) async throws {
        var limits = APIServer.Limits()
        change(&limits)
        let address = try #require(ListenAddress(text: "127.0.0.1:0"))
        let door = FrontDoor(
            [Echo()], access: AccessRules(readToken: nil, writeToken: nil, isLoopback: true), now: { Instant(0) }
        ) { _ in APIProblem(500, "It failed.") }
        let (ports, feed) = AsyncStream.makeStream(of: Int.self)
        let server = APIServer(door, at: address, limits: limits, logger: Logger(label: "test")) { feed.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Being cancelled is how it ends.
            group.addTask { try? await server.run() }
            for await port in ports {
                try await body(port)
                break
            }
            group.cancelAll()
        }
    }

    private func head(_ method: String, _ more: String = "") -> [UInt8] {
        Array("\(method) /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(more)\r\n".utf8)
    }

    @Test("a head that comes byte by byte is waited for as long as one that does not come")
    func slowHead() async throws {
        try await serve {
            $0.idleSeconds = 1
        } body: { port in
            let began = ContinuousClock.now
            let answer = await RawSocket.send(head("GET"), to: port, pausing: .milliseconds(100))
            #expect(answer.isEmpty)
            #expect(.now - began < .seconds(6))
        }
    }

    @Test("a body that comes byte by byte is answered with 408 when its time is over")
    func slowBody() async throws {
        try await serve {
            $0.bodySeconds = 1
        } body: { port in
            let bytes = head("POST", "Content-Length: 400\r\n")
            let answer = await RawSocket.send(
                bytes + Array(repeating: 0x20, count: 400), to: port, pausing: .milliseconds(100), after: bytes.count)
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
        }
    }

    @Test("a body that claims a gigabyte, and one that brings more than is taken, are answered with 413")
    func largeBody() async throws {
        try await serve {
            $0.bodyBytes = 1000
        } body: { port in
            let brought = await RawSocket.send(
                head("POST", "Content-Length: 5000\r\n") + Array(repeating: 0x20, count: 5000), to: port)
            #expect(brought.hasPrefix("HTTP/1.1 413 "), "\(brought)")
            let claimed = await RawSocket.send(
                head("POST", "Content-Length: 1073741824\r\n") + Array(repeating: 0x20, count: 1_500_000), to: port)
            #expect(claimed.hasPrefix("HTTP/1.1 413 "), "\(claimed)")
        }
    }

    @Test("bodies that there is no room for are told to come again, and room comes free again")
    func crowdedBodies() async throws {
        try await serve {
            $0.bodyBytes = 1000
            $0.allBodyBytes = 1000
            $0.bodySeconds = 3
        } body: { port in
            let body = [UInt8](repeating: 0x20, count: 500)
            var isRefused = false
            // A slow one may be over before another comes, on a machine that is busy with other things.
            for _ in 0..<20 where !isRefused {
                let isOver = Mutex(false)
                async let slow = {
                    let answer = await RawSocket.send(head("POST", "Content-Length: 900\r\n"), to: port, closing: false)
                    isOver.withLock { $0 = true }
                    return answer
                }()
                while !isRefused, !isOver.withLock(\.self) {
                    let answer = await RawSocket.send(head("POST", "Content-Length: 500\r\n") + body, to: port)
                    isRefused = answer.hasPrefix("HTTP/1.1 408 ")
                }
                #expect(await slow.hasPrefix("HTTP/1.1 408 "))
            }
            #expect(isRefused)
            let answer = await RawSocket.send(head("POST", "Transfer-Encoding: chunked\r\n") + chunked(body), to: port)
            #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer)")
            let large = await RawSocket.send(
                head("POST", "Transfer-Encoding: chunked\r\n") + chunked(body + body + body), to: port)
            #expect(large.hasPrefix("HTTP/1.1 413 "), "\(large)")
        }
    }

    private func chunked(_ body: [UInt8]) -> [UInt8] {
        Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
    }

    @Test("every answer says what a browser may do with it: nothing; that to HEAD is the head of the one to GET")
    func headers() async throws {
        try await serve { port in
            let whole = await RawSocket.send(head("GET"), to: port)
            let part = await RawSocket.send(head("HEAD"), to: port)
            let missing = await RawSocket.send(
                Array("GET /other HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8), to: port)
            for answer in [whole, part, missing] {
                for header in [
                    "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer", "X-Frame-Options: DENY",
                    "Content-Security-Policy: default-src 'none';", "frame-ancestors 'none'",
                    "Cross-Origin-Resource-Policy: same-origin", "Cache-Control: no-store",
                ] { #expect(answer.contains(header), "\(header)") }
            }
            #expect(part.hasPrefix("HTTP/1.1 200 ") && part.hasSuffix("\r\n\r\n"))
            #expect(missing.hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test(
        "what is no call gets the answer that every mistake gets",
        arguments: [
            ("GET /echo HTTP/1.1\r\nHost: a\r\nX-Long: \(String(repeating: "x", count: 17 << 10))\r\n\r\n", 431),
            (
                "GET /echo HTTP/1.1\r\nHost: a\r\n\((0..<70).map { "X-\($0): y\r\n" }.joined())\r\n", 431
            ),
            ("FOO /echo HTTP/1.1\r\nHost: a\r\n\r\n", 501), ("\u{1}\u{2} no HTTP at all\r\n\r\n", 501),
            ("GET /echo HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n", 400),
        ])
    func brokenHeads(text: String, status: Int) async throws {
        try await serve { port in
            let answer = await RawSocket.send(Array(text.utf8), to: port)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains("Content-Type: application/problem+json"), "\(answer)")
            #expect(answer.contains("X-Content-Type-Options: nosniff"))
            #expect(answer.contains(#""status": \#(status)"#), "\(answer)")
        }
    }

    @Test("connections beyond the limit wait until one is closed")
    func connections() async throws {
        try await serve {
            $0.connections = 4
            $0.idleSeconds = 1
        } body: { port in
            let answers = await withTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { await RawSocket.send([0x47], to: port, closing: false) } }
                for _ in 0..<4 { group.addTask { await RawSocket.send(self.head("GET"), to: port) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.hasPrefix("HTTP/1.1 200 ") } == 4)
        }
    }
}
