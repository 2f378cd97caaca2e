import HotfixCore

extension Plot {
    /// The worst that some windows came to.
    func worst(in windows: Range<Int>) -> Outcome {
        Outcome.allCases.first { outcome in points[windows].contains { $0.outcome == outcome } } ?? .missing
    }

    /// What the marks of a picture say, for whoever cannot see them.
    func words() -> [String] {
        var lines: [String] = []
        for outcome in Outcome.allCases where outcome != .clean && outcome != .unjudged {
            let spans = spans(of: outcome)
            guard !spans.isEmpty else { continue }
            let shown = spans.suffix(4).map { "\(clockTime($0.start))-\(clockTime($0.end))" }
            let more = spans.count > shown.count ? ["\(spans.count - shown.count) earlier"] : []
            lines.append("\(outcome.rawValue): \((more + shown).joined(separator: ", "))")
        }
        let deployed = deployments.filter { $0 >= start && $0 < end }.suffix(3)
        if !deployed.isEmpty {
            lines.append("deployed: \(deployed.map(\.description).joined(separator: ", "))")
        }
        return lines
    }

    /// From when to when: `2026-11-20 11:00 to 17:00 UTC`.
    var period: String {
        let last = date(start) == date(end) ? clockTime(end) : "\(date(end)) \(clockTime(end))"
        return "\(date(start)) \(clockTime(start)) to \(last) UTC"
    }

    /// From when to when, in short: `11:00 to 17:00 UTC`, and where that is more than a day `11-15 to 11-22`.
    var shortPeriod: String {
        guard end - start <= 86_400 else { return "\(date(start).suffix(5)) to \(date(end).suffix(5))" }
        return "\(clockTime(start)) to \(clockTime(end)) UTC"
    }

    /// Times of the clock, or days where they are far apart, to stand below a picture with room for so many labels.
    func timeTicks(labels: Int) -> [(instant: Instant, label: String)] {
        guard !points.isEmpty, step > 0 else { return [] }
        let length = end - start
        let day = 86_400
        let steps = [60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, day, 2 * day, 7 * day, 14 * day]
        let least = length / max(1, labels)
        let step = steps.first { $0 >= least } ?? (least / (30 * day) + 1) * 30 * day
        return stride(from: start.ceiled(to: step).seconds, to: end.seconds, by: step).map { seconds in
            let instant = Instant(seconds)
            return (instant, tickLabel(instant, every: step))
        }
    }

    /// What stands below a tick: the time of the clock, or the day where each tick begins one, or where days change among many.
    func tickLabel(_ instant: Instant, every step: Seconds) -> String {
        let day = 86_400
        let isDay = step >= day || (end - start > day && instant == instant.floored(to: day))
        return isDay ? String(date(instant).suffix(5)) : clockTime(instant)
    }

    private func date(_ instant: Instant) -> String { String(instant.description.prefix(10)) }
}

/// Hours and minutes of an instant in UTC.
func clockTime(_ instant: Instant) -> String { String(instant.description.dropFirst(11).prefix(5)) }
