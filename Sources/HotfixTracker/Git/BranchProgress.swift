import HotfixCore

/// How far a hotfix is, as git itself says.
///
/// Names that come from the status file are here as they stand there.
package struct BranchProgress: Sendable, Hashable {
    /// How what is said of origin is known.
    package enum View: Sendable, Hashable {
        /// Origin was asked.
        case asked
        /// Nobody asked origin: it is as it was last fetched.
        case fetched
        /// Origin was asked, and could not answer, for the reason given: it is as it was last fetched.
        case unreachable(String)
    }

    /// A milestone tag, that of the status file or one that git has beside.
    package struct Tag: Sendable, Hashable {
        /// Its name: `milestone/release/hotfix-20261122/deployed`.
        package var name: String
        /// The commit that it leads to here; nil where it is not here.
        package var here: String?
        /// The commit that it leads to at origin; nil where it is not there, or where origin was not asked.
        package var atOrigin: String?
        /// Whether the status file lists it.
        package var isListed: Bool

        /// Makes a tag.
        package init(name: String, here: String?, atOrigin: String?, isListed: Bool) {
            self.name = name
            self.here = here
            self.atOrigin = atOrigin
            self.isListed = isListed
        }
    }

    /// The hotfix's branch, as the status file names it; nil where it names none, or none that git takes.
    package var branch: String?
    /// What is wrong with names in the status file, in sentences.
    package var objections: [String]
    /// How what is said of origin is known.
    package var view: View
    /// The commit of the local branch; nil where there is none.
    package var here: String?
    /// The commit of the branch at origin; nil where there is none.
    package var atOrigin: String?
    /// The last commit of the hotfix that is known: that of the branch at origin or here; once it is gone, the deployed one.
    package var head: String?
    /// The milestone tags, by name.
    package var tags: [Tag]
    /// The branch that hotfixes are merged to.
    package var main: String
    /// How main has the hotfix up to its head; nil where no head is known.
    package var inMain: Containment?
    /// Whether the branch has commits of its own; nil where that cannot be told, as it is at one of its base's own commits: it was just
    /// begun, or the base was moved forward to it.
    package var hasOwnCommits: Bool?
    /// Whether it is known where the hotfix began; else main may have its changes by other commits, which cannot be told.
    package var isStartKnown: Bool
    /// The commit that the status file says is deployed; nil where it names none.
    package var deployed: String?
    /// The hotfix branches at origin, the one of this hotfix among them, by name.
    package var hotfixBranches: [String]
    /// Whether the repository has only the newest part of the history, so that less is found in main than is there.
    package var isShallow: Bool

    /// Makes what git says; without more, of a branch that is nowhere.
    package init(
        branch: String?, objections: [String] = [], view: View = .asked, here: String? = nil, atOrigin: String? = nil,
        head: String? = nil, tags: [Tag] = [], main: String = "main", inMain: Containment? = nil,
        hasOwnCommits: Bool? = nil, isStartKnown: Bool = true, deployed: String? = nil, hotfixBranches: [String] = [],
        isShallow: Bool = false
    ) {
        self.branch = branch
        self.objections = objections
        self.view = view
        self.here = here
        self.atOrigin = atOrigin
        self.head = head
        self.tags = tags
        self.main = main
        self.inMain = inMain
        self.hasOwnCommits = hasOwnCommits
        self.isStartKnown = isStartKnown
        self.deployed = deployed
        self.hotfixBranches = hotfixBranches
        self.isShallow = isShallow
    }

    /// Whether the branch is neither here nor at origin.
    package var isGone: Bool { branch != nil && here == nil && atOrigin == nil }
    /// Whether main has the whole hotfix, and that is more than a branch that was just begun.
    package var isMerged: Bool {
        inMain?.isContained == true && (hasOwnCommits ?? (isGone || isHeadDeployed == true))
    }
    /// Whether what is deployed is the hotfix's head; nil where either is not known.
    package var isHeadDeployed: Bool? {
        guard let deployed, let head else { return nil }
        return isSameCommit(deployed, head)
    }

    /// What has to be known beside, in sentences: first that origin did not answer, then that the history is not all here.
    package var caveats: [String] {
        var caveats: [String] = []
        switch view {
        case .asked: break
        case .fetched: caveats.append("Origin was not asked: it is shown as it was last fetched.")
        case .unreachable(let reason):
            caveats.append("Origin could not be asked, and is shown as it was last fetched: \(reason)")
        }
        if isShallow {
            caveats.append("The history is not all here (git fetch --unshallow): a merge may be missed.")
        }
        if inMain == .unknown {
            let reason =
                isStartKnown
                ? "as not all commits are here (git fetch origin)" : "as nothing shows where the hotfix began"
            caveats.append("Whether '\(oneLine(main))' has the hotfix is not known, \(reason).")
        }
        return caveats
    }
}

/// Whether two ids of commits are one, of which either may be shortened to at least seven digits.
func isSameCommit(_ one: String, _ other: String) -> Bool {
    let (short, long) = one.utf8.count < other.utf8.count ? (one, other) : (other, one)
    return short.utf8.count >= 7 && long.lowercased().hasPrefix(short.lowercased())
}
