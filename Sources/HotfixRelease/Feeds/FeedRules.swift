import HotfixCore

/// What holds of the versions of a feed by the rules of its client.
struct FeedRules {
    let place: String
    let kind: UpdateFeed.Kind
    /// The version of the release.
    let version: String
    /// What was released before; nil where that is not known.
    let previous: String?

    /// Says what is wrong with the version that a feed offers.
    ///
    /// - Parameters:
    ///   - offer: What it offers.
    ///   - comparedPrevious: What a client of the previous version compares; nil where the feed does not say.
    /// - Returns: The faults.
    func faults(of offer: FeedOffer, comparedPrevious: String?) -> [ReleaseFault] {
        guard isSame(offer.released, version) else {
            return [
                ReleaseFault(
                    .otherVersion, place, "It does not announce the release.", expected: version,
                    found: shown(offer.released), remedy: "Publish the feed of the release, and purge caches before it."
                )
            ]
        }
        return [newness(offer, comparedPrevious)].compactMap(\.self)
    }

    /// Whether a feed's version is one that people call by another spelling.
    private func isSame(_ one: String, _ other: String) -> Bool {
        func bare(_ text: String) -> Substring { text.hasPrefix("v") ? text.dropFirst() : text[...] }
        return bare(one) == bare(other)
    }

    private func newness(_ offer: FeedOffer, _ comparedPrevious: String?) -> ReleaseFault? {
        switch kind {
        case .sparkle:
            guard let previous = comparedPrevious, SparkleVersion(offer.version) <= SparkleVersion(previous) else {
                return nil
            }
            let dash =
                offer.version.dropFirst().contains("-")
                ? " Sparkle does not compare what follows a dash, so that a suffix such as -hotfix1 makes no version newer."
                : ""
            return notNewer(
                offer.version, previous, dash,
                "Raise sparkle:version (CFBundleVersion) above \(shown(previous)), and build anew.")
        case .electron, .tauri:
            guard let new = SemanticVersion(offer.version) else {
                return ReleaseFault(
                    .notNewer, place, "Its version is not one of semver.org, so that clients refuse the feed.",
                    expected: "a version such as 1.0.1", found: shown(offer.version),
                    remedy: "Give the release a version of three numbers.")
            }
            guard let previous, let old = SemanticVersion(previous) else { return nil }
            let isNewer = kind == .tauri ? old.isLessByBuild(than: new) : old < new
            guard !isNewer else { return nil }
            let isTrap = new.isPrerelease && new.released == old.released && !old.isPrerelease
            let why =
                isTrap
                ? " By semver.org a suffix such as -\(suffix(new)) makes a version older than the same without it: clients on \(old.text) are never offered \(new.text)."
                : ""
            return notNewer(
                offer.version, previous, why,
                "Release the fix as a version that sorts after \(shown(previous)), such as \(next(old)).")
        }
    }

    private func notNewer(_ new: String, _ old: String, _ why: String, _ remedy: String) -> ReleaseFault {
        ReleaseFault(
            .notNewer, place, "By the client's rule its version is not newer than the previous one.\(why)",
            expected: "more than \(shown(old))", found: shown(new), remedy: remedy)
    }

    private func suffix(_ version: SemanticVersion) -> Substring {
        version.text.split(separator: "-", maxSplits: 1).last ?? ""
    }

    private func next(_ version: SemanticVersion) -> String {
        let numbers = version.released.split(separator: ".")
        guard !version.isPrerelease, let last = numbers.last.flatMap({ Int($0) }), last < 1_000_000 else {
            return version.released
        }
        return numbers.dropLast().joined(separator: ".") + ".\(last + 1)"
    }

    private func shown(_ text: String) -> String { clipped(oneLine(text), bytes: 200) }
}
