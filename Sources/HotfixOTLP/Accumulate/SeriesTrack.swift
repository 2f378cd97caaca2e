import HotfixCore

/// The recent points of one series, in the order of their times.
struct SeriesTrack: Sendable {
    let facts: SeriesFacts
    private(set) var points: [SeriesPoint] = []
    /// About how much memory the points take, in words.
    private(set) var weight = 0

    /// A growth over longer than this belongs to no window: 5 min, in nanoseconds.
    static let longestGap: Int64 = 300 * 1_000_000_000

    init(facts: SeriesFacts) {
        self.facts = facts
    }

    /// The newest point's time; the smallest number where there is none.
    var newest: Int64 { points.last?.time ?? .min }

    /// What came of a point.
    enum Insertion: Equatable {
        /// It is new; the next point after it, if any, was at this time.
        case added(next: Int64?)
        /// It was there before.
        case known
    }

    /// Puts a point where it belongs.
    mutating func insert(_ point: SeriesPoint) -> Insertion {
        var place = points.count
        while place > 0, points[place - 1].time >= point.time {
            place -= 1
            if points[place].time == point.time, facts.kind != .delta || points[place].start == point.start {
                return .known
            }
        }
        var point = point
        // Bounds are kept once.
        if case .explicit(var counts) = point.value, place > 0, case .explicit(let last) = points[place - 1].value,
            last.bounds == counts.bounds
        {
            counts.bounds = last.bounds
            point.value = .explicit(counts)
        }
        let next = place < points.count ? points[place].time : nil
        points.insert(point, at: place)
        weight += point.value.weight
        return .added(next: next)
    }

    /// Forgets points up to an instant, but for the newest of them, which the next one is compared with.
    mutating func forget(upTo time: Int64) {
        guard let kept = points.firstIndex(where: { $0.time > time }) ?? points.indices.last.map({ $0 + 1 }), kept > 1
        else { return }
        for point in points[..<(kept - 1)] { weight -= point.value.weight }
        points.removeFirst(kept - 1)
    }

    /// Adds to a sum what the series' points with `start < time <= end` say.
    ///
    /// - Parameters:
    ///   - start: In nanoseconds since the epoch.
    ///   - end: In nanoseconds since the epoch.
    ///   - sum: The sum.
    /// - Returns: The seconds that the points cover; nil where there is none.
    func contribute(from start: Int64, to end: Int64, into sum: inout CellSum) -> Double? {
        var last = points.count - 1
        while last >= 0, points[last].time > end { last -= 1 }
        guard last >= 0, points[last].time > start else { return nil }
        var place = last
        while place > 0, points[place - 1].time > start { place -= 1 }
        var covered = 0.0
        for place in place...last {
            let earlier = place > 0 ? points[place - 1] : nil
            guard let (growth, seconds) = growth(of: points[place], since: earlier) else { continue }
            covered += seconds
            add(growth, seconds, to: &sum)
        }
        return covered
    }

    /// What a point adds to its cell, and how many seconds that covers.
    private func growth(of point: SeriesPoint, since earlier: SeriesPoint?) -> (PointValue, Double)? {
        let sinceStart = point.start > 0 && point.start < point.time ? point.time - point.start : nil
        let sinceEarlier = earlier.map { point.time - $0.time }
        switch facts.kind {
        case .level:
            return (point.value, seconds(sinceEarlier ?? .max))
        case .delta:
            return (point.value, seconds(sinceStart ?? sinceEarlier ?? .max))
        case .cumulative:
            if case .number = point.value { return counterGrowth(of: point, since: earlier) }
            guard let earlier, let sinceEarlier else {
                // A series that began just now: all of it is new.
                guard let sinceStart, sinceStart <= Self.longestGap else { return nil }
                return (point.value, seconds(sinceStart))
            }
            let hasMoved = point.start != earlier.start && point.start > 0
            if hasMoved, let sinceStart, sinceStart <= Self.longestGap { return (point.value, seconds(sinceStart)) }
            // A start that moved to a time after the last point, too long ago: nobody knows which windows it belongs to.
            guard !hasMoved || point.start < earlier.time, sinceEarlier <= Self.longestGap else { return nil }
            if let growth = point.value.grown(from: earlier.value) { return (growth, seconds(sinceEarlier)) }
            // It fell: it began again at 0 somewhere in between. Other bounds tell nothing.
            return point.value.isComparable(to: earlier.value) ? (point.value, seconds(sinceEarlier)) : nil
        }
    }

    /// What a counter grew by.
    ///
    /// Its start says little: SDKs say of an observed counter that it began when it was first looked at, though it holds the whole life of
    /// the process. So its first point adds nothing, and it began again only where it fell, as Prometheus has it.
    private func counterGrowth(of point: SeriesPoint, since earlier: SeriesPoint?) -> (PointValue, Double)? {
        guard let earlier, point.time - earlier.time <= Self.longestGap else { return nil }
        return (point.value.grown(from: earlier.value) ?? point.value, seconds(point.time - earlier.time))
    }

    private func seconds(_ nanoseconds: Int64) -> Double {
        nanoseconds <= Self.longestGap ? Double(nanoseconds) / 1e9 : 0
    }

    private func add(_ growth: PointValue, _ seconds: Double, to sum: inout CellSum) {
        switch growth {
        case .number(let number):
            let isLevel = facts.kind == .level
            // A level below 0 is none; a weight of 0 would make any growth infinite.
            guard isLevel ? number >= 0 : seconds > 0 else { return }
            var part = sum.instances[facts.instance, default: .init()].parts[facts.part, default: .init()]
            part.sum += number
            part.weight += isLevel ? 1 : seconds
            sum.instances[facts.instance, default: .init()].parts[facts.part] = part
        case .explicit(let counts): add(.init(divisor: facts.divisor, counts: .explicit(counts)), to: &sum)
        case .exponential(let counts): add(.init(divisor: facts.divisor, counts: .exponential(counts)), to: &sum)
        }
    }

    private func add(_ buckets: CellSum.Buckets, to sum: inout CellSum) {
        let total = buckets.total
        sum.requests &+= total
        if let failed = facts.failed {
            sum.withStatus &+= total
            if failed { sum.failed &+= total }
        }
        // Nothing observed says nothing about which bounds are right.
        if total > 0 { sum.add(buckets) }
    }
}
