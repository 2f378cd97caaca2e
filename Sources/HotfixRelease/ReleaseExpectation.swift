import HotfixCore

/// What a release has to be.
package struct ReleaseExpectation: Sendable {
    /// A commit that the tag has to lead to.
    package struct Commit: Sendable, Hashable {
        /// Its full id.
        package var id: String
        /// Who says so, as the end of a sentence: `the status file`.
        package var source: String

        /// Makes one.
        package init(id: String, source: String) {
            self.id = id
            self.source = source
        }
    }

    /// The tag of the release.
    package var tag: String
    /// The version that was released before; nil where the forge is to say.
    package var previous: String?
    /// The names of the artifacts, each of which may hold `{version}`, `{tag}` and `*`.
    package var artifacts: [String]
    /// The file of the workflow that builds the release, such as `release.yml`; nil where every one that ran for the tag counts.
    package var workflow: String?
    /// Whether the release has to be marked as a prerelease.
    package var isPrerelease: Bool
    /// The update feeds.
    package var feeds: [UpdateFeed]
    /// What the tag has to lead to, where that is known.
    package var commits: [Commit]
    /// Whether every file is downloaded, so that digests and signatures are known.
    package var isFull: Bool

    /// Makes an expectation.
    package init(
        tag: String, previous: String? = nil, artifacts: [String] = [], workflow: String? = nil,
        isPrerelease: Bool = false, feeds: [UpdateFeed] = [], commits: [Commit] = [], isFull: Bool = true
    ) {
        self.tag = tag
        self.previous = previous
        self.artifacts = artifacts
        self.workflow = workflow
        self.isPrerelease = isPrerelease
        self.feeds = feeds
        self.commits = commits
        self.isFull = isFull
    }

    /// The version that the tag names.
    package var version: String { HotfixRelease.version(ofTag: tag) }
}

/// An update feed that clients ask.
package struct UpdateFeed: Sendable, Hashable {
    /// The clients that are known.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case sparkle, electron, tauri
    }

    /// Which client asks it; nil where that is guessed.
    package var kind: Kind?
    /// Its address; of Tauri's it may hold `{{target}}`, `{{arch}}` and `{{current_version}}`.
    package var url: String
    /// The key that signatures are made with, as the client is built with it; nil where they are not verified.
    package var publicKey: String?
    /// The platforms that Tauri's has to serve, such as `darwin-aarch64`.
    package var platforms: [String]

    /// Makes a feed.
    package init(_ kind: Kind?, _ url: String, publicKey: String? = nil, platforms: [String] = []) {
        self.kind = kind
        self.url = url
        self.publicKey = publicKey
        self.platforms = platforms
    }

    /// What findings call it.
    var place: String { "feed \(shownAddress(url))" }

    /// The kind that is said, else that of the name, else that of the content.
    func kind(of body: [UInt8]) -> Kind {
        if let kind { return kind }
        let name = (url.split(separator: "?").first ?? "").lowercased()
        if name.hasSuffix(".yml") || name.hasSuffix(".yaml") { return .electron }
        if name.hasSuffix(".json") { return .tauri }
        if name.hasSuffix(".xml") { return .sparkle }
        switch body.first(where: { $0 > 0x20 && $0 < 0x7F }) {
        case UInt8(ascii: "<"): return .sparkle
        case UInt8(ascii: "{"): return .tauri
        default: return url.contains("{{") ? .tauri : .electron
        }
    }
}

/// An address without what may be secret in it: user information, query and fragment.
func shownAddress(_ url: String) -> String {
    let bare = url.prefix { $0 != "?" && $0 != "#" }
    let parts = bare.split(separator: "://", maxSplits: 1)
    guard parts.count == 2 else { return clipped(oneLine(String(bare)), bytes: 500) }
    let authority = parts[1].prefix { $0 != "/" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return clipped(oneLine("\(parts[0])://\(host)\(parts[1].dropFirst(authority.count))"), bytes: 500)
}
