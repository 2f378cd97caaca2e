import HotfixTestSupport
import HotfixTracker
import Testing

@testable import HotfixCore

private let start = Instant(1_763_620_000)

private func service(_ name: String, lastBreach: ServiceReadiness.LastBreach? = nil) -> ServiceReadiness {
    ServiceReadiness(
        name: name, state: .counting, requiredSeconds: 172_800, provenSeconds: 600, unprovenWindows: 0,
        missingWindows: 0, guardrails: [], lastBreach: lastBreach, notWatched: [])
}

private let counting = Readiness(
    state: .counting, stateReason: .confirming, requiredSeconds: 172_800, provenSeconds: 110_400, since: start + 300,
    earliestReady: start + 180_000, evaluatedUntil: start + 110_700,
    deployment: Deployment(
        id: 3, hotfix: 1, branch: "release/hotfix-20251120", commit: String(repeating: "ab", count: 20),
        version: "1.4.2",
        at: start, recordedAt: start + 60, services: ["checkout", "cart"]),
    services: [
        service("checkout", lastBreach: .init(guardrail: "cpu", windowStart: start, value: 1e-7, limit: 0.5)),
        service("cart", lastBreach: .init(guardrail: "latency-p95", windowStart: start + 300, value: 0.31, limit: 2)),
        service("basket", lastBreach: .init(guardrail: "memory", windowStart: start + 300, value: nil, limit: nil)),
    ],
    episodes: [], notes: [])

private let nothing = Readiness(
    state: .notDeployed, requiredSeconds: 172_800, provenSeconds: 0, services: [service("checkout")], episodes: [],
    notes: [])

private let countingText = """
      "stability": {
        "state": "counting",
        "stateReason": "confirming",
        "requiredSeconds": 172800,
        "provenSeconds": 110400,
        "since": "2025-11-20T06:31:40.000Z",
        "earliestReady": "2025-11-22T08:26:40.000Z",
        "lastBreach": {
          "service": "cart",
          "guardrail": "latency-p95",
          "windowStart": "2025-11-20T06:31:40.000Z",
          "value": 0.31,
          "limit": 2
        },
        "evaluatedUntil": "2025-11-21T13:11:40.000Z",
        "freshUntil": "2025-11-21T13:31:40.000Z"
      },
      "deployment": {
        "id": "3",
        "branch": "release/hotfix-20251120",
        "commit": "abababababababababababababababababababab",
        "version": "1.4.2",
        "at": "2025-11-20T06:26:40.000Z",
        "services": [
          "checkout",
          "cart"
        ]
      }
    """

@Suite struct StabilityTests {
    @Test("The keys of the script come first and are as they were, byte for byte; then ours, then what others added")
    func shape() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            let script = """
                {
                  "branch": {
                    "name": "release/hotfix-20251022",
                    "base": "origin/main",
                    "created": true,
                    "pushed": true,
                    "createdAt": "2025-10-22T14:38:51.117Z",
                    "milestoneTags": [
                      {
                        "name": "staging",
                        "ref": "HEAD",
                        "createdAt": "2025-10-22T14:39:02.940Z"
                      }
                    ]
                  },
                  "observability": {
                    "sentryThresholdConfigured": true,
                    "otelThresholdConfigured": false,
                    "notes": "5\u{202f}% → 25\u{202f}%"
                  },

                """
            let rest = ",\n  \"custom\": {\n    \"a\": 1.0\n  }\n}\n"
            try write(script + "  \"lastUpdated\": \"2025-10-22T14:40:19.302Z\"" + rest, to: path)
            #expect(try writeStability(readiness: counting, to: path, at: start + 110_800))
            let stamp = "  \"lastUpdated\": \"2025-11-21T13:13:20.000Z\",\n"
            #expect(try contents(path) == script + stamp + countingText + rest)
        }
    }

    @Test("What the team keeps at one of its keys stays: it is passed over while nothing is deployed, and told of then")
    func keptByTheTeam() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(#"{"deployment": "staging-eu"}"#, to: path)
            #expect(try writeStability(readiness: nothing, to: path, at: start))
            #expect(try StatusFile.read(path: path)["deployment"] == JSONValue("staging-eu"))
            let before = try contents(path)
            let said = message { try writeStability(readiness: counting, to: path, at: start) }
            #expect(
                said
                    == "\(path): deployment is a text, and hotfix keeps an object of its own there. Give yours another key, or "
                    + "write null there, and run the command again. The file was left as it was.")
            #expect(try contents(path) == before)
        }
    }

    @Test("Said again, the same changes nothing; the time alone is no change")
    func idempotence() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            #expect(try writeStability(readiness: counting, to: path, at: start))
            let text = try contents(path)
            #expect(try writeStability(readiness: counting, to: path, at: start + 300) == false)
            #expect(try contents(path) == text)
            var later = counting
            later.provenSeconds += 300
            #expect(try writeStability(readiness: later, to: path, at: start + 600))
            let stamp = "  \"lastUpdated\": \"2025-11-20T06:26:40.000Z\""
            let expected = text.replacing("110400", with: "110700").replacing(
                stamp, with: stamp.replacing(":26:", with: ":36:"))
            #expect(try contents(path) == expected)
        }
    }

    @Test("Without a deployment and a breach, null stands there")
    func notDeployed() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write("{}", to: path)
            #expect(try writeStability(readiness: nothing, to: path, at: start))
            let expected = """
                {
                  "lastUpdated": "2025-11-20T06:26:40.000Z",
                  "stability": {
                    "state": "not-deployed",
                    "stateReason": null,
                    "requiredSeconds": 172800,
                    "provenSeconds": 0,
                    "since": null,
                    "earliestReady": null,
                    "lastBreach": null,
                    "evaluatedUntil": null,
                    "freshUntil": null
                  },
                  "deployment": null
                }

                """
            #expect(try contents(path) == expected)
            try writeStability(readiness: counting, to: path, at: start)
            try writeStability(readiness: nothing, to: path, at: start)
            #expect(try contents(path) == expected)
        }
    }

    @Test("What a later version keeps among ours stays, at any depth")
    func unknownKeysInside() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/status.json"
            try write(
                #"{"stability":{"trend":[1],"state":"blind","lastBreach":{"page":7,"value":1}},"deployment":{"ring":2}}"#,
                to: path)
            try writeStability(readiness: counting, to: path, at: start)
            let root = try StatusFile.read(path: path).root
            #expect(root.members.map(\.key) == ["lastUpdated", "stability", "deployment"])
            let stability = try #require(root["stability"]?.object)
            #expect(stability["trend"]?.text == "[\n  1\n]")
            #expect(stability["state"] == JSONValue("counting"))
            let breach: JSONObject = [
                "page": JSONValue(7), "value": .number("0.31"), "service": JSONValue("cart"),
                "guardrail": JSONValue("latency-p95"), "windowStart": JSONValue("2025-11-20T06:31:40.000Z"),
                "limit": .number("2"),
            ]
            #expect(stability["lastBreach"] == .object(breach))
            #expect(root["deployment"]?.object?["ring"] == JSONValue(2))
        }
    }
}
