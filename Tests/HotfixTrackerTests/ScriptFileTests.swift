import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

private let noon = Instant(1_763_726_400)

/// The script's files are read, and stay its files.
@Suite(.heavy) struct ScriptFileTests {
    private func record(_ text: String) throws -> TrackerRecord {
        let root = try #require(try JSONParser.value(of: Array(text.utf8)).object)
        return try TrackerRecord(StatusFile(root: root), path: "status.json")
    }

    @Test(
        "A file is read in each of its states",
        arguments: zip(
            ScriptFile.allCases,
            [
                OutstandingTask.allCases.filter { $0 != .branch },
                OutstandingTask.allCases.filter { ![.branch, .milestoneTag].contains($0) },
                [.acceptanceScheduled, .acceptanceFeedback, .stability, .merge, .legacyBranches, .documentation],
                [.stability, .merge, .legacyBranches, .documentation], [],
            ]))
    func states(_ file: ScriptFile, _ tasks: [OutstandingTask]) throws {
        let record = try record(file.text)
        #expect(OutstandingTask.tasks(of: record, at: noon) == tasks)
        #expect(record.branch.name == "release/hotfix-20251022")
        #expect(record.branch.createdAt == "2025-10-22T14:38:51.117Z")
        #expect(record.branch.milestoneTags.map(\.ref) == (file == .initialised ? [] : ["HEAD", "4f2c1d0"]))
        #expect(record.lastUpdated == "2025-10-22T14:40:19.302Z")
    }

    @Test(
        "What is missing or null has its default",
        arguments: [
            "{}", #"{"branch": null, "observability": null, "uat": null, "decommission": null, "lastUpdated": null}"#,
            #"{"branch": {}, "uat": {}}"#,
            #"{"branch": {"name": null, "base": null, "created": null, "pushed": null, "milestoneTags": null}}"#,
            #"{"branch": {"name": ""}, "stability": null, "deployment": null}"#,
        ])
    func defaults(_ text: String) throws {
        #expect(try record(text) == record(StatusFile().text))
        #expect(OutstandingTask.tasks(of: try record(text), at: noon) == OutstandingTask.allCases)
    }

    @Test("A change of one key of the script's leaves every other byte of its file", arguments: ScriptFile.allCases)
    func oneKey(_ file: ScriptFile) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(file.text, to: path)
            try StatusFile.update(path: path, at: noon) { $0.set("branch", "base", to: JSONValue("v1.0.0")) }
            let expected = file.text.replacing("origin/main", with: "v1.0.0").replacing(
                "2025-10-22T14:40:19.302Z", with: "2025-11-21T12:00:00.000Z")
            #expect(try contents(path) == expected)
        }
    }

    @Test("Keys that nobody knows keep their place and their spelling, byte for byte", arguments: 1...60)
    func unknownKeys(seed: UInt64) async throws {
        var tree = RandomTree(generator: SeededGenerator(seed: seed), isScripts: false)
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            var root = tree.object(depth: 4)
            root["uat"] = .object(tree.object(depth: 3))
            root.set("branch", .object(tree.object(depth: 3)), after: [])
            root["lastUpdated"] = JSONValue("2025-11-21T12:00:00.000Z")
            let before = StatusFile(root: root)
            try write(before.text, to: path)
            try StatusFile.update(path: path, at: noon) { status in
                status.set("uat", "feedbackLogged", to: .boolean(true))
                status.set("branch", "name", to: JSONValue("x"))
            }
            let changed = try contents(path)
            #expect(try StatusFile.read(path: path).text == changed)
            // What was set is taken out again, and nothing else is different.
            var back = try StatusFile.read(path: path)
            for (section, key) in [("uat", "feedbackLogged"), ("branch", "name")] as [(JSONString, JSONString)] {
                guard case .object(var object)? = back.root[section] else { continue }
                object[key] = root[section]?.object?[key]
                back.root[section] = .object(object)
            }
            #expect(back.text == before.text)
            let lines = Set(before.text.split(separator: "\n").map { $0.hasSuffix(",") ? $0.dropLast() : $0 })
            let new = changed.split(separator: "\n").map { $0.hasSuffix(",") ? $0.dropLast() : $0 }.filter {
                !lines.contains($0)
            }
            #expect(
                Set(new).isSubset(of: [
                    "    \"feedbackLogged\": true", "    \"name\": \"x\"", "  \"branch\": {", "  \"uat\": {", "  }",
                ]))
        }
    }

    @Test("What a script reads and writes again is what we write, byte for byte")
    func node() async throws {
        try await withTemporaryDirectory { directory in
            var tree = RandomTree(generator: SeededGenerator(seed: 7), isScripts: true)
            for number in 0..<100 {
                var status = StatusFile()
                for member in tree.object(depth: 5).members { status.root[member.key] = member.value }
                status.set("branch", "note", to: tree.value(depth: 4))
                try write(status.text, to: "\(directory)/\(number).json")
            }
            let program = """
                const fs = require('fs');
                for (let number = 0; number < 100; number++) {
                  const file = process.argv[1] + '/' + number + '.json';
                  const text = fs.readFileSync(file, 'utf8');
                  const again = JSON.stringify(JSON.parse(text), null, 2) + '\\n';
                  if (again !== text) { console.log(file); process.exitCode = 1; }
                }
                console.log('read');
                """
            let ending = try await SpawnedCommand.start(
                "/usr/bin/node", ["-e", program, directory], environment: ["PATH": "/usr/bin:/bin"],
                outputFile: directory + "/output.txt"
            ).ending()
            #expect(ending.exitStatus == 0 && ending.output == "read\n", "\(ending.output)")
        }
    }
}
