import Foundation

/// The counts of an exponential histogram.
struct ExponentialCounts: Hashable, Sendable {
    /// Counts of buckets that follow each other.
    struct Side: Hashable, Sendable {
        /// The index of the first count.
        var offset = 0
        /// The counts; neither the first nor the last is 0.
        var counts: [UInt64] = []

        /// The largest distance of buckets from 1 that is taken: beyond it lie no doubles.
        static let limit = 1_200_000_000

        /// Makes a side, without zeros at its ends; nil where its indices are out of all bounds.
        init?(offset: Int, counts: some RandomAccessCollection<UInt64>) {
            guard let first = counts.firstIndex(where: { $0 != 0 }) else { return }
            guard let last = counts.lastIndex(where: { $0 != 0 }) else { return }
            self.offset = offset + counts.distance(from: counts.startIndex, to: first)
            self.counts = Array(counts[first...last])
            guard abs(self.offset) < Self.limit else { return nil }
        }

        init() {}

        var total: UInt64 { counts.reduce(0, &+) }

        var end: Int { offset + counts.count }

        func count(at index: Int) -> UInt64 {
            index >= offset && index < end ? counts[index - offset] : 0
        }

        /// The same at a scale that is smaller by some steps, each of which joins two buckets to one.
        func downscaled(by steps: Int) -> Side {
            guard steps > 0, !counts.isEmpty else { return self }
            let steps = min(steps, 40)
            let first = offset >> steps
            var result = Side()
            result.offset = first
            result.counts = Array(repeating: 0, count: ((end - 1) >> steps) - first + 1)
            for (place, count) in counts.enumerated() { result.counts[((offset + place) >> steps) - first] &+= count }
            return result
        }

        /// Takes out the buckets below an index.
        ///
        /// - Returns: Their counts added up, and the index after the last of them that had any.
        mutating func takeBelow(_ index: Int) -> (count: UInt64, end: Int)? {
            let taken = counts.prefix(max(0, min(counts.count, index - offset)))
            guard let last = taken.lastIndex(where: { $0 != 0 }) else { return nil }
            let result = (count: taken.reduce(0, &+), end: offset + last + 1)
            self = Side(offset: offset + taken.count, counts: counts.dropFirst(taken.count)) ?? Side()
            return result
        }

        mutating func add(_ other: Side) {
            guard !other.counts.isEmpty else { return }
            guard !counts.isEmpty else {
                self = other
                return
            }
            if other.offset < offset {
                counts.insert(contentsOf: repeatElement(0, count: offset - other.offset), at: 0)
                offset = other.offset
            }
            if other.end > end { counts.append(contentsOf: repeatElement(0, count: other.end - end)) }
            for (place, count) in other.counts.enumerated() { counts[other.offset - offset + place] &+= count }
        }

        /// What this side has more than an earlier one; nil where a bucket has less.
        func grown(from earlier: Side) -> Side? {
            let hasLess = earlier.counts.indices.contains { earlier.counts[$0] > count(at: earlier.offset + $0) }
            guard !hasLess else { return nil }
            let more = counts.indices.map { counts[$0] - earlier.count(at: offset + $0) }
            return Side(offset: offset, counts: more)
        }
    }

    /// Bases are 2^(2^-scale).
    var scale: Int
    /// Observations about 0.
    var zeroCount: UInt64 = 0
    /// How far from 0 those lie at most.
    var zeroThreshold = 0.0
    /// Observations above 0.
    var positive = Side()
    /// Observations below 0, by their distance.
    var negative = Side()

    /// The number of observations.
    var total: UInt64 { zeroCount &+ positive.total &+ negative.total }

    /// How many counts there are.
    var width: Int { positive.counts.count + negative.counts.count }

    /// The most buckets that a sum keeps before it becomes coarser.
    static let mostBuckets = 640

    /// The same at a smaller scale, or itself.
    func downscaled(to scale: Int) -> ExponentialCounts {
        guard scale < self.scale else { return self }
        var result = self
        result.positive = positive.downscaled(by: self.scale - scale)
        result.negative = negative.downscaled(by: self.scale - scale)
        result.scale = scale
        return result
    }

