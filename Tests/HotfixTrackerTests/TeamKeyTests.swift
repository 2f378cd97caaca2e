import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

private let noon = Instant(1_763_726_400)

private func record(_ text: String) throws -> TrackerRecord {
    let root = try #require(try JSONParser.value(of: Array(text.utf8)).object)
    return try TrackerRecord(StatusFile(root: root), path: "status.json")
}

/// What a team keeps at one of hotfix's keys is the team's.
@Suite struct TeamKeyTests {
    @Test(
        "A value of another type at one of hotfix's own keys counts as absent",
        arguments: [
            #"{"stability": "ready"}"#, #"{"stability": [1]}"#, #"{"deployment": "staging-eu"}"#,
            #"{"deployment": {"commit": 5}}"#, #"{"uat": {"issues": {"open": 3}}}"#, #"{"uat": {"sessions": "two"}}"#,
            #"{"uat": {"stagingDeployedAt": 5}}"#,
        ])
    func absent(_ text: String) throws {
        #expect(try record(text) == record("{}"))
    }

    @Test("A value of another type within stability is absent, and never proves anything")
    func withinStability() throws {
        let record = try record(
            """
            {"stability": {"state": "ready", "freshUntil": "soon", "provenSeconds": "many", "requiredSeconds": 1e99,
              "since": 5, "earliestReady": [], "evaluatedUntil": "2025-11-21T11:30:00.000Z", "lastBreach": "none"}}
            """)
        #expect(record.stability?.freshUntil == nil && record.stability?.provenSeconds == nil)
        #expect(record.stability?.requiredSeconds == nil && record.stability?.lastBreach == nil)
        #expect(!record.isProven(at: noon))
    }

    @Test(
        "Only the command that would write there refuses, and says what is there",
        arguments: [
            (#"{"uat": {"issues": {"open": 3}}}"#, "uat.issues is an object", "a list"),
            (#"{"uat": {"sessions": "two"}}"#, "uat.sessions is a text", "a list"),
            (#"{"uat": {"stagingDeployedAt": false}}"#, "uat.stagingDeployedAt is false", "a text"),
        ])
    func refusal(_ text: String, _ found: String, _ kept: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(text, to: path)
            var change = AcceptanceChange()
            change.issue = "The till stays shut"
            change.session = "Two sellers"
            change.stagingDeployedAt = noon
            let said = message {
                try StatusFile.update(path: path, at: noon) { _ = change.apply(to: &$0, at: noon, by: "Ada") }
            }
            #expect(
                said
                    == "\(path): \(found), and hotfix keeps \(kept) of its own there. Give yours another key, or write null "
                    + "there, and run the command again. The file was left as it was.")
            #expect(try contents(path) == text)
            try StatusFile.update(path: path, at: noon) { $0.set("uat", "scheduled", to: .boolean(true)) }
            let kept = try StatusFile.read(path: path)
            let root = try #require(try JSONParser.value(of: Array(text.utf8)).object)
            for member in root["uat"]?.object?.members ?? [] { #expect(kept["uat", member.key] == member.value) }
        }
    }

    @Test("A plan that could not be recorded is not begun")
    func plan() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(#"{"release": "train 12"}"#, to: path)
            let runner = PlanRunner(statusFile: path, by: "Ada", now: { noon })
            let step = Plan.Step(
                title: "Tag it.", did: "Tagged it.", isDone: { false },
                perform: { Issue.record("It was begun.") })
            await #expect(throws: StatusFileError.self) {
                try await runner.carryOut(Plan("release", [step])) { _, _ in }
            }
            #expect(try contents(path) == #"{"release": "train 12"}"#)
        }
    }

    @Test("What is no file is a wrong call, and a file that is damaged is not")
    func wrongCall() async throws {
        try await withTemporaryDirectory { directory in
            try write("{]", to: directory + "/status.json")
            for (path, isWrong) in [
                (directory, true), (directory + "/.", true), (directory + "/status.json/x", true),
                (directory + "/status.json", false),
            ] {
                let error = #expect(throws: StatusFileError.self) { try StatusFile.read(path: path) }
                #expect(error?.isWrongCall == isWrong, "\(path)")
            }
        }
    }
}
