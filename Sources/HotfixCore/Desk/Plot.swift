/// A series with its baseline, its limit and what became of each window: what a picture of it is drawn from.
package struct Plot: Sendable, Hashable, Codable {
    /// What a window came to.
    package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
        /// A confirmed breach.
        case breach
        /// A breach that is not confirmed.
        case pending
        /// It has no verdict.
        case missing
        case unproven, clean
        /// It lies before the first window that is judged: nobody asked what it comes to.
        case unjudged
    }

    /// One window.
    package struct Point: Sendable, Hashable, Codable {
        /// What it came to.
        package var outcome: Outcome
        /// The value in the series' unit; nil is a gap.
        package var value: Double?
        /// The baseline, where there is one.
        package var baseline: Double?
        /// The limit that the value was held against, where there is one.
        package var limit: Double?

        /// Makes a point.
        package init(outcome: Outcome, value: Double? = nil, baseline: Double? = nil, limit: Double? = nil) {
            self.outcome = outcome
            self.value = value
            self.baseline = baseline
            self.limit = limit
        }
    }

    /// How much of a series is shown around a verdict, in seconds.
    package static let shown: Seconds = 6 * 3600

    /// What is drawn, for whoever sees it away from where it was asked for.
    package var title: String
    /// The unit of all values: `s`, `bytes`, `share`, `1/min` or any other; nil where there is none.
    package var unit: String?
    /// The start of the first window.
    package var start: Instant
    /// The length of a window in seconds, above 0.
    package var step: Seconds
    /// The windows, adjacent, oldest first.
    package var points: [Point]
    /// When something was deployed, oldest first; those outside of the windows are not drawn.
    package var deployments: [Instant]

    /// Makes a plot.
    package init(
        title: String, unit: String?, start: Instant, step: Seconds, points: [Point], deployments: [Instant] = []
    ) {
        self.title = title
        self.unit = unit
        self.start = start
        self.step = step
        self.points = points
        self.deployments = deployments
    }

    /// The end of the last window.
    package var end: Instant { start + points.count * step }

    /// The stretches whose windows all came to this, oldest first.
    package func spans(of outcome: Outcome) -> [Span] {
        Span.covering(
            points.indices.filter { points[$0].outcome == outcome }.map { start + $0 * step }, step: step)
    }
}
