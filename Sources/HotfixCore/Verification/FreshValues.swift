/// The values of a series as they are derived afresh, laid out by window.
struct FreshValues: Sendable {
    private let span: Span
    private let values: [Double?]
    private let failed: [Int]
    private let gone: [Int]
    private let pruned: [Int]
    private let changed: [Int]

    init(_ evidence: SeriesEvidence) {
        let span = evidence.span
        self.span = span
        var values: [Double?] = []
        values.reserveCapacity(span.count)
        var failed = [0]
        var gone = [0]
        var pruned = [0]
        var changed = [0]
        for window in span.windows {
            let start = window.start
            let found = evidence.found[start]
            let record = evidence.ledger[start]
            let standing = evidence.standing(start)
            values.append((found ?? record?.observation)?.value)
            // What the ledger lacks and nobody asked for was deleted from it, or left out when its baseline was computed.
            let isFailed = standing == .failed || standing == .unasked && record != nil
            failed.append(failed[failed.count - 1] + (isFailed ? 1 : 0))
            gone.append(gone[gone.count - 1] + (standing == .gone || standing == .lost ? 1 : 0))
            let isPruned = record == nil && found?.value == nil
            pruned.append(pruned[pruned.count - 1] + (isPruned ? 1 : 0))
            changed.append(changed[changed.count - 1] + (found != nil ? 1 : 0))
        }
        self.values = values
        self.failed = failed
        self.gone = gone
        self.pruned = pruned
        self.changed = changed
    }

    /// The value of the window that starts at an instant.
    subscript(_ start: Instant) -> Double? {
        let index = (start - span.start) / span.step
        return start >= span.start && index < values.count ? values[index] : nil
    }

    /// Whether a window was not, or could not be, asked.
    func hasFailed(in span: Span) -> Bool { count(failed, in: span) > 0 || !holds(span) }

    /// Whether the source no longer holds a window.
    func hasGone(in span: Span) -> Bool { count(gone, in: span) > 0 }

    /// Whether neither the source nor the ledger holds a window any more.
    func hasPruned(in span: Span) -> Bool { count(pruned, in: span) > 0 || !holds(span) }

    /// Whether the source says of a window what the ledger does not.
    func hasChanged(in span: Span) -> Bool { count(changed, in: span) > 0 }

    private func holds(_ other: Span) -> Bool { other.isEmpty || other.start >= span.start && other.end <= span.end }

    private func count(_ sums: [Int], in other: Span) -> Int {
        let from = max(0, min(span.count, (other.start - span.start) / span.step))
        let to = max(from, min(span.count, (other.end - span.start) / span.step))
        return sums[to] - sums[from]
    }
}
