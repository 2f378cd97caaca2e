package import HotfixCalls
import HotfixCore

extension PullRequests {
    /// The reviews of a pull request, in the order handed in.
    package func reviews(of number: Int) async throws(ForgeFailure) -> [PullReview] {
        let what = "the reviews of pull request \(number)"
        let list = try await api.list(["pulls", String(number), "reviews"], what: what, at: now())
        return try list.map { element throws(ForgeFailure) in
            guard let review = element.object, case .string(let word)? = review["state"],
                let state = PullReview.State(rawValue: word.text)
            else { throw ForgeFailure(.malformed, "GitHub answered with other than \(what). Check the url.") }
            return PullReview(
                by: text(review["user"]?.object?["login"]) ?? "",
                isOfRepository: ["OWNER", "MEMBER", "COLLABORATOR"].contains(text(review["author_association"])),
                state: state,
                commit: text(review["commit_id"])?.lowercased(),
                at: text(review["submitted_at"]).flatMap { Instant(text: $0) })
        }
    }

    /// The checks that merging to a branch requires, with what is known of them for a commit.
    ///
    /// - Parameters:
    ///   - base: The branch that is merged to.
    ///   - commit: The full id of the head that would be merged.
    /// - Returns: Each of those that branch protection or a ruleset requires; empty where nothing is required.
    /// - Throws: `ForgeFailure`.
    package func required(of base: String, at commit: String) async throws(ForgeFailure) -> [CommitCheck] {
        let names = try await requiredNames(of: base)
        guard !names.isEmpty else { return [] }
        let known = try await checks(of: commit)
        return names.map { name in
            // A status and a check run of one name are both required.
            let states = known.filter { $0.name.lowercased() == name.lowercased() }.map(\.state)
            let state: CommitCheck.State =
                states.isEmpty
                ? .missing : states.contains(.failed) ? .failed : states.contains(.pending) ? .pending : .passed
            return CommitCheck(name: name, state: state)
        }
    }

    /// The statuses and check runs of a commit, the newest of each name.
    package func checks(of commit: String) async throws(ForgeFailure) -> [CommitCheck] {
        let what = "the checks of commit \(commit.prefix(12))"
        let statuses = try await api.list(["commits", commit, "status"], under: "statuses", what: what, at: now())
        let latest = try await api.list(
            ["commits", commit, "check-runs"], query: [("filter", "latest")], under: "check_runs", what: what, at: now()
        )
        return try statuses.map { status throws(ForgeFailure) in
            guard let name = text(status.object?["context"]), let state = text(status.object?["state"]) else {
                throw malformed(what)
            }
            return CommitCheck(
                name: name, state: state == "success" ? .passed : state == "pending" ? .pending : .failed)
        }
            + latest.map { run throws(ForgeFailure) in
                guard let name = text(run.object?["name"]), let status = text(run.object?["status"]) else {
                    throw malformed(what)
                }
                let conclusion = text(run.object?["conclusion"]) ?? ""
                let state: CommitCheck.State =
                    status != "completed"
                    ? .pending : ["success", "neutral", "skipped"].contains(conclusion) ? .passed : .failed
                return CommitCheck(name: name, state: state)
            }
    }

    /// The names of the checks that a branch requires, by its protection and by rulesets.
    private func requiredNames(of base: String) async throws(ForgeFailure) -> [String] {
        let what = "what branch '\(oneLine(base))' requires"
        let branch = try await api.get(["branches", base], what: what, at: now())
        var names: [String] = []
        if case .array(let contexts)? = branch.object?["protection"]?.object?["required_status_checks"]?
            .object?["contexts"]
        {
            names += contexts.compactMap(text)
        }
        let rules: [JSONValue]
        do {
            rules = try await api.list(["rules", "branches", base], what: what, at: now())
        } catch {
            // An enterprise server without rulesets has no such place.
            guard error.code == .notFound else { throw error }
            rules = []
        }
        for rule in rules where text(rule.object?["type"]) == "required_status_checks" {
            guard
                case .array(let checks)? = rule.object?["parameters"]?.object?["required_status_checks"]
            else { throw malformed(what) }
            names += checks.compactMap { text($0.object?["context"]) }
        }
        return names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func malformed(_ what: String) -> ForgeFailure {
        ForgeFailure(.malformed, "GitHub answered with other than \(what). Check the url.")
    }
}

private func text(_ value: JSONValue?) -> String? {
    if case .string(let string)? = value { string.text } else { nil }
}
