/// Something that is wrong with a release or with one of its update feeds.
package struct ReleaseFault: Sendable, Hashable {
    /// The kinds of fault.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case releaseMissing = "release-missing"
        case draft
        case prerelease
        case notesMissing = "notes-missing"
        case otherCommit = "other-commit"
        case assetMissing = "asset-missing"
        case assetAmbiguous = "asset-ambiguous"
        case assetUnfinished = "asset-unfinished"
        case size
        case digest
        case workflowMissing = "workflow-missing"
        case workflowFailed = "workflow-failed"
        case workflowUnfinished = "workflow-unfinished"
        case feedUnreadable = "feed-unreadable"
        case feedInsecure = "feed-insecure"
        case otherVersion = "other-version"
        case notNewer = "not-newer"
        case notOffered = "not-offered"
        case platformMissing = "platform-missing"
        case deadURL = "dead-url"
        case signature
        case otherKey = "other-key"
    }

    /// The kind of fault.
    package var code: Code
    /// Where it is: `artifact 'Shop-1.0.1.dmg'`, `feed https://example.com/appcast.xml`.
    package var place: String
    /// What is wrong, a sentence.
    package var what: String
    /// What ought to be there; nil where the sentence says it all.
    package var expected: String?
    /// What is there.
    package var found: String?
    /// What to do next, a sentence.
    package var remedy: String

    /// Makes a fault.
    package init(
        _ code: Code, _ place: String, _ what: String, expected: String? = nil, found: String? = nil, remedy: String
    ) {
        self.code = code
        self.place = place
        self.what = what
        self.expected = expected
        self.found = found
        self.remedy = remedy
    }
}

/// What came of looking at a release.
package struct ReleaseFindings: Sendable, Hashable {
    /// Something that could not be asked, so that nothing is known of it.
    package struct Unasked: Sendable, Hashable {
        /// Where it is.
        package var place: String
        /// Why, and what to do next.
        package var reason: String
        /// Whether somebody has to mend the configuration first.
        package var isMisconfigured: Bool

        /// Makes one.
        package init(_ place: String, _ reason: String, isMisconfigured: Bool = false) {
            self.place = place
            self.reason = reason
            self.isMisconfigured = isMisconfigured
        }
    }

    /// What is wrong.
    package var faults: [ReleaseFault] = []
    /// What could not be asked.
    package var unasked: [Unasked] = []
    /// What was looked at and holds, sentences.
    package var held: [String] = []
    /// What was not looked at though nothing stood in the way, and why, sentences.
    package var skipped: [String] = []
    /// What else is good to know, sentences.
    package var notes: [String] = []
    /// Whether files were downloaded, so that digests and signatures were looked at.
    package var isFull = true

    /// Makes findings of nothing.
    package init() {}

    /// Whether everything that was to be looked at was, and holds; what was skipped does not count.
    package var isWhole: Bool { faults.isEmpty && unasked.isEmpty }
}
