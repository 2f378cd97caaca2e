import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("hotfix uat", .heavy)
struct UatCommandTests {
    private func json(_ lab: CommandLab) throws -> JSONObject {
        let data = try #require(try lab.files()["s.json"])
        return try #require(try JSONParser.value(of: Array(data)).object)
    }

    private func uat(_ arguments: String..., in lab: CommandLab) async -> Run {
        await lab.run(["uat", "--status-file", "s.json", "--by", "Ada"] + arguments)
    }

    @Test("keeps a schedule, a session, an issue and the feedback, each with who and when, behind the script's keys")
    func keeps() async throws {
        try await withCommands { lab in
            let run = await uat(
                "--scheduled", "2026-11-20T16:00:00+01:00", "--session", "Checkout\nworks", "--issue", "Slow cart",
                "--severity", "minor", "--feedback", in: lab)
            #expect(
                run
                    == Run(
                        .done,
                        "Scheduled UAT for 2026-11-20T15:00:00Z. Noted a session of UAT. Noted an issue of UAT (minor). "
                            + "Logged the feedback of UAT.\n"))
            let root = try json(lab)
            let expected = """
                {
                  "scheduled": true,
                  "scheduledAt": "2026-11-20T15:00:00.000Z",
                  "feedbackLogged": true,
                  "sessions": [
                    {
                      "at": "2026-11-20T12:07:10.000Z",
                      "by": "Ada",
                      "text": "Checkout\\nworks"
                    }
                  ],
                  "issues": [
                    {
                      "at": "2026-11-20T12:07:10.000Z",
                      "by": "Ada",
                      "text": "Slow cart",
                      "severity": "minor"
                    }
                  ]
                }
                """
            #expect(root["uat"]?.text == expected)
            #expect(
                root["history"]?.text == """
                    [
                      {
                        "at": "2026-11-20T12:07:10.000Z",
                        "by": "Ada",
                        "step": "uat",
                        "did": "Scheduled UAT for 2026-11-20T15:00:00Z. Noted a session of UAT. Noted an issue of UAT (minor). \
                    Logged the feedback of UAT."
                      }
                    ]
                    """)
        }
    }

    @Test("says so where nothing changes, and writes nothing")
    func unchanged() async throws {
        try await withCommands { lab in
            try lab.write(
                #"{"uat":{"scheduled":true,"scheduledAt":"2026-11-20T15:00:00Z","feedbackLogged":true}}"#, to: "s.json")
            let before = try lab.files()
            let run = await uat("--scheduled", "2026-11-20T15:00:00Z", "--feedback", "YES", in: lab)
            #expect(run == Run(.done, "Nothing changed: the tracker says so already.\n"))
            #expect(try lab.files() == before)
        }
    }

    @Test(
        "takes every word for done and pending, in any case",
        arguments: [
            ("true", true), ("1", true), ("Yes", true), ("y", true), ("DONE", true), ("complete", true),
            ("false", false), ("0", false), ("No", false), ("n", false), ("PENDING", false), ("todo", false),
        ])
    func words(_ word: String, _ isDone: Bool) async throws {
        try await withCommands { lab in
            try lab.write("{\"uat\": {\"feedbackLogged\": \(!isDone)}}", to: "s.json")
            #expect(await uat("--feedback", word, in: lab).status == .done)
            #expect(try json(lab)["uat"]?.object?["feedbackLogged"] == .boolean(isDone))
            try lab.write("{}", to: "s.json")
            #expect(await uat("--feedback=\(word)", in: lab).status == .done)
        }
    }

    @Test(
        "refuses what it cannot understand, and writes nothing",
        arguments: [
            [], ["--feedback", "maybe"], ["--feedback", ""], ["--feedback", "2"], ["--scheduled"],
            ["--scheduled", "tomorrow"], ["--scheduled", "2026-02-30"], ["--scheduled", "2026-11-20T15:00:00"],
            ["--scheduled", "--feedback"], ["--scheduled", "9999-12-31"], ["--severity", "minor"],
            ["--issue", "x", "--severity", "awful"], ["--session", " "], ["--issue", ""],
            ["--staging-deployed-at", "noon"], ["--done"], ["extra"],
            ["--session", String(repeating: "x", count: 10_001)],
        ])
    func refuses(_ arguments: [String]) async throws {
        try await withCommands { lab in
            let run = await lab.run(["uat", "--status-file", "s.json", "--by", "Ada"] + arguments)
            #expect(run.status == .wrong, "\(arguments)")
            #expect(run.output.isEmpty && !run.errors.isEmpty)
            let files = try lab.files()
            #expect(files.isEmpty)
        }
    }

    @Test("a date alone is its beginning in UTC")
    func day() async throws {
        try await withCommands { lab in
            #expect(
                await uat("--scheduled", "2026-11-21", in: lab).output == "Scheduled UAT for 2026-11-21T00:00:00Z.\n")
        }
    }

    @Test("warns where UAT is later than 4 hours after staging got the hotfix, or before it; whichever is said last")
    func warning() async throws {
        try await withCommands { lab in
            #expect(await uat("--staging-deployed-at", "2026-11-20T10:00:00Z", in: lab).errors == "")
            #expect(await uat("--scheduled", "2026-11-20T14:00:00Z", in: lab).errors == "")
            let late = await uat("--scheduled", "2026-11-20T14:01:00Z", in: lab)
            #expect(late.status == .done)
            #expect(
                late.errors
                    == "hotfix: warning: UAT is scheduled for 2026-11-20T14:01:00Z, 4 h 1 min after staging got the hotfix at "
                    + "2026-11-20T10:00:00Z: that is more than 4 h.\n")
            #expect(await uat("--feedback", in: lab).errors == "")
            let early = await uat("--staging-deployed-at", "2026-11-20T15:00:00Z", in: lab)
            #expect(
                early.errors
                    == "hotfix: warning: UAT is scheduled for 2026-11-20T14:01:00Z, before staging got the hotfix at "
                    + "2026-11-20T15:00:00Z.\n")
            #expect(early.status == .done)
        }
    }

    @Test("shows hostile text as text, and keeps it as it came")
    func hostileText() async throws {
        try await withCommands { lab in
            let text = "\u{1b}]0;x\u{7}\n\"},\"uat\":{\u{202e}"
            #expect(await uat("--issue", text, in: lab).status == .done)
            guard case .array(let issues)? = try json(lab)["uat"]?.object?["issues"] else {
                Issue.record("no issue")
                return
            }
            #expect(issues.first?.object?["text"] == JSONValue(text))
            for by in ["", " ", "a\u{1b}[2J", String(repeating: "x", count: 201)] {
                #expect(await lab.run("uat", "--feedback", "--status-file", "s.json", "--by", by).status == .wrong)
            }
        }
    }

    @Test(
        "a file that cannot be used is left as it was, and ends with 5",
        arguments: ["{]", #"{"uat": 5}"#, "[]", "\u{feff}{}", "{}\r\n"])
    func damaged(_ text: String) async throws {
        try await withCommands { lab in
            try lab.write(text, to: "s.json")
            let before = try lab.files()
            let run = await uat("--feedback", in: lab)
            #expect(run.status == .unusable)
            #expect(run.errors.hasPrefix("hotfix: \(lab.path("s.json")):"))
            #expect(try lab.files() == before)
        }
    }
}
