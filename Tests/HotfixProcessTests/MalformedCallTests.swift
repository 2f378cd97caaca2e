import Foundation
import HotfixTestSupport
import Testing

@Suite("hotfix serve and calls that nobody in their right mind makes", .heavyAndLong)
struct MalformedCallTests {
    /// Twenty times as many, as `make soak` asks for them, are ten thousand.
    private static let rounds = 500 * max(ProcessInfo.processInfo.environment["HOTFIX_SOAK"].flatMap(Int.init) ?? 1, 1)
    /// What a call may come to: it was right after all, or it was wrong; never that the server failed.
    private static let statuses: Set<Int> = [
        200, 201, 304, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 417, 421, 431, 501, 505,
    ]

    @Test("each gets the right answer or none, and the server stays as it was")
    func calls() async throws {
        try await withTemporaryDirectory { directory in
            let served = try await ServedProcess.start(directory, try ServedProcess.settings(directory))
            let begun = try await served.run(
                "deployed", "--commit", String(repeating: "a1", count: 20), "--no-incident")
            #expect(begun.exitStatus == 0, "\(begun.output)")
            _ = await ask(served, seeds: 0..<100)
            let before = served.residentKiB
            var wrong: [String] = []
            for start in stride(from: 100, to: 100 + Self.rounds, by: 100) {
                wrong += await ask(served, seeds: start..<start + 100)
                let health = await RawSocket.send(Self.health, to: served.port)
                try #require(health.hasPrefix("HTTP/1.1 200 "), "after \(start): \(health) \(served.said)")
            }
            #expect(wrong.isEmpty, "\(wrong.prefix(5))")
            let after = served.residentKiB
            #expect(after < before + 64 * 1024, "\(before) to \(after) KiB")
            #expect(try await served.run("readiness").exitStatus == 1)
            kill(served.process.pid, SIGTERM)
            let ending = await served.process.ending()
            #expect(ending.exitStatus == 0, "\(ending.output)")
            #expect(!ending.output.contains(ServedProcess.token))
            #expect(ending.output.split(separator: "\n").count < 10, "\(ending.output.prefix(2000))")
        }
    }

    private static let health = Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

    /// Makes calls, eight at a time, and gives those whose answer is wrong.
    private func ask(_ served: ServedProcess, seeds: Range<Int>) async -> [String] {
        await withTaskGroup(of: String?.self) { group in
            var wrong: [String] = []
            var waiting = seeds.makeIterator()
            func add() {
                guard let seed = waiting.next() else { return }
                group.addTask {
                    var calls = MalformedCalls(seed: UInt64(seed))
                    let bytes = calls.next()
                    let answer = await RawSocket.send(bytes, to: served.port)
                    return Self.isRight(answer, to: bytes) ? nil : "\(seed): \(bytes.prefix(300)) \(answer.prefix(300))"
                }
            }
            for _ in 0..<8 { add() }
            while let ended = await group.next() {
                if let ended { wrong.append(ended) }
                add()
            }
            return wrong
        }
    }

    private static func isRight(_ answer: String, to bytes: [UInt8]) -> Bool {
        if answer.isEmpty { return true }
        // No check was made yet.
        if answer.hasPrefix("HTTP/1.1 503 "), answer.contains("No check was made yet") {
            return String(decoding: bytes, as: UTF8.self).contains("readyz")
        }
        guard answer.hasPrefix("HTTP/1.1 "), let status = Int(answer.dropFirst(9).prefix(3)) else { return false }
        // What came in stands in a page as text alone, and the page runs no script but its own.
        let isPage = answer.lowercased().contains("content-type: text/html")
        let isSafe = !isPage || answer.contains("script-src 'self';") && !answer.contains("<script>")
        return statuses.contains(status) && isSafe && !answer.contains("root:") && !answer.contains("Set-Cookie")
    }
}
