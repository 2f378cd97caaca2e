import HotfixChannels
import HotfixDemo
import HotfixHTTP
import Testing

@testable import HotfixCore

private let run = "0b5c4a3e-5f7d-4f0c-8b1e-0a1b2c3d4e5f"

@Suite("The heartbeat")
struct HeartbeatTests {
    private let switches = HealthchecksStandIn(now: { WatchedScene.start })

    private func withHeartbeat<T>(
        _ path: String? = nil, _ body: (Heartbeat, LoopbackServer) async throws -> T
    ) async throws -> T {
        try await withLoopbackServer({ [switches] in await switches.answer($0) }) { server in
            try await withReceiverClient { client in
                try await body(
                    Heartbeat(url: Secret(server.url + (path ?? "/ping/\(switches.check)")), client: client), server)
            }
        }
    }

    @Test("beginning and end of a check are one run, and the report comes along")
    func pings() async throws {
        try await withHeartbeat { heartbeat, _ in
            #expect(await heartbeat.start(run: run.uppercased()) == nil)
            #expect(await heartbeat.success(run: run, text: "12 windows judged") == nil)
            #expect(await heartbeat.failure(run: run, text: "otel is down") == nil)
            #expect(
                await switches.pings == [
                    .init(kind: "start", run: run, text: ""),
                    .init(kind: "success", run: run, text: "12 windows judged"),
                    .init(kind: "fail", run: run, text: "otel is down"),
                ])
        }
    }

    @Test("of a long report the end is sent, cut between characters")
    func tail() async throws {
        try await withHeartbeat { heartbeat, server in
            let report = String(repeating: "🧨", count: 5000) + "the end"
            #expect(await heartbeat.success(run: run, text: report) == nil)
            let body = try #require(server.requests().first).body
            #expect(body.count <= 10_000 && body.count > 9_990)
            #expect(String(validating: body, as: UTF8.self)?.hasSuffix("🧨the end") == true)
        }
    }

    @Test("an address with a query keeps it")
    func query() async throws {
        try await withHeartbeat("/ping/\(switches.check)/?create=1") { heartbeat, server in
            #expect(await heartbeat.failure(run: run, text: "") == nil)
            let request = try #require(server.requests().first)
            #expect(request.path.hasSuffix("/\(switches.check)/fail"))
            #expect(request.query.map(\.0) == ["create", "rid"])
        }
    }

    @Test("a lost ping is tried again, and then told without the address")
    func lost() async throws {
        await switches.setFault { _ in .answer(status: 503) }
        try await withHeartbeat { heartbeat, server in
            let text = try #require(await heartbeat.success(run: run, text: ""))
            #expect(server.requests().count == 3)
            #expect(text.contains("503"))
            #expect(!text.contains(switches.check))
        }
    }

    @Test(
        "what is not taken is told",
        arguments: [
            ("/ping/00000000-0000-0000-0000-000000000000", "404"), ("/ping/nonsense", "400"),
            ("/somewhere", "404"),
        ])
    func refused(_ path: String, _ status: String) async throws {
        try await withHeartbeat(path) { heartbeat, _ in
            let text = try #require(await heartbeat.success(run: run, text: ""))
            #expect(text.contains(status))
        }
    }

    @Test("a ping that is answered with OK and not recorded, or by a login page, is told")
    func unrecorded() async throws {
        try await withHeartbeat { heartbeat, _ in
            for _ in 0..<5 { #expect(await heartbeat.success(run: run, text: "") == nil) }
            #expect(await heartbeat.success(run: run, text: "")?.contains("rate-limited") == true)
            await switches.setFault { _ in
                .answer(status: 200, headers: [("Content-Type", "text/html")], body: Array("<html>Sign in".utf8))
            }
            #expect(await heartbeat.success(run: run, text: "")?.contains("login") == true)
        }
    }

    @Test("an examination gives no sign of life, and finds an address that would always say the same")
    func examination() async throws {
        try await withHeartbeat { heartbeat, server in
            #expect(await heartbeat.examine(at: WatchedScene.start).findings.map(\.severity) == [.note])
            #expect(server.requests().isEmpty)
        }
        for path in ["/ping/\(switches.check)/fail", "/ping/\(switches.check)/0", ""] {
            try await withHeartbeat(path) { heartbeat, _ in
                #expect(await heartbeat.examine(at: WatchedScene.start).findings.map(\.severity) == [.problem])
            }
        }
    }

    @Test("since when a source fails outlives the process, and is forgotten once it answers")
    func memory() throws {
        let memory = DisplayMemory(DisplayBook(), of: HeartbeatRule.display)
        let sources: Set = ["otel", "sentry"]
        for (minute, isTold) in [(0, false), (5, false), (10, false), (15, true)] {
            let now = WatchedScene.start + minute * 60
            var rule = try HeartbeatRule(memory)
            let signal = rule.take(.init(sources: sources, answered: ["sentry"], failed: ["otel": "down"]), at: now)
            try rule.keep(in: memory, at: now)
            #expect((signal != .success) == isTold)
        }
        #expect(try memory.receipts().mapValues(\.content) == ["otel": WatchedScene.start.description])
        var rule = try HeartbeatRule(memory)
        #expect(rule.take(.init(sources: sources, answered: sources), at: WatchedScene.start + 1200) == .success)
        try rule.keep(in: memory, at: WatchedScene.start + 1200)
        #expect(try memory.receipts().isEmpty)
    }
}
