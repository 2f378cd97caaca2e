import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// What git says of a hotfix, held against what its tracker says.
struct GitComparison: Sendable {
    /// What a command ends with since git could not be asked; nil where it could.
    private(set) var failure: (any Error)?
    /// That origin could not be asked, and why, in sentences; nil where it could.
    private(set) var silence: String?
    private var differences: [String] = []
    private var caveats: [String] = []
    private var remainder: String?
    private var isCompared = false
    private var completeness: Completeness?

    /// How long one git command may take: whoever asks for the status waits for it.
    private static let patience = Duration.seconds(30)

    /// Compares; a tracker that names no branch says nothing that git could.
    init(_ place: TrackerPlace, _ status: StatusFile, _ record: TrackerRecord) async {
        guard record.branch.name != nil else { return }
        var git = place.git
        git.deadline = Self.patience
        do throws(GitError) {
            let repository = try await Repository(containing: git)
            let settings = place.settings
            let progress = try await BranchProgress.observe(
                repository, status: status, main: settings.main, asksOrigin: true)
            differences = progress.differences(from: status)
            remainder = progress.remainder(of: status)
            caveats = progress.caveats
            isCompared = true
            if case .unreachable = progress.view, !caveats.isEmpty { silence = caveats.removeFirst() }
            try await compareCommits(of: progress, in: repository, record, status.baseCommit, settings)
        } catch {
            switch error.code {
            // A tracker can be kept outside of the repository that it is about.
            case .noRepository: caveats.append("Git was not asked: \(error)")
            default: failure = error
            }
        }
    }

    private mutating func compareCommits(
        of progress: BranchProgress, in repository: Repository, _ record: TrackerRecord, _ start: String?,
        _ settings: TrackerSettings
    ) async throws(GitError) {
        guard let branch = progress.branch, let head = progress.head, try await repository.commit(head) != nil else {
            return
        }
        var base = try await repository.commit(record.branch.base)
        if base == nil, let start { base = try await repository.commit(start) }
        guard let base else { return }
        let targets = try await repository.mergeTargets(
            main: settings.main, develop: settings.develop, releaseBranches: settings.releaseBranches, hotfix: branch,
            asksOrigin: progress.view == .asked)
        completeness = try await repository.completeness(base: base, head: head, start: start, targets: targets)
    }
}

extension GitComparison {
    /// The comparison for a person; empty where there is nothing to compare.
    var text: String {
        var lines: [String] = []
        if !differences.isEmpty {
            lines.append("\nWhere git says otherwise:")
            lines += differences.map { "  \(oneLine($0))" }
        } else if isCompared {
            lines.append("\nGit says the same\(caveats.isEmpty && silence == nil ? "" : ", as far as it was asked").")
        }
        if let remainder { lines.append(oneLine(remainder)) }
        lines += caveats.map { "  \(oneLine($0))" }
        return (lines + commitLines).map { $0 + "\n" }.joined()
    }

    private var commitLines: [String] {
        guard let completeness else { return [] }
        let branches = table(completeness.entries.map { [oneLine($0.target.branch), summary($0)] })
        guard completeness.isStartKnown else {
            let head = completeness.commits.last.map { $0.id.prefix(10) } ?? ""
            return [
                "\nWhere the hotfix began is not known, or it has no commits of its own. Its head \(head):", branches,
            ]
        }
        guard !completeness.commits.isEmpty else { return ["\nThe hotfix has no commits of its own yet."] }
        let since = completeness.isStartRecorded ? " since it began, as it is recorded" : ""
        var lines = ["\nThe hotfix's commits\(since):", branches]
        for (index, commit) in completeness.commits.enumerated() {
            let missing = completeness.entries.filter { !$0.hasHead && !$0.containments[index].isContained }
            guard !missing.isEmpty else { continue }
            let branches = missing.map { oneLine($0.target.branch) }.joined(separator: ", ")
            lines.append("  \(commit.id.prefix(10)) \(clipped(oneLine(commit.subject), bytes: 80)): not in \(branches)")
        }
        return lines
    }

    /// The comparison for a program.
    var json: JSONValue {
        .object([
            "isCompared": .boolean(isCompared && failure == nil && silence == nil),
            "isStartKnown": completeness.map { .boolean($0.isStartKnown) } ?? .null,
            "isStartRecorded": completeness.map { .boolean($0.isStartRecorded) } ?? .null,
            "differences": .array(differences.map { JSONValue($0) }),
            "caveats": .array(([silence].compactMap(\.self) + caveats).map { JSONValue($0) }),
            "commits": .array(
                completeness?.commits.enumerated().map { index, commit in
                    .object([
                        "id": JSONValue(commit.id), "subject": JSONValue(commit.subject),
                        "branches": .object(branches(of: index)),
                    ])
                } ?? []),
        ])
    }

    private func branches(of index: Int) -> JSONObject {
        var branches: JSONObject = [:]
        for entry in completeness?.entries ?? [] {
            branches[JSONString(entry.target.branch)] = JSONValue(word(shown(entry)[index]))
        }
        return branches
    }

    /// How a branch has the commits: where it is not known which these are, only what has the head has anything for certain.
    private func shown(_ entry: Completeness.Entry) -> [Containment] {
        guard completeness?.isStartKnown == false, !entry.hasHead else { return entry.containments }
        return entry.containments.map { _ in .unknown }
    }

    private func summary(_ entry: Completeness.Entry) -> String {
        guard completeness?.isStartKnown != false else { return entry.hasHead ? "has it" : "not known" }
        if entry.isComplete { return "all of it" }
        let contained = entry.containments.count(where: \.isContained)
        let unknown = entry.containments.contains(.unknown) ? ", not known without a fetch" : ""
        return "\(contained) of \(count(entry.containments.count, "commit"))\(unknown)"
    }

    private func word(_ containment: Containment) -> String {
        switch containment {
        case .ancestor: "ancestor"
        case .samePatch: "same-patch"
        case .squashed: "squashed"
        case .empty: "empty"
        case .missing: "missing"
        case .unknown: "unknown"
        }
    }
}
