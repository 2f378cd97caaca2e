import Foundation
import GRDB
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

/// What a test lets a simulated server say, changed while it runs.
private final class Load: Sendable {
    private let values = Mutex<[Instant: Double]>([:])
    private let isDown = Mutex(false)
    private let lost = Mutex<ClosedRange<Instant>?>(nil)

    func lose(from: Instant, to: Instant) { lost.withLock { $0 = from...to } }

    func set(_ value: Double, at instant: Instant) { values.withLock { $0[instant] = value } }
    func goDown(_ down: Bool) { isDown.withLock { $0 = down } }

    func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        if isDown.withLock({ $0 }) { return .answer(status: 503) }
        return prometheus([
            SimulatedPrometheus.GivenSeries { _, at in
                if self.lost.withLock({ $0?.contains(at) ?? false }) { return nil }
                return self.values.withLock { $0[at] } ?? 1 + Double(positiveRemainder(at.seconds / 300, 7)) / 100
            }
        ])(request)
    }
}

/// A ledger of 60 windows since a deployment, all clean, and what its source says.
private func withJudgedLedger(_ body: (CommandLab, Load) async throws -> Void) async throws {
    let load = Load()
    try await withPrometheus(policy: loadPolicy(loadRule), { load.answer($0) }) { lab in
        let commands = lab.commands
        let deployed = await commands.run(
            at: noon + 10, "deployed", "--commit", commit, "--at", "\(noon)", "--no-incident")
        #expect(deployed.status == .done, "\(deployed.errors)")
        for hour in 1...5 { #expect(await commands.run(at: noon + hour * 3600 + 130, "check").status == .done) }
        try await body(commands, load)
    }
}

/// Changes the file of a ledger by SQL.
private func sql(_ commands: CommandLab, _ statement: String, _ arguments: StatementArguments = []) throws {
    let file = try #require(commands.files().keys.first { $0.hasSuffix(".db") })
    let queue = try DatabaseQueue(path: commands.path(file))
    try queue.write { db in
        try db.execute(sql: statement, arguments: arguments)
        #expect(db.changesCount > 0)
    }
}

@Suite("hotfix verify", .heavy)
struct VerifyCommandTests {
    @Test("of a ledger that nobody touched finds nothing, and changes nothing")
    func nothing() async throws {
        try await withJudgedLedger { commands, _ in
            let export = await commands.run("ledger", "export")
            let run = await commands.run("verify")
            #expect(run.status == .done, "\(run.output) \(run.errors)")
            #expect(
                run.output.contains("348 windows of 1 series and 1 stored baseline derived afresh"), "\(run.output)")
            #expect(run.output.contains("nothing differs"))
            #expect(await commands.run("verify", "--write").status == .done)
            #expect(await commands.run("ledger", "export") == export)
        }
    }

    @Test("names a value, a verdict and a baseline that were changed in the file, and nothing else; --write mends them")
    func tampered() async throws {
        try await withJudgedLedger { commands, _ in
            let export = await commands.rows()
            let readiness = await commands.run("readiness", "--format", "json").output
            try sql(commands, "UPDATE window SET value = 7.5 WHERE start = 20 AND series = 1")
            try sql(
                commands,
                "INSERT INTO judgement (policy, verdict, isSevere, isConfirmed, baseline) SELECT policy, 'breach', 0, 1, baseline FROM judgement WHERE verdict = 'clean' LIMIT 1"
            )
            try sql(
                commands,
                "UPDATE window SET judgement = (SELECT max(id) FROM judgement) WHERE start = 30 AND series = 1")
            let file = try #require(commands.files().keys.first { $0.hasSuffix(".db") })
            let stored = try SQLiteLedger.open(path: commands.path(file), createIfMissing: false).facts().baselines
            let number = try #require(stored.first?.values.first?.number)
            var bytes = try #require(
                try await DatabaseQueue(path: commands.path(file)).read {
                    try Data.fetchOne($0, sql: #"SELECT "values" FROM baseline"#)
                })
            let old = withUnsafeBytes(of: number.bitPattern.littleEndian) { Data($0) }
            let swapped = withUnsafeBytes(of: number.bitPattern.bigEndian) { Data($0) }
            let range = try #require(bytes.range(of: old) ?? bytes.range(of: swapped))
            let wrong = (number * 1.1).bitPattern
            bytes.replaceSubrange(
                range,
                with: bytes[range] == old
                    ? withUnsafeBytes(of: wrong.littleEndian) { Data($0) }
                    : withUnsafeBytes(of: wrong.bigEndian) { Data($0) })
            try sql(commands, #"UPDATE baseline SET "values" = ?"#, [bytes])

            let run = await commands.run("verify", "--write")
            #expect(run.status == .no)
            let lines = run.output.split(separator: "\n").filter { $0.contains("  ledger: ") }
            #expect(lines.count == 3, "\(run.output)")
            #expect(
                lines.contains { $0.contains("checkout/load") && $0.contains("value") && $0.contains("ledger: 7.5 ") })
            #expect(
                lines.contains {
                    $0.contains("verdict") && $0.contains("ledger: breach") && $0.contains("derived: clean")
                })
            #expect(lines.contains { $0.contains("stored baseline") && $0.contains("derived: \(number) ") })
            #expect(run.output.contains("Readiness by the ledger"))
            #expect(run.output.contains("recorded as revisions"))

            let again = await commands.run("verify")
            #expect(again.status == .done, "\(again.output)")
            let mended = await commands.rows()
            func content(_ rows: [[String: String]]) -> [[String: String]] {
                rows.map { $0.filter { !["revision", "evaluated_at"].contains($0.key) } }
            }
            #expect(content(mended) == content(export))
            #expect(mended.map { $0["revision"] }.filter { $0 != "0" } == ["1", "1"])
            #expect(await commands.run("readiness", "--format", "json").output == readiness)
        }
    }

    @Test("with a source that is down verifies nothing, says so and ends with 3; --format json says the same")
    func down() async throws {
        try await withJudgedLedger { commands, load in
            load.goDown(true)
            let run = await commands.run("verify")
            #expect(run.status == .unfinished)
            #expect(run.output.contains("0 windows of 1 series"))
            #expect(run.output.contains("348 windows and 1 stored baseline NOT VERIFIED"), "\(run.output)")
            #expect(run.errors.contains("checkout/load"))
            let json = await commands.run("verify", "--format", "json")
            #expect(json.status == .unfinished)
            #expect(json.output.contains(#""windows_not_verified": 348"#), "\(json.output)")
        }
    }

    @Test(
        "ends with 1 where the source has no value of a window that it should hold, and says that nothing is repaired")
    func lost() async throws {
        try await withJudgedLedger { commands, load in
            load.lose(from: noon + 21 * 300, to: noon + 21 * 300)
            let run = await commands.run("verify", "--write")
            #expect(run.status == .no, "\(run.output)")
            #expect(run.output.contains("derived: the source has no value"), "\(run.output)")
            #expect(run.output.contains("a value is never replaced by none"), "\(run.output)")
            #expect(await commands.run("verify").status == .no)
        }
    }

    @Test("ends with 3 where the source has nothing of what the ledger has, in both forms")
    func empty() async throws {
        try await withJudgedLedger { commands, load in
            load.lose(from: Instant(0), to: .distantFuture)
            let run = await commands.run("verify")
            #expect(run.status == .unfinished, "\(run.output)")
            #expect(run.output.contains("checkout/load NOT VERIFIED"), "\(run.output)")
            let json = await commands.run("verify", "--format", "json")
            #expect(json.status == .unfinished)
            #expect(json.output.contains(#""unanswered": ["#), "\(json.output)")
        }
    }

    @Test("ends with 0 where windows are missing that the next check asks anyway, and tells how many")
    func askedAgain() async throws {
        try await withJudgedLedger { commands, load in
            load.goDown(true)
            _ = await commands.run(at: noon + 6 * 3600 + 130, "check")
            load.goDown(false)
            let run = await commands.run(at: noon + 6 * 3600 + 200, "verify")
            #expect(run.status == .done, "\(run.output) \(run.errors)")
            #expect(run.output.contains("12 windows not compared, as the next check asks again"), "\(run.output)")
            let json = await commands.run(at: noon + 6 * 3600 + 200, "verify", "--format", "json")
            #expect(json.output.contains(#""windows_changing": 12"#), "\(json.output)")
        }
    }

    @Test("tells a value that the source has changed since, in both forms")
    func changed() async throws {
        try await withJudgedLedger { commands, load in
            load.set(1.155, at: noon + 21 * 300)
            let run = await commands.run("verify")
            #expect(run.status == .no)
            #expect(run.output.contains("derived: 1.155 req/s"), "\(run.output)")
            let json = await commands.run(
                "verify", "--format", "json", "--from", "\(noon + 20 * 300)", "--to", "\(noon + 25 * 300)")
            #expect(json.status == .no)
            for text in [#""what": "value""#, #""value": 1.155"#, #""windows": 5"#, #""written": null"#] {
                #expect(json.output.contains(text), "\(json.output)")
            }
            let elsewhere = await commands.run("verify", "--from", "\(noon + 25 * 300)")
            #expect(elsewhere.status == .done, "\(elsewhere.output)")
        }
    }

    @Test("refuses what makes no sense, an empty ledger, and a second run at once")
    func refusals() async throws {
        try await withJudgedLedger { commands, _ in
            #expect(await commands.run("verify", "--from", "\(noon)", "--to", "\(noon)").status == .wrong)
            #expect(await commands.run("verify", "--from", "soon").status == .wrong)
            #expect(await commands.run("verify", "--service", "nobody").status == .wrong)
            let file = try #require(commands.files().keys.first { $0.hasSuffix(".db") })
            guard let lock = try CheckLock.acquire(ledgerPath: commands.path(file)) else {
                Issue.record("the lock is taken")
                return
            }
            #expect(await commands.run("verify", "--write").status == .busy)
            #expect(await commands.run("verify").status == .done)
            lock.release()
        }
        try await withPrometheus({ _ in .answer(status: 500) }) { lab in
            #expect(await lab.commands.run("verify").status == .unusable)
            _ = await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            let run = await lab.commands.run("verify")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("nothing to verify"))
        }
    }

    @Test("reads the file's own integrity first")
    func damaged() async throws {
        try await withJudgedLedger { commands, _ in
            let file = try #require(commands.files().keys.first { $0.hasSuffix(".db") })
            let queue = try DatabaseQueue(path: commands.path(file))
            try await queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF")
                try db.execute(sql: "UPDATE window SET series = 99 WHERE start = 5")
            }
            let run = await commands.run("verify")
            #expect(run.status == .unusable)
            #expect(run.errors.contains("refers to a row"), "\(run.errors)")
        }
    }

    @Test("says that it verifies by the policy that the newest check knew")
    func changedPolicy() async throws {
        try await withJudgedLedger { commands, _ in
            try commands.write(loadPolicy(loadRule.replacing("+20%", with: "+30%")), to: "policy.yaml")
            let run = await commands.run("verify")
            #expect(run.status == .done, "\(run.output)")
            #expect(run.output.contains("has changed since the newest check"))
        }
    }
}

