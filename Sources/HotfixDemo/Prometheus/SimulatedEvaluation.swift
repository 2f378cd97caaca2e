import HotfixCore

/// Answers one question at many instants, by the arithmetic of Prometheus 2.
struct SimulatedEvaluation {
    /// One series of the answer.
    struct Line {
        /// Its labels.
        var labels: [String: String]
        /// Its value at an instant; nil where it has none.
        var value: (Instant) -> Double?
    }

    private typealias Series = SimulatedPrometheus.Series

    private struct Group {
        var labels: [String: String]
        var members: [Series]
    }

    private let question: SimulatedQuestion
    private let series: [Series]
    private let now: Instant

    /// How long a sample stands for its series where an instant is asked for.
    private static let staleness = 300_000

    init(_ question: SimulatedQuestion, of series: [SimulatedPrometheus.Series], now: Instant) {
        self.question = question
        self.series = series
        self.now = now
    }

    /// The series of the answer.
    func lines() -> [Line] {
        guard let first = question.selectors.first else { return [] }
        let by = question.groupings.first ?? []
        switch question.shape {
        case .presence: return presence()
        case .newest:
            return series.filter(first.matches).map { one in
                Line(labels: one.labels.merging(["__name__": one.name]) { $1 }) { newest(one, at: $0) }
            }
        case .quantile(let share, let scale):
            return groups(first, by: by.filter { $0 != "le" }).map { group in
                let bounds = subgroups(group, by: ["le"]).compactMap { bucket in
                    bucket.labels["le"].flatMap { Double($0) }.map { ($0, bucket.members) }
                }.sorted { $0.0 < $1.0 }
                return Line(labels: group.labels) { instant in
                    let counts = bounds.compactMap { bound, members in
                        sum(members, first, at: instant).map { (bound: bound, count: $0) }
                    }
                    return counts.isEmpty ? nil : quantileOfBuckets(share, counts) / scale
                }
            }
        case .sum:
            return groups(first, by: by).map { group in
                Line(labels: group.labels) { sum(group.members, first, at: $0) }
            }
        case .share: return shares(by)
        case .meanOfInstances, .level, .samples, .densest: return means(first, by)
        }
    }

    private func presence() -> [Line] {
        zip(question.selectors.indices, question.selectors).flatMap { index, selector in
            groups(selector, by: question.groupings[index]).map { group in
                var labels = group.labels
                if let mark = question.marks[index] { labels[mark.label] = mark.value }
                return Line(labels: labels) { instant in
                    let count = group.members.count { newest($0, at: instant) != nil }
                    return count == 0 ? nil : Double(count)
                }
            }
        }
    }

    private func shares(_ by: [String]) -> [Line] {
        guard let failing = question.selectors.first, let all = question.selectors.last else { return [] }
        return groups(all, by: by).map { group in
            let failed = group.members.filter(failing.matches)
            return Line(labels: group.labels) { instant in
                sum(group.members, all, at: instant).map { whole in
                    (sum(failed, failing, at: instant) ?? 0 * whole) / whole
                }
            }
        }
    }

    private func means(_ first: SimulatedSelector, _ by: [String]) -> [Line] {
        groups(first, by: by).map { group in
            let instances = subgroups(group, by: question.groupings.last ?? []).map(\.members)
            let parts = subgroups(group, by: question.groupings.dropFirst().first ?? []).map(\.members)
            return Line(labels: group.labels) { instant in
                switch question.shape {
                case .level(let scale):
                    let levels = parts.compactMap { part -> Double? in
                        let values = part.compactMap { value($0, first, at: instant) }
                        guard !values.isEmpty else { return nil }
                        return (scale * (values.reduce(0, +) / Double(values.count)) + 0.5).rounded(.down)
                    }.filter { $0 >= 0 }
                    let count = instances.count { $0.contains { (value($0, first, at: instant) ?? -1) >= 0 } }
                    return levels.isEmpty ? nil : levels.reduce(0, +) / scale / Double(count)
                case .samples(let expected):
                    let counts = instances.compactMap { members in
                        members.compactMap { value($0, first, at: instant) }.max()
                    }
                    guard !counts.isEmpty else { return nil }
                    return min(counts.reduce(0, +) / Double(counts.count) / expected, 1)
                case .densest:
                    let times = stride(
                        from: instant.floored(to: 300).seconds, through: instant.seconds - 3600, by: -300)
                    return times.flatMap { time in
                        group.members.compactMap { value($0, first, at: Instant(time)) }
                    }.max()
                default:
                    let count = instances.count { $0.contains { value($0, first, at: instant) != nil } }
                    return sum(group.members, first, at: instant).map { $0 / Double(count) }
                }
            }
        }
    }

