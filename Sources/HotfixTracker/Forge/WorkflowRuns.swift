package import HotfixCalls
package import HotfixCore

/// A run of a workflow at GitHub.
package struct WorkflowRun: Sendable, Hashable {
    /// Its number, the same for every attempt.
    package var id: Int
    /// What the workflow is called.
    package var name: String
    /// `queued`, `in_progress`, `completed`, `waiting`, `requested`, `pending`.
    package var status: String
    /// How it ended; nil while it has not.
    package var conclusion: String?
    /// The page that shows it.
    package var page: String?

    /// Makes a run.
    package init(id: Int, name: String, status: String, conclusion: String? = nil, page: String? = nil) {
        self.id = id
        self.name = name
        self.status = status
        self.conclusion = conclusion
        self.page = page
    }

    /// Whether it ended.
    package var isOver: Bool { status == "completed" }
    /// Whether it ended well: `success`, `skipped` or `neutral`.
    package var isWell: Bool { isOver && ["success", "skipped", "neutral"].contains(conclusion ?? "") }
}

/// The runs of workflows that a tag has set off at GitHub; the token needs to read actions.
package struct WorkflowRuns: Sendable {
    /// The repository.
    package let api: GitHubAPI
    /// The clock.
    package let now: @Sendable () -> Instant

    /// Makes a client.
    package init(api: GitHubAPI, now: @escaping @Sendable () -> Instant) {
        self.api = api
        self.now = now
    }

    /// The runs that a tag on a commit has set off, newest number last.
    ///
    /// - Parameters:
    ///   - tag: The tag.
    ///   - commit: The full id of the commit that it is on.
    /// - Returns: The newest attempt of each run.
    /// - Throws: `ForgeFailure`.
    package func runs(of tag: String, on commit: String) async throws(ForgeFailure) -> [WorkflowRun] {
        let what = "the workflow runs of tag '\(oneLine(tag))'"
        let answer = try await api.get(
            ["actions", "runs"], query: [("head_sha", commit), ("per_page", "100")], what: what, at: now())
        guard case .array(let runs)? = answer.object?["workflow_runs"] else {
            throw ForgeFailure(.malformed, "GitHub answered with other than \(what). Check the url.")
        }
        var newest: [Int: (attempt: Int, run: WorkflowRun)] = [:]
        for value in runs {
            let run: WorkflowRun
            let attempt: Int
            do {
                let reader = try JSONReader(value, what)
                // An older server may not know a filter, and then answers with more.
                guard try reader.text("head_sha") == commit, try reader.optionalText("head_branch") == tag else {
                    continue
                }
                attempt = try reader.optionalWhole("run_attempt") ?? 1
                run = WorkflowRun(
                    id: try reader.whole("id"), name: try reader.optionalText("name") ?? "",
                    status: try reader.text("status"), conclusion: try reader.optionalText("conclusion"),
                    page: try reader.optionalText("html_url"))
            } catch {
                throw ForgeFailure(.malformed, "GitHub answered with other than \(what): \(error). Check the url.")
            }
            if newest[run.id].map({ $0.attempt <= attempt }) ?? true { newest[run.id] = (attempt, run) }
        }
        return newest.values.map(\.run).sorted { $0.id < $1.id }
    }
}

/// Waits until the workflow of a release has run to its end.
package struct WorkflowWatch: Sendable {
    /// Why the end was not seen.
    package struct TimeOver: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is known, and what to do next, in sentences.
        package var description: String
    }

    /// Where the runs are asked for.
    let runs: WorkflowRuns
    /// The tag of the release.
    let tag: String
    /// How long is waited, in seconds.
    let timeout: Seconds
    /// How it waits.
    let sleep: @Sendable (Duration) async throws -> Void

    /// How long between two looks, in seconds.
    private static let pause: Seconds = 10

    /// Makes a watch.
    ///
    /// - Parameters:
    ///   - runs: Where the runs are asked for.
    ///   - tag: The tag of the release.
    ///   - timeout: How long is waited, in seconds.
    ///   - sleep: How it waits.
    package init(
        runs: WorkflowRuns, tag: String, timeout: Seconds, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.runs = runs
        self.tag = tag
        self.timeout = timeout
        self.sleep = sleep
    }

    /// The runs that are known now.
    func found(on commit: String) async throws(ForgeFailure) -> [WorkflowRun] {
        try await runs.runs(of: tag, on: commit)
    }

    /// The runs once all are over; as soon as one has failed, those that are known.
    ///
    /// - Parameter commit: The full id of the commit that the tag is on.
    /// - Returns: The runs, at least one.
    /// - Throws: ``TimeOver`` where the end was not seen in time, and `ForgeFailure` where asking again is of no use.
    package func end(on commit: String) async throws -> [WorkflowRun] {
        let last = runs.now() + timeout
        while true {
            var wait = Self.pause
            var seen = "no run has begun"
            do throws(ForgeFailure) {
                let found = try await found(on: commit)
                if !found.isEmpty, found.allSatisfy(\.isOver) || found.contains(where: { $0.isOver && !$0.isWell }) {
                    return found
                }
                let open = found.filter { !$0.isOver }
                if !open.isEmpty {
                    seen = open.map { "'\(oneLine($0.name))' is \(oneLine($0.status))" }.joined(separator: ", ")
                }
            } catch {
                guard error.code == .unreachable || error.code == .rateLimited else { throw error }
                seen = error.message
                wait = max(wait, error.patience ?? wait)
            }
            guard runs.now() + wait < last else {
                throw TimeOver(
                    description:
                        "The release workflow of '\(oneLine(tag))' was not seen to end within \(timeout / 60) min: \(seen)."
                        + " Run the command again to go on watching; without a workflow for tags, say --no-watch.")
            }
            try await sleep(.seconds(wait))
        }
    }
}