@Suite("hotfix verify of a Sentry project", .heavy)
struct VerifySentryTests {
    @Test("finds nothing where nothing changed, outcomes and silent look-backs included", arguments: [0, 50])
    func nothing(errors: Int) async throws {
        try await withSentry([project { $0 < noon ? errors : 3 }], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await lab.commands.run(at: noon + 3 * 3600 + 130, "check").status == .done)
            let run = await lab.commands.run("verify")
            #expect(run.status == .done, "\(run.output) \(run.errors)")
            #expect(run.output.contains("324 windows"), "\(run.output)")
        }
    }

    @Test("says of a count that grew after it was asked last what that may mean, and records it")
    func growth() async throws {
        let late = Mutex(0)
        let errors: @Sendable (Instant) -> Int = { at in at == noon + 1800 ? 55 + late.withLock { $0 } : 50 }
        try await withSentry([project("checkout", id: 101, errors)], now: noon) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(await lab.commands.run(at: noon + 3 * 3600 + 130, "check").status == .done)
            late.withLock { $0 = 40 }
            let run = await lab.commands.run("verify", "--write")
            #expect(run.status == .no)
            for text in ["value", "verdict", "episode", "may have grown after the window was asked last"] {
                #expect(run.output.contains(text), "\(run.output)")
            }
            #expect(await lab.commands.verdicts().contains("12:30 breach"))
            let again = await lab.commands.run("verify")
            #expect(again.status == .done, "\(again.output)")
        }
    }
}
