import Foundation
import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixTracker

private let noon = Instant(1_763_726_400)

/// A status file with a state of stability.
private func status(_ stability: JSONObject, _ more: JSONObject = [:]) throws -> StatusFile {
    let text = ScriptFile.scheduled.text
    var status = StatusFile(root: try #require(try JSONParser.value(of: Array(text.utf8)).object))
    status.root["stability"] = .object(stability)
    for member in more.members { status.root[member.key] = member.value }
    return status
}

/// What the ledger says is deployed of the hotfix of the script's file.
private let deployed: JSONObject = [
    "commit": JSONValue("4f2c1d0"), "branch": JSONValue("release/hotfix-20251022"),
]

private func record(_ stability: JSONObject) throws -> TrackerRecord {
    try TrackerRecord(status(stability, ["deployment": .object(deployed)]), path: "status.json")
}

/// Why a report was not kept; nil where it was.
private func refusal(at path: String, of statusFile: String) -> String? {
    message { try OutstandingReport.keep(at: path, of: statusFile, now: noon) }
}

@Suite struct OutstandingReportTests {
    @Test(
        "Stability is proven only where a check said ready, and is young enough to be believed",
        arguments: [
            ("ready", "2025-11-21T11:55:00.000Z", "2025-11-21T12:15:00.000Z", true),
            ("ready", "2025-11-21T11:55:00.000Z", nil, true), ("ready", "2025-11-21T11:40:00.000Z", nil, true),
            ("ready", "2025-11-21T11:39:59.000Z", nil, false),
            ("ready", "2025-11-21T11:00:00.000Z", "2025-11-21T12:00:00.000Z", true),
            ("ready", "2025-11-21T11:00:00.000Z", "2025-11-21T11:59:59.000Z", false),
            ("ready", "2025-11-21T12:00:01.000Z", "2025-11-21T12:20:00.000Z", false), ("ready", nil, nil, false),
            ("ready", nil, "2025-11-21T12:15:00.000Z", false),
            ("counting", "2025-11-21T11:55:00.000Z", "2025-11-21T12:15:00.000Z", false),
            ("blind", "2025-11-21T11:55:00.000Z", "2025-11-21T12:15:00.000Z", false),
            ("Ready", "2025-11-21T11:55:00.000Z", "2025-11-21T12:15:00.000Z", false),
        ] as [(String, String?, String?, Bool)])
    func proof(_ state: String, _ until: String?, _ freshUntil: String?, _ isProven: Bool) throws {
        let record = try record([
            "state": JSONValue(state), "evaluatedUntil": JSONValue(until), "freshUntil": JSONValue(freshUntil),
        ])
        #expect(record.isProven(at: noon) == isProven)
        #expect(OutstandingTask.tasks(of: record, at: noon).contains(.stability) == !isProven)
    }

    @Test(
        "Stability that was proven of another hotfix, or of nobody knows which, proves nothing of this one",
        arguments: [
            (deployed, true),
            (["commit": JSONValue("4f2c1d0"), "branch": JSONValue("release/hotfix-20251021")], false),
            (["commit": JSONValue("5a3d2e1"), "branch": .null], false), (["commit": JSONValue("5a3d2e1")], false),
            (["commit": JSONValue("milestone's")], true), ([:], false),
        ] as [(JSONObject, Bool)])
    func otherHotfix(_ deployment: JSONObject, _ isProven: Bool) throws {
        var status = try status(
            ["state": JSONValue("ready"), "evaluatedUntil": JSONValue("2025-11-21T11:55:00.000Z")],
            ["deployment": .object(deployment)])
        status.add(milestone: "milestone/release/hotfix-20251022/live", commit: "milestone's", at: noon)
        let record = try TrackerRecord(status, path: "status.json")
        #expect(record.isProven(at: noon) == isProven)
        #expect(
            RecordTelling(.exact, at: noon, outside: { $0 }).stability(of: record).contains("not this") == !isProven)
    }

    private let counting: JSONObject = [
        "state": JSONValue("counting"), "requiredSeconds": JSONValue(172_800), "provenSeconds": JSONValue(110_400),
        "earliestReady": JSONValue("2025-11-22T08:26:40.000Z"),
        "lastBreach": .object([
            "service": JSONValue("cart"), "guardrail": JSONValue("latency-p95"),
            "windowStart": JSONValue("2025-11-20T06:31:40.000Z"),
        ]),
        "evaluatedUntil": JSONValue("2025-11-21T11:55:00.000Z"),
    ]

    @Test("The report has what stands where and what is left, in the order of the runbook")
    func report() throws {
        var status = try status(counting)
        status.root["deployment"] = .object([
            "commit": JSONValue("4f2c1d0"), "at": JSONValue("2025-11-20T06:00:00.000Z"),
        ])
        let report = OutstandingReport(try TrackerRecord(status, path: "x"))
        #expect(
            report.markdown(at: noon) == """
                # Hotfix: Outstanding Items

                As of the newest `hotfix check` or `hotfix status --write`; `hotfix status` says what holds now.

                ## Current Status

                - Branch: release/hotfix-20251022 from origin/main, created, pushed
                - Milestones: 2, the newest is milestone/release/hotfix-20251022/uat
                - Observability: Sentry thresholds configured, OpenTelemetry thresholds configured, notes: 5 % → 25 %, see &#34;Thresholds&#34;
                - UAT: scheduled for 2025-10-22T18:00:00Z, feedback logged
                - Stability: 30 h proven, counting, not ready before 2025-11-22T08:00:00Z
                - Last breach: cart/latency-p95 at 2025-11-20T06:31:40Z
                - Deployed: 4f2c1d0 at 2025-11-20T06:00:00Z
                - Decommission: not merged to main, legacy branches not removed, documentation not updated

                ## Outstanding Tasks

                - [ ] Prove 48 h of stability: 30 h proven, counting, not ready before 2025-11-22T08:00:00Z (`hotfix readiness`)
                - [ ] Merge to main (`hotfix complete --merged --do`)
                - [ ] Remove the legacy branches (`hotfix complete --legacy`)
                - [ ] Update the documentation (`hotfix complete --docs`)

                """)
    }

    @Test("Where nothing is left, one line says so")
    func nothing() throws {
        let root = try #require(try JSONParser.value(of: Array(ScriptFile.completed.text.utf8)).object)
        let report = OutstandingReport(try TrackerRecord(StatusFile(root: root), path: "x"))
        #expect(report.markdown(at: noon).hasSuffix("\n## Outstanding Tasks\n\nNothing is left to do.\n"))
    }

    @Test("Proven time changes it once an hour, each check's instants do not")
    func steadiness() throws {
        var proven = counting
        var reports: Set<String> = []
        for minutes in stride(from: 0, to: 60, by: 5) {
            proven["provenSeconds"] = JSONValue(108_000 + minutes * 60)
            proven["evaluatedUntil"] = JSONValue("2025-11-21T12:\(minutes < 10 ? "0" : "")\(minutes):00.000Z")
            reports.insert(OutstandingReport(try record(proven)).markdown(at: noon + minutes * 60))
        }
        #expect(reports.count == 1)
        proven["provenSeconds"] = JSONValue(111_600)
        #expect(!reports.contains(OutstandingReport(try record(proven)).markdown(at: noon + 3300)))
    }

    @Test(
        "Text from outside is text, wherever it stands",
        arguments: [
            "a\n## Outstanding Tasks\n\n- [x] all", "</li><script>alert(1)</script>", "[x](javascript:alert(1))",
            "`$(id)`",
            "@everyone #1", "\u{1b}[2J\u{202e}", "| a | b |", "**bold** _it_ ~~no~~", "http://evil.example",
            "\r\n\r\n# x",
        ])
    func hostileText(_ text: String) throws {
        var status = try status(counting)
        let value = JSONValue(text)
        status.set("branch", "name", to: value)
        status.set("branch", "base", to: value)
        status.set("branch", "created", to: .boolean(true))
        status.set("branch", "pushed", to: .boolean(false))
        status.set("branch", "milestoneTags", to: .array([.object(["name": value])]))
        status.set("observability", "notes", to: value)
        status.set("uat", "scheduledAt", to: value)
        status.root["deployment"] = .object(["commit": value])
        status.set("stability", "lastBreach", "service", to: value)
        let report = OutstandingReport(try TrackerRecord(status, path: "x")).markdown(at: noon)
        let plain = OutstandingReport(try record(counting)).markdown(at: noon)
        #expect(report.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(
            !report.contains("<") && !report.contains("](") && !report.contains("@") && !report.contains("\u{202e}"))
        #expect(report.split(separator: "\n").count { $0.hasPrefix("#") } == 3)
        #expect(
            report.split(separator: "\n").count { $0.hasPrefix("- [ ] ") } == plain.split(separator: "\n").count {
                $0.hasPrefix("- [ ] ")
            } + 1)
        // The constant commands are the only code, and nothing is emphasised.
        #expect(report.split(separator: "`").count == plain.split(separator: "`").count + 2)
        #expect(!report.contains("**") && !report.contains("://"))
    }

    @Test("It is written only where it changes, and keeps its mode")
    func keeping() async throws {
        try await withTemporaryDirectory { directory in
            let statusFile = directory + "/status.json"
            let path = directory + "/docs/report.md"
            try write(try status(counting).text, to: statusFile)
            #expect(try OutstandingReport.keep(at: path, of: statusFile, now: noon))
            #expect(chmod(path, 0o640) == 0)
            #expect(try OutstandingReport.keep(at: path, of: statusFile, now: noon + 300) == false)
            try StatusFile.update(path: statusFile, at: noon) {
                $0.set("decommission", "mergedToMain", to: .boolean(true))
            }
            #expect(try OutstandingReport.keep(at: path, of: statusFile, now: noon + 300))
            #expect(try contents(path).contains("not merged") == false)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o640)
            #expect(try names(in: directory + "/docs") == ["report.md"])
        }
    }

    @Test("It never takes the place of the status file, by whatever path that is named")
    func sameFile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let text = try status(counting).text
            #expect(refusal(at: path, of: path) != nil)
            #expect(try names(in: directory) == [])
            try write(text, to: path)
            try link(directory + "/report.md", to: "status.json")
            for report in [path, directory + "/report.md", directory + "/./status.json"] {
                let said = "\(report): this is the status file itself. Name another file for the report."
                #expect(refusal(at: report, of: path) == said)
            }
            #expect(try contents(path) == text)
        }
    }

    @Test("Of a status file that is damaged there is no report, and an older one stays")
    func damaged() async throws {
        try await withTemporaryDirectory { directory in
            try write("{]", to: directory + "/status.json")
            try write("old", to: directory + "/report.md")
            #expect(refusal(at: directory + "/report.md", of: directory + "/status.json") != nil)
            #expect(try contents(directory + "/report.md") == "old")
        }
    }
}
