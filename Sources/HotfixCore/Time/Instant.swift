/// A length of time in whole seconds; never negative unless a doc comment says so.
package typealias Seconds = Int

/// A point in time: whole seconds since the Unix epoch, UTC.
package struct Instant: Sendable, Hashable, Comparable, Codable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var seconds: Int

    /// Later than every other instant.
    package static let distantFuture = Instant(.max)

    /// Makes the instant that lies this many seconds after the epoch.
    package init(_ seconds: Int) {
        self.seconds = seconds
    }

    package init(from decoder: any Decoder) throws {
        seconds = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(seconds)
    }

    package static func < (left: Instant, right: Instant) -> Bool { left.seconds < right.seconds }
    package static func + (left: Instant, right: Seconds) -> Instant { Instant(left.seconds + right) }
    package static func - (left: Instant, right: Seconds) -> Instant { Instant(left.seconds - right) }

    /// The distance in seconds, negative where the left instant is the earlier one.
    package static func - (left: Instant, right: Instant) -> Seconds { left.seconds - right.seconds }

    /// The newest multiple of `step` since the epoch that is not after this instant.
    package func floored(to step: Seconds) -> Instant {
        let remainder = seconds % step
        return Instant(seconds - (remainder < 0 ? remainder + step : remainder))
    }

    /// The oldest multiple of `step` since the epoch that is not before this instant.
    package func ceiled(to step: Seconds) -> Instant {
        let floor = floored(to: step)
        return floor == self ? self : floor + step
    }
}
