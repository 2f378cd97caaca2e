import HotfixConfiguration
import HotfixCore

/// When checks are made: at multiples of a period since the epoch, shifted by so much that the newest window has settled.
struct CheckSchedule: Sendable, Hashable {
    /// After a window has settled, so many seconds pass before it is asked.
    static let margin: Seconds = 10
    /// How often, in seconds.
    static let periods = 60...3600

    /// The time between two checks, in seconds.
    let period: Seconds
    /// How long after a multiple of the period a check is made, in seconds.
    let offset: Seconds

    /// Makes a schedule.
    ///
    /// - Parameters:
    ///   - period: The time between two checks, in seconds.
    ///   - settle: How long the data of a window may take to arrive at the slowest source, in seconds.
    init(period: Seconds, settle: Seconds) {
        self.period = period
        offset = (settle + Self.margin) % period
    }

    /// The first instant of the schedule after another instant.
    func next(after instant: Instant) -> Instant {
        (instant - offset).floored(to: period) + period + offset
    }
}

extension CheckSchedule {
    /// Makes the schedule of a configuration.
    init(period: Seconds, _ settings: Settings) {
        self.init(period: period, settle: settings.sources.map(\.timing.settle).max() ?? 0)
    }
}
