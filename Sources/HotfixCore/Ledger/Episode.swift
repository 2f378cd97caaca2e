/// A run of confirmed breach windows of one guardrail of one service: what an alert is about.
package struct Episode: Sendable, Hashable, Codable {
    /// How an episode ended.
    package enum Ending: String, Sendable, Hashable, Codable {
        /// Enough clean windows since the last breach.
        case recovered
        /// Revisions left it no confirmed window.
        case corrected
        /// Its guardrail was dropped.
        case withdrawn
        /// It was excused while open.
        case excused
    }

    /// Whose breach.
    package var pair: Pair
    /// The start of the earliest window confirmed when it opened; fixed then.
    package var start: Instant
    /// The end of the window with which it opened.
    package var openedAt: Instant
    /// The start of its newest breach window, pending ones included.
    package var lastBreach: Instant
    /// How many of its windows are confirmed breaches.
    package var windows: Int
    /// The value farthest beyond the limit, nil where the breach was the absence of one.
    package var peak: Double?
    /// The end of the window that closed it, or when it was withdrawn or excused.
    package var closedAt: Instant?
    /// How it ended; nil while open.
    package var ending: Ending?

    /// Makes an episode.
    package init(
        pair: Pair, start: Instant, openedAt: Instant, lastBreach: Instant, windows: Int, peak: Double?,
        closedAt: Instant? = nil, ending: Ending? = nil
    ) {
        self.pair = pair
        self.start = start
        self.openedAt = openedAt
        self.lastBreach = lastBreach
        self.windows = windows
        self.peak = peak
        self.closedAt = closedAt
        self.ending = ending
    }

    /// The identity: `service/guardrail/start`.
    package var id: String { "\(pair)/\(start)" }

    /// Whether it has not ended.
    package var isOpen: Bool { closedAt == nil }
}
