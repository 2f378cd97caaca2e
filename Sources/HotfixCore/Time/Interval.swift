/// A half-open stretch of time, `[start, end)`.
package struct Interval: Sendable, Hashable, Codable {
    /// The first instant that belongs to the interval.
    package var start: Instant
    /// The first instant that no longer does; nil where the interval is still open.
    package var end: Instant?

    /// Makes an interval; one whose end is not after its start holds nothing.
    package init(start: Instant, end: Instant?) {
        self.start = start
        self.end = end
    }

    /// Whether a window shares at least one instant with the interval.
    package func overlaps(_ window: Window) -> Bool {
        window.end > start && (end.map { window.start < $0 && start < $0 } ?? true)
    }
}

extension Interval: CustomStringConvertible {
    package var description: String { "\(start)/\(end.map(\.description) ?? "..")" }
}
