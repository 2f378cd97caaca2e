import HotfixCore

extension StatusFile {
    /// The full id of the commit that `init` made the hotfix's branch from; nil where that was not recorded.
    package var baseCommit: String? {
        guard case .string(let text) = self["branch", "baseCommit"], isFullCommit(text.text) else { return nil }
        return text.text
    }

    /// Says what commit the branch was made from, or that nobody knows; what stands there and is no commit is not hotfix's.
    mutating func keepBaseCommit(_ commit: String?) {
        guard baseCommit != nil || (commit != nil && self["branch", "baseCommit"] == .null) else { return }
        set("branch", "baseCommit", to: JSONValue(commit))
    }
}
