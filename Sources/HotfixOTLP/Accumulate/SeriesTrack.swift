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
        /// It is new; what the points at these times grew by may be another now.
        case added(changing: [Int64])
        /// It was there before.
        case known
    }

    /// Puts a point where it belongs.
    mutating func insert(_ point: SeriesPoint) -> Insertion {
        var place = points.count
        while place > 0, (points[place - 1].time, points[place - 1].start) >= (point.time, point.start) {
            place -= 1
            if isSame(points[place], point) { return .known }
        }
        if place > 0, isSame(points[place - 1], point) { return .known }
        var point = point
        // Bounds are kept once.
        if case .explicit(var counts) = point.value, place > 0, case .explicit(let last) = points[place - 1].value,
            last.bounds == counts.bounds
        {
            counts.bounds = last.bounds
            point.value = .explicit(counts)
        }
        // The next one, and the next one of the same process.
        let later = points[place...]
        let next = [later.first, later.first { $0.start == point.start }].compactMap { $0?.time }
        points.insert(point, at: place)
        weight += point.value.weight
        return .added(changing: next)
    }

    /// Whether two points are one that came twice.
    private func isSame(_ left: SeriesPoint, _ right: SeriesPoint) -> Bool {
        guard left.time == right.time else { return false }
        return left.start == right.start || facts.kind == .level || facts.kind == .cumulative && !facts.tellsProcesses
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
            switch growth(at: place) {
            case .none: continue
            case .unknowable: sum.lost.insert(.mixed)
            case .known(let growth, let nanoseconds):
                let seconds = nanoseconds <= Self.longestGap ? Double(nanoseconds) / 1e9 : 0
                covered += seconds
                add(growth, seconds, to: &sum)
            }
        }
        return covered
    }

    /// What a point adds to its cell.
    private enum Growth {
        /// So much, in so many nanoseconds.
        case known(PointValue, Int64)
        /// Nothing: it says only where to count from.
        case none
        /// It cannot be a later point of the process that the one before is of.
        case unknowable
    }

    private func growth(at place: Int) -> Growth {
        let point = points[place]
        let earlier = place > 0 ? points[place - 1] : nil
        let sinceStart = point.start > 0 && point.start < point.time ? point.time - point.start : nil
        let sinceEarlier = earlier.map { point.time - $0.time }
        switch facts.kind {
        case .level: return .known(point.value, sinceEarlier ?? .max)
        case .delta: return .known(point.value, sinceStart ?? sinceEarlier ?? .max)
        case .cumulative:
            guard facts.tellsProcesses, let sinceStart else { return growth(of: point, since: earlier) }
            guard let own = points[..<place].last(where: { $0.start == point.start }) else {
                return beginning(of: point, sinceStart, after: earlier)
            }
            guard point.time - own.time <= Self.longestGap else { return .none }
            if let growth = point.value.grown(from: own.value) { return .known(growth, point.time - own.time) }
            // Other bounds tell nothing.
            guard point.value.isComparable(to: own.value) else { return .none }
            // It fell though it counts from where it did: two processes count as one, unless all of it is new anyway.
            return sinceStart <= Self.longestGap ? .known(point.value, point.time - own.time) : .unknowable
        }
    }

    /// What the first point of a process adds.
    private func beginning(of point: SeriesPoint, _ sinceStart: Int64, after earlier: SeriesPoint?) -> Growth {
        guard case .number = point.value else {
            // A process that began just now: all of it is new.
            return sinceStart <= Self.longestGap ? .known(point.value, sinceStart) : .none
        }
        // SDKs say of an observed counter that it began when it was first looked at, though it holds the whole life of the process: so the
        // very first point adds nothing, and a later one what it grew by, unless both processes ran at a time.
        guard let earlier, point.start >= earlier.time else { return .none }
        return growth(of: point, since: earlier)
    }

    /// What a point adds where nothing but its value tells whether the series began again, as Prometheus has it.
    private func growth(of point: SeriesPoint, since earlier: SeriesPoint?) -> Growth {
        guard let earlier, point.time - earlier.time <= Self.longestGap else { return .none }
        let time = point.time - earlier.time
        if let growth = point.value.grown(from: earlier.value) { return .known(growth, time) }
        return point.value.isComparable(to: earlier.value) ? .known(point.value, time) : .none
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
