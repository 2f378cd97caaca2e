import HotfixCore

/// Makes the observation of a window from the buckets that end with it.
struct SentryWindowReader {
    /// What came of a window.
    enum Reading: Sendable, Hashable {
        case observed(Observation)
        case notDue
        case failed(SourceError)
    }

    var quantity: SentrySeries.Quantity
    /// The stretch in seconds that ends with the window, a multiple of the window.
    var over: Seconds
    /// Sentry fills the time before it with zeros; nil where it names none.
    var firstEvent: Instant?
    /// Sentry's clock.
    var now: Instant

    /// Sentry keeps events for at most 90 days and fills the time before with zeros.
    private static let retention: Seconds = 90 * 86_400

    /// Reads one window; every bucket of the stretch must have been measured.
    func read(_ window: Window, _ buckets: SentryBuckets) -> Reading {
        var measured: [SentryBucket.Measured] = []
        for start in stride(from: window.end.seconds - over, to: window.end.seconds, by: window.length) {
            switch buckets[Instant(start)] {
            case .measured(let bucket): measured.append(remembered(bucket, from: Instant(start), window.length))
            case .notDue: return .notDue
            case .failed(let error): return .failed(error)
            case nil: return .failed(malformed("the bucket of \(Instant(start)) was not read"))
            }
        }
        return .observed(quantity == .errors ? rate(measured) : share(measured))
    }

    private func remembered(_ bucket: SentryBucket.Measured, from start: Instant, _ length: Seconds)
        -> SentryBucket.Measured
    {
        guard quantity == .errors else { return bucket }
        let beforeFirst = firstEvent.map { start + length <= $0 } ?? false
        let forgotten = start < now - Self.retention && bucket.value == 0
        return beforeFirst || forgotten ? SentryBucket.Measured() : bucket
    }

    /// Errors a minute.
    private func rate(_ buckets: [SentryBucket.Measured]) -> Observation {
        var count = 0.0
        for bucket in buckets {
            guard let value = bucket.value else { return Observation(value: nil) }
            count += value
        }
        return Observation(value: count / (Double(over) / 60))
    }

    /// The share over all buckets: shares are counts again when multiplied by what they are shares of, and counts add up.
    private func share(_ buckets: [SentryBucket.Measured]) -> Observation {
        var part = 0.0
        var whole = 0.0
        var events = 0.0
        var isKnown = true
        for bucket in buckets {
            guard let weight = bucket.weight else { return Observation(value: nil) }
            whole += weight
            events += bucket.events ?? weight
            guard weight != 0 else { continue }
            if let value = bucket.value { part += value * weight } else { isKnown = false }
        }
        // Sentry fills the share of an empty bucket with 0.
        guard whole != 0, isKnown else { return Observation(value: nil, events: events) }
        let value = buckets.count == 1 ? buckets[0].value : part / whole
        return Observation(value: value, events: events)
    }
}
