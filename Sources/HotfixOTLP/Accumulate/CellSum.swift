import HotfixCore

/// What the points of one subject come to in a stretch of time; sums of stretches that follow each other add up.
struct CellSum: Hashable, Sendable {
    /// The buckets of durations that could be added up.
    struct Buckets: Hashable, Sendable {
        enum Counts: Hashable, Sendable {
            case explicit(ExplicitCounts)
            case exponential(ExponentialCounts)
        }

        /// What a value is divided by to give seconds.
        var divisor: Int
        var counts: Counts

        var total: UInt64 {
            switch counts {
            case .explicit(let counts): counts.total
            case .exponential(let counts): counts.total
            }
        }

        /// Whether the counts of others can be added to these.
        func canAdd(_ other: Buckets) -> Bool {
            guard divisor == other.divisor else { return false }
            switch (counts, other.counts) {
            case (.explicit(let own), .explicit(let more)): return own.bounds == more.bounds
            case (.exponential, .exponential): return true
            default: return false
            }
        }

        /// The 95th percentile in seconds.
        var p95: Double? {
            let value =
                switch counts {
                case .explicit(let counts): counts.quantile(0.95)
                case .exponential(let counts): counts.quantile(0.95)
                }
            return value.map { $0 / Double(divisor) }
        }
    }

    /// The levels, or the growth, of a part of an instance.
    struct Part: Hashable, Sendable {
        /// Levels added up; or by how much counters grew.
        var sum = 0.0
        /// How many levels; or in how many seconds.
        var weight = 0.0
    }

    /// What is known of an instance.
    struct Instance: Hashable, Sendable {
        /// The seconds that its points cover.
        var covered = 0.0
        /// Its parts, by their digests.
        var parts: [UInt64: Part] = [:]
    }

    /// Buckets that could not be added to each other, as their bounds differ.
    var buckets: [Buckets] = []
    /// Requests, whatever their buckets.
    var requests: UInt64 = 0
    /// Requests whose status code is known.
    var withStatus: UInt64 = 0
    /// Requests whose status code is a server error.
    var failed: UInt64 = 0
    /// The instances, by their digests.
    var instances: [UInt64: Instance] = [:]
    /// Why the sum is not that of all that was sent; empty where it is.
    var lost: Set<Rejection> = []

    /// The versions that ran, in order.
    private(set) var versions: [String] = []

    /// Further versions than so many are not kept: an attribute that is another in every process.
    static let mostVersions = 16

    /// Sums of more groups of bounds than this are not kept: a series that changes its bounds with every point.
    static let mostGroups = 16

    /// Adds buckets to those with the same bounds.
    mutating func add(_ new: Buckets) {
        guard let index = buckets.firstIndex(where: { $0.canAdd(new) }) else {
            if buckets.count < Self.mostGroups { buckets.append(new) }
            return
        }
        // Taken out while it grows, so that its counts are not copied.
        let known = buckets[index].counts
        buckets[index].counts = Self.nothing
        buckets[index].counts = Self.sum(known, new.counts)
    }

    private static let nothing = Buckets.Counts.explicit(ExplicitCounts(bounds: [], counts: []))

    private static func sum(_ known: consuming Buckets.Counts, _ more: Buckets.Counts) -> Buckets.Counts {
        switch (consume known, more) {
        case (.explicit(var sum), .explicit(let more)):
            sum.add(more.counts)
            return .explicit(sum)
        case (.exponential(var sum), .exponential(let more)):
            sum.add(more)
            return .exponential(sum)
        case (let known, _): return known
        }
    }

    /// Adds a version; which of too many are kept depends on no order.
    mutating func add(version: String?) {
        guard let version, version != versions.last, !versions.contains(version) else { return }
        versions.append(version)
        versions.sort()
        if versions.count > Self.mostVersions { versions.removeLast() }
    }

    /// Adds the sum of another stretch.
    mutating func add(_ other: CellSum) {
        for group in other.buckets { add(group) }
        requests &+= other.requests
        withStatus &+= other.withStatus
        failed &+= other.failed
        lost.formUnion(other.lost)
        for version in other.versions { add(version: version) }
        for (name, instance) in other.instances {
            instances[name, default: Instance()].covered += instance.covered
            for (part, sum) in instance.parts {
                instances[name, default: Instance()].parts[part, default: Part()].sum += sum.sum
                instances[name, default: Instance()].parts[part, default: Part()].weight += sum.weight
            }
        }
    }

    /// The value of a measure, nil where there is none.
    func value(of measure: BuiltInMeasure, _ shape: WatchedMetric.Shape) -> Double? {
        switch measure {
        // Where bounds differ, as while a deployment brings others, no quantile is that of all requests.
        case .latencyP95: buckets.count == 1 ? buckets[0].p95 : nil
        // Requests without any status code say nothing of how many failed.
        case .errorShare: withStatus == 0 ? nil : Double(failed) / Double(requests)
        case .requests: Double(requests)
        case .cpu, .memory: usage(shape)
        case .sentryErrorRate, .sentryFailureRate, .sentryCrashFreeSessions: nil
        }
    }

    /// Why the sum gives no value of a measure, though something was sent; nil where it does.
    func obstacle(to measure: BuiltInMeasure) -> String? {
        if let loss = Rejection.allCases.first(where: { lost.contains($0) }) { return "points were lost: \(loss.text)" }
        guard measure == .latencyP95, buckets.count > 1 else { return nil }
        return
            "histograms with \(buckets.count) different sets of buckets came, which cannot be added up: give all instances the same"
    }

    /// The share of a stretch that points cover: the mean over instances.
    func coverage(of length: Seconds) -> Double? {
        guard !instances.isEmpty else { return nil }
        // In one order, so that the same points always give the same bits.
        let shares = instances.sorted { $0.key < $1.key }.map { min(1, $0.value.covered / Double(length)) }
        return shares.reduce(0, +) / Double(shares.count)
    }

    private func usage(_ shape: WatchedMetric.Shape) -> Double? {
        var total = 0.0
        var count = 0
        for (_, instance) in instances.sorted(by: { $0.key < $1.key }) {
            let parts = instance.parts.sorted { $0.key < $1.key }.map(\.value).filter { $0.weight > 0 }
            guard !parts.isEmpty else { continue }
            total += parts.reduce(0) { $0 + $1.sum / $1.weight }
            count += 1
        }
        guard count > 0 else { return nil }
        let mean = total / Double(count)
        return shape == .busyShare ? 1 - mean : mean
    }
}
