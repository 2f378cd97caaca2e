import Foundation
import Synchronization

/// A stand-in for what GitHub shows of releases, and for the storage that their files lie in, on two loopback sockets.
///
/// It refuses what GitHub refuses: drafts by their tag, tokens that are wrong; the storage refuses credentials and HEAD, as storage does
/// whose addresses are signed.
package final class ReleaseStandIn: Sendable {
    /// A release.
    package struct Release: Sendable {
        /// Its number.
        package var id: Int
        /// Its tag.
        package var tag: String
        /// Whether only the team sees it.
        package var isDraft = false
        /// Whether it is marked as a prerelease.
        package var isPrerelease = false
        /// Its notes.
        package var notes = "Fixes the crash at start. Update to get it."
        /// When it was published, ISO 8601.
        package var publishedAt = "2026-11-20T10:00:00Z"
        /// Its files.
        package var assets: [Asset] = []

        /// Makes a release.
        package init(id: Int, tag: String) {
            self.id = id
            self.tag = tag
        }
    }

    /// A file of a release.
    package struct Asset: Sendable {
        /// Its number.
        package var id: Int
        /// Its name.
        package var name: String
        /// Its bytes, as the storage gives them.
        package var bytes: [UInt8]
        /// `uploaded` or `open`.
        package var state = "uploaded"
        /// How large GitHub says it is, where that is not as large as it is.
        package var size: Int?
        /// `sha256:` and hexadecimal digits; nil where GitHub does not know.
        package var digest: String?
        /// Whether the storage has lost it.
        package var isLost = false

        /// Makes a file.
        package init(id: Int, name: String, bytes: [UInt8], digest: String?) {
            self.id = id
            self.name = name
            self.bytes = bytes
            self.digest = digest
        }
    }

    /// A run of a workflow.
    package struct Run: Sendable {
        /// Its number, which grows.
        package var number: Int
        /// Which attempt it is.
        package var attempt = 1
        /// The file of the workflow.
        package var file = "release.yml"
        /// What began it.
        package var event = "push"
        /// The branch or tag.
        package var branch: String
        /// The commit.
        package var commit: String
        /// `completed`, or how far it is.
        package var status = "completed"
        /// What it came to.
        package var conclusion: String? = "success"

        /// Makes a run that succeeded.
        package init(number: Int, branch: String, commit: String) {
            self.number = number
            self.branch = branch
            self.commit = commit
        }
    }

    /// All that is served.
    package struct World: Sendable {
        /// The releases, newest first.
        package var releases: [Release] = []
        /// What tags lead to; all of them are annotated.
        package var tags: [String: String] = [:]
        /// The runs of workflows.
        package var runs: [Run] = []
        /// Pages and feeds by their paths.
        package var pages: [String: LoopbackAnswer] = [:]
        /// What a server of feeds answers at `/update/TARGET/ARCH/VERSION`.
        package var update: (@Sendable (_ target: String, _ arch: String, _ version: String) -> LoopbackAnswer)?
        /// What the next calls of the API are answered with, instead of what they ask for.
        package var faults: [LoopbackAnswer] = []

        /// Makes a world with nothing in it.
        package init() {}
    }

    private let world: Mutex<World>
    private let name: String
    private let token: String
    private let storageURL = Mutex("")

    /// Makes a stand-in.
    ///
    /// - Parameters:
    ///   - name: The repository: `owner/name`.
    ///   - token: The token that it takes.
    package init(name: String, token: String) {
        world = Mutex(World())
        self.name = name
        self.token = token
    }

    /// Looks at what is served, or changes it.
    package func withWorld<T: Sendable>(_ body: (inout sending World) -> sending T) -> T { world.withLock(body) }

    /// Runs a body while both servers run.
    ///
    /// - Parameter body: Is given the server of the API and the pages, and that of the storage.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and an error of the system's where no port can be had.
    package func run<T>(
        _ body: (_ forge: LoopbackServer, _ storage: LoopbackServer) async throws -> T
    ) async throws -> T {
        try await withLoopbackServer(storage) { storage in
            storageURL.withLock { $0 = storage.url }
            return try await withLoopbackServer(answer) { forge in try await body(forge, storage) }
        }
    }

    private func storage(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard request.header("Authorization") == nil else {
            return .answer(status: 400, body: Array("Only one auth mechanism allowed".utf8))
        }
        guard request.method == "GET" else { return .answer(status: 403) }
        let id = Int(request.path.split(separator: "/").last ?? "")
        let asset = withWorld { world in world.releases.flatMap(\.assets).first { $0.id == id } }
        guard let asset, !asset.isLost else { return .answer(status: 404, body: Array("<Error/>".utf8)) }
        guard request.header("Range") == "bytes=0-0", !asset.bytes.isEmpty else {
            return .answer(status: 200, body: asset.bytes)
        }
        return .answer(
            status: 206, headers: [("Content-Range", "bytes 0-0/\(asset.bytes.count)")],
            body: Array(asset.bytes.prefix(1)))
    }

    /// Answers what is asked of the API, of pages and of feeds, as `LoopbackServer` wants it.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        let parts = request.path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        if let page = withWorld({ $0.pages[request.path] }) { return page }
        if parts.count == 4, parts[0] == "update", let update = withWorld({ $0.update }) {
            return update(parts[1], parts[2], parts[3])
        }
        if parts.count == 6, parts[0..<2].joined(separator: "/") == name, parts[2...3] == ["releases", "download"] {
            return download(tag: parts[4], name: parts[5])
        }
        guard parts.first == "repos" else { return problem(404, "Not Found") }
        guard request.header("Authorization") == "Bearer \(token)" else { return problem(401, "Bad credentials") }
        let fault = withWorld { $0.faults.isEmpty ? nil : $0.faults.removeFirst() }
        if let fault { return fault }
        guard parts.count >= 4, parts[1..<3].joined(separator: "/") == name else { return problem(404, "Not Found") }
        return api(request, Array(parts.dropFirst(3)))
    }

    private func api(_ request: LoopbackRequest, _ path: [String]) -> LoopbackAnswer {
        switch (path[0], path.count) {
        case ("releases", 1): return json(withWorld { $0.releases }.map(shown))
        case ("releases", 2...) where path[1] == "tags":
            let tag = path.dropFirst(2).joined(separator: "/")
            let release = withWorld { world in world.releases.first { $0.tag == tag && !$0.isDraft } }
            return release.map { json(shown($0)) } ?? problem(404, "Not Found")
        case ("releases", 3) where path[1] == "assets":
            return asset(Int(path[2]) ?? 0, accept: request.header("Accept") ?? "")
        case ("releases", 3) where path[2] == "assets":
            let release = withWorld { world in world.releases.first { $0.id == Int(path[1]) } }
            return release.map { json($0.assets.map(shown)) } ?? problem(404, "Not Found")
        case ("git", 4...) where path[1...2] == ["ref", "tags"]: return reference(path[3...].joined(separator: "/"))
        case ("git", 3) where path[1] == "tags":
            let commit = withWorld { $0.tags[String(path[2].dropFirst(4))] }
            return commit.map { json(["object": ["type": "commit", "sha": $0]]) } ?? problem(404, "Not Found")
        case ("actions", 2): return runs(request, file: nil)
        case ("actions", 4): return runs(request, file: path[2])
        default: return problem(404, "Not Found")
        }
    }

    /// The object of an annotated tag goes by a name of its own here: `tag-` and the tag.
    private func reference(_ tag: String) -> LoopbackAnswer {
        guard withWorld({ $0.tags[tag] }) != nil else { return problem(404, "Not Found") }
        return json(["ref": "refs/tags/\(tag)", "object": ["type": "tag", "sha": "tag-\(tag)"]])
    }

    private func runs(_ request: LoopbackRequest, file: String?) -> LoopbackAnswer {
        let commit = request.query.first { $0.0 == "head_sha" }?.1
        let runs = withWorld { $0.runs }
        if let file, !runs.contains(where: { $0.file == file }) { return problem(404, "Not Found") }
        let found = runs.filter { $0.commit == commit && (file == nil || $0.file == file) }
        return json(["total_count": found.count, "workflow_runs": found.map(shown)])
    }

    private func asset(_ id: Int, accept: String) -> LoopbackAnswer {
        guard let asset = withWorld({ world in world.releases.flatMap(\.assets).first { $0.id == id } }) else {
            return problem(404, "Not Found")
        }
        return accept == "application/octet-stream" ? stored(id) : json(shown(asset))
    }

    private func download(tag: String, name: String) -> LoopbackAnswer {
        let asset = withWorld { world in
            world.releases.first { $0.tag == tag && !$0.isDraft }?.assets.first { $0.name == name }
        }
        return asset.map { stored($0.id) } ?? .answer(status: 404, body: Array("Not Found".utf8))
    }

    private func stored(_ id: Int) -> LoopbackAnswer {
        .answer(
            status: 302, headers: [("Location", "\(storageURL.withLock { $0 })/files/\(id)")],
            body: Array("<html>You are being redirected.</html>".utf8))
    }

    private func shown(_ release: Release) -> [String: Any] {
        [
            "id": release.id, "tag_name": release.tag, "draft": release.isDraft, "prerelease": release.isPrerelease,
            "body": release.notes, "published_at": release.isDraft ? NSNull() : release.publishedAt as Any,
        ]
    }

    private func shown(_ asset: Asset) -> [String: Any] {
        [
            "id": asset.id, "name": asset.name, "state": asset.state, "size": asset.size ?? asset.bytes.count,
            "digest": asset.digest.map { $0 as Any } ?? NSNull(), "content_type": "application/octet-stream",
        ]
    }

    private func shown(_ run: Run) -> [String: Any] {
        [
            "id": run.number, "run_number": run.number, "run_attempt": run.attempt, "event": run.event,
            "path": ".github/workflows/\(run.file)", "head_branch": run.branch, "head_sha": run.commit,
            "status": run.status, "conclusion": run.conclusion.map { $0 as Any } ?? NSNull(),
            "html_url": "https://github.com/\(name)/actions/runs/\(run.number)",
        ]
    }

    private func problem(_ status: Int, _ message: String) -> LoopbackAnswer {
        json(["message": message, "documentation_url": "https://docs.github.com/rest"], status: status)
    }

    private func json(_ value: Any, status: Int = 200) -> LoopbackAnswer {
        guard let data = try? JSONSerialization.data(withJSONObject: value) else { return .answer(status: 500) }
        return .json(String(decoding: data, as: UTF8.self), status: status)
    }
}
