import Foundation
package import HotfixCore

extension SimulatedSentry {
    /// A simulated release with its deploys.
    package struct Release: Sendable {
        /// A deploy of a release.
        package struct Deploy: Sendable, Hashable {
            /// The environment.
            package var environment: String
            /// When it was finished, as Sentry writes it.
            package var finished: String
            /// Its name, where it was given one.
            package var name: String?
            /// The slugs of its projects, where Sentry lists them with it; not every version does.
            package var projects: [String]?

            /// Makes a deploy.
            package init(_ environment: String, finished: String, name: String? = nil, projects: [String]? = nil) {
                self.environment = environment
                self.finished = finished
                self.name = name
                self.projects = projects
            }

            /// Makes a deploy that was finished at an instant.
            package init(
                _ environment: String = "production", at instant: Instant, projects: [String]? = nil
            ) {
                self.init(
                    environment, finished: instant.description.replacing("Z", with: ".000000Z"), projects: projects)
            }
        }

        /// The version.
        package var version: String
        /// The numeric ids of its projects.
        package var projects: [Int]
        /// When it was made, as Sentry writes it; lists are ordered by it.
        package var created: String
        /// When it was finalized.
        package var released: String?
        /// The id of its newest commit.
        package var commit: String?
        /// Its deploys, in the order they were recorded.
        package var deploys: [Deploy]
        /// The environments that sent events of it, whether it was deployed there or not.
        package var seenIn: [String] = []

        /// Makes a release.
        package init(
            _ version: String, projects: [Int], created: String, released: String? = nil, commit: String? = nil,
            deploys: [Deploy] = []
        ) {
            self.version = version
            self.projects = projects
            self.created = created
            self.released = released
            self.commit = commit
            self.deploys = deploys
        }
    }

    /// `releases/`: the newest first, by page; only those that were deployed to an environment or seen in it,
    /// where one is asked for.
    func listReleases(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let wanted = try query(request, widest: nil)
        let environments = request.all("environment")
        let search = request.first("query") ?? ""
        let listed = numbered.filter { release in
            wanted.projects.contains { release.release.projects.contains($0.id) }
                && (environments.isEmpty
                    || release.release.deploys.contains { environments.contains($0.environment) }
                    || release.release.seenIn.contains(where: environments.contains))
                && (search.isEmpty || release.release.version.contains(search))
        }.sorted { ($0.release.released ?? $0.release.created) > ($1.release.released ?? $1.release.created) }
        return try page(listed.map { text(of: $0, isDetail: false) }, request)
    }

    /// `releases/{version}/`.
    func release(_ version: String) throws(LoopbackRefusal) -> LoopbackAnswer {
        .json(text(of: try found(version), isDetail: true))
    }

    /// `releases/{version}/deploys/`: the newest first, by page.
    func listDeploys(of version: String, _ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let release = try found(version)
        let deploys = zip(release.ids, release.release.deploys).sorted { $0.1.finished > $1.1.finished }
        return try page(deploys.map { text(of: $1, id: $0) }, request)
    }

    private struct Numbered {
        var release: Release
        var ids: [Int]
    }

    /// The releases with the numbers of their deploys, which further deploys of others leave as they are.
    private var numbered: [Numbered] {
        server.releases.enumerated().map { index, release in
            Numbered(release: release, ids: release.deploys.indices.map { 500 + 1000 * index + $0 })
        }
    }

    private func found(_ version: String) throws(LoopbackRefusal) -> Numbered {
        guard let found = numbered.first(where: { $0.release.version == version.removingPercentEncoding }) else {
            throw .notFound
        }
        return found
    }

    private func text(of numbered: Numbered, isDetail: Bool) -> String {
        let release = numbered.release
        let last = zip(numbered.ids, release.deploys).map { $0 }.last.map { text(of: $1, id: $0) } ?? "null"
        let commit = release.commit.map { "{\"id\":\(jsonText($0)),\"message\":\"Mend it\"}" } ?? "null"
        let projects = release.projects.map { "{\"id\":\($0),\"slug\":\"p\($0)\"}" }.joined(separator: ",")
        return """
            {"version":\(jsonText(release.version)),"dateCreated":\(jsonText(release.created)),
            "dateReleased":\(release.released.map(jsonText) ?? "null"),"firstEvent":null,"lastEvent":null,
            "deployCount":\(release.deploys.count),"lastDeploy":\(last),"projects":[\(projects)],
            "lastCommit":\(isDetail ? commit : "null")}
            """
    }

    private func text(of deploy: Release.Deploy, id: Int) -> String {
        let projects = deploy.projects.map { ",\"projects\":[\($0.map(jsonText).joined(separator: ","))]" } ?? ""
        return """
            {"id":"\(id)","environment":\(jsonText(deploy.environment)),"dateStarted":null,
            "dateFinished":\(jsonText(deploy.finished)),"name":\(deploy.name.map(jsonText) ?? "null"),"url":null\(projects)}
            """
    }
}
