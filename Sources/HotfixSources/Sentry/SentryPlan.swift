import HotfixCore

/// The asks that one series answers, and the ranges that are asked for them.
struct SentryPlan: Sendable {
    /// What asks must have in common to share requests.
    struct Key: Sendable, Hashable {
        var series: SentrySeries
        var step: Seconds
        var purpose: Ask.Purpose
    }

    var key: Key
    var asks: [Ask] = []

    /// Asks whose ranges lie no more buckets apart than this share a request: a request costs more than its buckets.
    private static let joinedGap = 300

    /// Puts asks of one series, window and purpose together.
    ///
    /// - Parameter asks: With the series that their definitions pin.
    /// - Returns: One plan for each, in the order of their first asks.
    static func plans(for asks: [(ask: Ask, series: SentrySeries)]) -> [SentryPlan] {
        var plans: [Key: SentryPlan] = [:]
        var order: [Key] = []
        for (ask, series) in asks {
            let key = Key(series: series, step: ask.span.step, purpose: ask.purpose)
            if plans[key] == nil { order.append(key) }
            plans[key, default: SentryPlan(key: key)].asks.append(ask)
        }
        return order.compactMap { plans[$0] }
    }

    /// The ranges of buckets to ask for, each short enough for one request.
    var ranges: [Span] {
        Self.joined(asks.map { Span(start: $0.span.start + key.step - $0.over, end: $0.span.end, step: key.step) })
            .flatMap { chunks(of: $0, longest: key.series.quantity.longestRange) }
    }

    /// The ranges of outcomes to ask for, with the hour up to the end of the first window.
    var outcomeRanges: [Span] {
        let step = SentryOutcomes.step(forWindow: key.step)
        let spans = asks.map {
            Span(start: $0.span.start + key.step - max($0.over, 3600), end: $0.span.end, step: step)
        }
        return Self.joined(spans).flatMap { chunks(of: $0, longest: SentryOutcomes.longestRange) }
    }

    private static func joined(_ spans: [Span]) -> [Span] {
        var joined: [Span] = []
        for span in spans.sorted(by: { $0.start < $1.start }) where !span.isEmpty {
            if let last = joined.last, span.start - last.end <= joinedGap * span.step {
                joined[joined.count - 1] = Span(start: last.start, end: max(last.end, span.end), step: span.step)
            } else {
                joined.append(span)
            }
        }
        return joined
    }
}

/// Cuts a span into pieces of at most so many windows.
func chunks(of span: Span, longest: Int) -> [Span] {
    stride(from: span.start.seconds, to: span.end.seconds, by: longest * span.step).map {
        Span(start: Instant($0), end: min(span.end, Instant($0 + longest * span.step)), step: span.step)
    }
}
