import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

private let noon = Instant(1_763_726_400)

@Suite struct StatusFileTests {
    private static let defaults = """
        {
          "branch": {
            "name": null,
            "base": "origin/main",
            "created": false,
            "pushed": false,
            "createdAt": null,
            "milestoneTags": []
          },
          "observability": {
            "sentryThresholdConfigured": false,
            "otelThresholdConfigured": false,
            "notes": null
          },
          "uat": {
            "scheduled": false,
            "scheduledAt": null,
            "feedbackLogged": false
          },
          "decommission": {
            "mergedToMain": false,
            "legacyBranchesRemoved": false,
            "documentationUpdated": false
          },
          "lastUpdated": null
        }

        """

    @Test("A file that is missing is the defaults, and is made only by a change")
    func missing() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/docs/OPERATIONS/hotfix-status.json"
            let missing = try StatusFile.read(path: path)
            #expect(missing.text == Self.defaults)
            #expect(try StatusFile.update(path: path, at: noon) { _ in } == false)
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try StatusFile.update(path: path, at: noon) { $0.root["history"] = .array([]) })
            let expected = Self.defaults.replacing(
                "\"lastUpdated\": null", with: "\"lastUpdated\": \"2025-11-21T12:00:00.000Z\",\n  \"history\": []")
            #expect(try contents(path) == expected)
        }
    }

    @Test("A change leaves every other key as it is, in its place, whatever it holds")
    func unknownKeys() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let before = #"""
                {"$schema":"x", "branch" : {"zebra":1.50,"name":"release/hotfix-20251022","tags":[{"n":1E+2,"ref":"é"}]},
                "uat":{"scheduledAt":"2025-10-22","deep":{"deeper":[[],{},{"a":{"b":-0.0}}]}},
                "lastUpdated":"2025-10-22T14:40:19.302Z", "team":{"notes":"half \ud83d","id":12345678901234567890}}
                """#
            try write(before, to: path)
            #expect(try StatusFile.update(path: path, at: noon) { $0.root["team"]?.set("lead", JSONValue("Ada")) })
            let after = #"""
                {
                  "$schema": "x",
                  "branch": {
                    "zebra": 1.50,
                    "name": "release/hotfix-20251022",
                    "tags": [
                      {
                        "n": 1E+2,
                        "ref": "é"
                      }
                    ]
                  },
                  "uat": {
                    "scheduledAt": "2025-10-22",
                    "deep": {
                      "deeper": [
                        [],
                        {},
                        {
                          "a": {
                            "b": -0.0
                          }
                        }
                      ]
                    }
                  },
                  "lastUpdated": "2025-11-21T12:00:00.000Z",
                  "team": {
                    "notes": "half \ud83d",
                    "id": 12345678901234567890,
                    "lead": "Ada"
                  }
                }

                """#
            #expect(try contents(path) == after)
            #expect(try StatusFile.read(path: path).text == after)
        }
    }

    @Test("A change that changes nothing writes nothing, not even the file's layout")
    func noChange() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{\"uat\":{\"scheduled\":true}}", to: path)
            #expect(
                try StatusFile.update(path: path, at: noon) {
                    $0.root["uat"] = .object(["scheduled": .boolean(true)])
                } == false)
            #expect(try contents(path) == "{\"uat\":{\"scheduled\":true}}")
        }
    }

    @Test("A change that throws leaves the file, and nothing beside it")
    func throwing() async throws {
        struct Refusal: Error {}
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{}", to: path)
            #expect(throws: Refusal.self) {
                try StatusFile.update(path: path, at: noon) {
                    $0.root["a"] = .null
                    throw Refusal()
                }
            }
            #expect(try contents(path) == "{}")
            #expect(try names(in: directory) == ["status.json"])
            #expect(try StatusFile.update(path: path, at: noon) { $0.root["a"] = .null })
        }
    }

    @Test("The file keeps its mode", arguments: [0o600, 0o644, 0o664, 0o755])
    func mode(_ mode: Int) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{}", to: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            try StatusFile.update(path: path, at: noon) { $0.root["a"] = .null }
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
        }
    }

    @Test("A symbolic link is followed and stays one", arguments: [true, false])
    func symbolicLink(isTargetThere: Bool) async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(atPath: directory + "/real", withIntermediateDirectories: false)
            try link(directory + "/middle.json", to: "real/status.json")
            try link(directory + "/status.json", to: directory + "/middle.json")
            if isTargetThere { try write("{}", to: directory + "/real/status.json") }
            try StatusFile.update(path: directory + "/status.json", at: noon) { $0.root["a"] = .null }
            #expect(try StatusFile.read(path: directory + "/real/status.json").root["a"] == .null)
            let manager = FileManager.default
            #expect(try manager.destinationOfSymbolicLink(atPath: directory + "/middle.json") == "real/status.json")
            #expect(
                try manager.destinationOfSymbolicLink(atPath: directory + "/status.json") == directory + "/middle.json")
            #expect(try names(in: directory) == ["middle.json", "real", "status.json"])
            #expect(try names(in: directory + "/real") == ["status.json"])
        }
    }
}

extension JSONValue {
    /// Sets a key of an object.
    fileprivate mutating func set(_ key: JSONString, _ value: JSONValue) {
        guard case .object(var object) = self else { return }
        object[key] = value
        self = .object(object)
    }
}
