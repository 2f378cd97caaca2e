package import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// GitLab as a place where the hotfix is merged: commit statuses; it writes no comments.
///
/// Contract: docs.gitlab.com/api/commits, "Set commit pipeline status". The token needs the scope `api` and the role Developer.
package struct GitLabForge: GateForge {
    package let title = "GitLab"
    package let mostStatuses: Int? = nil
    private let caller: ForgeCaller
    private let project: String
    private let context: String
    private let link: String?

    /// Makes a forge.
    ///
    /// - Parameters:
    ///   - url: The base of GitLab.
    ///   - project: The project's number, or its path `group/name`.
    ///   - token: A token.
    ///   - context: What the status is called.
    ///   - link: The page that the status leads to.
    ///   - tls: Whom to trust.
    ///   - client: The client.
    package init(
        url: String = "https://gitlab.com", project: String, token: Secret, context: String = "hotfix/guardrails",
        link: String? = nil, tls: HTTPTLS = .init(), client: HTTPClient
    ) {
        self.project = project
        self.context = context
        self.link = link
        caller = ForgeCaller(
            url: (url.hasSuffix("/") ? String(url.dropLast()) : url) + "/api/v4/projects", title: "GitLab",
            headers: [(name: "PRIVATE-TOKEN", value: token.value)], credentials: .none, token: token, tls: tls,
            client: client)
    }

    package func head(of branch: String, at now: Instant) async throws(ForgeFailure) -> String {
        let what = "the head of branch '\(oneLine(branch))'"
        do {
            let value = try await get(["repository", "branches", branch], what: what, at: now)
            return try commit(in: value.object?["commit"]?.object?["id"], of: what)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        _ = try await get([], what: "project \(project)", at: now)
        throw ForgeFailure(.branchGone, goneMessage(branch, "GitLab"))
    }

    package func requests(from branch: String, at now: Instant) async throws(ForgeFailure) -> [MergeRequest] {
        let what = "the merge requests of branch '\(oneLine(branch))'"
        let value = try await get(
            ["merge_requests"], query: [("state", "opened"), ("source_branch", branch), ("per_page", "100")],
            what: what, at: now)
        guard case .array(let list) = value else {
            throw ForgeFailure(.malformed, "GitLab answered with other than \(what). Check the url.")
        }
        var requests: [MergeRequest] = []
        for element in list {
            let object = element.object
            // Anybody may have a branch of the same name in a fork: its commits are not here.
            guard object?["source_project_id"] == object?["target_project_id"] else { continue }
            guard case .number(let spelling)? = object?["iid"], let number = Int(spelling) else {
                throw ForgeFailure(.malformed, "GitLab answered with other than \(what). Check the url.")
            }
            requests.append(MergeRequest(number: number, head: try commit(in: object?["sha"], of: what)))
        }
        return requests
    }

    package func post(
        _ status: GateStatus, of commit: String, branch: String?, at now: Instant
    ) async throws(ForgeFailure) {
        let state =
            switch status.state {
            case .success: "success"
            case .pending: "pending"
            case .failure, .error: "failed"
            }
        var body: JSONObject = [
            "state": JSONValue(state), "name": JSONValue(context), "description": JSONValue(status.description),
        ]
        if let branch { body["ref"] = JSONValue(branch) }
        if let link { body["target_url"] = JSONValue(link) }
        let what = "the status '\(context)' of commit \(commit.prefix(12))"
        let exchange = try await caller.exchange(
            .post, caller.address([project, "statuses", commit]), body: .object(body))
        // It refuses to say twice that a status is pending; that it is so is what was wanted.
        if exchange.answer.status == 400, status.state == .pending,
            exchange.said.contains("Cannot transition status"), exchange.said.contains("from :pending")
        {
            return
        }
        _ = try caller.accepted(exchange, what, at: now)
    }

    package func comment(marked mark: String, on request: Int, at now: Instant) async throws(ForgeFailure) -> Int? {
        nil
    }

    package func write(
        comment text: String, over number: Int?, on request: Int, at now: Instant
    ) async throws(ForgeFailure) -> Int? { nil }

    package func examine(_ subject: Finding.Subject, context: String, at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        do {
            _ = try await get([], what: "project \(project)", at: now)
            diagnosis.pass(subject, "GitLab shows project \(project) to the token")
            diagnosis.leaveOut(
                subject, "whether the token may set commit statuses, which GitLab tells only when one is set.",
                remedy: "See whether the hotfix branch shows '\(context)' after the next check.")
        } catch {
            diagnosis.findings.append(error.finding(subject))
        }
        return diagnosis
    }

    private func get(
        _ path: [String], query: [(String, String)] = [], what: String, at now: Instant
    ) async throws(ForgeFailure) -> JSONValue {
        let exchange = try await caller.exchange(.get, caller.address([project] + path, query))
        return try caller.json(try caller.accepted(exchange, what, at: now))
    }

    private func commit(in value: JSONValue?, of what: String) throws(ForgeFailure) -> String {
        guard case .string(let text)? = value, isFullCommit(text.text) else {
            throw ForgeFailure(.malformed, "GitLab named no full commit for \(what). Check the url.")
        }
        return text.text.lowercased()
    }
}
