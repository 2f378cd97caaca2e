import Foundation

extension GitHubStandIn {
    /// What is known of a pull request beside its branch.
    package struct PullFacts: Sendable, Hashable {
        /// The branch that it is merged to.
        package var base = "main"
        /// What it is called.
        package var title = ""
        /// What it says.
        package var body = ""
        /// Whether it can still be merged or closed.
        package var isOpen = true
        /// The merge commit; nil where it was not merged.
        package var mergeCommit: String?
        /// Whether it says that it is not finished.
        package var isDraft = false
        /// Whether nothing conflicts.
        package var isMergeable = true
        /// How often it is still asked for before it is known whether it conflicts.
        package var looksBeforeMergeable = 0

        /// Makes facts.
        package init(base: String = "main", title: String = "", body: String = "") {
            self.base = base
            self.title = title
            self.body = body
        }
    }

    /// A review of a pull request.
    package struct Review: Sendable, Hashable {
        /// The account of whoever reviewed it.
        package var by: String
        /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED` or `PENDING`.
        package var state: String
        /// The commit that was looked at.
        package var commit: String
        /// When it was handed in.
        package var at: String
        /// What its author is to the repository: `OWNER`, `MEMBER`, `COLLABORATOR`, `CONTRIBUTOR`, `NONE` and others.
        package var association: String

        /// Makes a review; that of a deleted account has an empty name.
        package init(
            by: String, state: String, commit: String, at: String = "2026-11-20T12:00:00Z",
            association: String = "MEMBER"
        ) {
            self.by = by
            self.association = association
            self.state = state
            self.commit = commit
            self.at = at
        }
    }

    /// A check run of a commit.
    package struct CheckRun: Sendable, Hashable {
        /// What it is called.
        package var name: String
        /// What came of it; nil while it runs.
        package var conclusion: String?

        /// Makes a check run.
        package init(name: String, conclusion: String?) {
            self.name = name
            self.conclusion = conclusion
        }
    }

    /// Answers what is below `/pulls`.
    func answerOnPulls(_ request: LoopbackRequest, _ path: [String]) -> LoopbackAnswer {
        if path.isEmpty { return request.method == "GET" ? pulls(request) : open(request) }
        guard let number = Int(path[0]), withRepository({ $0.pulls[number] != nil }) else { return notFound }
        switch (request.method, path.dropFirst().first) {
        case ("GET", nil): return json(look(at: number))
        case ("PATCH", nil): return edit(request, number)
        case ("GET", "reviews"): return reviews(of: number)
        case ("PUT", "merge"): return merge(request, number)
        default: return notFound
        }
    }

    private func pulls(_ request: LoopbackRequest) -> LoopbackAnswer {
        let owner = name.prefix { $0 != "/" }
        func asked(_ key: String) -> String? { request.query.first { $0.0 == key }?.1 }
        let head = asked("head")
        let base = asked("base")
        let state = asked("state") ?? "open"
        let numbers = withRepository { repository in
            repository.pulls.sorted { $0.key < $1.key }.filter { number, pull in
                let facts = repository.pullFacts[number] ?? PullFacts()
                return (head == nil || head == "\(owner):\(pull.branch)") && (base == nil || base == facts.base)
                    && (state == "all" || facts.isOpen == (state == "open"))
            }.map(\.key)
        }
        return json(numbers.map { shown($0) })
    }

    /// A pull request as its own page has it, which finds out about conflicts.
    private func look(at number: Int) -> [String: Any] {
        var shown = shown(number)
        let isMergeable = withRepository { repository -> Bool? in
            var facts = repository.pullFacts[number] ?? PullFacts()
            guard facts.looksBeforeMergeable > 0 else { return facts.isMergeable }
            facts.looksBeforeMergeable -= 1
            repository.pullFacts[number] = facts
            return nil
        }
        shown["mergeable"] = isMergeable.map { $0 as Any } ?? NSNull()
        shown["merged"] = withRepository { $0.pullFacts[number]?.mergeCommit != nil }
        return shown
    }

    private func shown(_ number: Int) -> [String: Any] {
        let (facts, branch, head, base) = withRepository { repository in
            let facts = repository.pullFacts[number] ?? PullFacts()
            let pull = repository.pulls[number]
            return (
                facts, pull?.branch ?? "", pull?.head ?? repository.branches[pull?.branch ?? ""] ?? "",
                repository.branches[facts.base] ?? ""
            )
        }
        return [
            "number": number, "title": facts.title, "body": facts.body, "state": facts.isOpen ? "open" : "closed",
            "draft": facts.isDraft, "html_url": "https://github.com/\(name)/pull/\(number)",
            "merged_at": facts.mergeCommit == nil ? NSNull() : "2026-11-20T12:00:00Z" as Any,
            "head": ["ref": branch, "sha": head], "base": ["ref": facts.base, "sha": base],
        ]
    }

    private func open(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard let body = content(request) else { return problem(400, "Problems parsing JSON") }
        guard let branch = body["head"] as? String, let base = body["base"] as? String,
            let title = body["title"] as? String, !title.isEmpty
        else { return unprocessable("title is missing", field: "title", of: "PullRequest") }
        let owner = name.prefix { $0 != "/" }
        let made = withRepository { repository -> Result<Int, Refusal> in
            guard let head = repository.branches[branch] else { return .failure(Refusal("head is invalid", "head")) }
            guard let target = repository.branches[base] else { return .failure(Refusal("base is invalid", "base")) }
            guard head != target else {
                return .failure(Refusal("No commits between \(base) and \(branch)", "base"))
            }
            let isTaken = repository.pulls.contains { number, pull in
                let facts = repository.pullFacts[number] ?? PullFacts()
                return pull.branch == branch && facts.base == base && facts.isOpen
            }
            guard !isTaken else {
                return .failure(Refusal("A pull request already exists for \(owner):\(branch).", "base"))
            }
            let number = 1 + (repository.pulls.keys.max() ?? 0)
            repository.pulls[number] = (branch: branch, head: nil)
            repository.pullFacts[number] = PullFacts(base: base, title: title, body: body["body"] as? String ?? "")
            return .success(number)
        }
        switch made {
        case .success(let number): return json(shown(number), status: 201)
        case .failure(let refusal): return unprocessable(refusal.message, field: refusal.field, of: "PullRequest")
        }
    }

    private func edit(_ request: LoopbackRequest, _ number: Int) -> LoopbackAnswer {
        guard let state = content(request)?["state"] as? String, ["open", "closed"].contains(state) else {
            return problem(422, "Validation Failed")
        }
        withRepository { repository in
            var facts = repository.pullFacts[number] ?? PullFacts()
            if facts.mergeCommit == nil { facts.isOpen = state == "open" }
            repository.pullFacts[number] = facts
        }
        return json(shown(number))
    }

    private func merge(_ request: LoopbackRequest, _ number: Int) -> LoopbackAnswer {
        guard let body = content(request) else { return problem(400, "Problems parsing JSON") }
        let (facts, pull, branches, merger, allowsMergeCommits) = withRepository {
            ($0.pullFacts[number] ?? PullFacts(), $0.pulls[number], $0.branches, $0.merger, $0.allowsMergeCommits)
        }
        guard let branch = pull?.branch, let head = branches[branch] else { return notFound }
        guard facts.isOpen, facts.isMergeable else { return problem(405, "Pull Request is not mergeable") }
        if facts.isDraft { return problem(405, "Pull Request is still a draft") }
        let method = body["merge_method"] as? String ?? "merge"
        if method == "merge", !allowsMergeCommits {
            return problem(405, "Merge commits are not allowed on this repository.")
        }
        if let sha = body["sha"] as? String, sha != head {
            return problem(409, "Head branch was modified. Review and try the merge again.")
        }
        if let (context, word) = unmet(facts.base, head) {
            return problem(405, "Required status check \"\(context)\" is \(word).")
        }
        let title = body["commit_title"] as? String ?? "Merge pull request #\(number) from \(branch)"
        let madeUp = String(format: "%040x", number)
        guard let made = merger == nil ? madeUp : merger?(facts.base, head, title) else {
            return problem(405, "Pull Request is not mergeable")
        }
        withRepository { repository in
            var facts = facts
            facts.isOpen = false
            facts.mergeCommit = made
            repository.pullFacts[number] = facts
            repository.branches[facts.base] = made
        }
        return json(["sha": made, "merged": true, "message": "Pull Request successfully merged"])
    }

    private func content(_ request: LoopbackRequest) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
    }
}

/// What is refused as not to be processed.
private struct Refusal: Error {
    var message: String
    var field: String

    init(_ message: String, _ field: String) {
        self.message = message
        self.field = field
    }
}
