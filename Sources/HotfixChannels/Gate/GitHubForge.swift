package import HotfixCalls
package import HotfixCore
import HotfixHTTP

/// GitHub, or a GitHub Enterprise Server, as a place where the hotfix is merged.
///
/// The token needs: commit statuses (write), contents and pull requests (read), issues or pull requests (write) for the comment.
package struct GitHubForge: GateForge {
    package let title = "GitHub"
    /// As documented: the 1,001st of a commit and a context is refused.
    package let mostStatuses: Int? = 1000
    private let api: GitHubAPI
    private let context: String
    private let link: String?

    /// Makes a forge.
    ///
    /// - Parameters:
    ///   - api: The repository.
    ///   - context: What the status is called.
    ///   - link: The page that the status leads to.
    package init(api: GitHubAPI, context: String = "hotfix/guardrails", link: String? = nil) {
        self.api = api
        self.context = context
        self.link = link
    }

    package func head(of branch: String, at now: Instant) async throws(ForgeFailure) -> String {
        let what = "the head of branch '\(oneLine(branch))'"
        do {
            let value = try await api.get(["branches", branch], what: what, at: now)
            return try commit(in: value.object?["commit"]?.object?["sha"], of: what)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        _ = try await api.get([], what: "repository \(api.repository)", at: now)
        throw ForgeFailure(.branchGone, goneMessage(branch, "GitHub"))
    }

    package func requests(from branch: String, at now: Instant) async throws(ForgeFailure) -> [MergeRequest] {
        let what = "the pull requests of branch '\(oneLine(branch))'"
        let list = try await api.list(
            ["pulls"], query: [("state", "open"), ("head", "\(api.owner):\(branch)")], what: what, at: now)
        return try list.map { element throws(ForgeFailure) in
            let head = element.object?["head"]?.object
            guard case .string(let ref)? = head?["ref"], ref.text == branch,
                case .number(let spelling)? = element.object?["number"], let number = Int(spelling)
            else { throw ForgeFailure(.malformed, "GitHub answered with other than \(what). Check the url.") }
            return MergeRequest(number: number, head: try commit(in: head?["sha"], of: what))
        }
    }

    package func post(
        _ status: GateStatus, of commit: String, branch: String?, at now: Instant
    ) async throws(ForgeFailure) {
        let body: JSONObject = [
            "state": JSONValue(status.state.rawValue), "context": JSONValue(context),
            "description": JSONValue(status.description), "target_url": JSONValue(link),
        ]
        _ = try await api.send(
            .post, ["statuses", commit], body: .object(body),
            what: "the status '\(context)' of commit \(commit.prefix(12))", at: now)
    }

    package func comment(marked mark: String, on request: Int, at now: Instant) async throws(ForgeFailure) -> Int? {
        let comments = try await api.list(
            ["issues", String(request), "comments"], what: "the comments of pull request \(request)", at: now)
        for case .object(let comment) in comments {
            // Only at the beginning: a quotation of ours is somebody else's.
            if case .string(let body)? = comment["body"], body.text.hasPrefix(mark),
                case .number(let spelling)? = comment["id"], let id = Int(spelling)
            {
                return id
            }
        }
        return nil
    }

    package func write(
        comment text: String, over number: Int?, on request: Int, at now: Instant
    ) async throws(ForgeFailure) -> Int? {
        let what = "the comment on pull request \(request)"
        let body = JSONValue.object(["body": JSONValue(text)])
        let path = number.map { ["issues", "comments", String($0)] } ?? ["issues", String(request), "comments"]
        let answer = try await api.send(number == nil ? .post : .patch, path, body: body, what: what, at: now)
        guard case .number(let spelling)? = answer.object?["id"], let id = Int(spelling) else {
            throw ForgeFailure(.malformed, "GitHub took \(what) and gave it no number. Check the url.")
        }
        return id
    }

    package func examine(_ subject: Finding.Subject, context: String, at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        do {
            let repository = try await api.get([], what: "repository \(api.repository)", at: now)
            diagnosis.pass(subject, "GitHub shows repository \(api.repository) to the token")
            if case .boolean(false)? = repository.object?["permissions"]?.object?["push"] {
                diagnosis.findings.append(
                    Finding(
                        .problem, .scopeMissing, subject, "The token may not write to \(api.repository).",
                        remedy: "Give it 'Commit statuses: write', and 'Pull requests: write' for the comment."))
            }
            diagnosis.leaveOut(
                subject, "whether the token may write commit statuses, which GitHub tells only when one is written.",
                remedy: "See whether the hotfix branch shows '\(context)' after the next check.")
        } catch {
            diagnosis.findings.append(error.finding(subject))
        }
        return diagnosis
    }

    private func commit(in value: JSONValue?, of what: String) throws(ForgeFailure) -> String {
        guard case .string(let text)? = value, isFullCommit(text.text) else {
            throw ForgeFailure(.malformed, "GitHub named no full commit for \(what). Check the url.")
        }
        return text.text.lowercased()
    }
}

/// What is said where the hotfix branch is not there (any more).
func goneMessage(_ branch: String, _ title: String) -> String {
    "\(title) has no branch '\(clipped(oneLine(branch), units: 200))'. Once it is merged, close the hotfix: hotfix deployed --close."
        + " Else record the deployment with the branch that it is of."
}
