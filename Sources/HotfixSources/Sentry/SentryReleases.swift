import HotfixCore

/// A release, in a list or alone.
struct SentryRelease: Decodable, Sendable {
    struct Project: Decodable, Sendable {
        /// The numeric id, as text.
        var id: String

        private enum CodingKeys: String, CodingKey {
            case id
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            if let number = try? container.decode(Int.self, forKey: .id) {
                id = "\(number)"
            } else {
                id = try container.decode(String.self, forKey: .id)
            }
        }
    }

    struct Commit: Decodable, Sendable {
        var id: String
    }

    var version: String
    var dateCreated: String?
    var dateReleased: String?
    var firstEvent: String?
    /// How many deploys it has, in all environments.
    var deployCount: Int?
    /// The newest of them.
    var lastDeploy: SentryDeploy?
    var projects: [Project]?
    var lastCommit: Commit?

    /// What the list is ordered by.
    var listedAt: Instant? { (dateReleased ?? dateCreated).flatMap(second(of:)) }

    /// Whether it may have deploys.
    var mayBeDeployed: Bool { deployCount.map { $0 > 0 } ?? (lastDeploy != nil) }

    /// What changes with every further deploy.
    var deployMark: String { "\(deployCount ?? -1) \(lastDeploy?.id ?? "")" }
}

/// A deploy of a release.
struct SentryDeploy: Decodable, Sendable {
    var id: String
    var environment: String?
    var dateFinished: String?
}

/// A deploy as the versions of windows follow from it.
struct SentryRollout: Codable, Hashable, Sendable {
    /// The release's version.
    var version: String
    var environment: String?
    /// The first whole second at which it was finished.
    var at: Instant
    /// The number of the deploy, which decides between those of one second.
    var order: Int

    /// Reads a deploy; nil where it says not when it was finished.
    init?(_ deploy: SentryDeploy, of version: String) {
        guard let at = deploy.dateFinished.flatMap(ceiledSecond(of:)) else { return nil }
        self.version = version
        environment = deploy.environment
        self.at = at
        order = Int(deploy.id) ?? 0
    }

    static func isOlder(_ left: SentryRollout, than right: SentryRollout) -> Bool {
        (left.at, left.order) < (right.at, right.order)
    }
}

/// What is remembered of a project's roll-outs, so that a steady check needs the list of releases and nothing else.
struct SentryVersionMemo: Codable, Hashable, Sendable {
    /// From when on all roll-outs are here, with the one that ran then.
    var from: Instant
    /// The roll-outs into the environment, oldest first.
    var rollouts: [SentryRollout]
    /// The releases whose deploys were read, each with its mark at that time.
    var marks: [String: String]
    /// What the newest release was listed by.
    var newestRelease: Instant?
    /// How many releases the whole list had when it was last read to its end; nil where an older program wrote this.
    var releases: Int?
    /// The end of the newest window that was asked then.
    var readUntil: Instant?
}

/// A list of releases.
struct SentryReleaseList: Sendable {
    /// The releases, the newest first.
    var releases: [SentryRelease] = []
    /// Whether these are all.
    var isWhole = true
    /// Sentry's clock, where it has one.
    var date: Instant?
    /// When the answer came, by Sentry's clock or else by this one.
    var now: Instant
}

/// The first whole second that is not before a time with a fraction.
func ceiledSecond(of text: String) -> Instant? {
    guard let whole = second(of: text) else { return nil }
    let fraction = text.drop { $0 != "." }.dropFirst().prefix(while: \.isNumber)
    return fraction.contains { $0 != "0" } ? whole + 1 : whole
}

extension SentrySource {
    /// A place of which releases are asked.
    struct ReleasePlace: Hashable, Sendable {
        var region: String?
        /// The numeric id, as text.
        var project: String
        var slug: String
        var environment: String?
    }

    /// Reads the releases of projects, the newest first, page by page.
    ///
    /// - Parameters:
    ///   - places: The projects and environments, all of one region.
    ///   - search: A part of the version; nil for all.
    ///   - isEnough: Whether the releases read so far are; told after each page.
    /// - Returns: The releases that were read.
    /// - Throws: Why a page could not be read; no part of the list is kept.
    func releases(
        at places: [ReleasePlace], search: String? = nil, until isEnough: ([SentryRelease]) -> Bool
    ) async throws(SentryFailure) -> SentryReleaseList {
        var address = SentryAddress(
            base: places.first?.region ?? base, path: ["organizations", organization, "releases"],
            query: Set(places.map(\.project)).sorted().map { .init("project", $0) })
        // Sentry lists a release in an environment since its first deploy or event there.
        if places.allSatisfy({ $0.environment != nil }) {
            address.query += Set(places.compactMap(\.environment)).sorted().map { .init("environment", $0) }
        }
        if let search { address.query.append(.init("query", search)) }
        address.query.append(.init("per_page", "100"))
        let query = address.query
        let about = subject("the releases", project: places.map(\.slug).sorted().joined(separator: ", "))
        var all: [SentryRelease] = []
        var date: Instant?
        var cursors: Set<String> = []
        while true {
            let reply = try await caller.get(address, about: about, as: [SentryRelease].self)
            all += reply.body
            date = earliest(date, reply.date)
            guard let cursor = reply.link.flatMap(nextCursor(inLink:)) else {
                return SentryReleaseList(releases: all, date: date, now: reply.now)
            }
            if isEnough(all) { return SentryReleaseList(releases: all, isWhole: false, date: date, now: reply.now) }
            guard cursors.insert(cursor).inserted else {
                throw SentryFailure(malformed("\(name): \(about): the pages of the list go round in a circle"))
            }
            address.query = query + [.init("cursor", cursor)]
        }
    }

    /// Reads the deploys of a release, in all environments.
    func rollouts(of release: SentryRelease, at place: ReleasePlace) async throws(SentryFailure) -> [SentryRollout] {
        if release.deployCount == 1, let only = release.lastDeploy,
            let rollout = SentryRollout(only, of: release.version)
        {
            return [rollout]
        }
        let address = SentryAddress(
            base: place.region ?? base,
            path: ["organizations", organization, "releases", release.version, "deploys"])
        let about = subject("the deploys of release '\(release.version)'")
        return try await caller.pages(address, about: about, of: SentryDeploy.self).compactMap {
            SentryRollout($0, of: release.version)
        }
    }
}
