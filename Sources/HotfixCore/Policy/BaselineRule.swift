/// How a guardrail's baseline is reached.
package struct BaselineRule: Sendable, Hashable, Codable {
    /// The statistic over the values of the look-back.
    package enum Statistic: String, Sendable, Hashable, Codable, CaseIterable {
        case mean, median, seasonal
    }

    /// Where the look-back ends.
    package enum Anchor: String, Sendable, Hashable, Codable, CaseIterable {
        /// At the start of the window of the hotfix's first deployment.
        case deployment
        /// At the start of the window that is judged.
        case rolling
    }

    /// What a policy leaves out of look-backs by itself.
    package enum Exclusion: String, Sendable, Hashable, Codable, CaseIterable {
        /// Windows with a breach that was confirmed in the ledger when the baseline is stored.
        case breaches
        /// 30 minutes from each deployment.
        case deployments
    }

    /// The length of the look-back in seconds, 7 days by default.
    package var lookback: Seconds
    /// The statistic, the arithmetic mean by default.
    package var statistic: Statistic
    /// Where the look-back ends.
    package var anchor: Anchor
    /// The share of the statistic's windows that must have a value, 0...1.
    package var minimumCoverage: Double
    /// What is left out by itself.
    package var exclude: [Exclusion]

    /// Makes a rule; the defaults are the runbook's.
    package init(
        lookback: Seconds = 7 * 86_400, statistic: Statistic = .mean, anchor: Anchor = .deployment,
        minimumCoverage: Double = 0.5, exclude: [Exclusion] = []
    ) {
        self.lookback = lookback
        self.statistic = statistic
        self.anchor = anchor
        self.minimumCoverage = minimumCoverage
        self.exclude = exclude
    }
}
