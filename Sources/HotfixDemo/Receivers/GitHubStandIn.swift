import Foundation
import Synchronization

/// A stand-in for the part of GitHub's REST API that hotfix talks to, for one repository, on a loopback socket.
///
/// It refuses what GitHub refuses, with its codes and bodies, and keeps what a person would see.
package final class GitHubStandIn: Sendable {
    /// A status beside a commit.
    package struct Status: Sendable, Hashable {
        /// `error`, `failure`, `pending` or `success`.
        package var state: String
        /// What it is called.
        package var context: String
        /// Why.
        package var description: String
    }

    /// A comment on a pull request.
    package struct Comment: Sendable, Hashable {
        /// Its number.
        package var id: Int
        /// Markdown.
        package var body: String
        /// How often it was edited.
        package var edits = 0

        /// Makes a comment.
        package init(id: Int, body: String) {
            self.id = id
            self.body = body
        }
    }

    /// What happens to the next call that changes something.
    package enum Fault: Sendable {
        /// It is answered so, and nothing is done.
        case refused(status: Int, body: String, headers: [(String, String)] = [])
        /// Nothing is done, and the connection is reset.
        case lost
        /// It is done, and the connection is reset before the answer.
        case answerLost
    }

    /// What the repository holds.
    package struct Repository: Sendable {
        /// The heads of its branches.
        package var branches: [String: String] = [:]
        /// The open pull requests: number, branch, and what is shown as their head where that lags behind.
        package var pulls: [Int: (branch: String, head: String?)] = [:]
        /// What else is known of pull requests, open and closed ones.
        package var pullFacts: [Int: PullFacts] = [:]
        /// Reviews by pull request, in the order handed in.
        package var reviews: [Int: [Review]] = [:]
        /// Check runs by commit.
        package var checkRuns: [String: [CheckRun]] = [:]
        /// The contexts that branches require by their protection.
        package var requiredByProtection: [String: [String]] = [:]
        /// The contexts that branches require by a ruleset.
        package var requiredByRuleset: [String: [String]] = [:]
        /// Whether pull requests may be merged by merge commits.
        package var allowsMergeCommits = true
        /// Merges a commit into a branch, and gives the merge commit; nil where that conflicts.
        ///
        /// Without it, a merge commit is made up.
        package var merger: (@Sendable (_ base: String, _ head: String, _ title: String) -> String?)?
        /// The workflows that tags set off.
        package var workflows: [Workflow] = []
        /// Statuses by commit, oldest first.
        package var statuses: [String: [Status]] = [:]
        /// Comments by pull request.
        package var comments: [Int: [Comment]] = [:]
        /// Commits that are not a head of any branch and yet there.
        package var commits: Set<String> = []
        /// Whether the token may write statuses.
        package var mayWrite = true
        /// Whether it knows the version of the API that is asked for.
        package var knowsVersion = true
        /// What happens to the next calls that change something.
        package var faults: [Fault] = []
        /// What happens to the next calls that ask.
        package var readingFaults: [Fault] = []
    }

    private let repository = Mutex(Repository())
    let name: String
    private let token: String
    private let prefix: String

    /// Makes a stand-in.
    ///
    /// - Parameters:
    ///   - name: The repository: `owner/name`.
    ///   - token: The token that it takes.
    ///   - prefix: The path before everything, as an enterprise server has one: `/api/v3`.
    package init(name: String, token: String, prefix: String = "") {
        self.name = name
        self.token = token
        self.prefix = prefix
    }

    /// Looks at the repository, or changes it.
    package func withRepository<T: Sendable>(_ body: (inout sending Repository) -> sending T) -> T {
        repository.withLock(body)
    }

    /// The newest status of a commit.
    package func status(of commit: String) -> Status? { withRepository { $0.statuses[commit]?.last } }

    /// Answers a request, as `LoopbackServer` wants it.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard request.header("User-Agent") != nil else {
            return .answer(
                status: 403,
                body: Array(
                    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
                        .utf8))
        }
        if request.header("X-GitHub-Api-Version") != nil, !withRepository({ $0.knowsVersion }) {
            return problem(400, "The requested API version is not supported")
        }
        guard request.header("Authorization") == "Bearer \(token)" else { return problem(401, "Bad credentials") }
        guard request.path.hasPrefix(prefix + "/repos/"), !request.path.hasSuffix("/") else { return notFound }
        let parts = request.path.dropFirst(prefix.count + 7).split(separator: "/").map {
            String($0).removingPercentEncoding ?? String($0)
        }
        guard parts.count >= 2, "\(parts[0])/\(parts[1])" == name else { return notFound }
        let isChange = request.method != "GET"
        let fault = withRepository { repository -> Fault? in
            if isChange { return repository.faults.isEmpty ? nil : repository.faults.removeFirst() }
            return repository.readingFaults.isEmpty ? nil : repository.readingFaults.removeFirst()
        }
        switch fault {
        case .refused(let status, let body, let headers):
            return .json(body, status: status, headers: headers)
        case .lost: return .reset
        case .answerLost:
            _ = handle(request, Array(parts.dropFirst(2)))
            return .reset
        case nil: return handle(request, Array(parts.dropFirst(2)))
        }
    }

    private func handle(_ request: LoopbackRequest, _ path: [String]) -> LoopbackAnswer {
        switch (request.method, path.first, path.count) {
        case ("GET", nil, _): return json(["full_name": name, "permissions": ["push": withRepository { $0.mayWrite }]])
        case ("GET", "branches", 2): return branch(path[1])
        case (_, "pulls", _): return answerOnPulls(request, Array(path.dropFirst()))
        case ("GET", "commits", 3): return checks(of: path[1], as: path[2], request)
        case ("GET", "rules", 3): return rules(of: path[2])
        case ("GET", "actions", 2) where path[1] == "runs": return runs(request)
        case ("POST", "statuses", 2): return post(request, commit: path[1])
        case ("GET", "issues", 3): return comments(request, of: Int(path[1]) ?? 0)
        case ("POST", "issues", 3): return comment(request, on: Int(path[1]) ?? 0)
        case ("PATCH", "issues", 3): return edit(request, comment: Int(path[2]) ?? 0)
        default: return notFound
        }
    }

    private func branch(_ name: String) -> LoopbackAnswer {
        let (head, required) = withRepository { ($0.branches[name], $0.requiredByProtection[name]) }
        guard let head else { return problem(404, "Branch not found") }
        let protection: [String: Any] = [
            "enabled": required != nil, "required_status_checks": ["contexts": required ?? []],
        ]
        return json(
            ["name": name, "commit": ["sha": head], "protected": required != nil, "protection": protection])
    }

    private func post(_ request: LoopbackRequest, commit: String) -> LoopbackAnswer {
        guard withRepository({ $0.mayWrite }) else {
            return .json(
                #"{"message":"Resource not accessible by personal access token","status":"403"}"#, status: 403,
                headers: [("X-Accepted-GitHub-Permissions", "statuses=write")])
        }
        guard let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any] else {
            return problem(400, "Problems parsing JSON")
        }
        let status = Status(
            state: body["state"] as? String ?? "", context: body["context"] as? String ?? "default",
            description: body["description"] as? String ?? "")
        guard ["error", "failure", "pending", "success"].contains(status.state) else {
            return unprocessable("state is not included in the list", field: "state")
        }
        guard status.description.unicodeScalars.count <= 140 else {
            return unprocessable("description is too long (maximum is 140 characters)", field: "description")
        }
        guard commit.count == 40 else { return unprocessable("sha must be a 40 character SHA1", field: "sha") }
        return withRepository { repository in
            guard repository.commits.contains(commit) || repository.branches.values.contains(commit) else {
                return problem(422, "No commit found for SHA: \(commit)")
            }
            let same = repository.statuses[commit, default: []].filter {
                $0.context.lowercased() == status.context.lowercased()
            }
            guard same.count < 1000 else {
                return unprocessable("This SHA and context has reached the maximum number of statuses.", field: "base")
            }
            repository.statuses[commit, default: []].append(status)
            return .json(#"{"id":1,"state":"\#(status.state)"}"#, status: 201)
        }
    }

    /// The elements of the page that was asked for, with the header that names the next one.
    func page<Element>(_ all: [Element], _ request: LoopbackRequest) -> ([Element], headers: [(String, String)]) {
        let size = min(100, Int(request.query.first { $0.0 == "per_page" }?.1 ?? "") ?? 30)
        let page = Int(request.query.first { $0.0 == "page" }?.1 ?? "") ?? 1
        let some = Array(all.dropFirst((page - 1) * size).prefix(size))
        guard all.count > page * size else { return (some, []) }
        let host = request.header("Host") ?? ""
        return (
            some, [("Link", "<http://\(host)\(request.path)?per_page=\(size)&page=\(page + 1)>; rel=\"next\"")]
        )
    }

    private func comments(_ request: LoopbackRequest, of number: Int) -> LoopbackAnswer {
        let (some, headers) = page(withRepository { $0.comments[number] ?? [] }, request)
        return json(some.map { ["id": $0.id, "body": $0.body] as [String: any Sendable] }, headers: headers)
    }

    private func comment(_ request: LoopbackRequest, on number: Int) -> LoopbackAnswer {
        guard let body = text(request), !body.isEmpty, body.count <= 65_536 else {
            return unprocessable("body is too long (maximum is 65536 characters)", field: "body")
        }
        return withRepository { repository in
            guard repository.pulls[number] != nil else { return notFound }
            let id = 1 + (repository.comments.values.flatMap { $0 }.map(\.id).max() ?? 100)
            repository.comments[number, default: []].append(Comment(id: id, body: body))
            return .json(#"{"id":\#(id)}"#, status: 201)
        }
    }

    private func edit(_ request: LoopbackRequest, comment id: Int) -> LoopbackAnswer {
        guard let body = text(request), !body.isEmpty else { return problem(422, "Validation Failed") }
        return withRepository { repository in
            for (number, comments) in repository.comments {
                guard let index = comments.firstIndex(where: { $0.id == id }) else { continue }
                repository.comments[number]?[index].body = body
                repository.comments[number]?[index].edits += 1
                return .json(#"{"id":\#(id)}"#)
            }
            return notFound
        }
    }

    private func text(_ request: LoopbackRequest) -> String? {
        (try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any])?["body"] as? String
    }

    var notFound: LoopbackAnswer { problem(404, "Not Found") }

    func problem(_ status: Int, _ message: String) -> LoopbackAnswer {
        json(
            ["message": message, "documentation_url": "https://docs.github.com/rest", "status": "\(status)"],
            status: status)
    }

    func unprocessable(_ message: String, field: String, of resource: String = "Status") -> LoopbackAnswer {
        json(
            [
                "message": "Validation Failed", "status": "422",
                "errors": [["resource": resource, "code": "custom", "field": field, "message": message]],
            ], status: 422)
    }

    func json(_ value: Any, status: Int = 200, headers: [(String, String)] = []) -> LoopbackAnswer {
        guard let data = try? JSONSerialization.data(withJSONObject: value) else {
            return .answer(status: 500)
        }
        return .json(String(decoding: data, as: UTF8.self), status: status, headers: headers)
    }
}
