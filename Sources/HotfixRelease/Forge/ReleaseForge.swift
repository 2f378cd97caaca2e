import HotfixCalls
import HotfixCore
import HotfixHTTP

/// Asks GitHub for a release and what belongs to it; every error is a `ForgeFailure`.
struct ReleaseForge: Sendable {
    let api: GitHubAPI
    let now: Instant

    /// The release of a tag, a draft too; nil where there is none.
    func release(_ tag: String) async throws(ForgeFailure) -> PublishedRelease? {
        do {
            let value = try await api.get(["releases", "tags", tag], what: "the release of '\(oneLine(tag))'", at: now)
            return try read { () throws(JSONContentError) in try PublishedRelease(value) }
        } catch {
            // Drafts are found in the list alone, and only by who may write.
            guard error.code == .notFound else { throw error }
        }
        return try await releases().first { $0.tag == tag }
    }

    /// All releases, drafts among them where the token may see them.
    func releases() async throws(ForgeFailure) -> [PublishedRelease] {
        let values = try await api.list(["releases"], what: "the releases", most: 5, at: now)
        return try read { () throws(JSONContentError) in
            var releases: [PublishedRelease] = []
            for value in values { releases.append(try PublishedRelease(value)) }
            return releases
        }
    }

    /// The files of a release.
    func assets(_ release: Int) async throws(ForgeFailure) -> [ReleaseAsset] {
        let values = try await api.list(
            ["releases", String(release), "assets"], what: "the artifacts of the release", at: now)
        return try read { () throws(JSONContentError) in
            var assets: [ReleaseAsset] = []
            for value in values { assets.append(try ReleaseAsset(value)) }
            return assets
        }
    }

    /// The commit that a tag leads to; nil where there is no such tag.
    func commit(ofTag tag: String) async throws(ForgeFailure) -> String? {
        var value: JSONValue
        do {
            value = try await api.get(
                ["git", "ref", "tags"] + tag.split(separator: "/").map(String.init),
                what: "the tag '\(oneLine(tag))'", at: now)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        // A tag may be of a tag; that of more than a few is a mistake.
        for _ in 0..<5 {
            let target = try read { () throws(JSONContentError) in
                let reader = try JSONReader(value, "tag")
                let target = try reader.optionalObject("object") { (object) throws(JSONContentError) in
                    (type: try object.text("type"), id: try object.text("sha"))
                }
                guard let target else { throw reader.wrong("object", "an object") }
                return target
            }
            guard target.type == "tag" else { return target.id }
            value = try await api.get(["git", "tags", target.id], what: "the tag '\(oneLine(tag))'", at: now)
        }
        throw ForgeFailure(.malformed, "The tag '\(oneLine(tag))' leads from tag to tag. Make it anew, of a commit.")
    }

    /// The newest run of each workflow that the tag set off.
    func runs(ofTag tag: String, commit: String, workflow: String?) async throws(ForgeFailure) -> [WorkflowRun] {
        let path = workflow.map { ["actions", "workflows", $0, "runs"] } ?? ["actions", "runs"]
        let value: JSONValue
        do {
            value = try await api.get(
                path, query: [("head_sha", commit), ("per_page", "100")],
                what: "the workflow runs of the release", at: now)
        } catch {
            guard error.code == .notFound, workflow != nil else { throw error }
            return []
        }
        let runs = try read { () throws(JSONContentError) in
            var runs: [WorkflowRun] = []
            for value in try JSONReader(value, "answer").elements("workflow_runs") {
                runs.append(try WorkflowRun(value))
            }
            return runs
        }
        func newest(_ runs: [WorkflowRun]) -> WorkflowRun? {
            runs.max { ($0.number, $0.attempt) < ($1.number, $1.attempt) }
        }
        return Dictionary(grouping: runs, by: \.path).sorted { $0.key < $1.key }.compactMap { _, runs in
            // A run by hand elsewhere says nothing against one of the tag.
            newest(runs.filter { $0.branch == tag || $0.event == "release" })
                ?? (workflow == nil ? nil : newest(runs.filter { $0.event == "workflow_dispatch" }))
        }
    }

    private func read<Value>(
        _ body: () throws(JSONContentError) -> Value
    ) throws(ForgeFailure) -> Value {
        do { return try body() } catch {
            throw ForgeFailure(
                .malformed,
                "GitHub answered with what is not of its API: \(error). Check tracker's url: is it that of the API?")
        }
    }
}
