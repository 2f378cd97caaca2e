package import HotfixCore

/// A point on the way of a hotfix that is kept as a tag: `milestone/BRANCH/NAME`.
package struct Milestone: Sendable {
    /// The repository.
    package var repository: Repository
    /// The tag.
    package let tag: GitName
    /// The full id of the commit that it leads to.
    package let commit: String
    /// What the tag says.
    package var message: String
    /// Whether it is pushed.
    package var isPushed: Bool
    /// The time now.
    package var at: Instant

    /// Checks a milestone.
    ///
    /// - Parameters:
    ///   - repository: The repository.
    ///   - branch: The branch of the hotfix.
    ///   - name: What it is called; runs of white space become `-`.
    ///   - ref: What is tagged: an id or an expression.
    ///   - message: What the tag says; nil or empty means the milestone's and the branch's names.
    ///   - isPushed: Whether it is pushed.
    ///   - at: The time now.
    /// - Throws: ``GitError`` where git would refuse the name, and where there is no such commit.
    package init(
        repository: Repository, branch: GitName, name: String, ref: String, message: String?, isPushed: Bool,
        at: Instant
    ) async throws(GitError) {
        let word = name.split(whereSeparator: \.isWhitespace).joined(separator: "-")
        guard !word.isEmpty else {
            throw GitError(.invalidName, "the milestone has no name. Give one by --name, such as 'staging-verified'.")
        }
        guard !word.hasPrefix("-") else {
            throw GitError(
                .invalidName,
                "'\(clipped(oneLine(word), bytes: 200))' is not the name of a milestone: it begins with '-', as an option does."
            )
        }
        tag = try GitName("milestone/\(branch)/\(word)", as: .tag)
        guard let commit = try await repository.commit(ref) else { throw unknown(ref) }
        self.commit = commit
        self.repository = repository
        self.isPushed = isPushed
        self.at = at
        let said = message ?? ""
        self.message = said.trimmed.isEmpty ? "Milestone \(word) of \(branch)" : said
    }

    /// What is to be done.
    ///
    /// - Throws: ``GitError``; `unfit` where there is such a tag that leads elsewhere.
    package func plan() async throws(GitError) -> Plan {
        try await requireSame(try await repository.tagTarget(tag), "here")
        if isPushed { try await requireSame(try await repository.tagTargetAtOrigin(tag), "at origin") }
        return Plan("tag", isPushed ? [creation, push] : [creation])
    }

    private var creation: Plan.Step {
        Plan.Step(
            title: "Create the tag '\(tag)' at \(commit.prefix(12)).", did: "Created the tag '\(tag)' at \(commit).",
            isDone: {
                let found = try await repository.tagTarget(tag)
                try await requireSame(found, "here")
                return found != nil
            },
            perform: {
                // Another clone may have made and pushed it: then it is that very tag that belongs here.
                if isPushed, try await repository.tagTargetAtOrigin(tag) != nil {
                    try await repository.fetchTag(tag)
                } else {
                    try await repository.createTag(tag, at: commit, message: message)
                }
            },
            note: { $0.add(milestone: tag.text, commit: commit, at: at) })
    }

    private var push: Plan.Step {
        Plan.Step(
            title: "Push the tag '\(tag)' to origin.", did: "Pushed the tag '\(tag)' to origin.",
            isDone: {
                let found = try await repository.tagTargetAtOrigin(tag)
                try await requireSame(found, "at origin")
                return found != nil
            },
            perform: { try await repository.push(tag, commit: commit, setsUpstream: false) })
    }

    private func requireSame(_ found: String?, _ place: String) async throws(GitError) {
        guard let found, found != commit else { return }
        throw GitError(
            .unfit,
            "the tag '\(tag)' is there already \(place), and leads to \(found), not to \(commit). A tag is never moved: choose"
                + " another name.")
    }
}

extension Repository {
    /// Takes over a tag of origin that is not here.
    func fetchTag(_ tag: GitName) async throws(GitError) {
        try await atOrigin([
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules",
            "--no-auto-maintenance", "--", "origin", "\(tag.ref):\(tag.ref)",
        ])
    }
}

extension StatusFile {
    /// Adds a tag to the milestones, once.
    mutating func add(milestone tag: String, commit: String, at: Instant) {
        var tags: [JSONValue] = []
        switch self["branch", "milestoneTags"] {
        case .array(let known): tags = known
        case .null: break
        case let other: tags = [other]
        }
        guard !tags.contains(where: { $0.object?["name"] == JSONValue(tag) }) else { return }
        let entry: JSONObject = [
            "name": JSONValue(tag), "ref": JSONValue(commit), "createdAt": JSONValue(stamp: at),
        ]
        set("branch", "milestoneTags", to: .array(tags + [.object(entry)]))
    }
}