    /// Both with the smaller scale and the wider zero bucket of the two.
    private static func alike(
        _ left: ExponentialCounts, _ right: ExponentialCounts
    ) -> (ExponentialCounts, ExponentialCounts) {
        let smaller = min(left.scale, right.scale)
        var (left, right) = (left.downscaled(to: smaller), right.downscaled(to: smaller))
        while left.zeroThreshold != right.zeroThreshold {
            let wider = max(left.zeroThreshold, right.zeroThreshold)
            left.widenZero(to: wider)
            right.widenZero(to: wider)
        }
        return (left, right)
    }

    /// Counts as zero what lies below a threshold, or in the bucket that it lies in, up to whose end the zero bucket then reaches.
    private mutating func widenZero(to threshold: Double) {
        guard threshold > zeroThreshold else { return }
        zeroThreshold = threshold
        // The first bucket that begins at the threshold or above it; a bound that is the threshold may differ from it in the last bits.
        let place = (log2(threshold) * exp2(Double(scale)) - 1e-6).rounded(.up)
        let index = Int(max(-Double(Side.limit), min(Double(Side.limit), place)))
        for taken in [positive.takeBelow(index), negative.takeBelow(index)] {
            guard let taken else { continue }
            zeroCount &+= taken.count
            zeroThreshold = min(.greatestFiniteMagnitude, max(zeroThreshold, bound(Double(taken.end))))
        }
    }

    /// Adds the counts of another histogram, at the smaller scale of both.
    mutating func add(_ added: ExponentialCounts) {
        let other: ExponentialCounts
        (self, other) = Self.alike(self, added)
        if spread(of: positive, and: other.positive) + spread(of: negative, and: other.negative) > Self.mostBuckets {
            self = downscaled(to: scale - 1)
            return add(other)
        }
        zeroCount &+= other.zeroCount
        positive.add(other.positive)
        negative.add(other.negative)
    }

    private func spread(of left: Side, and right: Side) -> Int {
        if left.counts.isEmpty { return right.counts.count }
        if right.counts.isEmpty { return left.counts.count }
        return max(left.end, right.end) - min(left.offset, right.offset)
    }

    /// What this histogram has more than an earlier one of its series; nil where any count is less.
    func grown(from earlier: ExponentialCounts) -> ExponentialCounts? {
        let (new, old) = Self.alike(self, earlier)
        guard new.zeroCount >= old.zeroCount, new.total >= old.total else { return nil }
        guard let positive = new.positive.grown(from: old.positive),
            let negative = new.negative.grown(from: old.negative)
        else { return nil }
        var growth = new
        growth.zeroCount -= old.zeroCount
        growth.positive = positive
        growth.negative = negative
        return growth
    }

    /// A quantile, interpolated in its bucket as the logarithm is; nil where there is no observation.
    ///
    /// - Parameter share: The quantile, 0...1.
    /// - Returns: The quantile in the unit of the observations.
    func quantile(_ share: Double) -> Double? {
        let total = total
        guard total > 0 else { return nil }
        let rank = share * Double(total)
        var before: UInt64 = 0
        for place in negative.counts.indices.reversed() {
            let count = negative.counts[place]
            if count > 0, Double(before &+ count) >= rank {
                let fraction = (rank - Double(before)) / Double(count)
                return -bound(Double(negative.offset + place + 1) - fraction)
            }
            before &+= count
        }
        if zeroCount > 0, Double(before &+ zeroCount) >= rank {
            let fraction = (rank - Double(before)) / Double(zeroCount)
            let lower = negative.counts.isEmpty ? 0 : -zeroThreshold
            let upper = positive.counts.isEmpty && !negative.counts.isEmpty ? 0 : zeroThreshold
            return lower + (upper - lower) * fraction
        }
        before &+= zeroCount
        for (place, count) in positive.counts.enumerated() {
            if count > 0, Double(before &+ count) >= rank {
                return bound(Double(positive.offset + place) + (rank - Double(before)) / Double(count))
            }
            before &+= count
        }
        return bound(Double(positive.end))
    }

    /// The value at a place among the buckets.
    private func bound(_ place: Double) -> Double { exp2(place * exp2(-Double(scale))) }
}
