import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The tracker's status file", .heavy)
struct TrackerTests {
    private let tracker = "tracker: {status_file: docs/status.json}"

    @Test("a check keeps stability and deployment in it, and leaves every other key alone")
    func keeps() async throws {
        try await withSentry([project { $0 == noon ? 70 : 50 }], more: tracker, now: noon) { lab in
            let commands = lab.commands
            let own = #"""
                {
                  "branch": {
                    "name": "release/hotfix",
                    "milestoneTags": [
                      {
                        "name": "v1"
                      }
                    ]
                  },
                  "theirs": 1.50,
                  "lastUpdated": null
                }

                """#
            try commands.write(own, to: "docs/status.json")
            await commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(try commands.files()["docs/status.json"] == Data(own.utf8))
            await commands.checks(from: noon, to: noon + 300)
            let expected = """
                {
                  "branch": {
                    "name": "release/hotfix",
                    "milestoneTags": [
                      {
                        "name": "v1"
                      }
                    ]
                  },
                  "theirs": 1.50,
                  "lastUpdated": "2026-11-20T12:07:10.000Z",
                  "stability": {
                    "state": "breaching",
                    "stateReason": null,
                    "requiredSeconds": 1800,
                    "provenSeconds": 0,
                    "since": "2026-11-20T12:05:00.000Z",
                    "earliestReady": "2026-11-20T12:35:00.000Z",
                    "lastBreach": {
                      "service": "checkout",
                      "guardrail": "error-rate",
                      "windowStart": "2026-11-20T12:00:00.000Z",
                      "value": 14,
                      "limit": 12.5
                    },
                    "evaluatedUntil": "2026-11-20T12:05:00.000Z",
                    "freshUntil": "2026-11-20T12:25:00.000Z"
                  },
                  "deployment": {
                    "id": "1",
                    "branch": "release/hotfix",
                    "commit": "\(commit)",
                    "version": null,
                    "at": "2026-11-20T12:00:00.000Z",
                    "services": [
                      "checkout"
                    ]
                  }
                }

                """
            let written = try #require(try commands.files()["docs/status.json"])
            #expect(String(decoding: written, as: UTF8.self) == expected)
            await commands.run(at: noon + 440, "check")
            #expect(try commands.files()["docs/status.json"] == written)
        }
    }

    @Test("a check keeps the report of what is outstanding, and writes it only where that changes")
    func report() async throws {
        try await withSentry(more: "tracker: {status_file: s.json, outstanding_file: o.md}", now: noon) { lab in
            let commands = lab.commands
            await commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(try commands.files()["o.md"] == nil)
            await commands.checks(from: noon, to: noon + 300)
            let report = try #require(try commands.files()["o.md"])
            let text = String(decoding: report, as: UTF8.self)
            #expect(text.contains("\n- Deployed: \(commit) at 2026-11-20T12:00:00Z\n"))
            #expect(
                text.contains(
                    "\n- [ ] Prove 30 min of stability: 0 min proven, counting, not ready before 2026-11-20T12:00:00Z "
                        + "(`hotfix readiness`)\n"))
            let date =
                try FileManager.default.attributesOfItem(atPath: commands.path("o.md"))[.modificationDate] as? Date
            await commands.checks(from: noon + 300, to: noon + 900)
            #expect(try commands.files()["o.md"] == report)
            let later =
                try FileManager.default.attributesOfItem(atPath: commands.path("o.md"))[.modificationDate] as? Date
            #expect(later == date)
            await commands.checks(from: noon + 900, to: noon + 2400)
            let ready = String(decoding: try #require(try commands.files()["o.md"]), as: UTF8.self)
            #expect(ready.contains(", ready\n") && !ready.contains("Prove"))
            await commands.run(at: noon + 2530, "check", "--dry-run")
            #expect(try commands.files()["o.md"] == Data(ready.utf8))
        }
    }

    @Test("a report that cannot be written is told, and the status file is kept all the same")
    func unwritableReport() async throws {
        try await withSentry(more: "tracker: {status_file: s.json, outstanding_file: hotfix.yaml/o.md}") { lab in
            let commands = lab.commands
            let run = await commands.run("check")
            #expect(run.status == .unfinished)
            #expect(run.errors.hasPrefix("hotfix: \(commands.path("hotfix.yaml/o.md")): it could not be "))
            let written = try commands.files()["s.json"]
            #expect(written != nil)
            #expect(await commands.verdicts() == ["12:00 clean"])
        }
    }

    @Test("a file that is damaged is left alone and told; the verdicts are kept")
    func damaged() async throws {
        try await withSentry(more: tracker) { lab in
            let commands = lab.commands
            try commands.write("{]", to: "docs/status.json")
            let run = await commands.run("check")
            #expect(run.status == .unfinished)
            #expect(run.errors.hasPrefix("hotfix: \(commands.path("docs/status.json")):1:2: "))
            #expect(try commands.files()["docs/status.json"] == Data("{]".utf8))
            #expect(await commands.verdicts() == ["12:00 clean"])
        }
    }

    @Test("without a tracker nothing but the ledger is written")
    func none() async throws {
        try await withSentry { lab in
            await lab.commands.run("check")
            let names = try lab.commands.files().keys.sorted()
            #expect(names == [".hotfix/ledger.db", ".hotfix/ledger.db.lock", "hotfix.yaml", "policy.yaml"])
        }
    }
}
