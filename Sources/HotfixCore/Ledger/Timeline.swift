/// The records of one series over a stretch of time, by window.
package struct Timeline: Sendable, Hashable {
    /// The length of a window in seconds.
    package let step: Seconds
    /// The start of the first window that is kept here.
    package private(set) var start: Instant
    private var records: [WindowRecord?]

    /// Makes an empty timeline that starts with a window.
    package init(start: Instant, step: Seconds) {
        self.step = step
        self.start = start.floored(to: step)
        records = []
    }

    /// Whether it has no record.
    package var isEmpty: Bool { records.isEmpty }

    /// The first instant after the last record.
    package var end: Instant { start + records.count * step }

    /// The record of the window that starts at an instant; setting one makes room for it, either side.
    package subscript(_ windowStart: Instant) -> WindowRecord? {
        get {
            guard let index = index(of: windowStart) else { return nil }
            return records[index]
        }
        set {
            if let index = index(of: windowStart) {
                records[index] = newValue
            } else if let newValue {
                insert(newValue, at: windowStart)
            }
        }
    }

    /// The windows that have a record, oldest first.
    package var entries: some Sequence<(start: Instant, record: WindowRecord)> {
        records.enumerated().lazy.compactMap { [start, step] index, record in
            record.map { (start + index * step, $0) }
        }
    }

    private func index(of windowStart: Instant) -> Int? {
        let index = (windowStart - start) / step
        return windowStart >= start && index < records.count ? index : nil
    }

    private mutating func insert(_ record: WindowRecord, at windowStart: Instant) {
        let aligned = windowStart.floored(to: step)
        if records.isEmpty { start = aligned }
        if aligned < start {
            records.insert(contentsOf: repeatElement(nil, count: (start - aligned) / step), at: 0)
            start = aligned
            records[0] = record
        } else {
            let index = (aligned - start) / step
            while records.count < index { records.append(nil) }
            records.append(record)
        }
    }
}
