import HotfixCore
import HotfixTestSupport
import Testing

@testable import HotfixTracker

@Suite("When the tracker is published")
struct PublicationRuleTests {
    private func file(_ change: (inout JSONObject) -> Void = { _ in }) throws -> StatusFile {
        var root = try #require(try JSONParser.value(of: Array(statusText("counting").utf8)).object)
        change(&root)
        return StatusFile(root: root)
    }

    private func isDue(after seconds: Seconds, _ change: (inout JSONObject) -> Void = { _ in }) throws -> Bool {
        isPublicationDue(
            of: try file(change), last: PublishedStatus(status: try file(), at: midday), at: midday + seconds)
    }

    @Test("a first time, and where what was published cannot be read")
    func first() throws {
        let status = try file()
        #expect(isPublicationDue(of: status, last: nil, at: midday))
        #expect(isPublicationDue(of: status, last: PublishedStatus(status: nil, at: midday), at: midday))
    }

    @Test(
        "progress once an hour, and no less often where a clock was wrong",
        arguments: [
            (0, false), (3599, false), (3600, true), (100_000, true), (-600, false), (-3600, true), (-1_000_000, true),
        ])
    func progress(_ seconds: Seconds, _ expected: Bool) throws {
        let isDue = try isDue(after: seconds) { root in
            root["lastUpdated"] = JSONValue("2026-11-20T12:05:00.000Z")
            root["stability"] = .object([
                "state": JSONValue("counting"), "stateReason": .null, "provenSeconds": JSONValue(3900),
                "requiredSeconds": JSONValue(172_800), "evaluatedUntil": JSONValue("2026-11-20T12:05:00.000Z"),
                "since": JSONValue("2026-11-20T11:00:00.000Z"), "lastBreach": .null,
            ])
        }
        #expect(isDue == expected)
    }

    @Test("a change of state at once: the state, its reason, the deployment, and what people recorded")
    func change() throws {
        let changes: [(inout JSONObject) -> Void] = [
            { $0["stability"] = .object(["state": JSONValue("breaching"), "stateReason": .null]) },
            { $0["stability"] = .object(["state": JSONValue("counting"), "stateReason": JSONValue("confirming")]) },
            { $0["stability"] = nil },
            { $0["deployment"] = .object(["id": JSONValue("2")]) },
            { $0["uat"] = .object(["scheduled": .boolean(true)]) },
            { $0["theirs"] = JSONValue(1) },
        ]
        for change in changes { #expect(try isDue(after: 1, change)) }
    }

    @Test("48 hours of checks make about 50 commits, each change of state among them")
    func twoDays() throws {
        var last: PublishedStatus?
        var published: [String] = []
        for index in 0..<576 {
            let now = midday + index * 300 + (index % 7)
            let state = index < 100 ? "blind" : index < 110 ? "breaching" : index < 575 ? "counting" : "ready"
            let status = try file { root in
                root["stability"] = .object(["state": JSONValue(state), "provenSeconds": JSONValue(index * 300)])
            }
            if isPublicationDue(of: status, last: last, at: now) {
                last = PublishedStatus(status: status, at: now)
                published.append(state)
            }
        }
        #expect((44...52).contains(published.count), "\(published.count)")
        #expect(published.contains("breaching"))
        #expect(published.last == "ready")
    }

    @Test("what a commit says is the state and the proven time on one line, whatever the file holds")
    func message() throws {
        #expect(
            try file().publicationMessage == """
                hotfix tracker: counting, 1 h of 48 h proven

                Branch: release/hotfix
                Commit: a1a1
                Evaluated until: \(midday)

                """)
        let hostile = try file { root in
            root["stability"] = .object([
                "state": JSONValue("x\n\u{1B}[31m\u{202E}y"), "stateReason": JSONValue("\r\n# z"),
                "provenSeconds": JSONValue("many"), "requiredSeconds": JSONValue(1.5),
            ])
            root["deployment"] = .object([
                "branch": JSONValue(String(repeating: "b", count: 5000) + "\nSigned-off-by: nobody"),
                "commit": JSONValue(7),
            ])
        }
        let lines = hostile.publicationMessage.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "hotfix tracker: x\u{FFFD}\u{FFFD}[31m\u{FFFD}y (\u{FFFD}\u{FFFD}# z)")
        #expect(lines.count == 4)
        #expect(lines[2].hasPrefix("Branch: bbb") && lines[2].utf8.count < 220)
        #expect(StatusFile(root: [:]).publicationMessage == "hotfix tracker: not evaluated yet\n")
    }
}