    /// The series that a selector means, by the labels of an aggregation.
    private func groups(_ selector: SimulatedSelector, by labels: [String]) -> [Group] {
        subgroups(Group(labels: [:], members: series.filter(selector.matches)), by: labels)
    }

    private func subgroups(_ group: Group, by labels: [String]) -> [Group] {
        var groups: [Group] = []
        var places: [[String]: Int] = [:]
        for one in group.members {
            let key = labels.map(one.label)
            if let place = places[key] {
                groups[place].members.append(one)
            } else {
                places[key] = groups.count
                let pairs = zip(labels, key).filter { !$0.1.isEmpty }
                groups.append(Group(labels: Dictionary(pairs) { $1 }, members: [one]))
            }
        }
        return groups
    }

    private func sum(_ members: [Series], _ selector: SimulatedSelector, at instant: Instant) -> Double? {
        var sum: Double?
        for one in members {
            if let value = value(one, selector, at: instant) { sum = (sum ?? 0) + value }
        }
        return sum
    }

    private func newest(_ one: Series, at instant: Instant) -> Double? {
        one.samples(milliseconds: Self.staleness - 1, to: instant, now: now).values.last
    }

    /// A function over the range of a selector.
    private func value(_ one: Series, _ selector: SimulatedSelector, at instant: Instant) -> Double? {
        let milliseconds = selector.milliseconds ?? 0
        let found = one.samples(milliseconds: milliseconds, to: instant, now: now)
        guard let first = found.times.first, let last = found.times.last else { return nil }
        switch selector.function {
        case "count_over_time": return Double(found.values.count)
        case "avg_over_time": return found.values.reduce(0, +) / Double(found.values.count)
        default:
            guard found.values.count >= 2 else { return nil }
            let seconds = Double(milliseconds) / 1000
            let growth = extrapolated(
                found.values, sampled: Double(last - first), before: Double(first - instant.seconds) + seconds,
                after: Double(instant.seconds - last))
            return selector.function == "rate" ? growth / seconds : growth
        }
    }
}

/// How much a counter grew, over resets too, extrapolated to the borders of its range as Prometheus does.
///
/// - Parameters:
///   - values: At least two samples.
///   - sampled: The seconds from the first to the last.
///   - before: The seconds from the range's start to the first.
///   - after: The seconds from the last to the range's end.
/// - Returns: The growth.
private func extrapolated(_ values: [Double], sampled: Double, before: Double, after: Double) -> Double {
    var growth = values[values.count - 1] - values[0]
    for index in 1..<values.count where values[index] < values[index - 1] { growth += values[index - 1] }
    let spacing = sampled / Double(values.count - 1)
    // A counter was not below zero before its first sample.
    let before = growth > 0 && values[0] >= 0 ? min(before, sampled * (values[0] / growth)) : before
    var stretched = sampled
    stretched += before < spacing * 1.1 ? before : spacing / 2
    stretched += after < spacing * 1.1 ? after : spacing / 2
    return growth * (stretched / sampled)
}

/// A quantile of cumulative counts in ascending order of their bounds, as Prometheus interpolates it.
private func quantileOfBuckets(_ share: Double, _ buckets: [(bound: Double, count: Double)]) -> Double {
    guard let last = buckets.last, last.bound == .infinity, buckets.count >= 2 else { return .nan }
    var counts = buckets.map(\.count)
    for index in 1..<counts.count { counts[index] = max(counts[index], counts[index - 1]) }
    let total = counts[counts.count - 1]
    guard total > 0 else { return .nan }
    let rank = share * total
    let place = counts.dropLast().firstIndex { $0 >= rank }
    guard let place else { return buckets[buckets.count - 2].bound }
    guard place > 0 else { return buckets[0].bound * (rank / counts[0]) }
    let below = counts[place - 1]
    let start = buckets[place - 1].bound
    return start + (buckets[place].bound - start) * ((rank - below) / (counts[place] - below))
}
