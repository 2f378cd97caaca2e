extension GitHubStandIn {
    /// The first required check of a branch that a commit has not passed, with GitHub's word for how it stands.
    func unmet(_ base: String, _ commit: String) -> (context: String, word: String)? {
        withRepository { repository in
            let required =
                (repository.requiredByProtection[base] ?? []) + (repository.requiredByRuleset[base] ?? [])
            for context in required {
                let status = repository.statuses[commit]?.last { $0.context.lowercased() == context.lowercased() }
                let run = repository.checkRuns[commit]?.last { $0.name == context }
                if status == nil, run == nil { return (context, "expected") }
                if let status, status.state != "success" {
                    return (context, status.state == "pending" ? "pending" : "failing")
                }
                if let run, !["success", "neutral", "skipped"].contains(run.conclusion ?? "") {
                    return (context, run.conclusion == nil ? "pending" : "failing")
                }
            }
            return nil
        }
    }

    /// Answers `commits/SHA/status` and `commits/SHA/check-runs`.
    func checks(of commit: String, as kind: String, _ request: LoopbackRequest) -> LoopbackAnswer {
        switch kind {
        case "status":
            let statuses = withRepository { $0.statuses[commit] ?? [] }
            // The newest of each context, as GitHub combines them.
            var newest: [String: Status] = [:]
            for status in statuses { newest[status.context.lowercased()] = status }
            let list = newest.values.sorted { $0.context < $1.context }.map {
                ["context": $0.context, "state": $0.state, "description": $0.description]
            }
            let isGood = !list.isEmpty && list.allSatisfy { $0["state"] == "success" }
            let (some, headers) = page(list, request)
            return json(
                ["state": isGood ? "success" : "pending", "sha": commit, "statuses": some], headers: headers)
        case "check-runs":
            let runs = withRepository { $0.checkRuns[commit] ?? [] }
            let list = runs.map { run in
                var shown = ["name": run.name, "status": run.conclusion == nil ? "in_progress" : "completed"]
                shown["conclusion"] = run.conclusion
                return shown
            }
            let (some, headers) = page(list, request)
            return json(["total_count": list.count, "check_runs": some], headers: headers)
        default: return notFound
        }
    }

    /// Answers `rules/branches/NAME`.
    func rules(of branch: String) -> LoopbackAnswer {
        let required = withRepository { $0.requiredByRuleset[branch] }
        guard let required else { return json([String]()) }
        let checks = required.map { ["context": $0] }
        return json([["type": "required_status_checks", "parameters": ["required_status_checks": checks]]])
    }

    /// Answers `pulls/N/reviews`.
    func reviews(of number: Int) -> LoopbackAnswer {
        let reviews = withRepository { $0.reviews[number] ?? [] }
        return json(
            reviews.map { review in
                var shown: [String: any Sendable] = [
                    "state": review.state, "commit_id": review.commit, "submitted_at": review.at,
                    "author_association": review.association,
                ]
                if !review.by.isEmpty { shown["user"] = ["login": review.by] }
                return shown
            })
    }
}
