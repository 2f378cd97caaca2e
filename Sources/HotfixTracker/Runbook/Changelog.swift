import Glibc
import HotfixCore

/// A changelog in Markdown, to which entries are added.
struct Changelog {
    /// Where it is, from the top of the repository.
    static let path = "CHANGELOG.md"

    /// Its text.
    private(set) var text: String

    /// Makes a changelog of a text.
    init(_ text: String) {
        self.text = text
    }

    /// Whether an entry is in it, in whichever section.
    func holds(_ entry: String) -> Bool {
        lines(of: text).contains { withoutReturn($0) == "- \(entry)" }
    }

    /// Adds an entry to the section of what is not released, under `### Fixed`; without such a section, to the first one.
    ///
    /// - Parameter entry: The entry in Markdown, one line.
    mutating func add(_ entry: String) {
        let ending = text.utf8.contains(0x0D) ? "\r\n" : "\n"
        var rows = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            withoutReturn(String(Substring($0)))
        }
        if rows.last == "" { rows.removeLast() }
        let headings = rows.indices.filter { rows[$0].hasPrefix("## ") }
        let heading = headings.first { rows[$0].lowercased().contains("unreleased") } ?? headings.first
        let end = heading.flatMap { heading in headings.first { $0 > heading } } ?? rows.count
        let section = (heading ?? 0)..<end
        if let fixed = rows[section].firstIndex(where: { $0.lowercased() == "### fixed" }) {
            let after =
                rows[section].dropFirst(fixed - section.lowerBound + 1).firstIndex { $0.hasPrefix("### ") } ?? end
            insert(["- \(entry)"], into: &rows, after: fixed, before: after)
        } else {
            let needsHeading = heading != nil && rows[section].contains { $0.hasPrefix("### ") }
            insert(
                needsHeading ? ["### Fixed", "", "- \(entry)"] : ["- \(entry)"], into: &rows,
                after: heading ?? -1, before: end, apart: needsHeading)
        }
        text = rows.joined(separator: ending) + ending
    }

    /// Inserts lines behind the last line with text between two, keeping lists together and other blocks apart.
    private func insert(
        _ new: [String], into rows: inout [String], after start: Int, before end: Int, apart: Bool = false
    ) {
        let last = rows[..<end].lastIndex { !$0.allSatisfy(\.isWhitespace) } ?? start
        guard last >= 0 else {
            rows = new
            return
        }
        let continuesList = !apart && last > start && isOfList(rows[last])
        let isFollowed = last + 1 < rows.count && rows[last + 1].allSatisfy(\.isWhitespace)
        rows.insert(
            contentsOf: (continuesList ? [] : [""]) + new
                + (isFollowed || last + 1 >= rows.count ? [] : [""]),
            at: min(last + 1, rows.count))
    }

    private func isOfList(_ row: String) -> Bool {
        row.hasPrefix("- ") || row.hasPrefix("* ") || row.hasPrefix("  ")
    }

    private func withoutReturn(_ row: String) -> String {
        row.unicodeScalars.last == "\r" ? String(String.UnicodeScalarView(row.unicodeScalars.dropLast())) : row
    }
}

/// A text from outside as an entry of a changelog: one line, none of whose characters means anything in Markdown.
package func changelogEntry(_ text: String) -> String {
    let line = oneLine(text.split(whereSeparator: \.isNewline).joined(separator: " ")).trimmed
    return escaping(
        clipped(line, bytes: 1000),
        [
            "\\": "\\\\", "`": "\\`", "*": "\\*", "_": "\\_", "[": "\\[", "]": "\\]", "<": "&lt;", ">": "&gt;",
            "&": "&amp;", "|": "\\|", "~": "\\~",
        ])
}

extension Repository {
    /// The changelog of a commit; nil where it has none that is text in UTF-8.
    func changelog(of commit: String) async throws(GitError) -> Changelog? {
        let entry = try await git.run(["ls-tree", "--full-tree", commit, "--", Changelog.path])
        guard entry.hasPrefix("100") else { return nil }
        let text = try await git.run(["cat-file", "blob", "\(commit):\(Changelog.path)"])
        return text.unicodeScalars.contains("\u{FFFD}") ? nil : Changelog(text + "\n")
    }

    /// Makes a commit upon another that adds an entry to its changelog; no branch, index or work tree is changed.
    ///
    /// - Parameters:
    ///   - entry: The entry in Markdown, one line.
    ///   - commit: The commit that it is made upon.
    ///   - branch: The hotfix that the entry is of.
    /// - Returns: The new commit; the same one where it has no changelog, or the entry is there.
    /// - Throws: ``GitError``.
    func commit(changelogEntry entry: String, upon commit: String, for branch: GitName) async throws(GitError) -> String
    {
        guard var changelog = try await changelog(of: commit), !changelog.holds(entry) else { return commit }
        changelog.add(entry)
        let blob = try await git.run(["hash-object", "-w", "--no-filters", "--stdin"], input: changelog.text)
        let mode = try await git.run(["ls-tree", "--full-tree", commit, "--", Changelog.path]).prefix(6)
        // An index of its own: names of files may be of any bytes, which only git itself carries over.
        let folder = try await git.run(["rev-parse", "--absolute-git-dir"])
        let index = "\(folder)/hotfix-changelog-\(UInt64.random(in: 0 ... .max)).index"
        defer { unlink(index) }
        let own: [String: String?] = ["GIT_INDEX_FILE": index]
        try await git.run(["read-tree", commit], extra: own)
        try await git.run(["update-index", "--cacheinfo", "\(mode),\(blob),\(Changelog.path)"], extra: own)
        let tree = try await git.run(["write-tree"], extra: own)
        return try await commitTree(tree, parents: [commit], message: "Say in the changelog what \(branch) mends\n")
    }
}
