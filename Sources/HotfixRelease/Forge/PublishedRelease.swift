import HotfixCore

/// A release as GitHub has it.
struct PublishedRelease: Sendable {
    var id: Int
    var tag: String
    var isDraft: Bool
    var isPrerelease: Bool
    /// When it was published; nil for a draft.
    var publishedAt: Instant?
    /// The release notes.
    var notes: String

    /// Reads what GitHub answered.
    init(_ value: JSONValue) throws(JSONContentError) {
        let reader = try JSONReader(value, "release")
        id = try reader.whole("id")
        tag = try reader.text("tag_name")
        isDraft = try reader.flag("draft")
        isPrerelease = try reader.flag("prerelease")
        publishedAt = try reader.optionalText("published_at").flatMap(Instant.init(text:))
        notes = try reader.optionalText("body") ?? ""
    }
}

/// A file of a release.
struct ReleaseAsset: Sendable, Hashable {
    var id: Int
    var name: String
    /// How many bytes GitHub holds.
    var size: Int
    /// `uploaded`, or what else became of it.
    var state: String
    /// The SHA-256 of what GitHub holds; nil where it does not say.
    var sha256: [UInt8]?

    /// Reads what GitHub answered.
    init(_ value: JSONValue) throws(JSONContentError) {
        let reader = try JSONReader(value, "asset")
        id = try reader.whole("id")
        name = try reader.text("name")
        size = try reader.whole("size")
        state = try reader.text("state")
        guard let digest = try reader.optionalText("digest") else { return }
        guard digest.hasPrefix("sha256:"), let bytes = bytes(ofHexadecimal: String(digest.dropFirst(7))),
            bytes.count == 32
        else { throw reader.wrong("digest", "a digest of sha256") }
        sha256 = bytes
    }

    /// What findings call it.
    var place: String { "artifact '\(clipped(oneLine(name), bytes: 200))'" }
}

/// A run of a workflow.
struct WorkflowRun: Sendable {
    var id: Int
    var number: Int
    var attempt: Int
    /// The file of the workflow: `.github/workflows/release.yml`.
    var path: String
    var event: String
    /// The branch, or the tag whose push began it.
    var branch: String?
    var status: String
    /// nil until it is completed.
    var conclusion: String?
    /// Its page.
    var url: String

    /// Reads what GitHub answered.
    init(_ value: JSONValue) throws(JSONContentError) {
        let reader = try JSONReader(value, "workflow run")
        id = try reader.whole("id")
        number = try reader.whole("run_number")
        attempt = try reader.optionalWhole("run_attempt") ?? 1
        path = try reader.optionalText("path") ?? ""
        event = try reader.text("event")
        branch = try reader.optionalText("head_branch")
        status = try reader.text("status")
        conclusion = try reader.optionalText("conclusion")
        url = try reader.optionalText("html_url") ?? ""
    }

    /// The name of the workflow's file.
    var file: String {
        let path = path.prefix { $0 != "@" }
        return path.split(separator: "/").last.map(String.init) ?? String(path)
    }

    /// What findings call it.
    var place: String { "workflow '\(clipped(oneLine(file), bytes: 200))'" }
}
