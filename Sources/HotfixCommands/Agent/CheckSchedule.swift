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
    /// How long the data of a window may take to arrive at the slowest source, in seconds.
    private let settle: Seconds

    /// Makes a schedule.
    ///
    /// - Parameters:
    ///   - period: The time between two checks, in seconds.
    ///   - settle: How long the data of a window may take to arrive at the slowest source, in seconds.
    init(period: Seconds, settle: Seconds) {
        self.period = period
        self.settle = settle
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

    /// Refuses a period by which no readiness lasts until the next check.
    ///
    /// The newest judged window is as old as the period, a window and the time to settle together before the next check, and
    /// older than four windows nothing is believed.
    static func refuse(_ period: Seconds, _ settings: Settings) throws {
        let settle = CheckSchedule(period: period, settings).settle
        let limits = settings.services.map { (name: $0.service.name, room: 3 * $0.policy.window - settle) }
        guard let strictest = limits.min(by: { $0.room < $1.room }), period > strictest.room else { return }
        let longest =
            strictest.room >= periods.lowerBound
            ? "Check every \(formatDuration(strictest.room)) or more often."
            : "Give its policy longer windows, or its sources a shorter `settle`."
        throw CommandError(
            .wrong,
            "--check-every \(formatDuration(period)) is too seldom for '\(oneLine(strictest.name))': its newest verdicts would be older than "
                + "four windows before the next check, and readiness `blind`. \(longest)")
    }
}
