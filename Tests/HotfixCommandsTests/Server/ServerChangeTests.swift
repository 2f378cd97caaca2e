import Foundation
import GRDB
import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixServer
import HotfixTestSupport
import Synchronization
import Testing

/// What a server was started with may be gone by the time that it is asked.
@Suite("A server while its surroundings change")
struct ServerChangeTests {
    /// Runs a body with a server whose hotfix is ready, at the instant of the check that said so.
    private func withReadyServer(_ body: (ServedLab) async throws -> Void) async throws {
        try await withSentry(now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 2100)
            try await lab.commands.served { lab in
                #expect(await lab.here.run("gate", "--commit", commit).status == .done)
                #expect(await (try lab.elsewhere(token: nil)).run("gate", "--commit", commit).status == .done)
                try await body(lab)
            }
        }
    }

    private func expectSame(_ lab: ServedLab, _ arguments: String..., status: HotfixCommands.ExitStatus) async throws {
        let here = await lab.here.run(arguments)
        #expect(here.status == status, "\(here)")
        #expect(try await lab.elsewhere(token: nil).run(arguments) == here)
    }

    @Test("a guardrail that is new closes the gate at once")
    func newGuardrail() async throws {
        try await withReadyServer { lab in
            try lab.here.write(
                errorPolicy + "  crashes: {source: sentry, measure: crash-free-sessions, limit: {below: 99%}}\n",
                to: "policy.yaml")
            let closed = try await lab.elsewhere(token: nil).run("gate", "--commit", commit)
            #expect(closed.status == .no, "\(closed)")
            try await expectSame(lab, "gate", "--commit", commit, status: .no)
            let tag = try await lab.send(.get, "/api/v1/services").headers["ETag"]
            try lab.here.write(errorPolicy, to: "policy.yaml")
            let services = try await lab.send(.get, "/api/v1/services", [("If-None-Match", try #require(tag))])
            #expect(services.status == 200)
            try await expectSame(lab, "gate", "--commit", commit, status: .done)
        }
    }

    @Test("a policy under another name is that of the next answer, and of the ones after its own changes")
    func otherPolicy() async throws {
        try await withReadyServer { lab in
            let settings = try String(contentsOfFile: lab.here.path("hotfix.yaml"), encoding: .utf8)
            let longer = errorPolicy.replacing("required: 30m", with: "required: 48h")
            try lab.here.write(longer, to: "longer.yaml")
            try lab.here.write(settings.replacing("policy.yaml", with: "longer.yaml"), to: "hotfix.yaml")
            try await expectSame(lab, "gate", "--commit", commit, status: .no)
            try lab.here.write(errorPolicy, to: "longer.yaml")
            try await expectSame(lab, "gate", "--commit", commit, status: .done)
        }
    }

    @Test("what is told and received changes lists at once, and readiness keeps its tag")
    func quietCommit() async throws {
        try await withReadyServer { lab in
            let path = lab.here.path(try #require(try lab.here.files().keys.first { $0.hasSuffix(".db") }))
            let readiness = try #require(try await lab.send(.get, "/api/v1/readiness").headers["ETag"])
            let deployments = try #require(try await lab.send(.get, "/api/v1/deployments").headers["ETag"])
            let other = try DatabaseQueue(path: path)
            try await other.write {
                try $0.execute(sql: "INSERT INTO displayReceipt VALUES ('gate', 'commit', 'pending', 0, 1)")
            }
            #expect(try await lab.send(.get, "/api/v1/readiness", [("If-None-Match", readiness)]).status == 304)
            #expect(try await lab.send(.get, "/api/v1/deployments", [("If-None-Match", deployments)]).status == 200)
        }
    }

    @Test("a ledger whose file is written to by those who commit is the same ledger, and no other")
    func checkpoint() async throws {
        try await withReadyServer { lab in
            let path = lab.here.path(try #require(try lab.here.files().keys.first { $0.hasSuffix(".db") }))
            let tag = try #require(try await lab.send(.get, "/api/v1/deployments").headers["ETag"])
            for second in 0..<3 {
                // As when the log is moved to the file.
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: Double(2_000_000_000 + second))], ofItemAtPath: path
                )
                let again = try await lab.send(.get, "/api/v1/deployments", [("If-None-Match", tag)])
                #expect(again.status == 304)
            }
        }
    }

    @Test("a configuration that is wrong answers nothing until it is mended, and ends with 2")
    func wrongConfiguration() async throws {
        try await withReadyServer { lab in
            let settings = try String(contentsOfFile: lab.here.path("hotfix.yaml"), encoding: .utf8)
            for (file, text) in [
                ("policy.yaml", "guardrails: {"), ("hotfix.yaml", settings + "\nnonsense: 1\n"),
                ("hotfix.yaml", settings.replacing("policy.yaml", with: "later.yaml")),
            ] {
                let good = try String(contentsOfFile: lab.here.path(file), encoding: .utf8)
                try lab.here.write(text, to: file)
                for path in ["gate?commit=\(commit)", "readiness", "deployments", "services", "ledger"] {
                    let answer = try await lab.send(.get, "/api/v1/\(path)")
                    #expect(answer.status == 503, "\(file) \(path)")
                    let problem = try JSONParser.value(of: answer.body).object
                    #expect(problem?["exit_status"] == JSONValue(2))
                }
                let run = try await lab.elsewhere(token: nil).run("gate", "--commit", commit)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("configuration"))
                #expect(try await lab.send(.get, "/healthz").status == 200)
                if text.contains("later.yaml") {
                    try lab.here.write(errorPolicy, to: "later.yaml")
                } else {
                    try lab.here.write(good, to: file)
                }
                #expect(await (try lab.elsewhere(token: nil)).run("gate", "--commit", commit).status == .done)
            }
        }
    }

    @Test("a policy that a check elsewhere has adopted since is never answered for by the older one")
    func adoptedElsewhere() async throws {
        try await withReadyServer { lab in
            let settings = try String(contentsOfFile: lab.here.path("hotfix.yaml"), encoding: .utf8)
            try lab.here.write(errorPolicy.replacing("+25%", with: "+20%"), to: "other/policy.yaml")
            let ledger = try #require(try lab.here.files().keys.first { $0.hasSuffix(".db") })
            try lab.here.write("state: sqlite:\(lab.here.path(ledger))\n" + settings, to: "other/hotfix.yaml")
            lab.here.now = noon + 2400 + 130
            let check = await lab.here.run("check", "--config", "other/hotfix.yaml")
            #expect(check.status == .done || check.status == .no, "\(check)")
            for arguments in [["gate", "--commit", commit], ["readiness"]] {
                let run = try await lab.elsewhere(token: nil).run(arguments)
                #expect(run.status == .unfinished, "\(run)")
                #expect(run.errors.contains("another policy"))
            }
        }
    }

    @Test("the hotfix is ready until the second in which it is not, and no tag says otherwise")
    func staleness() async throws {
        try await withReadyServer { lab in
            let path = "/api/v1/readiness"
            let first = try await lab.send(.get, path)
            let tag = try #require(first.headers["ETag"])
            // Windows are of 5 minutes, and the newest may have ended 20 minutes ago.
            lab.here.now = noon + 2100 + 1200
            let last = try await lab.send(.get, path, [("If-None-Match", tag)])
            #expect(last.status == 304)
            #expect(await lab.here.run("readiness").status == .done)
            lab.here.now = noon + 2100 + 1201
            let blind = try await lab.send(.get, path, [("If-None-Match", tag)])
            #expect(blind.status == 200)
            let text = String(decoding: blind.body, as: UTF8.self)
            #expect(text.contains(#""state": "blind""#))
            #expect(await lab.here.run("readiness", "--format", "json").output == text)
            #expect(blind.headers["ETag"] != tag)
        }
    }

    @Test("a ledger that was restored is another, though it counts the same", arguments: [false, true])
    func restored(inPlace: Bool) async throws {
        try await withServer { lab in
            let ledger = lab.here.path(try #require(try lab.here.files().keys.first { $0.hasSuffix(".db") }))
            let backup = lab.here.path("backup.db")
            try copy(ledger, to: backup)
            func exclude(_ reason: String) async {
                let run = await lab.here.run(
                    "baseline", "exclude", "2026-11-18T10:00:00Z/2026-11-18T11:00:00Z", "--reason", reason)
                #expect(run.status == .done, "\(run)")
            }
            await exclude("before")
            let paths = ["/api/v1/baselines", "/api/v1/readiness"]
            var tags: [String: String] = [:]
            for path in paths { tags[path] = try await lab.send(.get, path, token: readToken).headers["ETag"] }
            if inPlace {
                try copy(backup, to: ledger)
            } else {
                for ending in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + ending) }
                try FileManager.default.removeItem(atPath: ledger)
                try FileManager.default.copyItem(atPath: backup, toPath: ledger)
            }
            await exclude("after")
            for path in paths {
                let tag = try #require(tags[path])
                let answer = try await lab.send(.get, path, token: readToken, [("If-None-Match", tag)])
                #expect(answer.status == 200, "\(path)")
            }
            let text = String(decoding: try await lab.send(.get, paths[0], token: readToken).body, as: UTF8.self)
            #expect(text.contains("after") && !text.contains("before"))
            #expect(try await lab.elsewhere().run("readiness") == lab.here.run("readiness"))
        }
    }

    @Test("a ledger that somebody holds keeps nobody waiting who does not ask for it, and nobody for long", .heavy)
    func held() async throws {
        try await withServer { lab in
            let ledger = lab.here.path(try #require(try lab.here.files().keys.first { $0.hasSuffix(".db") }))
            // As it is held by a tool that was told to lock it.
            let holder = try DatabaseQueue(path: ledger)
            try await holder.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
            }
            let clock = ContinuousClock()
            let refused = AnswerCount()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let status = try await lab.send(.get, "/api/v1/deployments", token: readToken).status
                        refused.add()
                        return status
                    }
                }
                let health = clock.now
                #expect(try await lab.send(.get, "/healthz").status == 200)
                // On a machine that is busy with other tests the clock alone says nothing: whoever asks for the ledger waits longer.
                #expect(clock.now - health < .seconds(8) || refused.number == 0)
                for try await status in group { #expect(status == 503) }
            }
            try holder.close()
        }
    }
}

/// How many answers there were.
private final class AnswerCount: Sendable {
    private let count = Mutex(0)

    var number: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}

/// Copies a ledger with what its log holds, as SQLite's own tool does.
private func copy(_ source: String, to target: String) throws {
    let from = try DatabaseQueue(path: source)
    let to = try DatabaseQueue(path: target)
    try from.backup(to: to)
    try to.close()
    try from.close()
}
