/// What the ledger knows of the running versions of one service by one query at one source.
///
/// Of the series of a service and source with one wish, the one found last is asked; the others keep what they saw.
package struct VersionSeries: Sendable, Hashable, Codable {
    /// What decides which versions these are: a change of it makes what was seen worthless.
    package struct Wish: Sendable, Hashable, Codable {
        /// What the service is called at the source.
        package var binding: [String: String]
        /// The environment.
        package var environment: String?
        /// The length of a window in seconds.
        package var window: Seconds

        /// The wish of a service.
        package init(_ service: Service, at source: String, window: Seconds) {
            binding = service.bindings[source] ?? [:]
            environment = service.environment
            self.window = window
        }
    }

    /// The service's name.
    package var service: String
    /// The source's name.
    package var source: String
    /// What decides which versions these are.
    package var wish: Wish
    /// How the source is asked; nil where it does not know which version runs.
    package var definition: SeriesDefinition?
    /// Why the source does not know; nil where it does.
    package var unknown: String?
    /// When that was last found out.
    package var foundAt: Instant
    /// What was seen, by window.
    package var seen: VersionRuns
    /// The newest roll-out that the source has recorded.
    package var newest: VersionSighting?
    /// What the source wanted remembered; its own business.
    package var memo: String?
    /// The start of the oldest window whose answer the source may yet have to take back; nil where there is none.
    package var unsettledFrom: Instant?

    /// Makes a series.
    package init(
        service: String, source: String, wish: Wish, definition: SeriesDefinition?, unknown: String? = nil,
        foundAt: Instant, seen: VersionRuns = VersionRuns(), newest: VersionSighting? = nil, memo: String? = nil,
        unsettledFrom: Instant? = nil
    ) {
        self.service = service
        self.source = source
        self.wish = wish
        self.definition = definition
        self.unknown = unknown
        self.foundAt = foundAt
        self.seen = seen
        self.newest = newest
        self.memo = memo
        self.unsettledFrom = unsettledFrom
    }

    /// How long it holds that a source does not know versions, in seconds: twice as long as until it is asked again.
    package static let unknownHolds: Seconds = 7200
    /// The same in the first hour of a deployment, when it is asked again at every check.
    package static let unknownHoldsAtFirst: Seconds = 900

    /// Whether it is the same query of the same service and source, or of both that the source does not know.
    package func replaces(_ other: VersionSeries) -> Bool {
        service == other.service && source == other.source && wish == other.wish && definition == other.definition
    }

    /// The newest instant at which the source is known to have told versions.
    var lastKnown: Instant { max(foundAt, seen.runs.last?.end ?? foundAt) }

    /// Whether the source told versions during a deployment whose first window that counts starts at `from`.
    func wasKnown(since deployment: Deployment, from: Instant) -> Bool {
        foundAt >= deployment.recordedAt || seen.runs.last.map { $0.end > from } ?? false
    }

    /// Whether an hour of windows or more saw no version at all, up to the newest.
    var seesNoMore: Bool { seen.runs.last.map { $0.versions.isEmpty && $0.end - $0.start >= 3600 } ?? false }
}

extension [VersionSeries] {
    /// Puts series in the place of those of the same query.
    package mutating func take(_ changed: [VersionSeries]) {
        for series in changed {
            if let index = firstIndex(where: { series.replaces($0) }) {
                self[index] = series
            } else {
                append(series)
            }
        }
    }
}

/// The versions seen in windows: runs of adjacent windows with the same versions, so that a steady state takes no room.
package struct VersionRuns: Sendable, Hashable {
    /// Adjacent windows in which the same versions were seen.
    package struct Run: Sendable, Hashable {
        /// The start of the first window.
        package var start: Instant
        /// The end of the last window.
        package var end: Instant
        /// The versions, in the order of their texts; empty where the source answered that it saw none.
        package var versions: [String]
    }

    /// The runs, oldest first; windows in none were not asked.
    package private(set) var runs: [Run] = []

    /// Makes what was seen before anything was asked.
    package init() {}

    /// The versions of the window that starts at an instant; nil where it was not asked.
    package subscript(_ start: Instant) -> [String]? {
        let index = firstIndex(endingAfter: start)
        guard index < runs.count, runs[index].start <= start else { return nil }
        return runs[index].versions
    }

    /// Notes what was seen in a window.
    package mutating func set(_ versions: some Sequence<String>, in window: Window) {
        let versions = versions.sorted()
        var index = firstIndex(endingAfter: window.start)
        if index < runs.count, runs[index].start <= window.start {
            let old = runs[index]
            guard old.versions != versions else { return }
            var parts = [Run(start: window.start, end: window.end, versions: versions)]
            if old.start < window.start {
                parts.insert(Run(start: old.start, end: window.start, versions: old.versions), at: 0)
            }
            if window.end < old.end { parts.append(Run(start: window.end, end: old.end, versions: old.versions)) }
            runs.replaceSubrange(index...index, with: parts)
            if old.start < window.start { index += 1 }
        } else {
            runs.insert(Run(start: window.start, end: window.end, versions: versions), at: index)
        }
        join(index + 1)
        join(index)
    }

    /// Forgets the windows that end by an instant.
    package mutating func forget(before instant: Instant) {
        let kept = firstIndex(endingAfter: instant)
        runs.removeFirst(kept)
        if let first = runs.first, first.start < instant { runs[0].start = instant }
    }

    /// Joins a run with the one before it, where they are adjacent and alike.
    private mutating func join(_ index: Int) {
        guard runs.indices.contains(index), runs.indices.contains(index - 1),
            runs[index - 1].end == runs[index].start, runs[index - 1].versions == runs[index].versions
        else { return }
        runs[index - 1].end = runs[index].end
        runs.remove(at: index)
    }

    private func firstIndex(endingAfter instant: Instant) -> Int {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].end <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension VersionRuns: Codable {
    private enum CodingKeys: String, CodingKey {
        case versions, runs
    }

    /// Reads the texts of the versions, and for each run its start, its end and the numbers of its versions among the texts.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let texts = try container.decode([String].self, forKey: .versions)
        runs = try container.decode([[Int]].self, forKey: .runs).map { numbers in
            guard numbers.count >= 2, numbers[0] < numbers[1], numbers[2...].allSatisfy(texts.indices.contains) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .runs, in: container, debugDescription: "a run of versions is malformed")
            }
            return Run(
                start: Instant(numbers[0]), end: Instant(numbers[1]), versions: numbers[2...].map { texts[$0] })
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let texts = Set(runs.flatMap(\.versions)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: texts.enumerated().map { ($1, $0) })
        try container.encode(texts, forKey: .versions)
        try container.encode(
            runs.map { run in [run.start.seconds, run.end.seconds] + run.versions.compactMap { numbers[$0] } },
            forKey: .runs)
    }
}
