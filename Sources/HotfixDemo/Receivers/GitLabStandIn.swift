import Foundation
import Synchronization

/// A stand-in for the part of GitLab's API that the merge gate talks to, for one project, on a loopback socket.
///
/// It refuses what GitLab refuses, with its codes and bodies, and keeps what a person would see.
package final class GitLabStandIn: Sendable {
    /// A status of a commit.
    package struct Status: Sendable, Hashable {
        /// `pending`, `running`, `success`, `failed` or `canceled`.
        package var state: String
        /// What it is called.
        package var name: String
        /// The branch that it is said of.
        package var ref: String?
        /// Why.
        package var description: String
    }

    /// What the project holds.
    package struct Project: Sendable {
        /// The heads of its branches.
        package var branches: [String: String] = [:]
        /// The open merge requests: number, branch and head.
        package var requests: [Int: (branch: String, head: String)] = [:]
        /// Those of them that come from a fork, whose commits are not here.
        package var forks: Set<Int> = []
        /// Statuses by commit, oldest first; only those that were taken.
        package var statuses: [String: [Status]] = [:]
    }

    private let project = Mutex(Project())
    private let path: String
    private let token: String

    /// Makes a stand-in.
    ///
    /// - Parameters:
    ///   - path: The project: `group/name`.
    ///   - token: The token that it takes.
    package init(path: String, token: String) {
        self.path = path
        self.token = token
    }

    /// Looks at the project, or changes it.
    package func withProject<T: Sendable>(_ body: (inout sending Project) -> sending T) -> T { project.withLock(body) }

    /// Answers a request, as `LoopbackServer` wants it.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard request.header("PRIVATE-TOKEN") == token else { return problem(401, "401 Unauthorized") }
        let parts = request.path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
        guard parts.count >= 4, Array(parts[0..<3]) == ["api", "v4", "projects"], parts[3] == path else {
            return problem(404, "404 Project Not Found")
        }
        let rest = Array(parts.dropFirst(4))
        switch (request.method, rest.first, rest.count) {
        case ("GET", nil, _): return json(["path_with_namespace": path])
        case ("GET", "repository", 3):
            guard let head = withProject({ $0.branches[rest[2]] }) else { return problem(404, "404 Branch Not Found") }
            return json(["name": rest[2], "commit": ["id": head]])
        case ("GET", "merge_requests", 1):
            let branch = request.query.first { $0.0 == "source_branch" }?.1
            let found = withProject { project in
                project.requests.filter { $0.value.branch == branch }.map { number, merge in
                    [
                        "iid": number, "sha": merge.head, "target_project_id": 1,
                        "source_project_id": project.forks.contains(number) ? 2 : 1,
                    ] as [String: any Sendable]
                }
            }
            return json(found)
        case ("POST", "statuses", 2): return post(request, commit: rest[1])
        default: return problem(404, "404 Not Found")
        }
    }

    private func post(_ request: LoopbackRequest, commit: String) -> LoopbackAnswer {
        guard let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any],
            let state = body["state"] as? String
        else { return problem(400, "state is missing") }
        guard ["pending", "running", "success", "failed", "canceled"].contains(state) else {
            return problem(400, "state does not have a valid value")
        }
        let status = Status(
            state: state, name: body["name"] as? String ?? "default", ref: body["ref"] as? String,
            description: body["description"] as? String ?? "")
        return withProject { project in
            guard
                project.branches.values.contains(commit)
                    || project.requests.contains(where: { !project.forks.contains($0.key) && $0.value.head == commit })
            else { return problem(404, "404 Commit Not Found") }
            let last = project.statuses[commit]?.last { $0.name == status.name }
            if state == "pending", last?.state == "pending" {
                return problem(
                    400,
                    "Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via \"enqueue\")"
                )
            }
            project.statuses[commit, default: []].append(status)
            return .json(#"{"id":1}"#, status: 201)
        }
    }

    private func problem(_ status: Int, _ message: String) -> LoopbackAnswer {
        json(["message": message], status: status)
    }

    private func json(_ value: Any, status: Int = 200) -> LoopbackAnswer {
        guard let data = try? JSONSerialization.data(withJSONObject: value) else { return .answer(status: 500) }
        return .json(String(decoding: data, as: UTF8.self), status: status)
    }
}
