/// The interval `[start, start + length)` whose start is a multiple of its length since the epoch.
package struct Window: Sendable, Hashable, Codable {
    /// The first instant of the window, a multiple of `length`.
    package let start: Instant
    /// The length in seconds, 300 unless the policy says otherwise.
    package let length: Seconds

    /// Makes the window that contains an instant.
    package init(containing instant: Instant, length: Seconds) {
        start = instant.floored(to: length)
        self.length = length
    }

    /// The first instant after the window.
    package var end: Instant { start + length }

    /// The window that follows at once.
    package var next: Window { Window(containing: end, length: length) }
}

/// A run of adjacent windows of one length: the windows that start in `[start, end)`.
package struct Span: Sendable, Hashable, Codable {
    /// The start of the first window, a multiple of `step`.
    package let start: Instant
    /// The end of the last window, a multiple of `step`; equal to `start` where the span is empty.
    package let end: Instant
    /// The length of each window in seconds.
    package let step: Seconds

    /// Makes a span; start and end are aligned down to the grid, an end before the start makes it empty.
    package init(start: Instant, end: Instant, step: Seconds) {
        self.start = start.floored(to: step)
        self.end = max(self.start, end.floored(to: step))
        self.step = step
    }

    /// The number of windows.
    package var count: Int { (end - start) / step }

    /// Whether the span holds no window.
    package var isEmpty: Bool { start == end }

    /// The windows, oldest first.
    package var windows: some Sequence<Window> {
        stride(from: start.seconds, to: end.seconds, by: step).lazy.map { [step] in
            Window(containing: Instant($0), length: step)
        }
    }

    /// Whether the window that starts at this instant belongs to the span.
    package func contains(_ windowStart: Instant) -> Bool { windowStart >= start && windowStart < end }

    /// Joins window starts, in any order, to the fewest spans that hold them and nothing else.
    package static func covering(_ starts: some Sequence<Instant>, step: Seconds) -> [Span] {
        var spans: [Span] = []
        for start in starts.sorted() {
            if let last = spans.last, start <= last.end {
                if start == last.end { spans[spans.count - 1] = Span(start: last.start, end: start + step, step: step) }
            } else {
                spans.append(Span(start: start, end: start + step, step: step))
            }
        }
        return spans
    }
}
