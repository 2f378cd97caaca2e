import HotfixCore
import HotfixTestSupport

/// Status files as the release script leaves them, by the command that it ran last.
enum ScriptFile: String, CaseIterable {
    case initialised, tagged, observed, scheduled, completed

    private static let branch = """
          "branch": {
            "name": "release/hotfix-20251022",
            "base": "origin/main",
            "created": true,
            "pushed": true,
            "createdAt": "2025-10-22T14:38:51.117Z",
            "milestoneTags": []
          },

        """
    private static let tags = """
        [
              {
                "name": "milestone/release/hotfix-20251022/staging",
                "ref": "HEAD",
                "createdAt": "2025-10-22T14:39:02.940Z"
              },
              {
                "name": "milestone/release/hotfix-20251022/uat",
                "ref": "4f2c1d0",
                "createdAt": "2025-10-22T14:39:47.003Z"
              }
            ]
        """

    var text: String {
        let reached = Self.allCases.firstIndex(of: self) ?? 0
        let hasTags = reached >= 1
        let isObserved = reached >= 2
        let isScheduled = reached >= 3
        let isCompleted = reached >= 4
        return "{\n" + Self.branch.replacing("[]", with: hasTags ? Self.tags : "[]") + """
              "observability": {
                "sentryThresholdConfigured": \(isObserved),
                "otelThresholdConfigured": \(isObserved),
                "notes": \(isObserved ? #""5 % → 25 %, see \"Thresholds\"""# : "null")
              },
              "uat": {
                "scheduled": \(isScheduled),
                "scheduledAt": \(isScheduled ? "\"2025-10-22T18:00:00Z\"" : "null"),
                "feedbackLogged": \(isScheduled)
              },
              "decommission": {
                "mergedToMain": \(isCompleted),
                "legacyBranchesRemoved": \(isCompleted),
                "documentationUpdated": \(isCompleted)
              },
              "lastUpdated": "2025-10-22T14:40:19.302Z"
            }

            """
    }
}

/// A tree of JSON whose keys and values nobody foresaw.
struct RandomTree {
    var generator: SeededGenerator
    /// Only what a script reads and writes again as it is: no number that it spells otherwise, no key that it moves.
    var isScripts: Bool

    private mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    mutating func value(depth: Int) -> JSONValue {
        switch number(below: depth > 0 ? 8 : 6) {
        case 0: .null
        case 1: .boolean(number(below: 2) == 0)
        case 2: .number(spelling())
        case 3, 4, 5: .string(string())
        case 6: .array((0..<number(below: 4)).map { _ in value(depth: depth - 1) })
        default: .object(object(depth: depth - 1))
        }
    }

    mutating func object(depth: Int) -> JSONObject {
        var object: JSONObject = [:]
        for _ in 0..<number(below: 5) {
            let key = key()
            object[key] = value(depth: depth)
        }
        return object
    }

    private mutating func key() -> JSONString {
        var key = string()
        // A script puts keys that look like numbers first.
        if isScripts { key.units.insert(0x6B, at: 0) }
        return key
    }

    private mutating func spelling() -> String {
        if isScripts { return JSONValue(Double.random(in: -1e9...1e9, using: &generator)).text }
        let spellings = ["1.50", "-0.0", "1E+2", "1e400", "12345678901234567890", "0.10", "-7", "3e-07"]
        return spellings[number(below: spellings.count)]
    }

    private mutating func string() -> JSONString {
        let pieces: [[UInt16]] = [
            Array("plain".utf16), Array("ä🚀".utf16), [0xD83D], [0xDE80], [0x22], [0x5C], [0x00], [0x1F], [0x0A], [0x0D],
            [0x2028], [0x7F], [0xFEFF], Array("e\u{301}".utf16), Array("/".utf16), Array("__proto__".utf16), [],
        ]
        var units: [UInt16] = []
        for _ in 0..<number(below: 4) { units += pieces[number(below: pieces.count)] }
        return JSONString(units: units)
    }
}
