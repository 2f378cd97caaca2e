import Foundation
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

@testable import HotfixCommands

/// What an agent's heartbeat heard: the ends of the paths that were called, in order.
private final class HeardSigns: Sendable {
    private let content = Mutex<[String]>([])

    var signs: [String] { content.withLock { $0 } }

    @Sendable
    func hear(_ request: LoopbackRequest) async -> LoopbackAnswer {
        content.withLock { $0.append(request.path.split(separator: "/").last.map(String.init) ?? "") }
        return .answer(status: 200)
    }
}

@Suite("A server whose ledger is gone")
struct LostLedgerTests {
    private let heartbeat = #"heartbeat: {url: "${HEARTBEAT_URL}"}"#

    private func checks(_ lab: CommandLab) throws -> [Instant] {
        let ledger = try SQLiteLedger.open(path: lab.path(".hotfix/ledger.db"), createIfMissing: false)
        return try ledger.checks(limit: 100).map(\.at).reversed()
    }

    private func text(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test("makes no other: its checks fail, as its heartbeat tells, until the ledger is back")
    func lostWhileChecking() async throws {
        let heard = HeardSigns()
        try await withLoopbackServer(heard.hear) { receiver in
            let environment = ["HEARTBEAT_URL": "\(receiver.url)/ping/well"]
            try await withSentry(more: heartbeat, now: noon, environment: environment) { lab in
                let commands = lab.commands
                let files = FileManager.default
                let time = AgentTime(commands, until: noon + 1400) { now in
                    if now == noon + 300 {
                        try files.moveItem(atPath: commands.path(".hotfix"), toPath: commands.path("elsewhere"))
                    }
                    if now == noon + 900 {
                        #expect(!files.fileExists(atPath: commands.path(".hotfix")))
                        try files.moveItem(atPath: commands.path("elsewhere"), toPath: commands.path(".hotfix"))
                    }
                }
                try await commands.served("--check-every", "5m", sleep: time.sleep) { served in
                    await time.end()
                    #expect(try checks(commands) == [0, 130, 1030, 1330].map { noon + $0 })
                    let failures = heard.signs.filter { $0 == "fail" }
                    #expect(failures.count == 2, "\(heard.signs)")
                    #expect(heard.signs.last != "fail")
                    #expect(served.said().contains("There is no ledger at"))
                    let metrics = text(try await served.send(.get, "/metrics"))
                    #expect(metrics.contains(#"hotfix_agent_checks_total{result="failed"} 2"# + "\n"), "\(metrics)")
                    #expect(metrics.contains(#"hotfix_agent_checks_total{result="done"} 4"# + "\n"))
                }
            }
        }
    }

    @Test("takes no statement: what would be the first of another ledger is refused")
    func statements() async throws {
        try await withServer { lab in
            let statements = [
                ("/api/v1/silences", #"{"service": "checkout", "for": "2h", "reason": "x", "by": "ann"}"#),
                ("/api/v1/deployments", #"{"commit": "\#(commit)", "no_incident": true}"#),
                (
                    "/api/v1/exclusions",
                    #"{"interval": "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "reason": "x", "by": "ann"}"#
                ),
            ]
            for (path, body) in statements {
                let well = try await lab.send(.post, path, token: writeToken, body: body)
                #expect(well.status == 201, "\(text(well))")
            }
            try FileManager.default.removeItem(atPath: lab.here.path(".hotfix"))
            for (path, body) in statements {
                let answer = try await lab.send(.post, path, token: writeToken, body: body)
                #expect(answer.status == 500)
                #expect(text(answer).contains("There is no ledger at"), "\(text(answer))")
            }
            #expect(!FileManager.default.fileExists(atPath: lab.here.path(".hotfix")))
        }
    }

    @Test("is told of when it begins and when it is over, and not with every answer")
    func trouble() async throws {
        try await withServer { lab in
            let files = FileManager.default
            func ask() async throws -> Int {
                let readiness = try await lab.send(.get, "/api/v1/readiness", token: readToken)
                #expect(try await lab.send(.get, "/api/v1/episodes", token: readToken).status == readiness.status)
                return readiness.status
            }
            #expect(try await ask() == 200)
            #expect(try await lab.send(.get, "/api/v1/readiness?service=none", token: readToken).status == 404)
            let before = lab.said()
            try files.moveItem(atPath: lab.here.path(".hotfix"), toPath: lab.here.path("elsewhere"))
            for _ in 0..<3 { #expect(try await ask() == 500) }
            try files.moveItem(atPath: lab.here.path("elsewhere"), toPath: lab.here.path(".hotfix"))
            for _ in 0..<3 { #expect(try await ask() == 200) }
            try lab.here.write("nonsense: 1", to: "hotfix.yaml")
            for _ in 0..<3 { #expect(try await ask() == 503) }
            let lines = lab.said().dropFirst(before.count).split(separator: "\n")
            #expect(lines.count == 3, "\(lines)")
            #expect(lines.first?.hasPrefix("hotfix: Not answered: There is no ledger at") ?? false)
            #expect(lines.dropFirst().first == "hotfix: Answered again.")
            #expect(lines.last?.contains("nonsense") ?? false)
        }
    }

    @Test(
        "trouble of what was tried once is over once something else was done five minutes later, and is told anew then")
    func once() {
        let told = Mutex<[String]>([])
        let log = TroubleLog { text in told.withLock { $0.append(text) } }
        log.begin("It is gone.", of: "stating", at: noon)
        log.end(of: "reading", at: noon + 299)
        log.begin("It is gone.", of: "reading", at: noon + 299)
        log.end(of: "reading", at: noon + 299)
        #expect(told.withLock { $0 } == ["Not answered: It is gone."])
        log.end(of: "reading", at: noon + 300)
        log.begin("It is gone.", of: "stating", at: noon + 400)
        log.begin("It is broken.", of: "stating", at: noon + 401)
        log.end(of: "stating", at: noon + 402)
        #expect(
            told.withLock { $0 } == [
                "Not answered: It is gone.", "Answered again.", "Not answered: It is gone.",
                "Not answered: It is broken.", "Answered again.",
            ])
    }

    @Test("made one at its start where there was none, and says so by all it has: the first check counts as failed")
    func first() async throws {
        let heard = HeardSigns()
        try await withLoopbackServer(heard.hear) { receiver in
            let environment = ["HEARTBEAT_URL": "\(receiver.url)/ping/well"]
            try await withSentry(more: heartbeat, now: noon, environment: environment) { lab in
                let time = AgentTime(lab.commands, until: noon + 200)
                try await lab.commands.served("--check-every", "5m", makesLedger: false, sleep: time.sleep) { served in
                    await time.end()
                    #expect(served.said().contains("A new ledger was made at"))
                    #expect(heard.signs == ["start", "fail", "start", "well"])
                    let metrics = text(try await served.send(.get, "/metrics"))
                    #expect(metrics.contains(#"hotfix_agent_checks_total{result="failed"} 1"# + "\n"), "\(metrics)")
                    #expect(try checks(lab.commands) == [noon, noon + 130])
                }
            }
        }
    }

    @Test(
        "makes none at its start where one was before, nor one that only answers",
        arguments: [(".lock", true), ("-wal", true), ("", false)])
    func traces(trace: String, isAgent: Bool) async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            let ledger = commands.path(".hotfix/ledger.db")
            if isAgent {
                try FileManager.default.createDirectory(
                    atPath: commands.path(".hotfix"), withIntermediateDirectories: true)
                try commands.write("", to: ".hotfix/ledger.db\(trace)")
                let time = AgentTime(commands, until: noon + 200)
                try await commands.served("--check-every", "5m", makesLedger: false, sleep: time.sleep) { served in
                    await time.end()
                    #expect(served.said().contains("There is no ledger at"))
                    let ready = try await served.send(.get, "/readyz")
                    #expect(ready.status == 503)
                }
            } else {
                try await commands.served { served in
                    let answer = try await served.send(.get, "/api/v1/readiness")
                    #expect(answer.status == 500)
                }
            }
            #expect(!FileManager.default.fileExists(atPath: ledger))
        }
    }
}
