/// What one point of a series says.
enum PointValue: Hashable, Sendable {
    case number(Double)
    case explicit(ExplicitCounts)
    case exponential(ExponentialCounts)

    /// About how much memory it takes, in words.
    var weight: Int {
        switch self {
        case .number: 6
        case .explicit(let counts): 10 + counts.counts.count
        case .exponential(let counts): 20 + counts.width
        }
    }

    /// By how much it grew since an earlier one of its series; nil where anything of it fell, or the two cannot be compared.
    func grown(from earlier: PointValue) -> PointValue? {
        switch (self, earlier) {
        case (.number(let new), .number(let old)): return new >= old ? .number(new - old) : nil
        case (.explicit(let new), .explicit(let old)):
            guard new.counts.count == old.counts.count, new.bounds == old.bounds else { return nil }
            var growth = new.counts
            for index in growth.indices {
                guard growth[index] >= old.counts[index] else { return nil }
                growth[index] -= old.counts[index]
            }
            return .explicit(ExplicitCounts(bounds: new.bounds, counts: growth))
        case (.exponential(let new), .exponential(let old)): return new.grown(from: old).map { .exponential($0) }
        default: return nil
        }
    }

    /// Whether two can be compared at all.
    func isComparable(to other: PointValue) -> Bool {
        switch (self, other) {
        case (.number, .number), (.exponential, .exponential): true
        case (.explicit(let new), .explicit(let old)): new.bounds == old.bounds
        default: false
        }
    }
}

/// A point of a series.
struct SeriesPoint: Hashable, Sendable {
    /// When it was taken, in nanoseconds since the epoch.
    var time: Int64
    /// What it counts from, in nanoseconds since the epoch; 0 where that is not known.
    var start: Int64
    /// What it says.
    var value: PointValue
}

/// How the points of a series belong to each other.
enum SeriesKind: UInt8, Sendable {
    /// Each counts from the series' start on.
    case cumulative = 0
    /// Each counts from the one before on.
    case delta = 1
    /// Each is a level.
    case level = 2
}

/// What is known of a series besides its points.
struct SeriesFacts: Hashable, Sendable {
    /// The number of its subject.
    var subject: Int
    var kind: SeriesKind
    /// The digest of its instance.
    var instance: UInt64
    /// The digest of its part of the instance.
    var part: UInt64
    /// What a value is divided by to give seconds.
    var divisor: Int
    /// Whether its requests failed; nil where no status code says so.
    var failed: Bool?
    /// The version that runs; nil where nothing says so.
    var version: String?
    /// Whether points that count from different starts are of different processes: an SDK keeps its start for life.
    var tellsProcesses = true
}
