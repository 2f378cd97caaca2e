import HotfixCore

extension StatusFile {
    /// Records that the branch of a hotfix is there; where that is another hotfix than before, what was said of the other is no longer so.
    ///
    /// The milestone tags are kept, and the other's history is.
    ///
    /// - Parameters:
    ///   - branch: The branch.
    ///   - base: What it is made from.
    ///   - baseCommit: The full id of the commit that it is made from; nil where that is not known.
    ///   - isPushed: Whether origin has it.
    ///   - isAnew: Whether it is another hotfix though it has the name of the one that is recorded.
    ///   - at: The time now.
    mutating func begin(branch: String, base: String, baseCommit: String?, isPushed: Bool, isAnew: Bool, at: Instant) {
        let isNew = isAnew || self["branch", "name"] != JSONValue(branch)
        if isNew, self["branch", "name"] != .null { forgetHotfix() }
        if isAnew {
            set("branch", "reusedAt", to: JSONValue(stamp: at))
        } else if isNew, self["branch", "reusedAt"] != .null {
            set("branch", "reusedAt", to: .null)
        }
        set("branch", "name", to: JSONValue(branch))
        if isNew || self["branch", "created"] != .boolean(true) {
            set("branch", "base", to: JSONValue(base))
            set("branch", "created", to: .boolean(true))
            set("branch", "pushed", to: .boolean(isPushed))
            set("branch", "createdAt", to: JSONValue(stamp: at))
            keepBaseCommit(baseCommit)
        }
        if isAssessedForNext { set("criticality", "branch", to: JSONValue(branch)) }
    }

    /// The branch of the hotfix that is under way; null before the first, and between the end of one and the beginning of the next.
    var hotfixUnderWay: JSONValue {
        self["decommission", "mergedToMain"] == .boolean(true) ? .null : self["branch", "name"]
    }

    /// Whether what is assessed is the hotfix that is still to begin.
    private var isAssessedForNext: Bool { root["criticality"]?.object?["branch"] == .null }

    /// Whether the assessment is older than the branch that is recorded, and so that branch's, whoever recorded it.
    private var isAssessedBeforeBranch: Bool {
        guard let created = self["branch", "createdAt"].string.flatMap({ Instant(text: $0) }) else { return false }
        return criticality.map { $0.at <= created } ?? false
    }

    /// Takes back what was said of a hotfix that another one follows: none of it holds for that one.
    private mutating func forgetHotfix() {
        settleIntents()
        for (section, keys) in [
            ("uat", ["scheduled", "scheduledAt", "feedbackLogged"]),
            ("decommission", ["mergedToMain", "legacyBranchesRemoved", "documentationUpdated"]),
        ] as [(JSONString, [JSONString])] {
            for key in keys where self[section, key] != Self.defaults[section]?.object?[key] {
                set(section, key, to: Self.defaults[section]?.object?[key] ?? .null)
            }
        }
        if case .object(var acceptance)? = root["uat"] {
            for key in ["stagingDeployedAt", "sessions", "issues"] as [JSONString] where holdsOwn("uat", key) {
                acceptance[key] = nil
            }
            root["uat"] = .object(acceptance)
        }
        if !isAssessedForNext || isAssessedBeforeBranch {
            for key in ["criticality", "approvals"] as [JSONString] where holdsOwn(key) { root[key] = nil }
        }
        for key in ["review", "release", "communication", "merge"] as [JSONString] where holdsOwn(key) {
            root[key] = nil
        }
    }
}
