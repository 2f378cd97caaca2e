/// What commits change: the files, and the identity of each change whatever it was made on.
///
/// Two commits with one identity make the same changes, down to white space, and to the bytes of binary files. Merges have none. All is
/// told by git's plumbing, whose diffs do not depend on anybody's configuration.
struct PatchIndex {
    /// The files that each commit changes, by its id; a commit that changes nothing is missing.
    private(set) var files: [String: Set<String>] = [:]
    /// The identity of each change, by the commit's id.
    private(set) var identities: [String: String] = [:]

    /// Reads what commits change.
    ///
    /// - Parameters:
    ///   - commits: Whole ids.
    ///   - wanted: Identities are only made of changes of exactly these files, since making them of all takes long; nil is all.
    ///   - git: Git, running in the repository.
    /// - Throws: ``GitError``.
    init(of commits: [String], changing wanted: Set<Set<String>>? = nil, by git: Git) async throws(GitError) {
        guard !commits.isEmpty, wanted.map({ !$0.isEmpty }) ?? true else { return }
        files = Self.files(
            in: try await git.bytes(
                Self.diff + ["--raw", "-z", "--no-abbrev"], input: Array(commits.map { "\($0)\n" }.joined().utf8)))
        let candidates = commits.filter { commit in
            files[commit].map { wanted?.contains($0) ?? true } ?? false
        }
        // In parts, so that no command prints more than is read of it.
        var rest = candidates[...]
        while !rest.isEmpty {
            let part = rest.prefix(200)
            rest = rest.dropFirst(200)
            let patches = try await git.bytes(
                Self.diff + ["-p", "--full-index"], input: Array(part.map { "\($0)\n" }.joined().utf8))
            for (commit, identity) in try await Self.identities(of: patches, by: git) { identities[commit] = identity }
        }
    }

    /// The identity and the files of the change from one commit to another; nil where nothing changes.
    static func change(
        from start: String, to end: String, by git: Git
    ) async throws(GitError) -> (identity: String, files: Set<String>)? {
        let options = options + ["--end-of-options", start, end]
        let changed = try await git.bytes(["diff-tree", "-r", "--raw", "-z", "--no-abbrev"] + options)
        let files = Set(fields(of: changed).filter { !$0.hasPrefix(":") })
        guard !files.isEmpty else { return nil }
        let patch = try await git.bytes(["diff-tree", "-r", "-p", "--full-index"] + options)
        // git patch-id calls by this id what stands behind no commit's id.
        return try await identities(of: patch, by: git).first.map { ($0.identity, files) }
    }

    private static let options = ["--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"]
    private static let diff = ["diff-tree", "--stdin", "--root", "-r"] + options

    private static func files(in raw: [UInt8]) -> [String: Set<String>] {
        var files: [String: Set<String>] = [:]
        var commit = ""
        var isPath = false
        for field in fields(of: raw) {
            if isPath {
                files[commit, default: []].insert(field)
                isPath = false
            } else if field.hasPrefix(":") {
                isPath = true
            } else {
                commit = field
            }
        }
        return files
    }

    private static func identities(
        of patches: [UInt8], by git: Git
    ) async throws(GitError) -> [(commit: String, identity: String)] {
        // White space counts: it is code in some languages.
        let text = String(decoding: try await git.bytes(["patch-id", "--verbatim"], input: patches), as: UTF8.self)
        return lines(of: text).compactMap { line in
            let parts = line.split(separator: " ")
            return parts.count == 2 ? (String(parts[1]), String(parts[0])) : nil
        }
    }
}

private func fields(of bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
}
