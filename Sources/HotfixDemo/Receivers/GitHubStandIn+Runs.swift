extension GitHubStandIn {
    /// A workflow that a tag sets off.
    package struct Workflow: Sendable, Hashable {
        /// What it is called.
        package var name: String
        /// The tag.
        package var tag: String
        /// How it ends; nil where it never does.
        package var conclusion: String?
        /// How often the runs are listed before this one begins.
        package var looksBeforeBegun: Int
        /// How often it is listed before it ends.
        package var looksBeforeOver: Int

        /// Makes a workflow.
        package init(
            name: String, tag: String, conclusion: String?, looksBeforeBegun: Int = 0, looksBeforeOver: Int = 0
        ) {
            self.name = name
            self.tag = tag
            self.conclusion = conclusion
            self.looksBeforeBegun = looksBeforeBegun
            self.looksBeforeOver = looksBeforeOver
        }
    }

    /// Answers `actions/runs`: those of the commit that is asked for, each a step further than the last time.
    func runs(_ request: LoopbackRequest) -> LoopbackAnswer {
        let commit = request.query.first { $0.0 == "head_sha" }?.1 ?? ""
        let shown = withRepository { repository in
            repository.workflows.indices.compactMap { index -> [String: any Sendable]? in
                var workflow = repository.workflows[index]
                defer { repository.workflows[index] = workflow }
                guard workflow.looksBeforeBegun == 0 else {
                    workflow.looksBeforeBegun -= 1
                    return nil
                }
                let isOver = workflow.looksBeforeOver == 0 && workflow.conclusion != nil
                workflow.looksBeforeOver = max(0, workflow.looksBeforeOver - 1)
                var run: [String: any Sendable] = [
                    "id": index + 1, "name": workflow.name, "head_sha": commit, "head_branch": workflow.tag,
                    "event": "push", "run_attempt": 1, "status": isOver ? "completed" : "in_progress",
                    "html_url": "https://github.com/\(name)/actions/runs/\(index + 1)",
                ]
                if isOver { run["conclusion"] = workflow.conclusion }
                return run
            }
        }
        return json(["total_count": shown.count, "workflow_runs": shown])
    }
}
