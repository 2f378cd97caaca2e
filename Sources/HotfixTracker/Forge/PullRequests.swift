package import HotfixCalls
package import HotfixCore
import HotfixHTTP

/// The pull requests of one repository at GitHub, with their reviews and checks.
///
/// The token needs: contents and pull requests (write to open, merge and close), commit statuses and checks (read).
package struct PullRequests: Sendable {
    /// The repository.
    package let api: GitHubAPI
    /// The clock.
    package let now: @Sendable () -> Instant

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - api: The repository.
    ///   - now: The clock.
    package init(api: GitHubAPI, now: @escaping @Sendable () -> Instant) {
        self.api = api
        self.now = now
    }

    /// The open pull requests of a branch of this repository, lowest number first.
    ///
    /// - Parameters:
    ///   - branch: The branch that they merge.
    ///   - base: The branch that they are merged to; nil means any.
    /// - Returns: The pull requests.
    /// - Throws: `ForgeFailure`.
    package func open(from branch: GitName, into base: GitName? = nil) async throws(ForgeFailure) -> [PullRequest] {
        let what = "the pull requests of branch '\(oneLine(branch.text))'"
        var query = [("state", "open"), ("head", "\(api.owner):\(branch.text)")]
        if let base { query.append(("base", base.text)) }
        let list = try await api.list(["pulls"], query: query, what: what, at: now())
        // An older server may not know a filter, and then answers with more.
        return try list.map { element throws(ForgeFailure) in try pullRequest(element, what) }
            .filter { $0.branch == branch.text && (base == nil || $0.base == base?.text) }
            .sorted { $0.number < $1.number }
    }

    /// A pull request by its number.
    package func find(_ number: Int) async throws(ForgeFailure) -> PullRequest {
        let what = "pull request \(number)"
        return try pullRequest(try await api.get(["pulls", String(number)], what: what, at: now()), what)
    }

    /// Opens a pull request.
    ///
    /// - Parameters:
    ///   - branch: The branch that it merges.
    ///   - base: The branch that it is merged to.
    ///   - title: What it is called; cut to 250 characters.
    ///   - body: What it says, in Markdown; cut to 60,000 bytes.
    /// - Returns: The pull request; the open one, where there is one of these branches already.
    /// - Throws: `ForgeFailure`.
    package func open(
        from branch: GitName, into base: GitName, title: String, body: String
    ) async throws(ForgeFailure) -> PullRequest {
        if let found = try await open(from: branch, into: base).first { return found }
        let what = "a pull request of '\(oneLine(branch.text))' into '\(oneLine(base.text))'"
        let content: JSONObject = [
            "title": JSONValue(clipped(oneLine(title), units: 250)), "head": JSONValue(branch.text),
            "base": JSONValue(base.text), "body": JSONValue(clipped(body, bytes: 60_000)),
        ]
        do {
            let answer = try await api.send(.post, ["pulls"], body: .object(content), what: what, at: now())
            return try pullRequest(answer, what)
        } catch {
            // Somebody may have opened it meanwhile, and an answer may have been lost.
            guard error.code == .refused || error.code == .unknown,
                let found = try await open(from: branch, into: base).first
            else { throw error }
            return found
        }
    }

    /// Merges a pull request by a merge commit, if its head still is a commit.
    ///
    /// - Parameters:
    ///   - number: The pull request.
    ///   - head: The full id that its head has to have: with another one GitHub merges nothing.
    ///   - title: The subject of the merge commit.
    /// - Throws: `ForgeFailure`; a refusal because of checks names those that are not passed.
    package func merge(_ number: Int, head: String, title: String) async throws(ForgeFailure) {
        let what = "the merge of pull request \(number)"
        let body: JSONObject = [
            "sha": JSONValue(head), "merge_method": JSONValue("merge"),
            "commit_title": JSONValue(clipped(oneLine(title), units: 250)),
        ]
        let answer: JSONValue
        do {
            answer = try await api.send(
                .put, ["pulls", String(number), "merge"], body: .object(body), what: what, at: now())
        } catch {
            // The answer may have been lost after the merge.
            if error.code == .unknown {
                if try await find(number).isMerged { return }
            }
            guard error.code == .refused else { throw error }
            throw ForgeFailure(.refused, error.message + (try await openChecks(of: number, head)))
        }
        guard answer.object?["merged"] == .boolean(true) else {
            throw ForgeFailure(.unknown, "GitHub took \(what) and does not say that it is merged. Look at its page.")
        }
    }

    /// Closes a pull request without merging it; one that is closed is left alone.
    package func close(_ number: Int) async throws(ForgeFailure) {
        guard try await find(number).isOpen else { return }
        _ = try await api.send(
            .patch, ["pulls", String(number)], body: .object(["state": JSONValue("closed")]),
            what: "the closing of pull request \(number)", at: now())
    }

    /// Why checks may have kept a pull request from being merged, as a sentence to append; empty where they did not.
    private func openChecks(of number: Int, _ head: String) async throws(ForgeFailure) -> String {
        let checks = try await required(of: find(number).base, at: head).filter { $0.state != .passed }
        guard !checks.isEmpty else { return "" }
        let list = checks.map { "'\(oneLine($0.name))' (\($0.state.rawValue))" }.joined(separator: ", ")
        return " Required and not passed: \(clipped(list, bytes: 1000)). Run the command again once they are."
    }

    private func pullRequest(_ value: JSONValue, _ what: String) throws(ForgeFailure) -> PullRequest {
        do {
            let reader = try JSONReader(value, what)
            let head = try JSONReader(value.object?["head"], "the head of \(what)")
            let base = try JSONReader(value.object?["base"], "the base of \(what)")
            let commit = try head.text("sha")
            guard isFullCommit(commit) else {
                throw JSONContentError(description: "the head of \(what) is no full commit id")
            }
            var isMergeable: Bool?
            if case .boolean(let flag)? = value.object?["mergeable"] { isMergeable = flag }
            var isMerged = value.object?["merged"] == .boolean(true)
            if case .string? = value.object?["merged_at"] { isMerged = true }
            return PullRequest(
                number: try reader.whole("number"), title: try reader.optionalText("title") ?? "",
                branch: try head.text("ref"), head: commit.lowercased(), base: try base.text("ref"),
                isOpen: try reader.text("state") == "open", isMerged: isMerged, isMergeable: isMergeable,
                page: try reader.optionalText("html_url"))
        } catch {
            throw ForgeFailure(.malformed, "GitHub answered with other than \(what): \(error). Check the url.")
        }
    }
}
