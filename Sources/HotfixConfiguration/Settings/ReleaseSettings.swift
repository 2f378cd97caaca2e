/// The kinds of update feed that a configuration may name.
package enum FeedType: String, Sendable, Hashable, CaseIterable {
    case sparkle, electron, tauri
}

/// What a release has to be, checked.
package struct ReleaseSettings: Sendable, Hashable {
    /// The names of its files, each of which may hold `{version}`, `{tag}` and `*`.
    package var artifacts: [String] = []
    /// The file of the workflow that builds it; nil where none is named.
    package var workflow: String?
    /// Whether it has to be marked as a prerelease.
    package var isPrerelease = false
    /// The update feeds, in the order of the file.
    package var feeds: [Feed] = []

    /// Makes settings that ask for nothing.
    package init() {}

    /// An update feed.
    package struct Feed: Sendable, Hashable {
        /// Whose it is.
        package var type: FeedType
        /// Its address; of Tauri's it may hold `{{target}}`, `{{arch}}` and `{{current_version}}`.
        package var url: String
        /// The key that clients verify signatures with; nil where the client has none.
        package var publicKey: String?
        /// The platforms that it has to serve.
        package var platforms: [String]

        /// Makes a feed.
        package init(_ type: FeedType, _ url: String, publicKey: String? = nil, platforms: [String] = []) {
            self.type = type
            self.url = url
            self.publicKey = publicKey
            self.platforms = platforms
        }
    }
}
