package import HotfixCore

/// The record of one hotfix, kept in the repository that it fixes and shared with the team's release script.
///
/// The format is the script's: JSON with two spaces, the keys of ``defaults`` first, then those of hotfix.
package struct StatusFile: Sendable, Hashable {
    /// The most bytes that a status file may have, 8 MiB: what is larger is none.
    package static let sizeLimit = 8 << 20

    /// What the file holds, with all keys that are not known here, in their places.
    package var root: JSONObject

    /// Makes a status file of what it holds.
    package init(root: JSONObject = Self.defaults) {
        self.root = root
    }

    /// What a file that is missing stands for.
    package static let defaults: JSONObject = [
        "branch": .object([
            "name": .null, "base": JSONValue("origin/main"), "created": .boolean(false), "pushed": .boolean(false),
            "createdAt": .null, "milestoneTags": .array([]),
        ]),
        "observability": .object([
            "sentryThresholdConfigured": .boolean(false), "otelThresholdConfigured": .boolean(false), "notes": .null,
        ]),
        "uat": .object(["scheduled": .boolean(false), "scheduledAt": .null, "feedbackLogged": .boolean(false)]),
        "decommission": .object([
            "mergedToMain": .boolean(false), "legacyBranchesRemoved": .boolean(false),
            "documentationUpdated": .boolean(false),
        ]),
        "lastUpdated": .null,
    ]

    /// Reads a status file; one that is missing is the defaults.
    ///
    /// - Parameter path: The file; a symbolic link is followed.
    /// - Returns: What it holds.
    /// - Throws: ``StatusFileError`` where it cannot be read, is not an object of JSON, or has values of other types than the script's.
    package static func read(path: String) throws(StatusFileError) -> StatusFile {
        try StoredStatus(reading: path, shown: path).status
    }

    /// The text of the file.
    package var text: String { JSONValue.object(root).text + "\n" }

    /// The keys that the script knows, in its order.
    static var scriptKeys: [JSONString] { defaults.members.map(\.key) }

    /// Says when the file was last changed.
    mutating func stamp(_ at: Instant) {
        root.set("lastUpdated", JSONValue(stamp: at), after: Self.scriptKeys)
    }
}

extension JSONValue {
    /// Makes an instant as `Date.toISOString` writes it, `2026-11-20T08:00:00.000Z`, or null.
    init(stamp at: Instant?) {
        self.init(at.map { String($0.description.dropLast()) + ".000Z" })
    }
}
