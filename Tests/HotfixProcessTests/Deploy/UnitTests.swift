import Foundation
import HotfixTestSupport
import Testing

@Suite("The installed units", .heavy)
struct UnitTests {
    @Test("are what systemd takes without a word")
    func verified() async throws {
        try await withInstallation { prefix in
            let verified = try await shell("systemd-analyze verify '\(prefix)'/lib/systemd/system/*")
            #expect(verified.output == "")
            #expect(verified.exitStatus == 0)
        }
    }

    @Test(
        "expose little of the machine",
        arguments: ["hotfix.service", "hotfix-serve.service", "hotfix-agent.service", "hotfix-failed@.service"])
    func exposure(name: String) async throws {
        try await withInstallation { prefix in
            let rated = try await shell(
                "systemd-analyze security --offline=yes --no-pager --threshold=20 "
                    + "'\(prefix)/lib/systemd/system/\(name)'")
            #expect(rated.exitStatus == 0, "\(rated.output)")
            let line = try #require(rated.output.split(separator: "\n").last { $0.contains("Overall exposure level") })
            let level = try #require(line.firstMatch(of: /: (?<level>[0-9.]+)/).flatMap { Double($0.level) })
            #expect(level < 2)
        }
    }

    @Test("start the program where it was installed")
    func program() async throws {
        try await withInstallation { prefix in
            for name in ["hotfix.service", "hotfix-serve.service", "hotfix-agent.service"] {
                let unit = try UnitFile("\(prefix)/lib/systemd/system/\(name)")
                #expect(try unit.one("ExecStart").hasPrefix("\(prefix)/bin/hotfix "))
            }
            let cron = try String(contentsOfFile: "\(prefix)/share/hotfix/cron/hotfix", encoding: .utf8)
            #expect(cron.contains(" \(prefix)/bin/hotfix check"))
        }
    }

    @Test("serve again however long the trouble lasted, and end nothing else by being started, nor the other way round")
    func restarts() throws {
        for name in ["hotfix-serve.service", "hotfix-agent.service"] {
            let unit = try UnitFile("\(repository)/deploy/systemd/\(name)")
            #expect(try unit.one("StartLimitIntervalSec") == "0")
            #expect(try unit.one("Restart") == "on-failure")
            #expect(unit.all("Conflicts") == [])
        }
    }

    @Test("check every five minutes, ten seconds after a window has settled, and at once what was missed")
    func calendar() async throws {
        let timer = try UnitFile("\(repository)/deploy/systemd/hotfix.timer")
        let elapses = try await shell(
            "systemd-analyze calendar --base-time='2026-11-20 09:58:00 UTC' --iterations=13 "
                + "'\(try timer.one("OnCalendar"))'")
        let times = elapses.output.matches(of: /2026-11-20 (?<time>[0-9:]+) UTC/).map { String($0.time) }
        let minutes = ["02", "07"] + stride(from: 12, to: 60, by: 5).map(String.init)
        #expect(times == minutes.map { "10:\($0):10" } + ["11:02:10"])
        #expect(try timer.one("Persistent") == "true")
        #expect(try timer.one("AccuracySec") == "1s")
        #expect(timer.all("RandomizedDelaySec") == [])
    }

    @Test("are gone after an uninstallation, as is everything else")
    func uninstalled() async throws {
        try await withInstallation { prefix in
            let removed = try await shell("make --silent uninstall PREFIX='\(prefix)'", in: String(repository))
            #expect(removed.exitStatus == 0, "\(removed.output)")
            let left = try await shell("find '\(prefix)' ! -type d")
            #expect(left.output == "")
        }
    }
}

@Suite("The crontab's line", .heavy)
struct CronTests {
    /// A crontab as cron reads it: its settings, and the command of its one line.
    private struct Crontab {
        var environment: [String: String] = [:]
        var user = ""
        var command = ""
        var minutes = ""

        init(_ text: String) throws {
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                if let setting = line.wholeMatch(of: /(?<name>[A-Z_]+)=(?<value>.*)/) {
                    environment[String(setting.name)] = String(setting.value)
                    continue
                }
                let fields = line.split(separator: " ", maxSplits: 6)
                try #require(fields.count == 7 && command.isEmpty, "\(line)")
                minutes = String(fields[0])
                user = String(fields[5])
                command = String(fields[6])
            }
        }
    }

    /// The installed line with a configuration and a ledger of the test's own.
    private func withCrontab(
        url: String, _ body: (_ crontab: Crontab, _ scratch: String) async throws -> Void
    ) async throws {
        try await withInstallation { prefix in
            try await withTemporaryDirectory { scratch in
                let text = try String(contentsOfFile: "\(prefix)/share/hotfix/cron/hotfix", encoding: .utf8)
                    .replacing("/etc/hotfix", with: scratch).replacing("/var/lib/hotfix", with: scratch)
                try FileManager.default.createDirectory(
                    atPath: "\(scratch)/credentials", withIntermediateDirectories: false)
                try "token\n".write(
                    toFile: "\(scratch)/credentials/prometheus-token", atomically: false, encoding: .utf8)
                try """
                state: sqlite:ledger.db
                policy: policy.yaml
                sources: {otel: {type: prometheus, url: "\(url)", bearer: "credential:prometheus-token"}}
                services: [{name: checkout, otel: {service: checkout}}]
                """.write(toFile: "\(scratch)/hotfix.yaml", atomically: false, encoding: .utf8)
                try "guardrails: {load: {source: otel, query: 'load{service=\"{service}\"}', limit: +20%}}"
                    .write(toFile: "\(scratch)/policy.yaml", atomically: false, encoding: .utf8)
                try await body(try Crontab(text), scratch)
            }
        }
    }

    private func run(_ crontab: Crontab) async throws -> SpawnedCommand.Ending {
        // Cron's own environment: what the crontab sets, and nothing of whoever runs this test.
        let variables = crontab.environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        let command = crontab.command.replacing("'", with: "'\\''")
        return try await shell("exec env -i HOME=/ LOGNAME=\(crontab.user) \(variables) /bin/sh -c '\(command)'")
    }

    @Test("runs in cron's bare environment, and is silent while all is well")
    func silent() async throws {
        try await withSite { prometheus, _, _ in
            try await withCrontab(url: prometheus) { crontab, scratch in
                let ending = try await run(crontab)
                #expect(ending.output == "")
                #expect(ending.exitStatus == 0)
                #expect(FileManager.default.fileExists(atPath: "\(scratch)/ledger.db"))
                #expect(crontab.user == "hotfix")
                #expect(crontab.minutes == "3-59/5")
                // To cron, a percent sign is the end of the command.
                #expect(!crontab.command.contains("%"))
            }
        }
    }

    @Test("ends with 4, silently, while the check before is running")
    func busy() async throws {
        try await withCrontab(url: "http://127.0.0.1:1") { crontab, scratch in
            let command = crontab.command.replacing("'", with: "'\\''")
            let variables = crontab.environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
            let ending = try await shell(
                "exec flock '\(scratch)/cron.lock' env -i \(variables) /bin/sh -c '\(command)'")
            #expect(ending.output == "")
            #expect(ending.exitStatus == 4)
        }
    }

    @Test("says what is wrong where something is")
    func loud() async throws {
        try await withCrontab(url: "http://127.0.0.1:1") { crontab, _ in
            let ending = try await run(crontab)
            #expect(ending.output.contains("no connection"))
            #expect(ending.exitStatus == 3)
        }
    }
}
