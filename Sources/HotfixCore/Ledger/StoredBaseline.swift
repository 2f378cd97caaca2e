/// An anchored baseline: computed once, stored, and referred to by its verdicts.
package struct StoredBaseline: Sendable, Hashable, Codable {
    /// The number in the ledger.
    package var id: Int
    /// The series whose values it was computed from.
    package var series: Int
    /// The deployment whose window ends the look-back.
    package var deployment: Int
    /// The start of the look-back.
    package var from: Instant
    /// The end of the look-back: the start of the deployment's window.
    package var to: Instant
    /// The rule.
    package var rule: BaselineRule
    /// The intervals that were left out, with the reasons.
    package var excluded: [ExcludedInterval]
    /// How many windows were left out.
    package var windowsExcluded: Int
    /// One value; or for a seasonal one a value for each window of the day, the first for the window at `to`.
    package var values: [BaselineValue]
    /// How many windows lie over the limit that the look-back's median would give; nil where no limit is relative.
    package var windowsOverMedianLimit: Int?
    /// When it was stored.
    package var storedAt: Instant

    /// An interval left out of a look-back.
    package struct ExcludedInterval: Sendable, Hashable, Codable {
        /// What was left out.
        package var interval: Interval
        /// Why.
        package var reason: String

        /// Makes an interval with its reason.
        package init(interval: Interval, reason: String) {
            self.interval = interval
            self.reason = reason
        }
    }

    /// Makes a stored baseline.
    package init(
        id: Int, series: Int, deployment: Int, from: Instant, to: Instant, rule: BaselineRule,
        excluded: [ExcludedInterval], windowsExcluded: Int, values: [BaselineValue], windowsOverMedianLimit: Int?,
        storedAt: Instant
    ) {
        self.id = id
        self.series = series
        self.deployment = deployment
        self.from = from
        self.to = to
        self.rule = rule
        self.excluded = excluded
        self.windowsExcluded = windowsExcluded
        self.values = values
        self.windowsOverMedianLimit = windowsOverMedianLimit
        self.storedAt = storedAt
    }

    /// The value for the window that starts at an instant.
    package func value(at start: Instant) -> BaselineValue? {
        guard let first = values.first else { return nil }
        guard values.count > 1 else { return first }
        let step = 86_400 / values.count
        return values[positiveRemainder(start - to, 86_400) / step]
    }
}
