/// Finds which release clients come from.
struct PreviousRelease {
    /// The release that they go to.
    let release: PublishedRelease

    init(of release: PublishedRelease) { self.release = release }

    /// The highest version below the release's own, also where an older line was released later; tags that are no version are
    /// passed over.
    ///
    /// A release of the same three numbers that was out before counts too, whatever its suffix: its clients are to get this one.
    ///
    /// - Parameter releases: All releases.
    /// - Returns: A version; nil where there is none.
    func version(among releases: [PublishedRelease]) -> String? {
        let others = releases.filter { $0.tag != release.tag && !$0.isDraft && !$0.isPrerelease }
        guard let own = SemanticVersion(HotfixRelease.version(ofTag: release.tag)) else { return newest(of: others) }
        let candidates = others.compactMap { other -> SemanticVersion? in
            guard let version = SemanticVersion(HotfixRelease.version(ofTag: other.tag)) else { return nil }
            guard version.released == own.released else { return version < own ? version : nil }
            return wasBefore(other) ? version : nil
        }
        return candidates.max()?.text
    }

    /// Of versions of another form, the one that was out last before.
    private func newest(of releases: [PublishedRelease]) -> String? {
        let candidates = releases.compactMap { other -> (version: String, release: PublishedRelease)? in
            let version = HotfixRelease.version(ofTag: other.tag)
            guard let first = version.first, first.isASCII, first.isNumber, wasBefore(other) else { return nil }
            return (version, other)
        }
        return candidates.max { one, other in
            guard let old = one.release.publishedAt, let new = other.release.publishedAt else { return false }
            return old < new
        }?.version
    }

    private func wasBefore(_ other: PublishedRelease) -> Bool {
        guard let at = other.publishedAt else { return false }
        return release.publishedAt.map { at <= $0 } ?? true
    }
}
